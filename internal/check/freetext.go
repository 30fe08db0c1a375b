// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/address"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
)

// checkFreeTexts finds rules of the Mapping and of campaign links that put whatever people
// write into a restricted picklist.
func (c *checker) checkFreeTexts() {
	if m := c.mapping(); m != nil {
		for i := range m.Sections {
			section := &m.Sections[i]
			c.checkFreeTextRules(section.Object, section.Rules, fmt.Sprintf("mapping.objects[%d].rules", i))
		}
	}
	for i := range c.Set.Config().Campaigns {
		if link := &c.Set.Config().Campaigns[i]; !link.Archived {
			c.checkFreeTextRules(salesforce.ObjectCampaignMember, link.Fields, fmt.Sprintf("campaigns[%d].fields", i))
		}
	}
}

func (c *checker) checkFreeTextRules(object salesforce.Object, rules []mapping.Rule, path string) {
	describe := c.forNew()[value.Folded(object)]
	if describe == nil || !c.written(object) {
		return
	}
	for i := range rules {
		rule := &rules[i]
		field, ok := describe.Field(rule.Field)
		mapped := len(rule.Values) > 0 && rule.Unmapped != mapping.PassUnmapped
		if !ok || rule.Write == mapping.Never || !field.RestrictedPicklist || mapped || !c.isFreeText(rule.Source) {
			continue
		}
		if _, part := address.Described(object, field); part {
			continue // countries and states are known by their names
		}
		fate := "fails the lead"
		if rule.Unfit == mapping.Skip {
			fate = "is left out"
		}
		c.add(preflight.Finding{Severity: preflight.SeverityWarning, Code: leadtype.DataValueValidation, Object: object,
			Field: field.Name, Path: fmt.Sprintf("%s[%d].source", path, i),
			Reason: fmt.Sprintf("free text goes into a restricted picklist: what is none of its options %s", fate),
			Fix: "Map the texts to options by values, or map the source to a text field, or lift the restriction of the " +
				"picklist in Salesforce."})
	}
}

// isFreeText reports whether people may write anything in a source field.
func (c *checker) isFreeText(source string) bool {
	switch name, isAnswer := strings.CutPrefix(source, value.PrefixQualifier); {
	case source == "", source == "scoreBand", source == mapping.SourceLeadSource:
		return false
	case isAnswer:
		return !slices.ContainsFunc(c.Set.Config().Qualifiers, func(q mapping.Qualifier) bool {
			return q.Name == name && len(q.Options) > 0
		})
	}
	return true
}
