// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"cmp"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
)

// addReasons enters for every field of the plan which part of the configuration, or of
// the lead, asks for its new value.
func (p *planning) addReasons(matches []*match.Match) {
	leads := make(map[leadtype.LeadID]*leadtype.Lead, len(matches))
	for _, one := range matches {
		leads[one.Lead.ID] = one.Lead
	}
	var of []*leadtype.Lead
	for i := range p.result.Changes {
		change := &p.result.Changes[i]
		of = of[:0]
		for _, id := range change.Leads {
			of = append(of, leads[id])
		}
		for k := range change.Fields {
			change.Fields[k].Reason = p.reason(change, &change.Fields[k], of)
		}
	}
}

func (p *planning) reason(c *leadtype.Change, f *leadtype.FieldChange, leads []*leadtype.Lead) string {
	field := f.Field
	switch {
	case field == c.UniqueField:
		return "key"
	case field == value.OwnerField && c.Create && f.After == string(p.fallbackOwner(c.Object)):
		return "fallback owner"
	case c.Kind == leadtype.PartTask && value.ContainsFold(plainTask, field):
		return "activity"
	case c.Kind == leadtype.PartTask:
		return cmp.Or(p.Set.Reason(c.Object, field, leads), "activity")
	}
	return cmp.Or(p.Set.Reason(c.Object, field, leads), ReasonLookup)
}

// ReasonLookup is that of a field which refers to another record of the lead, such
// as a Contact's AccountId.
const ReasonLookup = "lookup"

// FailsOfSchema reports whether leads of a plan fail for what is known of the org.
func FailsOfSchema(p *leadtype.Plan) bool {
	for _, lead := range p.Leads {
		if lead.Err != nil && verdict.OfSchema(lead.Err) {
			return true
		}
		for i := range lead.Parts {
			if err := lead.Parts[i].Err; err != nil && verdict.OfSchema(err) {
				return true
			}
		}
	}
	return false
}
