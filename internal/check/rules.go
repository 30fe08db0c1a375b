// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"strings"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
)

// A target is a rule of the Mapping or of a campaign link, and the field that it fills.
type target struct {
	rule     *mapping.Rule
	path     string // of the rule
	object   salesforce.Object
	describe *salesforce.Describe // for new records
	field    *salesforce.Field
	section  *mapping.Section // nil for a rule of a campaign link
}

// targets returns the rules that write a field which the connected user sees, of the objects
// that a sync writes.
func (c *checker) targets() []target {
	var targets []target
	if m := c.mapping(); m != nil {
		for i := range m.Sections {
			s := &m.Sections[i]
			targets = append(targets, c.targetsOf(s.Object, s, s.Rules, fmt.Sprintf("mapping.objects[%d].rules", i))...)
		}
	}
	for i := range c.Set.Config().Campaigns {
		if link := &c.Set.Config().Campaigns[i]; !link.Archived {
			targets = append(targets,
				c.targetsOf(salesforce.ObjectCampaignMember, nil, link.Fields, fmt.Sprintf("campaigns[%d].fields", i))...)
		}
	}
	return targets
}

func (c *checker) targetsOf(object salesforce.Object, section *mapping.Section, rules []mapping.Rule,
	path string) []target {
	describe := c.forNew()[value.Folded(object)]
	if describe == nil || !c.written(object) {
		return nil
	}
	var targets []target
	for i := range rules {
		field, ok := describe.Field(rules[i].Field)
		if ok && rules[i].Write != mapping.Never {
			targets = append(targets, target{&rules[i], fmt.Sprintf("%s[%d]", path, i), object, describe, field, section})
		}
	}
	return targets
}

// finding is a finding about the rule: an error where its values fail leads, a warning where
// they are left out.
func (t *target) finding(part string) preflight.Finding {
	f := preflight.Finding{Severity: preflight.SeverityError, Object: t.object, Field: t.field.Name, Path: t.path + part}
	if t.rule.Unfit == mapping.Skip {
		f.Severity = preflight.SeverityWarning
	}
	return f
}

// fillsKey reports whether the rule fills the key of its section.
func (t *target) fillsKey() bool {
	return t.section != nil && t.section.Key != "" && strings.EqualFold(t.section.Key, t.rule.Field)
}

// isMappedToOptions reports whether every text of the rule is replaced by a value.
func isMappedToOptions(rule *mapping.Rule) bool {
	return len(rule.Values) > 0 && rule.Unmapped != mapping.PassUnmapped
}
