// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"fmt"
	"strings"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// Validate returns what is wrong with the mapping, the qualifiers and the campaign
// links; see leadsync.Config.Validate.
func (s *Set) Validate(describes map[salesforce.Object]*salesforce.Describe) []Issue {
	var c mappingCheck
	if m, ok := s.cfg.Mapper.(*Mapping); ok {
		c.take("mapping.", "", m.Validate(describes))
		c.keyRules(s, m)
	}
	c.qualifiers(s)
	c.campaigns(s, describes)
	return c.issues
}

// keyRules looks for rules that would write the key field of an object.
func (c *mappingCheck) keyRules(set *Set, m *Mapping) {
	for i, section := range m.Sections {
		for k, rule := range section.Rules {
			isKey := rule.Field != "" && strings.EqualFold(rule.Field, set.KeyField(section.Object))
			if isKey && value.MatchedObject(section.Object) != "" && rule.Write != Never {
				c.issues = append(c.issues, Issue{Path: fmt.Sprintf("mapping.objects[%d].rules[%d].field", i, k),
					Code: leadtype.DataValueValidation, Object: section.Object, Field: rule.Field,
					Reason: "is the key field, which the library fills: see externalIds"})
			}
		}
	}
}
