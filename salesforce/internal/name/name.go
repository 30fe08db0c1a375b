// SPDX-License-Identifier: Apache-2.0

// Package name checks API names and texts as Salesforce reads them.
package name

import (
	"cmp"
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// ErrInvalidUTF8 is the error of CheckText.
var ErrInvalidUTF8 = errors.New("text is not valid UTF-8")

// IsIdentifier reports whether s is an API name: a letter, then letters, digits
// and underscores.
func IsIdentifier[S ~string](s S) bool {
	for i := range len(s) {
		c := Upper(s[i])
		letter := c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || (c != '_' && (c < '0' || c > '9'))) {
			return false
		}
	}
	return s != ""
}

// IsPath reports whether s is identifiers joined by dots.
func IsPath(s string) bool {
	for part := range strings.SplitSeq(s, ".") {
		if !IsIdentifier(part) {
			return false
		}
	}
	return true
}

// Length counts characters as Salesforce does, in UTF-16 units (unverified).
func Length(s string) int {
	count := 0
	for _, r := range s {
		count += utf16.RuneLen(r)
	}
	return count
}

// CheckText reports a text that is not valid UTF-8.
func CheckText(s string) error {
	if !utf8.ValidString(s) {
		return ErrInvalidUTF8
	}
	return nil
}

// CompareFold compares two API names without regard to case, as strings.Compare does texts.
func CompareFold(a, b string) int {
	for i := range min(len(a), len(b)) {
		if c := cmp.Compare(Upper(a[i]), Upper(b[i])); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

// AppendLower appends an API name in lower case.
func AppendLower(to []byte, s string) []byte {
	for i := range len(s) {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c += 0x20
		}
		to = append(to, c)
	}
	return to
}

// Upper returns c as an upper-case letter where it is an ASCII letter.
func Upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 0x20
	}
	return c
}
