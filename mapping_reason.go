package leadsync

import (
	"cmp"

	"github.com/leadsync/leadsync/salesforce"
)

// reason says in words what fills a field of a record for leads, "" for something else
// than the Mapper and the answers.
func (s *mappingSet) reason(object salesforce.Object, field string, leads []*Lead) string {
	return cmp.Or(s.answerReason(object, field, leads), s.rowReason(object, field, leads))
}

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
