// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"maps"
	"slices"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
)

// checkConsents warns of checkboxes that are opt-outs or consents by their name or label,
// and that a lead could move the wrong way.
func (c *checker) checkConsents() {
	m := c.mapping()
	if m == nil {
		return
	}
	for i := range m.Sections {
		section := &m.Sections[i]
		describe := c.Session.Describe(section.Object)
		if describe == nil || !c.written(section.Object) {
			continue
		}
		for k := range section.Rules {
			c.checkConsent(section.Object, describe, &section.Rules[k], fmt.Sprintf("mapping.objects[%d].rules[%d].write", i, k))
		}
	}
	for i, q := range c.Set.Config().Qualifiers {
		for _, object := range slices.Sorted(maps.Keys(q.Fields)) {
			describe := c.Session.Describe(object)
			if q.Archived || describe == nil || !c.written(object) {
				continue
			}
			rule := mapping.Rule{Field: q.Fields[object], Source: value.PrefixQualifier + q.Name}
			c.checkConsent(object, describe, &rule, fmt.Sprintf("qualifiers[%d].fields[%q]", i, string(object)))
		}
	}
}

func (c *checker) checkConsent(object salesforce.Object, describe *salesforce.Describe, rule *mapping.Rule,
	path string) {
	field, ok := describe.Field(rule.Field)
	if !ok || field.Type != salesforce.TypeBoolean || rule.Write == mapping.Never || rule.CreateOnly {
		return
	}
	finding := preflight.Finding{Severity: preflight.SeverityWarning, Code: leadtype.DataValueValidation, Object: object,
		Field: field.Name, Path: path}
	fits := mapping.Raise
	switch value.ConsentOf(field.Name, field.Label) {
	case value.NoConsent:
		return
	case value.OptIn:
		fits = mapping.Lower
		finding.Reason = "the field looks like a consent, which a lead could give back after it was withdrawn"
	default:
		finding.Reason = "the field looks like an opt-out, which a lead could take back"
	}
	if rule.Write == fits {
		return
	}
	finding.Fix = fmt.Sprintf("Fill the field by a row of the mapping with the write rule %s.", fits)
	c.add(finding)
}
