// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// MappingIssues returns what is wrong with the rules of the Mapping, with paths in the
// JSON of Settings; nil for a host's own Mapper.
func (s *Set) MappingIssues(describes map[salesforce.Object]*salesforce.Describe) []RuleIssue {
	if m := s.mapping(); m != nil {
		return ruleIssues(m, describes, "", "mapping.")
	}
	return nil
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
		skipped := skipsRule(m, &issue)
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
	case issue.Code == leadtype.ConnectionPermission:
		return cmp.Or(rule.Locked, m.Locked, Skip) != Fail
	case issue.Code == leadtype.MissingRemoteField:
		return cmp.Or(rule.Missing, m.Missing, Fail) != Fail
	}
	return false
}

// DescribeForNew returns a target's describe for new records, whose record type a rule may
// choose.
func (s *Set) DescribeForNew(target Target) *salesforce.Describe {
	var chosen any
	if m := s.mapping(); m != nil {
		chosen = m.rule(target.Object, value.RecordTypeField).Constant
	}
	return target.ofRecordType(chosen)
}
