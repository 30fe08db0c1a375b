package leadsync

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// splitValues splits a cell of several values at ";", without blanks.
func splitValues(text string) []string {
	var values []string
	for part := range strings.SplitSeq(text, ";") {
		if part = strings.TrimSpace(part); part != "" {
			values = append(values, part)
		}
	}
	return values
}

// trimmedValues returns the values that are not blank, trimmed.
func trimmedValues(values []string) []string {
	kept := make([]string, 0, len(values))
	for _, v := range values {
		if !blankText(v) {
			kept = append(kept, strings.TrimSpace(v))
		}
	}
	return kept
}

// counted is "1 lead", "2 leads".
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// quoted is `"a", "b"`.
func quoted[T ~string](texts []T) string {
	list := make([]string, len(texts))
	for i, text := range texts {
		list[i] = strconv.Quote(string(text))
	}
	return strings.Join(list, ", ")
}

func containsFold(list []string, text string) bool {
	for _, s := range list {
		if strings.EqualFold(s, text) {
			return true
		}
	}
	return false
}

func blames(fields []string, name string) bool {
	return slices.ContainsFunc(fields, func(f string) bool { return strings.EqualFold(f, name) })
}
