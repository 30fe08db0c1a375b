package leadsync

import (
	"cmp"

	"github.com/leadsync/leadsync/salesforce"
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
	if reason := p.set.answerReason(c.Object, field, leads); reason != "" {
		return reason
	}
	return cmp.Or(p.set.rowReason(c.Object, field, leads), reasonLookup)
}

// reasonLookup is that of a field which refers to another record of the lead, such
// as a Contact's AccountId.
const reasonLookup = "lookup"

// memberReason says why a member gets a value: of the links that the leads join,
// the last with a row for the field filled it.
func (s *mappingSet) memberReason(field string, leads []*Lead) string {
	reason := "campaign"
	for _, lead := range leads {
		for _, link := range s.linksOf(lead) {
			reason = cmp.Or(rowReason(s.members[link], salesforce.ObjectCampaignMember, field, leads), reason)
		}
	}
	return reason
}

// rowReason says in words which row of the Mapper fills a field, "" for none.
func (s *mappingSet) rowReason(object salesforce.Object, field string, leads []*Lead) string {
	mapping, rows := s.mapper.(*Mapping)
	if !rows {
		return "mapper"
	}
	return rowReason(mapping, object, field, leads)
}

// rowReason says in words which row fills a field, "" for none.
func rowReason(m *Mapping, object salesforce.Object, field string, leads []*Lead) string {
	rule := m.rule(object, field)
	write := string(cmp.Or(rule.Write, Overwrite))
	switch {
	case rule.Field == "":
		return ""
	case rule.Source == "" && rule.Constant == nil:
		return write
	case rule.Source == "":
		return write + " by constant"
	}
	for _, lead := range leads {
		if plain, ok := plainValue(lead.Value(rule.Source)); ok && !isBlank(plain) {
			return write + " from " + rule.Source
		}
	}
	if rule.Default != nil {
		return write + " by default for " + rule.Source
	}
	return write + " from " + rule.Source
}
