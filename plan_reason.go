package leadsync

import (
	"cmp"
)

// addReasons says of every field of the plan what in the Config, or of the lead,
// asks for its new value.
func (p *planning) addReasons(matches []*match) {
	leads := make(map[LeadID]*Lead, len(matches))
	for _, one := range matches {
		leads[one.lead.ID] = one.lead
	}
	for i := range p.result.Changes {
		change := &p.result.Changes[i]
		var of []*Lead
		for _, id := range change.Leads {
			of = append(of, leads[id])
		}
		for k := range change.Fields {
			change.Fields[k].Reason = p.reason(change, &change.Fields[k], of)
		}
	}
}

func (p *planning) reason(c *Change, f *FieldChange, leads []*Lead) string {
	field := f.Field
	switch {
	case field == c.UniqueField:
		return "key"
	case field == ownerField && c.Create && f.After == string(p.fallbackOwner(c.Object)):
		return "fallback owner"
	case c.Kind == PartTask:
		return "activity"
	case c.Kind == PartMember:
		return p.set.memberReason(field, leads)
	}
	return cmp.Or(p.set.reason(c.Object, field, leads), reasonLookup)
}

// reasonLookup is that of a field which refers to another record of the lead, such
// as a Contact's AccountId.
const reasonLookup = "lookup"
