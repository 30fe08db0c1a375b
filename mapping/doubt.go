// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"maps"
	"strings"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/salesforce"
)

// nameFields say who a record is. In doubt they are not written.
var nameFields = []string{"FirstName", "LastName", "Company"}

// inDoubt returns a rule as it applies where Target.Doubt is set: it fills a blank field, or
// not even that. Then it is nil.
func (t *Target) inDoubt(rule *Rule) *Rule {
	if value.ContainsFold(nameFields, rule.Field) || ofCompany(rule.Source) {
		return nil
	}
	blanks := *rule
	blanks.Write, blanks.Own = WriteIfBlank, ""
	return &blanks
}

// ofCompany reports whether a source field is the lead's company's.
func ofCompany(source string) bool {
	return source == "website" || source == "industry" || strings.HasPrefix(source, "company")
}

// leaveFilled takes the fields out that the record has a value in, and its names, where
// Target.Doubt is set.
func (t *Target) leaveFilled(fields salesforce.Fields) salesforce.Fields {
	if !t.Doubt {
		return fields
	}
	fields = maps.Clone(fields)
	maps.DeleteFunc(fields, func(name string, _ any) bool {
		field, known := t.Describe.Field(name)
		if !known || value.ContainsFold(nameFields, name) {
			return true
		}
		current, read := t.current(field)
		return !read || !value.IsBlank(current)
	})
	return fields
}
