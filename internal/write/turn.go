// SPDX-License-Identifier: Apache-2.0

package write

import (
	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/leadtype"
)

// TurnKeys returns match.Matcher.TurnKeys for the leads of a plan that a host has kept.
func TurnKeys(p *leadtype.Plan) []string {
	if p == nil {
		return nil
	}
	var keys []string
	for _, lead := range p.Leads {
		if lead == nil {
			continue
		}
		keys = append(append(keys, match.OwnKey(&leadtype.Lead{ID: lead.LeadID})), lead.Keys.Person...)
		for _, part := range lead.Parts {
			if part.Kind == leadtype.PartAccount {
				keys = append(keys, lead.Keys.Company...)
			}
		}
	}
	for i := range p.Changes {
		c := &p.Changes[i]
		if !c.Create {
			keys = append(keys, match.RecordKey(c.ID))
			continue
		}
		sent := sentPerson(c)
		keys = append(keys, match.SentKeys(&sent)...)
	}
	return keys
}
