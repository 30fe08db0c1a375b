// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/leadsync/leadsync/internal/number"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// Validate returns what is wrong with m, in the order of its rules; nil when
// nothing is. Without describes it checks m by itself; with describes also
// each section against its object's, and Rule.By against that of the object which
// it names. An object that is not among them is reported as missing. A cycle of
// lookups is reported at each lookup of it.
func (m *Mapping) Validate(describes map[salesforce.Object]*salesforce.Describe) []Issue {
	c := mappingCheck{mapping: m, describes: describes}
	if m.Version < 0 || m.Version > Version {
		c.refuse("version", "", "must be %d, the version that this library reads", Version)
	}
	c.policies("", m.TooLong, m.Locked, m.Missing)
	c.numbers(m)
	c.existing("", "", m.Existing)
	seen := make(map[string]bool)
	for i, section := range m.Sections {
		c.object = section.Object
		path := fmt.Sprintf("objects[%d]", i)
		name := strings.ToLower(string(section.Object))
		switch {
		case !value.IsAPIName(name):
			c.add(path+".object", leadtype.RequiredFieldMissing, "", "is not the API name of an object")
		case seen[name]:
			c.refuse(path+".object", "", "already has a section")
		case !m.ofMember && section.Object.Equal(salesforce.ObjectCampaignMember):
			c.refuse(path+".object", "", "cannot have a section: CampaignLink.Fields fill members")
		}
		seen[name] = true
		var describe *salesforce.Describe
		if describes != nil {
			if describe = describeOf(describes, section.Object); describe == nil {
				c.add(path+".object", leadtype.MissingRemoteField, "", value.UnseenField)
			}
		}
		if value.IsAPIName(name) {
			c.section(path, &m.Sections[i])
		}
		if describe != nil {
			c.sectionFields(path, &m.Sections[i], describe)
		}
		c.rules(path, section.Rules, describe)
	}
	return c.issues
}

// numbers checks how numbers are read.
func (c *mappingCheck) numbers(m *Mapping) {
	if m.NumberLocale != "" && !number.KnownLocale(m.NumberLocale) {
		c.refuse("numberLocale", "", "is not a known locale such as de or en-US")
	}
	if m.Currency != "" && !number.KnownCurrency(m.Currency) {
		c.refuse("currency", "", "is not a known ISO 4217 code such as EUR")
	}
}

// numberLocale is the locale in which numbers are written, "" without a Mapping.
func (c *mappingCheck) numberLocale() string {
	if c.mapping == nil {
		return ""
	}
	return c.mapping.NumberLocale
}

// Validate returns what is wrong with the mapping, the qualifiers and the campaign
// links; see leadsync.Config.Validate.
func (s *Set) Validate(describes map[salesforce.Object]*salesforce.Describe) []Issue {
	var c mappingCheck
	if m, ok := s.cfg.Mapper.(*Mapping); ok {
		c.take("mapping.", "", m.Validate(describes))
		c.keyRules(s, m)
	}
	c.qualifiers(s)
	c.answeredConsents(s, describes)
	c.campaigns(s, describes)
	return c.issues
}

// keyRules looks for rules that would write the key field of an object.
func (c *mappingCheck) keyRules(set *Set, m *Mapping) {
	for i, section := range m.Sections {
		for k, rule := range section.Rules {
			isKey := rule.Field != "" && strings.EqualFold(rule.Field, set.KeyField(section.Object))
			if isKey && !value.IsCustom(section.Object) && rule.isUsed() {
				c.issues = append(c.issues, Issue{Path: fmt.Sprintf("mapping.objects[%d].rules[%d].field", i, k),
					Code: leadtype.DataValueValidation, Object: section.Object, Field: rule.Field,
					Reason: "is the key field, which the library fills: see externalIds"})
			}
		}
	}
}

// MappingIssues returns what is wrong with the rules of the Mapping, with paths in the
// JSON of Settings; nil for a host's own Mapper.
func (s *Set) MappingIssues(describes map[salesforce.Object]*salesforce.Describe) []RuleIssue {
	if m := s.mapping(); m != nil {
		return ruleIssues(m, describes, "", "mapping.")
	}
	return nil
}

// AnswerIssues returns what should be said of the fields that answers go into, likewise.
func (s *Set) AnswerIssues(describes map[salesforce.Object]*salesforce.Describe) []RuleIssue {
	var c mappingCheck
	c.answeredConsents(s, describes)
	issues := make([]RuleIssue, len(c.issues))
	for i := range c.issues {
		issues[i] = RuleIssue{c.issues[i], true}
	}
	return issues
}

// LinkIssues returns what is wrong with the rules of campaign link i, likewise.
func (s *Set) LinkIssues(i int, describes map[salesforce.Object]*salesforce.Describe) []RuleIssue {
	rules := s.members[&s.cfg.Campaigns[i]]
	return ruleIssues(rules, describes, "objects[0].rules", fmt.Sprintf("campaigns[%d].fields", i))
}

// ruleIssues returns what is wrong with the rules of a mapping, own being replaced by
// prefix at the start of its paths.
func ruleIssues(m *Mapping, describes map[salesforce.Object]*salesforce.Describe, own, prefix string) []RuleIssue {
	var issues []RuleIssue
	for _, issue := range m.Validate(describes) {
		skipped := issue.Warning || skipsRule(m, &issue)
		issue.Path = prefix + strings.TrimPrefix(issue.Path, own)
		issues = append(issues, RuleIssue{issue, skipped})
	}
	return issues
}

// skipsRule reports whether the rule at fault is skipped by the policies.
func skipsRule(m *Mapping, issue *Issue) bool {
	rule := m.rule(issue.Object, issue.Field) // the zero Rule for a lookup
	switch {
	case strings.HasSuffix(issue.Path, "].key"): // without its key there is no record
		return false
	case !strings.HasSuffix(issue.Path, ".field") && strings.EqualFold(issue.Field, value.RecordTypeField):
		return false // the record type of its constant or default, not the field
	case issue.Code == leadtype.ConnectionPermission:
		return cmp.Or(rule.Locked, m.Locked, Skip) != Fail
	case issue.Code == leadtype.MissingRemoteField:
		return cmp.Or(rule.Missing, m.Missing, Fail) != Fail
	case strings.HasSuffix(issue.Path, ".constant"), strings.HasSuffix(issue.Path, ".default"):
		return rule.Unfit == Skip
	}
	return false
}

// DescribeForNew returns a target's describe for new records, whose record type a rule may
// choose.
func (s *Set) DescribeForNew(target Target) *salesforce.Describe {
	var chosen any
	if m := s.mapping(); m != nil {
		rule := m.rule(target.Object, value.RecordTypeField)
		chosen, _ = value.RecordTypeNamed(target.Describe, &salesforce.Field{Name: rule.Field}, rule.Constant)
	}
	return target.ofRecordType(chosen)
}
