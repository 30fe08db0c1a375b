// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
)

// section returns the mapping's section for an object with a key, and its path in the
// JSON of Settings; nil for another object.
func (c *checker) section(o salesforce.Object) (*mapping.Section, string) {
	m := c.mapping()
	if m == nil || !value.IsCustom(o) {
		return nil, ""
	}
	for i := range m.Sections {
		if section := &m.Sections[i]; section.Object.Equal(o) {
			return section, fmt.Sprintf("mapping.objects[%d]", i)
		}
	}
	return nil, ""
}

// checkSectionKey says what upserts by the key of a section need. What keeps the
// field from being a key at all is found by Mapping.Validate.
func (c *checker) checkSectionKey(section *mapping.Section) {
	describe := c.Session.Describe(section.Object)
	if describe == nil {
		return
	}
	field, err := c.Set.SectionKey(section, describe)
	filled := slices.ContainsFunc(section.Rules, func(r mapping.Rule) bool {
		return strings.EqualFold(r.Field, section.Key)
	})
	switch {
	case err != nil:
	case !field.Unique:
		c.add(c.sharedKey(section.Object, field))
	case !filled && field.Length < leadtype.MaxLeadID:
		c.add(preflight.Finding{Severity: preflight.SeverityWarning, Code: leadtype.DataValueValidation,
			Object: section.Object, Field: field.Name,
			Reason: fmt.Sprintf("the key takes %d characters; a lead with a longer id fails", field.Length),
			Fix: c.fix("section-key-length", "field", string(section.Object)+"."+field.Name,
				"length", strconv.Itoa(leadtype.MaxLeadID))})
	}
}

// sharedKey is the finding for a key that is not unique: only a user with View All
// Data may upsert by it (docs/salesforce.md, Upsert).
func (c *checker) sharedKey(object salesforce.Object, field *salesforce.Field) preflight.Finding {
	f := preflight.Finding{Severity: preflight.SeverityWarning, Code: leadtype.ConnectionPermission, Object: object,
		Field: field.Name, Fix: c.fix("shared-key", "field", string(object)+"."+field.Name)}
	switch {
	case c.Session.User == "" || c.Session.Unread[salesforce.ObjectPermissionSetAssignment] != nil:
		f.Reason = "the key is not unique: upserts by it need View All Data, and two records may have the same key"
	case c.Session.ViewsAll:
		f.Code, f.Fix = leadtype.AmbiguousMatch, c.fix("unique-key", "field", string(object)+"."+field.Name)
		f.Reason = "the key is not unique: two records may have the same key, and upserts by it need View All " +
			"Data, which the connected user has"
	default:
		f.Severity = preflight.SeverityError
		f.Reason = "the key is not unique: upserts by it need View All Data, and no visible profile or permission " +
			"set grants it to the connected user"
	}
	return f
}

// checkSectionLookups names the lookups that the org requires and that some people
// of the strategies cannot fill: their leads' records are skipped.
func (c *checker) checkSectionLookups(section *mapping.Section, path string) {
	describe := c.Session.Describe(section.Object)
	if describe == nil {
		return
	}
	for i := range section.Lookups {
		lookup := &section.Lookups[i]
		field, ok := describe.Field(lookup.Field)
		if !ok || !field.RequiredOnCreate() || !lookup.To.Fits(field) {
			continue // or Validate says what is wrong
		}
		c.checkRequiredLookup(section.Object, lookup, field, fmt.Sprintf("%s.lookups[%d]", path, i))
	}
}

func (c *checker) checkRequiredLookup(object salesforce.Object, lookup *mapping.Lookup, field *salesforce.Field,
	path string) {
	for _, u := range c.uses() {
		person := value.MatchedObject(u.object)
		if person == salesforce.ObjectAccount || person == "" || filledFor(lookup, person, field) {
			continue
		}
		c.add(preflight.Finding{
			Severity: preflight.SeverityWarning, Code: leadtype.RequiredFieldMissing, Object: object,
			Field: field.Name, Path: path,
			Reason: fmt.Sprintf("the org requires the field, and leads whose person is a %s have no %s for it: their "+
				"records are skipped", u.object, lookup.To),
			Fix: c.fix("lookup", "field", string(object)+"."+field.Name),
		})
	}
}

// filledFor reports whether a lookup may have something to refer to where the person is
// of an object.
func filledFor(l *mapping.Lookup, person salesforce.Object, field *salesforce.Field) bool {
	switch to := salesforce.Object(l.To); {
	case to.Equal(salesforce.Object(mapping.ToPerson)):
		return slices.Contains(field.ReferenceTo, person)
	case to.Equal(salesforce.ObjectLead), to.Equal(salesforce.ObjectContact):
		return to.Equal(person)
	case to.Equal(salesforce.ObjectAccount):
		return person == salesforce.ObjectContact
	}
	return true
}
