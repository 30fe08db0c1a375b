// SPDX-License-Identifier: Apache-2.0

package value

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// digestLength is the length of a digest in characters, each of six bits. Another value
// has the same one by chance once in 69 billion comparisons, and a store keeps some twenty
// for each record.
const digestLength = 6

// Digest returns a short keyed digest of a field's value. Two texts that differ only in
// case and spaces have the same one. It does not protect a value that can be guessed from
// those who know the key.
func Digest(key, field, text string) string {
	if !isPlain(text) {
		text = strings.ToLower(strings.Join(strings.Fields(text), " "))
	}
	sum := keyedSum(key, field, text, isPlain(text))
	var digest [FieldDigestSize*8/6 + 1]byte
	base64.RawURLEncoding.Encode(digest[:], sum[:FieldDigestSize])
	return string(digest[:digestLength])
}

// FieldDigestSize is the length of a FieldDigest in bytes.
const FieldDigestSize = 5

// FieldDigest returns the beginning of the Digest of a folded text, as bytes. It allocates
// nothing for ordinary texts.
func FieldDigest(key, field, folded string) [FieldDigestSize]byte {
	sum := keyedSum(key, field, folded, false)
	return [FieldDigestSize]byte(sum[:FieldDigestSize])
}

// LooseDigest returns the FieldDigest of the Loose value of a field.
func LooseDigest(key string, field *salesforce.Field, v any) [FieldDigestSize]byte {
	if text, ok := v.(string); ok && foldsSpace(field) && isPlain(text) {
		sum := keyedSum(key, field.Name, text, true)
		return [FieldDigestSize]byte(sum[:FieldDigestSize])
	}
	return FieldDigest(key, field.Name, Loose(field, v))
}

// SpaceDigest returns the FieldDigest of a text as FoldSpace has it.
func SpaceDigest(key, field, text string) [FieldDigestSize]byte {
	if !isPlain(text) {
		return FieldDigest(key, field, FoldSpace(text))
	}
	sum := keyedSum(key, field, text, true)
	return [FieldDigestSize]byte(sum[:FieldDigestSize])
}

// keyedSum returns the HMAC-SHA-256 of a field's name in lower case and a text, with lower also
// that in lower case: it is in ASCII then.
func keyedSum(key, field, text string, lower bool) [sha256.Size]byte {
	const block = 64 // of SHA-256: a longer key is hashed first
	var inner, outer [block]byte
	if len(key) > block {
		sum := sha256.Sum256([]byte(key))
		key = string(sum[:])
	}
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
	message = append(append(message, 0), text...)
	if lower {
		lowerASCII(message[block:])
	}
	sum := sha256.Sum256(message)
	return sha256.Sum256(append(append(buffer[:0], outer[:]...), sum[:]...))
}

// lowerASCII changes letters to lower case, as in the names of fields.
func lowerASCII(text []byte) {
	for i, c := range text {
		text[i] = lowerByte(c)
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
