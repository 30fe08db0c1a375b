// SPDX-License-Identifier: Apache-2.0

package wire

import "strings"

// TextOf returns v as text, "" if it is not text.
func TextOf(v any) string {
	s, _ := v.(string)
	return s
}

// Split splits a list, which may be empty.
func Split(s, separator string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, separator)
}

// Join returns names as messages list them.
func Join(names []string) string { return strings.Join(names, ", ") }

// TextOrNull returns nil for "".
func TextOrNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
