package mapping

import (
	"fmt"
	"strings"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
)

// keyRows looks for rows that would write the key field of an object.
func (c *mappingCheck) keyRows(set *Set, m *Mapping) {
	for i, section := range m.Sections {
		for k, rule := range section.Rules {
			isKey := rule.Field != "" && strings.EqualFold(rule.Field, set.KeyFieldFor(section.Object))
			if isKey && value.MatchedObject(section.Object) != "" && rule.Write != Never {
				c.issues = append(c.issues, Issue{Path: fmt.Sprintf("mapping.objects[%d].rules[%d].field", i, k),
					Code: leadtype.DataValueValidation, Object: section.Object, Field: rule.Field,
					Reason: "is the key field, which the library fills: see externalIds"})
			}
		}
	}
}
