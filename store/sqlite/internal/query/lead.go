// SPDX-License-Identifier: Apache-2.0

package query

import (
	"encoding/json"

	"github.com/leadsync/leadsync/leadtype"
)

// ID is the id of a lead. Its row has it folded, so that the index which finds a lead finds those that people read
// alike too, and as it is where that is another text. Some rows of earlier files have no folded id, because another
// lead has it.
const ID = `iif(lead.spelled = '', lead.lead_id, lead.spelled)`

// Named is the condition that a lead is the one of a connection (?1) with an id (?2), which is given folded too (?3).
const Named = `lead.connection = ?1 AND lead.lead_id IN (?2, ?3) AND ` + ID + ` = ?2`

// Spelled is what a row has of an id beside its folded form.
func Spelled(id leadtype.LeadID, folded string) string {
	if string(id) == folded {
		return ""
	}
	return string(id)
}

// Keys returns a JSON list of what rows have in column lead_id of leads with these ids, or with ids that people read
// alike. unfolded is whether there may be rows without a folded id.
func Keys(ids []leadtype.LeadID, unfolded bool) (string, error) {
	keys := make([]string, 0, len(ids))
	for _, id := range ids {
		keys = append(keys, KeysOf(id, unfolded)...)
	}
	list, err := json.Marshal(keys)
	return string(list), err
}

// KeysOf is Keys of one id.
func KeysOf(id leadtype.LeadID, unfolded bool) []string {
	folded := id.Folded()
	if unfolded && folded != string(id) {
		return []string{folded, string(id)}
	}
	return []string{folded}
}
