package wire

import "strings"

func TextOf(v any) string {
	s, _ := v.(string)
	return s
}

func Split(s, separator string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, separator)
}

func Join(names []string) string { return strings.Join(names, ", ") }

func TextOrNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
