// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/address"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// policies checks the three policies of a mapping or a rule.
func (c *mappingCheck) policies(prefix string, tooLong, locked, missing Policy) {
	for _, p := range []struct {
		key     string
		value   Policy
		allowed []Policy
	}{
		{"tooLong", tooLong, []Policy{Truncate, Fail}},
		{"locked", locked, []Policy{Skip, Fail}},
		{"missing", missing, []Policy{Skip, Fail}},
	} {
		if p.value != "" && !slices.Contains(p.allowed, p.value) {
			c.refuse(prefix+p.key, "", "must be one of %s", value.Quoted(p.allowed))
		}
	}
}

func (c *mappingCheck) rules(section string, rules []Rule, describe *salesforce.Describe) {
	targets := make(map[string]bool)
	for i := range rules {
		rule := &rules[i]
		path := fmt.Sprintf("%s.rules[%d].", section, i)
		c.rule(path, rule)
		name := strings.ToLower(rule.Field)
		switch {
		case !value.IsAPIName(name):
			c.add(path+"field", leadtype.RequiredFieldMissing, rule.Field, "is not the API name of a field")
			continue
		case targets[name]:
			c.refuse(path+"field", rule.Field, "is the target of an earlier rule")
		}
		if c.object.Equal(salesforce.ObjectTask) && value.ContainsFold(taskFields(), name) {
			c.refuse(path+"field", rule.Field, "is filled by the activity itself")
		}
		targets[name] = true
		if describe != nil && rule.isUsed() {
			c.target(path, rule, describe)
			c.consent(path, rule, rules, describe)
		}
	}
	if describe != nil {
		c.dependents(section, rules, describe)
	}
}

// rule checks a rule by itself.
func (c *mappingCheck) rule(path string, rule *Rule) {
	constant, ok := value.PlainValue(rule.Constant)
	if !ok {
		c.refuse(path+"constant", rule.Field, value.NotPlain)
	}
	if _, ok := value.PlainValue(rule.Default); !ok {
		c.refuse(path+"default", rule.Field, value.NotPlain)
	}
	switch {
	case rule.Source != "" && rule.Constant != nil:
		c.refuse(path+"constant", rule.Field, "cannot be combined with a source")
	case rule.Source == "" && ok && value.IsBlank(constant) && rule.Write != Clear:
		c.add(path+"source", leadtype.RequiredFieldMissing, rule.Field, "is missing: a rule needs a source or a constant")
	case rule.Source != "" && !c.isSource(rule.Source):
		c.refuse(path+"source", rule.Field, "is not a source field: it must be one of %s", c.sources())
	}
	if _, _, ok := rule.by(); rule.By != "" && !ok {
		c.refuse(path+"by", rule.Field, "must have the form <object>.<field>")
	}
	c.writeRules(path, rule)
	for i, name := range rule.Transforms {
		if _, ok := c.mapping.transform(name); !ok {
			c.refuse(fmt.Sprintf("%stransforms[%d]", path, i), rule.Field, "%s", unknownTransform(name, c.mapping.transforms))
		}
	}
	c.policies(path, rule.TooLong, rule.Locked, rule.Missing)
	if policies := []Policy{"", Skip, Fail}; !slices.Contains(policies, rule.Unfit) {
		c.refuse(path+"unfit", rule.Field, "must be one of %s", value.Quoted(policies[1:]))
	}
	if rule.Range != "" && !slices.Contains(ranges(), rule.Range) {
		c.refuse(path+"range", rule.Field, "must be one of %s", value.Quoted(ranges()))
	}
	c.values(path, rule)
}

// sources lists what isSource knows.
func (c *mappingCheck) sources() string {
	names := append(leadtype.SourceFields(), SourceLeadSource, value.PrefixQualifier+"<name>", value.PrefixCustom+"<name>",
		value.PrefixActivity+"<kind>")
	if c.object.Equal(salesforce.ObjectTask) {
		names = append(names, activitySources...)
	}
	return strings.Join(names, ", ")
}

// isSource reports whether the rules of the section have a source field.
func (c *mappingCheck) isSource(name string) bool {
	return leadtype.IsSourceField(name) || name == SourceLeadSource ||
		c.object.Equal(salesforce.ObjectTask) && slices.Contains(activitySources, name)
}

// values checks the map of a rule.
func (c *mappingCheck) values(path string, rule *Rule) {
	c.checkUnmapped(path+"unmapped", rule.Field, rule.Unmapped)
	switch {
	case len(rule.Values) > 0 && rule.Source == "":
		c.refuse(path+"values", rule.Field, "are for a source")
	case rule.Unmapped != "" && len(rule.Values) == 0:
		c.refuse(path+"unmapped", rule.Field, "is for a rule with values")
	}
	c.checkValues(rule.Values, path+"values", rule.Field, "text", "value")
}

// writeRules checks how a rule writes.
func (c *mappingCheck) writeRules(path string, rule *Rule) {
	for i, write := range []WriteRule{rule.Write, rule.Own} {
		key := []string{"write", "own"}[i]
		switch {
		case write != "" && !slices.Contains(writeRules, write):
			c.refuse(path+key, rule.Field, "must be one of %s", value.Quoted(writeRules))
		case write == UnlessEdited && rule.refers():
			c.refuse(path+key, rule.Field, "cannot be %s together with by", UnlessEdited)
		case (write == Raise || write == Lower) && rule.Unfit == Skip:
			c.refuse(path+"unfit", rule.Field, "cannot be skip: a consent is never left out")
		}
	}
	c.existing(path, rule.Field, rule.Existing)
}

// existing checks a policy for existing values.
func (c *mappingCheck) existing(prefix, field string, policy ExistingPolicy) {
	policies := []ExistingPolicy{KeepExisting, OverwriteExisting}
	if policy != "" && !slices.Contains(policies, policy) {
		c.refuse(prefix+"existing", field, "must be one of %s", value.Quoted(policies))
	}
}

// target checks a rule against its field.
func (c *mappingCheck) target(path string, rule *Rule, describe *salesforce.Describe) {
	field, ok := describe.Field(rule.Field)
	if !ok {
		c.add(path+"field", leadtype.MissingRemoteField, rule.Field, value.UnseenField)
		return
	}
	onCreate := c.object.Equal(salesforce.ObjectTask) // its rules are applied on create only
	switch {
	case !value.TakesValue(field.Type):
		c.refuse(path+"field", field.Name, "has the type %s, which cannot be written", field.Type)
	case !field.Createable && (!field.Updateable || rule.CreateOnly || onCreate):
		c.add(path+"field", leadtype.ConnectionPermission, field.Name, "%s", value.WhyLocked(field))
	case !field.Updateable && !rule.CreateOnly && !onCreate:
		c.add(path+"field", leadtype.ConnectionPermission, field.Name,
			"can be written on create only: the rule needs createOnly")
	}
	if rule.Write == Append && !canAppend(field) {
		c.refuse(path+"write", field.Name, "cannot append: the field is not a long text area")
	}
	if rule.Range != "" && !value.IsNumeric(field.Type) {
		c.refuse(path+"range", field.Name, "is for a field of a number")
	}
	if rule.Write == Clear && !canClear(field) {
		c.refuse(path+"write", field.Name, "cannot clear a field that Salesforce requires")
	}
	if consent := rule.Write == Raise || rule.Write == Lower; consent && field.Type != salesforce.TypeBoolean {
		c.refuse(path+"write", field.Name, "cannot be %s: the field is not a checkbox", rule.Write)
	}
	if rule.refers() {
		c.reference(path, rule, field)
		return
	}
	c.literal(path+"constant", describe, field, rule.Constant)
	c.literal(path+"default", describe, field, rule.Default)
	for _, text := range slices.Sorted(maps.Keys(rule.Values)) {
		c.literal(fmt.Sprintf("%svalues[%q]", path, text), describe, field, rule.Values[text])
	}
}

// consent warns of a rule that could move an opt-out or a consent the wrong way.
func (c *mappingCheck) consent(path string, rule *Rule, rules []Rule, describe *salesforce.Describe) {
	field, ok := describe.Field(rule.Field)
	if !ok || rule.CreateOnly {
		return
	}
	fits := consentRule(field)
	if fits == "" || fits == Lower && rule.datedConsent(rules, describe) {
		return
	}
	for key, write := range map[string]WriteRule{"write": cmp.Or(rule.Write, Overwrite), "own": cmp.Or(rule.Own, Never)} {
		if write != fits && write != Never {
			c.warn(path+key, field.Name, consentReason(fits))
			return
		}
	}
}

// consentReason says what could become of a field for which a write rule fits.
func consentReason(fits WriteRule) string {
	if fits == Raise {
		return "the field looks like an opt-out, which a lead could take back: its rule should be raise"
	}
	return "the field looks like a consent, which a lead could give back after it was withdrawn: its rule should be " +
		"lower, or overwrite with a rule for the date of the consent beside it"
}

// literal checks a constant or a default.
func (c *mappingCheck) literal(path string, describe *salesforce.Describe, field *salesforce.Field, v any) {
	if plain, ok := value.PlainValue(v); !ok || isUserEmail(field, plain) {
		return // reported elsewhere; only the org knows its users
	}
	if c.country(path, describe, field, v) {
		return
	}
	v, problem := value.RecordTypeNamed(describe, field, v)
	converted, _, unfit := value.Convert(field, v, value.Options{Refuse: true,
		Numbers: &value.Numbers{Locale: c.numberLocale(), Range: value.RangeLow}})
	if problem = cmp.Or(problem, unfit); problem != nil {
		c.refuse(path, field.Name, "%s", problem.Reason)
		return
	}
	if id, ok := converted.(string); ok && field.Type == salesforce.TypeReference {
		if f := misreference(describe, field, id, c.other); f != nil {
			c.add(path, f.code, field.Name, "%s", f.reason)
		}
	}
}

// country checks a constant or a default for a country or a state where State and
// Country/Territory picklists are on, and reports whether it is for one. Which states there
// are depends on the lead's country.
func (c *mappingCheck) country(path string, describe *salesforce.Describe, field *salesforce.Field, v any) bool {
	at, ok := address.Described(c.object, field)
	if !ok || !at.Part.Coded() || describe == nil {
		return false
	}
	lists, on := address.PicklistsOf(describe, at)
	text := value.TextOf(v, nil)
	if on && at.Part == address.Country && text != "" {
		if option, _ := lists.FindCountry(text); option == "" {
			c.refuse(path, field.Name, "is not an active option of %s", lists.Country.Name)
		}
	}
	return on
}

// other returns the describe of another object, nil when it is not among them.
func (c *mappingCheck) other(o salesforce.Object) *salesforce.Describe {
	return describeOf(c.describes, o)
}

// dependents checks constants of restricted dependent picklists against the
// constant that the controlling field gets.
func (c *mappingCheck) dependents(section string, rules []Rule, describe *salesforce.Describe) {
	for i := range rules {
		field, v := constantFor(rules[i].Field, rules, describe)
		text, isText := v.(string)
		if !isText || !field.DependentPicklist || !field.RestrictedPicklist {
			continue
		}
		controller, v := constantFor(field.ControllerName, rules, describe)
		if v != nil && !value.Allowed(field, controller, v, text) {
			c.refuse(fmt.Sprintf("%s.rules[%d].constant", section, i), field.Name,
				"is not an option for the value of %s", controller.Name)
		}
	}
}

// constantFor returns a field and the constant that the rules put into it, nil for none.
func constantFor(name string, rules []Rule, describe *salesforce.Describe) (*salesforce.Field, any) {
	for i := range rules {
		field, ok := describe.Field(rules[i].Field)
		if !ok || rules[i].Write == Never || !strings.EqualFold(field.Name, name) {
			continue
		}
		if v, _, problem := value.Convert(field, rules[i].Constant, value.Options{}); problem == nil && v != nil {
			return field, v
		}
	}
	return nil, nil
}

// reference checks how a rule names the record that its field refers to.
func (c *mappingCheck) reference(path string, rule *Rule, field *salesforce.Field) {
	if _, _, ok := rule.by(); !ok {
		return // rule reports it
	}
	key, f := rule.otherKey(field, c.other)
	if f != nil {
		c.add(path+"by", f.code, field.Name, "%s", f.reason)
		return
	}
	c.literal(path+"constant", nil, key, rule.Constant)
	c.literal(path+"default", nil, key, rule.Default)
}
