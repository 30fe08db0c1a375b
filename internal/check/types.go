// SPDX-License-Identifier: Apache-2.0

package check

import (
	"errors"
	"fmt"
	"slices"

	"github.com/leadsync/leadsync/internal/address"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
)

// checkSources holds each rule's source against its field: whether the field's type takes it,
// whether it is long enough, and whether it is unique though leads share the value.
func (c *checker) checkSources() {
	for _, t := range c.targets() {
		if !value.TakesValue(t.field.Type) || !t.field.Createable && !t.field.Updateable {
			continue // Mapping.Validate says so
		}
		if !c.checkType(&t) {
			c.checkLength(&t)
			c.checkUnique(&t)
		}
	}
}

// checkType finds a field whose type takes no typical value of its source, and reports
// whether it has.
func (c *checker) checkType(t *target) bool {
	reason, isUnfit := c.unfitType(t)
	if !isUnfit {
		return false
	}
	f := t.finding(".source")
	f.Code = leadtype.DataValueValidation
	f.Reason = fmt.Sprintf("the field is of the type %s, which %s does not fit: a typical value %s",
		t.field.Type, t.rule.Source, reason)
	c.add(f)
	return true
}

// unfitType returns why the field takes no typical value of the rule's source.
func (c *checker) unfitType(t *target) (reason string, isUnfit bool) {
	_, isAddress := address.Described(t.object, t.field)
	picklist := t.field.Type == salesforce.TypePicklist || t.field.Type == salesforce.TypeMultipicklist
	typical := infoOf(t.rule.Source).typical
	if isAddress || picklist || t.rule.By != "" || isMappedToOptions(t.rule) || len(typical) == 0 ||
		c.hasOwnTransform(t.rule) {
		return "", false
	}
	for _, one := range typical {
		refused := c.refusedAs(t, one)
		if refused == "" {
			return "", false
		}
		reason = refused
	}
	return reason, true
}

// hasOwnTransform reports whether the host transforms the source: only it knows to what.
func (c *checker) hasOwnTransform(rule *mapping.Rule) bool {
	return slices.ContainsFunc(rule.Transforms, func(name string) bool { return c.Set.Config().Transforms[name] != nil })
}

// refusedAs returns why the rule's field does not take a value of its source, "" where it
// does. It maps a lead by that rule alone.
func (c *checker) refusedAs(t *target, typical any) string {
	one := new(mapping.Mapping)
	if m := c.mapping(); m != nil {
		*one = *m
	}
	rule := *t.rule
	rule.Unfit, rule.Default = mapping.Fail, nil
	one.Sections = []mapping.Section{{Object: t.object, Rules: []mapping.Rule{rule}}}
	_, _, err := one.Map(typicalLead(rule.Source, typical), mapping.Target{Object: t.object, Describe: t.describe,
		User:  func(string) (salesforce.ID, bool) { return "005000000000001AAA", true },
		Other: c.Session.Describe})
	var e *leadtype.Error
	if errors.As(err, &e) && e.Code == leadtype.DataValueValidation {
		return e.Reason
	}
	return ""
}

// checkLength finds a field that is shorter than texts of its source are.
func (c *checker) checkLength(t *target) {
	longest := infoOf(t.rule.Source).longest
	shortens := slices.ContainsFunc(t.rule.Transforms, func(name string) bool {
		return name != "trim" && name != "lower" &&
			name != "upper" && name != "title"
	})
	if !holdsText(t.field) || longest == 0 || t.field.Length == 0 || t.field.Length >= longest ||
		isMappedToOptions(t.rule) || t.rule.By != "" || shortens {
		return
	}
	f := t.finding(".source")
	f.Code, f.Severity = leadtype.DataValueValidation, preflight.SeverityWarning
	fate := "longer texts are cut"
	if c.failsLong(t) {
		fate = "a lead with a longer text fails"
		if t.rule.Unfit == mapping.Skip {
			fate = "longer texts are left out"
		}
	}
	f.Reason = fmt.Sprintf("%s may well have %d characters, which is longer than the %d that the field takes: %s",
		t.rule.Source, longest, t.field.Length, fate)
	c.add(f)
}

// failsLong reports whether a text that is too long for the field is not cut.
func (c *checker) failsLong(t *target) bool {
	policy := t.rule.TooLong
	if m := c.mapping(); m != nil && policy == "" {
		policy = m.TooLong
	}
	switch t.field.Type {
	case salesforce.TypeEmail, salesforce.TypePhone, salesforce.TypeURL:
		return true
	}
	return policy == mapping.Fail || t.fillsKey()
}

// holdsText reports whether a field holds text that people write.
func holdsText(field *salesforce.Field) bool {
	switch field.Type {
	case salesforce.TypeString, salesforce.TypeTextarea, salesforce.TypeEncrypted, salesforce.TypeCombobox,
		salesforce.TypeEmail, salesforce.TypePhone, salesforce.TypeURL:
		return true
	}
	return false
}

// checkUnique finds a unique field that gets the same value for several records: Salesforce
// refuses the second of them.
func (c *checker) checkUnique(t *target) {
	if !t.field.Unique || t.fillsKey() || c.sharesKey(t.section) {
		return
	}
	isShared, what := infoOf(t.rule.Source).shared, t.rule.Source
	part := ".source"
	switch {
	case t.rule.Constant != nil:
		isShared, what, part = true, "the constant", ".constant"
	case t.rule.Default != nil:
		isShared, what, part = true, "the default", ".default"
	case t.object.Equal(salesforce.ObjectAccount) && isOfCompany(t.rule.Source):
		isShared = false
	}
	if !isShared {
		return
	}
	f := t.finding(part)
	f.Code = leadtype.DuplicateRecord
	f.Severity = preflight.SeverityError
	f.Reason = fmt.Sprintf("the field is unique, and several records get the same value from %s: all but the first are "+
		"refused", what)
	f.Fix = c.fix("unique", "field", string(t.object)+"."+t.field.Name)
	c.add(f)
}

// sharesKey reports whether leads share the records of a section: then they may share the
// values of its unique fields too.
func (c *checker) sharesKey(section *mapping.Section) bool {
	return section != nil && slices.ContainsFunc(section.Rules, func(r mapping.Rule) bool {
		t := target{rule: &r, section: section}
		return t.fillsKey() && (infoOf(r.Source).shared || r.Constant != nil)
	})
}

// isOfCompany reports whether a source is the same for the leads of one company alone.
func isOfCompany(source string) bool {
	switch source {
	case "company", "website", "companyPhone", "companyLinkedin", "accountId":
		return true
	}
	return false
}
