// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"encoding/json"
	"strings"
)

// IdentityKeys are the values by which the person and the company of one lead
// equal those of another. Hosts have no use for them.
type IdentityKeys struct{ Person, Company []string }

// identityJSON is the JSON of IdentityKeys: each a name, "=" and a value. In memory the
// two are separated by a NUL, which some databases refuse in JSON.
type identityJSON struct {
	Person  []string `json:"person,omitempty"`
	Company []string `json:"company,omitempty"`
}

// MarshalJSON implements json.Marshaler.
func (k IdentityKeys) MarshalJSON() ([]byte, error) {
	return json.Marshal(identityJSON{separated(k.Person, "\x00", "="), separated(k.Company, "\x00", "=")})
}

// UnmarshalJSON implements json.Unmarshaler.
func (k *IdentityKeys) UnmarshalJSON(data []byte) error {
	var read identityJSON
	if err := json.Unmarshal(data, &read); err != nil {
		return err
	}
	k.Person, k.Company = separated(read.Person, "=", "\x00"), separated(read.Company, "=", "\x00")
	return nil
}

// separated returns keys with their first separator replaced.
func separated(keys []string, from, to string) []string {
	var replaced []string
	for _, key := range keys {
		replaced = append(replaced, strings.Replace(key, from, to, 1))
	}
	return replaced
}
