// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// adoptTwins gives people without a record the one that an earlier sync created for
// them, each record to one person.
func (p *planning) adoptTwins(people []*person) {
	adopted := make(map[salesforce.ID]bool)
	for _, u := range people {
		if u.record != nil {
			continue
		}
		twin, rule := p.twinOf(u, adopted)
		if twin != nil {
			adopted[twin.ID] = true
			u.adopt(twin, rule)
		}
	}
}

// twinOf returns the record that an earlier sync created for a person, and the rule
// that says so; nil for none.
func (p *planning) twinOf(u *person, adopted map[salesforce.ID]bool) (*salesforce.Record, string) {
	for _, one := range u.matches {
		for _, twin := range one.Twins {
			if adopted[twin.ID] || !twin.Object.Equal(u.object) || u.account != nil && !u.worksWith(twin) {
				continue
			}
			if rule := p.twinRule(u, twin); rule != "" {
				return twin, rule
			}
		}
	}
	return nil, ""
}

// twinRule returns why a record is the person's, "" when it may be another person's.
func (p *planning) twinRule(u *person, twin *salesforce.Record) string {
	intent := u.intent(leadtype.PartPerson)
	created, _ := twin.Time("CreatedDate")
	if intent != nil && !created.Before(intent.PlannedAt.Add(-ClockSkew)) {
		return "record from an earlier create whose response was lost"
	}
	if len(u.emails()) > 0 {
		return ""
	}
	if changes, ok := p.dryRun(u, twin); !ok || len(changes) > 0 {
		return ""
	}
	return "existing record with identical values"
}

// ClockSkew is how far Salesforce's clock and ours may differ.
const ClockSkew = time.Minute
