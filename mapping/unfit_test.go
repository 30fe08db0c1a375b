// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// unfitTarget is a new Lead with a field of each kind.
func unfitTarget() mapping.Target {
	target := createOf("Lead")
	d := target.Describe
	add := func(f salesforce.Field) {
		f.Createable, f.Updateable, f.Nillable = true, true, true
		d.Fields = append(d.Fields, f)
	}
	options := []salesforce.PicklistValue{{Value: "Hot", Active: true}, {Value: "Cold", Active: true}, {Value: "Old"}}
	add(salesforce.Field{Name: "Temperature__c", Type: salesforce.TypePicklist, RestrictedPicklist: true,
		PicklistValues: options})
	add(salesforce.Field{Name: "Several__c", Type: salesforce.TypeMultipicklist, RestrictedPicklist: true,
		PicklistValues: options})
	add(salesforce.Field{Name: "Amount__c", Type: salesforce.TypeCurrency, Precision: 6, Scale: 2})
	add(salesforce.Field{Name: "Clock__c", Type: salesforce.TypeTime})
	add(salesforce.Field{Name: "At__c", Type: salesforce.TypeDatetime})
	add(salesforce.Field{Name: "Account__c", Type: salesforce.TypeReference,
		ReferenceTo: []salesforce.Object{salesforce.ObjectAccount}})
	add(salesforce.Field{Name: "Region__c", Type: salesforce.TypeReference, RelationshipName: "Region__r",
		ReferenceTo: []salesforce.Object{"Region__c"}})
	target.Other = func(o salesforce.Object) *salesforce.Describe {
		if o != "Region__c" {
			return nil
		}
		return &salesforce.Describe{Name: o, Fields: []salesforce.Field{
			{Name: "Code__c", Type: salesforce.TypeString, Length: 4, ExternalID: true}}}
	}
	return target
}

// A value that its field does not take costs the lead, or under Skip that value. It
// failed the lead whatever the rule before.
func TestUnfitValueCostsTheLeadOrTheValue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		field, value string
		change       func(*mapping.Rule)
	}{
		{field: "Email", value: "nobody at home"},
		{field: "Phone", value: strings.Repeat("5 ", 40)},
		{field: "Website", value: "https://" + strings.Repeat("w", 255)},
		{field: "Text__c", value: "too long", change: func(r *mapping.Rule) { r.TooLong = mapping.Fail }},
		{field: "Text__c", value: "\xff\xfe"},
		{field: "Description", value: "\xff\xfe", change: func(r *mapping.Rule) { r.Write = mapping.Append }},
		{field: "Temperature__c", value: "Lukewarm"},
		{field: "Temperature__c", value: "Old"},
		{field: "Several__c", value: "Hot;Lukewarm"},
		{field: "NumberOfEmployees", value: "many"},
		{field: "NumberOfEmployees", value: "99999999999"},
		{field: "Amount__c", value: "123456.78"},
		{field: "OptIn__c", value: "perhaps"},
		{field: "Day__c", value: "soon"},
		{field: "At__c", value: "1600-01-01"},
		{field: "Clock__c", value: "noonish"},
		{field: "OwnerId", value: "nobody"},
		{field: "Account__c", value: "no id"},
		{field: "Account__c", value: "003000000000001AAA"},
		{field: "Region__c", value: "NORTH", change: func(r *mapping.Rule) { r.By = "Region__c.Code__c" }},
		{field: "Text__c", value: "one of these days", change: func(r *mapping.Rule) { r.Transforms = []string{"date"} }},
	} {
		if strings.HasPrefix(c.value, "too long") {
			c.value += strings.Repeat("!", 255)
		}
		rule := mapping.Rule{Source: "custom.text", Field: c.field}
		if c.change != nil {
			c.change(&rule)
		}
		lead := &leadtype.Lead{ID: "L1", LastName: "Lovelace", Custom: map[string]any{"text": c.value}}
		target := unfitTarget()
		for _, policy := range []mapping.Policy{"", mapping.Fail, mapping.Skip} {
			rule.Unfit = policy
			where := fmt.Sprintf("%s under %q", c.field, policy)
			mapped := mapWhole(lead, target, mapping.Rule{Source: "lastName", Field: "LastName"}, rule)
			if policy != mapping.Skip {
				require.ErrorIs(t, mapped.Err, leadtype.DataValueValidation, where)
				continue
			}
			require.Nil(t, mapped.Err, where)
			require.Equal(t, salesforce.Fields{"LastName": "Lovelace"}, mapped.Fields, where)
			require.Len(t, mapped.Warnings, 1, where)
			warning := mapped.Warnings[0]
			kind := leadtype.Unfit
			if c.field == "OwnerId" {
				kind = leadtype.OwnerReplaced
			}
			require.Equal(t, leadtype.Warning{Kind: kind, Code: leadtype.DataValueValidation, Object: "Lead",
				Field: c.field, Reason: warning.Reason}, warning)
			require.NotEmpty(t, warning.Reason)
			require.NotContains(t, warning.String(), c.value)
		}
	}
}

// mapWhole is all that a Set of the rules wants of a record.
func mapWhole(lead *leadtype.Lead, target mapping.Target, rules ...mapping.Rule) mapping.Mapped {
	set := mapping.NewSet(mapping.Config{Mapper: mappingOf(rules...)})
	return set.Compose(lead, target, set.MapRecord(lead, target))
}

// Without the value that it depends on, an option is looked at again.
func TestUnfitControllingValueTakesItsDependentsAlong(t *testing.T) {
	t.Parallel()
	target := createOf("Lead")
	picklist := func(name, controller string, options ...salesforce.PicklistValue) {
		target.Describe.Fields = append(target.Describe.Fields, salesforce.Field{Name: name,
			Type: salesforce.TypePicklist, Createable: true, Updateable: true, Nillable: true, RestrictedPicklist: true,
			DependentPicklist: controller != "", ControllerName: controller, PicklistValues: options})
	}
	validFor := func(v string, options string) salesforce.PicklistValue {
		return salesforce.PicklistValue{Value: v, Active: true, ValidFor: options}
	}
	picklist("Area__c", "", validFor("EU", ""), validFor("US", ""))
	picklist("Country__c", "Area__c", validFor("Italy", "gA=="), validFor("Texas", "QA=="))
	picklist("City__c", "Country__c", validFor("Rome", "gA=="), validFor("Austin", "QA=="))
	rules := []mapping.Rule{
		{Constant: "US", Field: "Area__c"},
		{Constant: "Italy", Field: "Country__c", Unfit: mapping.Skip},
		{Constant: "Rome", Field: "City__c", Unfit: mapping.Skip},
	}
	mapped := mapWhole(&leadtype.Lead{ID: "L1"}, target, rules...)
	require.Nil(t, mapped.Err)
	require.Equal(t, salesforce.Fields{"Area__c": "US"}, mapped.Fields, "Rome is in no country without Italy")
	require.Len(t, mapped.Warnings, 2)

	rules[2].Unfit = ""
	mapped = mapWhole(&leadtype.Lead{ID: "L1"}, target, rules...)
	require.ErrorIs(t, mapped.Err, leadtype.DataValueValidation)
	require.Equal(t, []string{"City__c"}, mapped.Err.Fields)
}

// A rule that cannot work is no unfit value: the policy does not hide it.
func TestUnfitDoesNotHideARuleThatCannotWork(t *testing.T) {
	t.Parallel()
	for _, rule := range []mapping.Rule{
		{Source: "lastName", Field: "Text__c", Transforms: []string{"unheardOf"}},
		{Source: "lastName", Field: "Title", Write: mapping.Append},
		{Source: "lastName", Field: "Region__c", By: "Region__c.Code__c.x"},
		{Source: "lastName", Field: "Gone__c"},
	} {
		rule.Unfit = mapping.Skip
		mapped := mapWhole(&leadtype.Lead{ID: "L1", LastName: "Lovelace"}, unfitTarget(), rule)
		require.NotNil(t, mapped.Err, rule.Field)
	}
}

// The recommended rules leave an unfit optional value out; what makes a person or a
// company what it is fails the lead.
func TestDefaultMappingFailsOnlyForWhatIdentifies(t *testing.T) {
	t.Parallel()
	identifying := map[string]bool{"Lead.LastName": true, "Lead.Email": true, "Lead.Company": true,
		"Contact.LastName": true, "Contact.Email": true, "Account.Name": true}
	for _, section := range mapping.Default().Sections {
		for _, rule := range section.Rules {
			name := string(section.Object) + "." + rule.Field
			require.Equal(t, identifying[name], rule.Unfit != mapping.Skip, name)
		}
	}
}

// A User that is not found is left out with a warning, as before, but where the rule
// says Fail.
func TestUnknownUserFailsWhereUnfitSaysSo(t *testing.T) {
	t.Parallel()
	lead := &leadtype.Lead{ID: "L1", CapturedBy: "gone@example.com"}
	for _, policy := range []mapping.Policy{"", mapping.Skip} {
		mapped := mapWhole(lead, unfitTarget(), mapping.Rule{Source: "capturedBy", Field: "OwnerId", Unfit: policy})
		require.Nil(t, mapped.Err)
		require.Len(t, mapped.Warnings, 1)
		require.Equal(t, leadtype.OwnerReplaced, mapped.Warnings[0].Kind)
		require.Equal(t, leadtype.OwnerInvalid, mapped.Warnings[0].Code)
	}
	mapped := mapWhole(lead, unfitTarget(), mapping.Rule{Source: "capturedBy", Field: "OwnerId", Unfit: mapping.Fail})
	require.ErrorIs(t, mapped.Err, leadtype.OwnerInvalid)
}

func TestValidateChecksUnfit(t *testing.T) {
	t.Parallel()
	m := mappingOf(mapping.Rule{Source: "lastName", Field: "LastName", Unfit: mapping.Truncate})
	require.Equal(t, "objects[0].rules[0].unfit", m.Validate(nil)[0].Path)
	m = &mapping.Mapping{Sections: []mapping.Section{{Object: "Visit__c", Key: "Key__c",
		Rules: []mapping.Rule{{Source: "id", Field: "key__C", Unfit: mapping.Skip}}}}}
	require.Equal(t, "objects[0].rules[0].unfit", m.Validate(nil)[0].Path)
}

// Faults of one code are one error, and each picklist keeps the options that it lacks itself.
func TestEachPicklistLacksItsOwnOptions(t *testing.T) {
	t.Parallel()
	m := &mapping.Mapping{Sections: []mapping.Section{{Object: "Lead", Rules: []mapping.Rule{
		{Source: "custom.several", Field: "Several__c"}, {Source: "custom.amount", Field: "Amount__c"},
		{Source: "custom.temperature", Field: "Temperature__c"},
	}}}}
	var refused *leadtype.Error
	_, _, err := m.Map(&leadtype.Lead{ID: "L1", Custom: map[string]any{
		"several": []string{"Warm", "Mild"}, "amount": "a lot", "temperature": "Tepid"}}, unfitTarget())
	require.ErrorAs(t, err, &refused)
	require.Equal(t, []string{"Several__c", "Amount__c", "Temperature__c"}, refused.Fields)
	require.Equal(t, map[string][]string{"Several__c": {"Warm"}, "Temperature__c": {"Tepid"}}, refused.Options)
	require.NotContains(t, refused.Fix(), "Amount__c")
	require.Contains(t, refused.Fix(), `"Tepid" to the restricted picklist Lead.Temperature__c,`)

	set := mapping.NewSet(mapping.Config{Mapper: m, Qualifiers: []mapping.Qualifier{{Name: "heat",
		Type: mapping.QualifierText, Required: true, Options: map[string]string{"boiling": "Boiling"},
		Fields: map[salesforce.Object]string{"Lead": "Temperature__c"}}}})
	answered := set.Compose(&leadtype.Lead{ID: "L1", Answers: map[string][]string{"heat": {"boiling"}}}, unfitTarget(),
		mapping.Mapped{Fields: salesforce.Fields{}}).Err
	require.Equal(t, []string{"qualifier.heat"}, answered.Fields)
	require.Equal(t, map[string][]string{"Temperature__c": {"Boiling"}}, answered.Options)
	require.Contains(t, answered.Fix(), `"Boiling" to the restricted picklist Lead.Temperature__c,`)

	amount := &leadtype.Lead{ID: "L1", Custom: map[string]any{"amount": "a lot"}}
	_, _, err = m.Map(amount, unfitTarget())
	require.ErrorAs(t, err, &refused)
	require.Empty(t, refused.Options, "the control")
}
