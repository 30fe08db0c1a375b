// SPDX-License-Identifier: Apache-2.0

package value

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// digestSize is the length of a digest in bytes.
const digestSize = 9

// Digest returns a short keyed digest of a field's value. Two texts that differ only in
// case and spaces have the same one. It does not protect a value that can be guessed from
// somebody who knows the key.
func Digest(key, field, text string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(strings.ToLower(field) + "\x00" + strings.ToLower(strings.Join(strings.Fields(text), " "))))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:digestSize])
}
