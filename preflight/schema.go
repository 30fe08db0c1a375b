// SPDX-License-Identifier: Apache-2.0

package preflight

import (
	"encoding/json"

	"github.com/leadsync/leadsync/internal/org"
)

// A Schema is what a Preflight saw of an org's schema, limited to what the
// configuration uses: the fields that are written to, those that the org requires,
// and those by which mapping.Rule.By names a record. It holds nothing of leads. It is
// opaque: store it as JSON, and pass it to leadsync.Config.LastSchema of a later
// process.
type Schema struct {
	seen org.Snapshot
}

// Fingerprint is the same for two Schemas of the same schema, whenever they were
// taken, and differs otherwise.
func (s *Schema) Fingerprint() string { return s.seen.Fingerprint() }

// MarshalJSON writes the schema in the form that UnmarshalJSON reads.
func (s Schema) MarshalJSON() ([]byte, error) { return json.Marshal(&s.seen) }

// UnmarshalJSON reads what MarshalJSON wrote. A Schema of another version of the form is
// read too; Preflight compares nothing with it.
func (s *Schema) UnmarshalJSON(data []byte) error { return json.Unmarshal(data, &s.seen) }
