// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"cmp"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// Reason says in words what fills a field of a record for leads, "" for something other
// than the Mapper, the answers and the campaign links.
func (s *Set) Reason(object salesforce.Object, field string, leads []*leadtype.Lead) string {
	if object.Equal(salesforce.ObjectCampaignMember) {
		return s.memberReason(field, leads)
	}
	return cmp.Or(s.answerReason(object, field, leads), s.ruleReason(object, field, leads))
}

// memberReason returns why a member gets a value: of the links that the leads join,
// the last with a rule for the field filled it.
func (s *Set) memberReason(field string, leads []*leadtype.Lead) string {
	reason := "campaign"
	for _, lead := range leads {
		for _, link := range s.LinksOf(lead) {
			reason = cmp.Or(ruleReason(s.members[link], salesforce.ObjectCampaignMember, field, leads), reason)
		}
	}
	return reason
}

// ruleReason says in words which rule of the Mapper fills a field, "" for none.
func (s *Set) ruleReason(object salesforce.Object, field string, leads []*leadtype.Lead) string {
	mapping, ok := s.cfg.Mapper.(*Mapping)
	if !ok {
		return "mapper"
	}
	return ruleReason(mapping, object, field, leads)
}

// ruleReason says in words which rule fills a field, "" for none.
func ruleReason(m *Mapping, object salesforce.Object, field string, leads []*leadtype.Lead) string {
	rule := m.rule(object, field)
	if rule.Field == "" {
		rule = m.addressRule(object, field)
	}
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
		if plain, ok := value.PlainValue(lead.Value(rule.Source)); ok && !value.IsBlank(plain) {
			return write + " from " + rule.Source
		}
	}
	if rule.Default != nil {
		return write + " by default for " + rule.Source
	}
	return write + " from " + rule.Source
}
