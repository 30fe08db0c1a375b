// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
)

// checkMapping checks what the Mapper fills against the org, for the objects that
// a sync writes.
func (c *checker) checkMapping() {
	c.addIssues(c.Set.MappingIssues(c.forNew()))
	c.checkFreeTexts()
	c.checkSources()
	c.checkLeadStatus()
	c.checkLeadSource()
	for _, u := range c.uses() {
		describe := c.Session.Describe(u.object)
		if describe == nil || !u.mapped {
			continue
		}
		if c.mapping() == nil { // the rules of a Mapping are checked above
			for _, name := range c.Set.MapperFields(u.object) {
				c.checkMappedField(u.object, describe, name, "")
			}
		}
		if c.lacksSection(u) {
			continue
		}
		c.checkAddresses(u.object, describe)
		if u.create {
			c.checkRequired(u.object, describe, c.Set.FilledFields(u.object))
		}
	}
}

// lacksSection finds an object of people or companies that the mapping does not fill.
// An Account that is only found needs no section.
func (c *checker) lacksSection(u use) bool {
	if c.Set.HasSection(u.object) || !u.create && u.object.Equal(salesforce.ObjectAccount) {
		return false
	}
	finding := preflight.Finding{Severity: preflight.SeverityError, Code: leadtype.RequiredFieldMissing,
		Object: u.object, Path: "mapping.objects"}
	finding.Reason = fmt.Sprintf(value.NoSection+" %s: a lead that would become one fails", u.object)
	if !u.create {
		finding.Fix = c.fix("section", "object", string(u.object))
		finding.Severity, finding.Code = preflight.SeverityWarning, ""
		finding.Reason = fmt.Sprintf("the mapping has no section for %s: of a lead whose person is one, only the "+
			"memberships, Tasks and records of other objects are written", u.object)
	}
	c.add(finding)
	return true
}

// addIssues adds what is wrong with rules, for the objects that a sync writes.
func (c *checker) addIssues(issues []mapping.RuleIssue) {
	for _, issue := range issues {
		if !c.written(issue.Object) {
			continue
		}
		finding := preflight.Finding{Severity: preflight.SeverityError, Code: issue.Code, Object: issue.Object,
			Field: issue.Field, Path: issue.Path, Reason: issue.Reason}
		if issue.Skipped {
			finding.Severity = preflight.SeverityWarning // each lead gets one too
		}
		if issue.Warning {
			finding.Fix = c.fixConsent(&issue)
		}
		c.add(finding)
	}
}

// forNew returns the describes as they are for new records, whose record type a
// rule of the mapping may choose.
func (c *checker) forNew() map[salesforce.Object]*salesforce.Describe {
	describes := make(map[salesforce.Object]*salesforce.Describe, len(c.Session.Describes))
	for object, describe := range c.Session.Describes {
		target := mapping.Target{Object: object, Describe: describe, RecordTypes: c.Session.RecordTypes[object]}
		describes[object] = c.Set.DescribeForNew(target)
	}
	return describes
}

// checkLeadStatus checks the status that new Leads are given against the org's.
// Lead.Status is not restricted: Salesforce stores any text
// (docs/salesforce.md, Fields). That a converted status may only come by
// conversion is unverified.
func (c *checker) checkLeadStatus() {
	if !c.written(salesforce.ObjectLead) {
		return
	}
	field, sees := c.Session.Describe(salesforce.ObjectLead).Field("Status")
	rule := c.ruleFor(salesforce.ObjectLead, "Status")
	for _, v := range []any{rule.Constant, rule.Default} {
		text, ok := v.(string)
		if !ok || text == "" {
			continue
		}
		if c.Extra == nil || len(c.Extra.LeadStatuses) == 0 {
			c.add(c.unread(salesforce.ObjectLeadStatus))
			return
		}
		if sees {
			if option, known := value.FindOption(field, text); known {
				text = option
			}
		}
		if reason := c.unfitLeadStatus(text); reason != "" {
			c.add(preflight.Finding{Severity: preflight.SeverityWarning, Code: leadtype.DataValueValidation,
				Object: salesforce.ObjectLead, Field: "Status",
				Reason: reason, Fix: c.fix("lead-status")})
		}
	}
}

// checkLeadSource checks the lead source that the settings name against the options of the
// fields that it goes into.
func (c *checker) checkLeadSource() {
	m, name := c.mapping(), c.Set.Config().LeadSource
	if m == nil || name == "" {
		return
	}
	for _, section := range m.Sections {
		describe := c.forNew()[value.Folded(section.Object)]
		if describe == nil || !c.written(section.Object) {
			continue
		}
		for i := range section.Rules {
			field, ok := describe.Field(section.Rules[i].Field)
			if !ok || section.Rules[i].Source != mapping.SourceLeadSource || len(field.PicklistValues) == 0 {
				continue
			}
			if _, known := value.FindOption(field, name); !known {
				c.add(preflight.Finding{Severity: preflight.SeverityWarning, Code: leadtype.DataValueValidation,
					Object: section.Object, Field: field.Name, Path: "leadSource",
					Reason: fmt.Sprintf("the lead source %q is not one active option of the field", name),
					Fix:    c.fix("lead-source", "field", string(section.Object)+"."+field.Name)})
			}
		}
	}
}

// mapping returns the Mapper where it is a Mapping, nil for a host's own.
func (c *checker) mapping() *mapping.Mapping {
	m, _ := c.Set.Config().Mapper.(*mapping.Mapping)
	return m
}

// ruleFor returns the Mapping's rule for a field, the zero Rule when there is none.
func (c *checker) ruleFor(object salesforce.Object, field string) mapping.Rule {
	if m := c.mapping(); m != nil {
		for _, section := range m.Sections {
			i := slices.IndexFunc(section.Rules, func(r mapping.Rule) bool { return strings.EqualFold(r.Field, field) })
			if section.Object.Equal(object) && i >= 0 {
				return section.Rules[i]
			}
		}
	}
	return mapping.Rule{}
}

// unfitLeadStatus returns why new Leads should not get a status, "" for one that fits.
func (c *checker) unfitLeadStatus(name string) string {
	i := slices.IndexFunc(c.Extra.LeadStatuses, func(s org.LeadStatus) bool { return strings.EqualFold(s.Name, name) })
	switch {
	case i < 0:
		return fmt.Sprintf("the org has no lead status %q; Salesforce would store it anyway", name)
	case c.Extra.LeadStatuses[i].Converted:
		return fmt.Sprintf("the lead status %q is for converted Leads", name)
	}
	return ""
}

// checkMappedField checks that a field which is filled exists and may be written.
func (c *checker) checkMappedField(
	o salesforce.Object, describe *salesforce.Describe, name, path string,
) (*salesforce.Field, bool) {
	field, ok := describe.Field(name)
	switch {
	case !ok:
		c.add(preflight.Finding{Severity: preflight.SeverityError, Code: leadtype.MissingRemoteField, Object: o,
			Field: name, Path: path, Reason: "a mapped field " + goneOrHidden})
	case !field.Createable && !field.Updateable:
		c.add(preflight.Finding{Severity: preflight.SeverityWarning, Code: leadtype.ConnectionPermission, Object: o,
			Field: name, Path: path, Reason: value.WhyLocked(field)})
	}
	return field, ok
}

func (c *checker) checkRequired(o salesforce.Object, describe *salesforce.Describe, mapped []string) {
	for i := range describe.Fields {
		field := &describe.Fields[i]
		if field.RequiredOnCreate() && !value.ContainsFold(mapped, field.Name) {
			c.add(preflight.Finding{Severity: preflight.SeverityError, Code: leadtype.RequiredFieldMissing, Object: o,
				Field: field.Name, Reason: "the org requires a field that is not mapped",
			})
		}
	}
}

func (c *checker) checkQualifiers() {
	for i, q := range c.Set.Config().Qualifiers {
		if q.Archived || q.Type == mapping.QualifierNote {
			continue
		}
		for _, object := range slices.Sorted(maps.Keys(q.Fields)) {
			if !c.written(object) {
				continue
			}
			path := fmt.Sprintf("qualifiers[%d]", i)
			where := fmt.Sprintf("%s.fields[%q]", path, string(object))
			if field, ok := c.checkMappedField(object, c.forNew()[value.Folded(object)], q.Fields[object], where); ok {
				c.checkOptions(&q, object, field, path)
			}
		}
	}
}

// checkOptions checks the options that a qualifier's answers are mapped to against
// those of its field.
func (c *checker) checkOptions(q *mapping.Qualifier, o salesforce.Object, field *salesforce.Field, path string) {
	if q.Multiple && field.Type == salesforce.TypePicklist {
		c.add(preflight.Finding{Severity: preflight.SeverityWarning, Code: leadtype.DataValueValidation,
			Object: o, Field: field.Name, Path: path + ".multiple",
			Reason: "the qualifier allows several answers, and the field takes one option"})
	}
	if !field.RestrictedPicklist {
		return
	}
	finding := preflight.Finding{Severity: preflight.SeverityInfo, Code: leadtype.NoTagMapping, Object: o,
		Field: field.Name, Path: path + ".options"}
	if len(q.Options) == 0 {
		finding.Reason = "the qualifier maps no answers, so only answers that are options of the restricted " +
			"picklist are accepted"
		c.add(finding)
		return
	}
	missing := slices.DeleteFunc(slices.Compact(slices.Sorted(maps.Values(q.Options))), func(option string) bool {
		_, ok := value.FindOption(field, option)
		return ok
	})
	if len(missing) == 0 {
		return
	}
	finding.Severity = preflight.SeverityError
	if q.Unmapped == mapping.DropUnmapped {
		finding.Severity = preflight.SeverityWarning
	}
	finding.Reason = "the restricted picklist has no active option " + value.Quoted(missing)
	c.add(finding, missing...)
}
