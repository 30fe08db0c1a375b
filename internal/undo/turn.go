// SPDX-License-Identifier: Apache-2.0

package undo

import (
	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/leadtype"
)

// TurnKeys returns match.Matcher.TurnKeys for the leads and the records of outcomes.
func TurnKeys(outcomes []*leadtype.Outcome) []string {
	var keys []string
	for _, out := range outcomes {
		if out == nil {
			continue
		}
		keys = append(keys, match.OwnKey(&leadtype.Lead{ID: out.LeadID}))
		for i := range out.Parts {
			if key := match.RecordKey(out.Parts[i].ID); key != "" {
				keys = append(keys, key)
			}
		}
	}
	return keys
}
