// SPDX-License-Identifier: Apache-2.0

package value

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// digestLength is the length of a digest in characters, each of six bits. Another value
// has the same one by chance once in 69 billion comparisons, and a store keeps some twenty
// for each record.
const digestLength = 6

// Digest returns a short keyed digest of a field's value. Two texts that differ only in
// case and spaces have the same one. It does not protect a value that can be guessed from
// those who know the key.
func Digest(key, field, text string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(strings.ToLower(field) + "\x00" + strings.ToLower(strings.Join(strings.Fields(text), " "))))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))[:digestLength]
}

// FieldDigestSize is the length of a FieldDigest in bytes.
const FieldDigestSize = 5

// FieldDigest returns the beginning of the Digest of a folded text, as bytes. It allocates
// nothing for ordinary texts.
func FieldDigest(key, field, folded string) [FieldDigestSize]byte {
	const block = 64 // of SHA-256; longer keys would have to be hashed first
	var inner, outer [block]byte
	copy(inner[:], key)
	outer = inner
	for i := range inner {
		inner[i] ^= 0x36
		outer[i] ^= 0x5c
	}
	var buffer [256]byte
	message := append(buffer[:0], inner[:]...)
	message = append(message, field...)
	lowerASCII(message[block:])
	message = append(append(message, 0), folded...)
	sum := sha256.Sum256(message)
	sum = sha256.Sum256(append(append(buffer[:0], outer[:]...), sum[:]...))
	return [FieldDigestSize]byte(sum[:FieldDigestSize])
}

// lowerASCII changes letters to lower case, as in the names of fields.
func lowerASCII(text []byte) {
	for i, c := range text {
		if c >= 'A' && c <= 'Z' {
			text[i] = c + 'a' - 'A'
		}
	}
}

// Canonical writes a field's value as a text that is the same for what is written to
// Salesforce and for what is read: numbers without trailing zeros, instants in UTC. It is
// "" for a value of another kind.
func Canonical(value any) string {
	switch v := value.(type) {
	case string:
		if instant, ok := ReadInstant(v, time.UTC, nil); ok && len(v) > len(DateForm) {
			return instant.Format(time.RFC3339)
		}
		return v
	case json.Number, int, int64, float64:
		if number, ok := parseNumber(fmt.Sprint(v)); ok {
			return number.RatString()
		}
	}
	return TextOf(value, nil)
}
