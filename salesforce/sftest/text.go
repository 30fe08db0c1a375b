package sftest

import "strings"

func textOf(v any) string {
	s, _ := v.(string)
	return s
}

func split(s, separator string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, separator)
}

func listed(names []string) string { return strings.Join(names, ", ") }

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
