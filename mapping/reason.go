// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/address"
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
			reason = cmp.Or(s.reasonIn(s.members[link], salesforce.ObjectCampaignMember, field, leads), reason)
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
	return s.reasonIn(mapping, object, field, leads)
}

// reasonIn says in words which rule of a mapping fills a field, "" for none.
func (s *Set) reasonIn(m *Mapping, object salesforce.Object, field string, leads []*leadtype.Lead) string {
	rule := m.rule(object, field)
	if rule.Field == "" {
		rule = m.addressRule(object, field)
	}
	from := rule.origin()
	write := string(from.write)
	switch {
	case rule.Field == "":
		return ""
	case rule.Source == "" && rule.Constant == nil:
		return write
	case rule.Source == "":
		return write + " by constant"
	}
	given := func(lead *leadtype.Lead) bool {
		plain, ok := value.PlainValue(lead.Value(rule.Source))
		return ok && !value.IsBlank(plain)
	}
	if rule.Default == nil || slices.ContainsFunc(leads, given) {
		if text, known := s.reasons[from]; known {
			return text
		}
		return from.String()
	}
	return write + " by default for " + rule.Source
}

// MayLeaveOut reports whether a value that Salesforce refuses may be left out of a record:
// unfit by the Rule.Unfit of all rules for the field, locked by their Rule.Locked. A key,
// a person's consent and a field that answers fill may not be.
func (s *Set) MayLeaveOut(object salesforce.Object, field string, unfit, locked bool) bool {
	if field == "" || s.isKeyOrLookup(object, field) || s.isAnswered(object, field) {
		return false
	}
	policy := Skip
	if m := s.mapping(); m != nil {
		policy = cmp.Or(m.Locked, Skip)
	}
	rules, always := s.rulesOf(object, field), Fail
	if object.Equal(salesforce.ObjectTask) {
		if value.ContainsFold(taskFields(), field) {
			return false
		}
		always = Skip
	}
	return (len(rules) > 0 || always == Skip) && !slices.ContainsFunc(rules, func(r Rule) bool {
		return r.ofConsent() || unfit && cmp.Or(r.Unfit, always) != Skip || locked && cmp.Or(r.Locked, policy) != Skip
	})
}

// SchemaDigest returns a digest of what decides whether fields of an object take their
// values: their rules and answers, the settings of the mapping for all fields, and what
// describe, also for the record types, says of them and of the fields that control them.
func (s *Set) SchemaDigest(describe *salesforce.Describe, recordTypes map[salesforce.ID]*salesforce.Describe,
	fields []string) string {
	hash := sha256.New()
	encoder := json.NewEncoder(hash)
	if m := s.mapping(); m != nil {
		settings := *m
		settings.Sections = nil
		_ = encoder.Encode(&settings)
	}
	for _, name := range fields {
		_ = encoder.Encode(s.rulesOf(describe.Name, name)) // a rule that holds what JSON cannot has none
		for i := range s.cfg.Qualifiers {
			if q := &s.cfg.Qualifiers[i]; !q.Archived && strings.EqualFold(q.field(describe.Name), name) {
				_ = encoder.Encode(q)
			}
		}
		encodeField(encoder, describe, name)
		for _, id := range slices.Sorted(maps.Keys(recordTypes)) {
			_ = encoder.Encode(id)
			encodeField(encoder, recordTypes[id], name)
		}
	}
	return hex.EncodeToString(hash.Sum(nil)[:8])
}

// SchemaFields returns the fields of an object that something is written to.
func (s *Set) SchemaFields(object salesforce.Object) []string {
	fields := s.FilledFields(object)
	for _, rule := range s.rulesFor(object) {
		if !value.ContainsFold(fields, rule.Field) {
			fields = append(fields, rule.Field)
		}
	}
	return address.WithParts(fields)
}

// KeepsEdited reports whether a rule for a field, or the answers that fill it, keep what people
// have changed there.
func (s *Set) KeepsEdited(object salesforce.Object, field string) bool {
	return field != "" && (value.ContainsFold(s.answeredFields(object), field) ||
		slices.ContainsFunc(s.rulesOf(object, field), func(r Rule) bool {
			return r.Write == UnlessEdited || r.Own == UnlessEdited
		}))
}

// encodeField encodes what a describe says of a field, and of the one that controls its
// options.
func encodeField(encoder *json.Encoder, describe *salesforce.Describe, name string) {
	field, ok := describe.Field(name)
	_ = encoder.Encode(field)
	if ok && field.ControllerName != "" {
		controller, _ := describe.Field(field.ControllerName)
		_ = encoder.Encode(controller)
	}
}

// rulesOf returns the rules that fill a field. A part of an address without one, such as
// the code that is written in place of a text, has that of the address.
func (s *Set) rulesOf(object salesforce.Object, field string) []Rule {
	var rules []Rule
	for _, rule := range s.rulesFor(object) {
		if strings.EqualFold(rule.Field, field) && rule.isUsed() {
			rules = append(rules, rule)
		}
	}
	if m := s.mapping(); m != nil && len(rules) == 0 {
		if rule := m.addressRule(object, field); rule.Field != "" {
			return []Rule{rule}
		}
	}
	return rules
}

func (s *Set) isKeyOrLookup(object salesforce.Object, field string) bool {
	return slices.ContainsFunc(s.keysAndLookups(object), func(key string) bool { return strings.EqualFold(key, field) })
}

func (s *Set) isAnswered(object salesforce.Object, field string) bool {
	return slices.ContainsFunc(s.cfg.Qualifiers, func(q Qualifier) bool {
		return !q.Archived && strings.EqualFold(q.field(object), field)
	})
}

// TakesAnswers reports whether answers to qualifiers go into records of an object.
func (s *Set) TakesAnswers(object salesforce.Object) bool {
	return slices.ContainsFunc(s.cfg.Qualifiers, func(q Qualifier) bool { return !q.Archived && q.field(object) != "" })
}
