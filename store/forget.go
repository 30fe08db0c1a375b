// SPDX-License-Identifier: Apache-2.0

package store

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/leadtype"
)

// A ForgetOption says what Forget does besides.
type ForgetOption int

// Suppress has Forget refuse later captures of the lead's id, and of its e-mail address
// under any id. Keyed hashes are kept for that; see Suppressor.
const Suppress ForgetOption = 1

// ErrSuppressed is the cause of the *leadtype.Error with which leadsync.Syncer.Capture
// refuses a lead that was forgotten with Suppress.
var ErrSuppressed = leadtype.ErrSuppressed

// A Suppressor makes the hashes by which a Store knows the leads that were forgotten with
// Suppress: HMAC-SHA-256 with a random key, which the Store makes once for a connection and
// keeps. Without the key, a hash does not show whose it is. With the key, it shows whether
// a guessed id or address is right.
type Suppressor struct {
	Key []byte // of NewSuppressorKey
}

// NewSuppressorKey returns a random key of 32 bytes.
func NewSuppressorKey() []byte {
	key := make([]byte, sha256.Size)
	_, _ = rand.Read(key) // it never fails
	return key
}

// ID returns the hash of a lead's id, folded as leadtype.LeadID.Folded does, of 32 bytes.
func (s Suppressor) ID(lead leadtype.LeadID) []byte { return s.hash("id", lead.Folded()) }

// Email returns the hash of an address, whatever its case and the space around it. It is
// nil for a blank one.
func (s Suppressor) Email(address string) []byte {
	if address = identity.Email(address); address == "" {
		return nil
	}
	return s.hash("email", address)
}

// Of returns the hashes by which a captured lead may be suppressed: of its id and of all its
// addresses.
func (s Suppressor) Of(lead *leadtype.Lead) [][]byte {
	hashes := [][]byte{s.ID(lead.ID)}
	for _, address := range append([]string{lead.Email}, lead.OtherEmails...) {
		if hash := s.Email(address); hash != nil {
			hashes = append(hashes, hash)
		}
	}
	return hashes
}

func (s Suppressor) hash(kind, text string) []byte {
	mac := hmac.New(sha256.New, s.Key)
	_, _ = mac.Write([]byte(kind + "\x00" + text))
	return mac.Sum(nil)
}
