// SPDX-License-Identifier: Apache-2.0

package wire

import "strings"

const (
	checksumAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
	// IDAlphabet holds the digits of an id, in order.
	IDAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// WithChecksum makes the 18-character form of a 15-character id: one character
// for each five, whose bit k says that character k is upper case
// (docs/salesforce.md, IDs).
func WithChecksum(id15 string) string {
	sum := make([]byte, 0, 3)
	for start := 0; start < 15; start += 5 {
		bits := 0
		for k, c := range []byte(id15[start : start+5]) {
			if 'A' <= c && c <= 'Z' {
				bits |= 1 << k
			}
		}
		sum = append(sum, checksumAlphabet[bits])
	}
	return id15 + string(sum)
}

// CanonicalID returns the 18-character form of an id of 15 or 18 characters,
// and false for what is not an id. The checksum of an 18-character id restores
// the case of its letters.
func CanonicalID(s string) (string, bool) {
	for _, c := range []byte(s) {
		if strings.IndexByte(IDAlphabet, c) < 0 {
			return "", false
		}
	}
	switch len(s) {
	case 15:
		return WithChecksum(s), true
	case 18:
		return restoreCase(s)
	}
	return "", false
}

func restoreCase(s string) (string, bool) {
	if WithChecksum(s[:15]) == s {
		return s, true
	}
	restored := []byte(strings.ToLower(s[:15]))
	for group, sum := range []byte(strings.ToUpper(s[15:])) {
		bits := strings.IndexByte(checksumAlphabet, sum)
		if bits < 0 {
			return "", false
		}
		for k := range 5 {
			if bits&(1<<k) != 0 {
				i := group*5 + k
				restored[i] = strings.ToUpper(string(restored[i]))[0]
			}
		}
	}
	id := WithChecksum(string(restored))
	return id, strings.EqualFold(id, s)
}
