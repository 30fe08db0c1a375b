// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func labelled(pairs ...string) []salesforce.PicklistValue {
	var options []salesforce.PicklistValue
	for i := 0; i < len(pairs); i += 2 {
		options = append(options, salesforce.PicklistValue{Value: pairs[i], Label: pairs[i+1], Active: true})
	}
	return options
}

// Options are found by exact value, exact label, folded value, folded label; two hits are
// unfit, inactive ones never count. Before, the first folded label won.
func TestOptionsAreFoundInOrderAndNeverGuessed(t *testing.T) {
	t.Parallel()
	options := labelled("hot", "Hot", "HOT", "On fire", "cold", "hot ", "p1", "Other", "p2", "Other", "p3", "other",
		"s", "Straße", "q", "Q&A", "w", "Kommt  nach\u00a0Absprache", "n", "Ｎｅｗ", "a", "cold")
	options = append(
		options,
		salesforce.PicklistValue{Value: "gone", Label: "Gone"},
		salesforce.PicklistValue{
			Value: "twin",
			Label: "Twin",
		},
		salesforce.PicklistValue{Value: "twin2", Label: "Twin", Active: true},
	)
	for _, tc := range []struct{ in, want string }{ // "" is unfit
		{"hot", "hot"}, {"HOT", "HOT"}, {"Hot", "hot"}, {"hOt", ""}, // folded, two values
		{"On fire", "HOT"}, {"ON FIRE", "HOT"},
		{"cold", "cold"},               // a value before a label
		{"Other", ""}, {"other", "p3"}, // two labels; one of them exactly
		{"OTHER", ""},   // three, folded
		{"STRASSE", ""}, // not the same letters
		{"strAße", "s"}, {"Stra\u00dfe", "s"}, {"q&a", "q"},
		{"kommt nach absprache", "w"}, {"New", "n"}, {"new", "n"},
		{"gone", ""}, {"Gone", ""}, {"Twin", "twin2"}, {"nothing", ""},
	} {
		field := &salesforce.Field{Name: "F", Type: salesforce.TypePicklist, Length: 255, RestrictedPicklist: true,
			PicklistValues: options}
		got, _, err := mapping.Convert(field, tc.in, mapping.ConvertOptions{})
		if tc.want == "" {
			require.ErrorIs(t, err, leadtype.DataValueValidation, tc.in)
			continue
		}
		require.NoError(t, err, tc.in)
		require.Equal(t, tc.want, got, tc.in)
	}
	open := &salesforce.Field{Name: "F", Type: salesforce.TypePicklist, Length: 255, PicklistValues: options}
	_, _, err := mapping.Convert(open, "Other", mapping.ConvertOptions{})
	require.ErrorContains(t, err, "more than one", "an open picklist does not guess either")
	got, _, err := mapping.Convert(open, "nothing", mapping.ConvertOptions{})
	require.NoError(t, err)
	require.Equal(t, "nothing", got)
}

// TestOptionsAreFoundWhateverSignsAProgramMadeOfThoseOfTheKeyboard: word processors and sites
// write other dashes, apostrophes and quotation marks than those who typed the options, and
// other spaces beside them.
func TestOptionsAreFoundWhateverSignsAProgramMadeOfThoseOfTheKeyboard(t *testing.T) {
	t.Parallel()
	options := []string{"1-10", "Côte d'Ivoire", "R&D", "IT / Ops", `"Other"`, "a – b", "A-B", "50+", "Plan"}
	field := &salesforce.Field{Name: "F", Type: salesforce.TypePicklist, Length: 255, RestrictedPicklist: true}
	values := make(map[string]string)
	for _, option := range options {
		field.PicklistValues = append(field.PicklistValues, labelled(option, option)...)
		values[option] = option
	}
	for text, want := range map[string]string{"1–10": "1-10", "1 - 10": "1-10", "1 — 10": "1-10", "1−10": "1-10",
		"côte d’ivoire": "Côte d'Ivoire", "Côte d`Ivoire": "Côte d'Ivoire", "R & D": "R&D", "r& d": "R&D",
		"IT/Ops": "IT / Ops",
		"it/ops": "IT / Ops", "IT ／ Ops": "IT / Ops", "“Other”": `"Other"`, "«Other»": `"Other"`, "50 +": "50+",
		"a – b": "a – b", "A-B": "A-B", "1 10": "", "110": "", "Other": "", "R and D": "", "Pl-an": "", "a — b": ""} {
		got, _, err := mapping.Convert(field, text, mapping.ConvertOptions{})
		mapped, ok := value.Values(values).Of(text)
		many, found := value.Values(values).Finder(100)(text)
		require.Equal(t, []any{mapped, ok}, []any{many, found}, text)
		if want == "" {
			require.ErrorIs(t, err, leadtype.DataValueValidation, text)
			require.False(t, ok, text)
			continue
		}
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
		require.Equal(t, want, mapped, text)
	}
}

// Several options in one text are separated where each part is an option, and never in
// part.
func TestListsOfOptionsAreReadWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	options := labelled(
		"Product Demo",
		"Product Demo",
		"Pricing",
		"Preise",
		"Partnership",
		"Partnership",
		"Sales, Marketing",
		"Sales, Marketing",
		"Yes, please",
		"Yes, please",
		"Yes",
		"Yes",
		"A",
		"A",
		"B",
		"B",
		"A, B",
		"A, B",
		"C|D",
		"C|D",
	)
	const unfit = "unfit"
	for _, tc := range []struct {
		in               any
		restricted, open string
	}{
		{"Product Demo, Pricing", "Product Demo;Pricing", "Product Demo;Pricing"},
		{"product demo,preise", "Product Demo;Pricing", "Product Demo;Pricing"},
		{"Product Demo、Pricing", "Product Demo;Pricing", "Product Demo;Pricing"},
		{"Product Demo، Pricing", "Product Demo;Pricing", "Product Demo;Pricing"},
		{"Product Demo; Pricing;", "Product Demo;Pricing", "Product Demo;Pricing"},
		{"Pricing|Product Demo", "Pricing;Product Demo", "Pricing;Product Demo"},
		{"Pricing | Product Demo | ", "Pricing;Product Demo", "Pricing;Product Demo"},
		{"Pricing\r\nProduct Demo\n", "Pricing;Product Demo", "Pricing;Product Demo"},
		{`["Pricing","Product Demo"]`, "Pricing;Product Demo", "Pricing;Product Demo"},
		{[]any{"pricing", "Product Demo"}, "Pricing;Product Demo", "Pricing;Product Demo"},
		{[]any{"Pricing, Partnership", "Product Demo"}, "Pricing;Partnership;Product Demo",
			"Pricing;Partnership;Product Demo"},
		{"Pricing, Pricing", "Pricing", "Pricing"},
		{"Sales, Marketing", "Sales, Marketing", "Sales, Marketing"},
		{"Sales, Marketing, Pricing", "Sales, Marketing;Pricing", "Sales, Marketing;Pricing"},
		{"Pricing, Sales, Marketing, Yes", "Pricing;Sales, Marketing;Yes", "Pricing;Sales, Marketing;Yes"},
		{"Yes, please", "Yes, please", "Yes, please"},
		{"Yes, maybe", unfit, "Yes, maybe"},
		{"A, B", "A, B", "A, B"},
		{"A, B, Pricing", unfit, unfit}, // two readings
		{"C|D", "C|D", "C|D"},
		{"Product Demo; Lunch", unfit, "Product Demo;Lunch"},
		{"Product Demo|Lunch", unfit, unfit},
		{"Product Demo\nLunch", unfit, unfit},
		{"Product Demo, Lunch", unfit, "Product Demo, Lunch"},
		{"Lunch", unfit, "Lunch"},
		{", Pricing,", "Pricing", "Pricing"},
		{"• Pricing\n• Product Demo", "Pricing;Product Demo", "Pricing;Product Demo"},
		{"- Pricing\r\n- Product Demo", "Pricing;Product Demo", "Pricing;Product Demo"},
		{"Pricing<br>Product Demo<br/>", "Pricing;Product Demo", "Pricing;Product Demo"},
		{`"Pricing","Product Demo"`, "Pricing;Product Demo", "Pricing;Product Demo"},
		{"['Pricing', 'Product Demo']", "Pricing;Product Demo", "Pricing;Product Demo"},
		{"[Pricing, Product Demo]", "Pricing;Product Demo", "Pricing;Product Demo"},
		{"Pricing · Product Demo", "Pricing;Product Demo", "Pricing;Product Demo"},
		{"• Pricing\n• Lunch", unfit, unfit},
		{"[Pricing, Lunch]", unfit, "[Pricing, Lunch]"},
		{" ; ", "", ""},
	} {
		for restricted, want := range map[bool]string{true: tc.restricted, false: tc.open} {
			field := &salesforce.Field{Name: "F", Type: salesforce.TypeMultipicklist, Length: 4099,
				RestrictedPicklist: restricted, PicklistValues: options}
			got, _, err := mapping.Convert(field, tc.in, mapping.ConvertOptions{})
			switch want {
			case unfit:
				require.ErrorIs(t, err, leadtype.DataValueValidation, "%q", tc.in)
			case "":
				require.NoError(t, err)
				require.Nil(t, got)
			default:
				require.NoError(t, err, "%q %v", tc.in, restricted)
				require.Equal(t, want, got, "%q %v", tc.in, restricted)
			}
		}
	}
	one := &salesforce.Field{Name: "F", Type: salesforce.TypePicklist, Length: 255, PicklistValues: options}
	for _, in := range []any{"Product Demo, Pricing", "Pricing\nPartnership", []string{"x", "y"}} {
		_, _, err := mapping.Convert(one, in, mapping.ConvertOptions{})
		require.ErrorContains(t, err, "one option", in)
	}
	for _, in := range []string{"Sales, Marketing", "Yes, please", "Lunch, Dinner"} {
		got, _, err := mapping.Convert(one, in, mapping.ConvertOptions{})
		require.NoError(t, err)
		require.Equal(t, in, got)
	}
}

// lineAndTopic is a Lead with a dependent picklist in which two options have one label.
func lineAndTopic(t *testing.T, restricted bool) *sftest.Org {
	org := sftest.NewOrg(t)
	org.DefineField("Lead", sftest.Field{Name: "Line__c", Type: "picklist", Restricted: true,
		Options: []string{"hw", "sw"}, Labels: map[string]string{"hw": "Hardware", "sw": "Software"}})
	org.DefineField("Lead", sftest.Field{Name: "Topic__c", Type: "picklist", Restricted: restricted, Controller: "Line__c",
		Options:  []string{"hw_pump", "hw_other", "sw_crm", "sw_other"},
		Labels:   map[string]string{"hw_pump": "Pumps", "hw_other": "Other", "sw_crm": "CRM", "sw_other": "Other"},
		ValidFor: map[string][]string{"hw_pump": {"hw"}, "hw_other": {"hw"}, "sw_crm": {"sw"}, "sw_other": {"sw"}}})
	return org
}

// Options of a dependent picklist are looked for among those that the controlling value
// allows, whichever of rules and answers fills which, and in whichever order.
func TestLabelsAreFoundWithinTheControllingValue(t *testing.T) {
	t.Parallel()
	toField := func(name, field string) leadsync.Qualifier {
		return leadsync.Qualifier{Name: name, Fields: map[salesforce.Object]string{"Lead": field}}
	}
	configs := map[string]func(*leadsync.Mapping) *leadsync.Config{
		"rules": func(m *leadsync.Mapping) *leadsync.Config {
			m.Sections[0].Rules = append(m.Sections[0].Rules, leadsync.Rule{Source: "qualifier.topic", Field: "Topic__c"},
				leadsync.Rule{Source: "qualifier.line", Field: "Line__c"})
			return &leadsync.Config{Mapper: m}
		},
		"answers": func(m *leadsync.Mapping) *leadsync.Config {
			return &leadsync.Config{Mapper: m,
				Qualifiers: []leadsync.Qualifier{toField("topic", "Topic__c"), toField("line", "Line__c")}}
		},
		"the controller by an answer": func(m *leadsync.Mapping) *leadsync.Config {
			m.Sections[0].Rules = append(m.Sections[0].Rules, leadsync.Rule{Source: "qualifier.topic", Field: "Topic__c"})
			return &leadsync.Config{Mapper: m, Qualifiers: []leadsync.Qualifier{toField("line", "Line__c")}}
		},
		"the dependent by an answer": func(m *leadsync.Mapping) *leadsync.Config {
			m.Sections[0].Rules = append(m.Sections[0].Rules, leadsync.Rule{Source: "qualifier.line", Field: "Line__c"})
			return &leadsync.Config{Mapper: m, Qualifiers: []leadsync.Qualifier{toField("topic", "Topic__c")}}
		},
	}
	for name, config := range configs {
		for _, restricted := range []bool{true, false} {
			org := lineAndTopic(t, restricted)
			syncer := scenario.SyncerOf(t, org, config(leadsync.DefaultMapping()))
			for _, tc := range []struct{ line, topic, want string }{
				{"Hardware", "Other", "hw_other"}, {"Software", "Other", "sw_other"}, {"sw", "crm", "sw_crm"},
				{"Hardware", "PUMPS", "hw_pump"}, {"software", "sw_other", "sw_other"},
				{"Software", "Pumps", ""}, {"Hardware", "sw_crm", ""},
			} {
				lead := scenario.Ada()
				lead.ID, lead.Email = leadsync.LeadID(tc.line+tc.topic), tc.line+tc.topic+"@analytical.example"
				lead.Answers = map[string][]string{"line": {tc.line}, "topic": {tc.topic}}
				outcomes, err := syncer.Sync(t.Context(), lead)
				if tc.want == "" {
					require.Error(t, err, "%s %v", name, tc)
					require.Contains(t, outcomes[0].Err.Reason, "Line__c", "%s %v", name, tc)
					continue
				}
				require.NoError(t, err, "%s %v", name, tc)
				require.Equal(t, tc.want, org.Row("Lead", string(outcomes[0].ID))["Topic__c"], "%s %v", name, tc)
			}
		}
	}
}

// A topic alone is looked for among those that the record's line allows.
func TestLabelsAreFoundWithinTheRecordsControllingValue(t *testing.T) {
	t.Parallel()
	org := lineAndTopic(t, true)
	id := org.Insert("Lead", map[string]any{"LastName": "Lovelace", "Company": "Engines", "Email": scenario.Ada().Email,
		"Line__c": "sw"})
	m := leadsync.DefaultMapping()
	m.Sections[0].Rules = append(m.Sections[0].Rules, leadsync.Rule{Source: "custom.topic", Field: "Topic__c"})
	lead := scenario.Ada()
	lead.Custom = map[string]any{"topic": "Other"}
	scenario.SyncOne(t, scenario.SyncerOf(t, org, &leadsync.Config{Mapper: m}), lead)
	require.Equal(t, "sw_other", org.Row("Lead", id)["Topic__c"])
}

// Any row may have a map from text to API value, with the policies of qualifiers.
func TestRulesMapValues(t *testing.T) {
	t.Parallel()
	describe := &salesforce.Describe{Name: "Lead", Fields: []salesforce.Field{
		{Name: "Rating", Type: salesforce.TypePicklist, Length: 40, RestrictedPicklist: true,
			PicklistValues: labelled("Hot", "Hot", "Cold", "Cold"), Createable: true},
		{
			Name:           "Open__c",
			Type:           salesforce.TypePicklist,
			Length:         40,
			PicklistValues: labelled("Hot", "Hot"),
			Createable:     true,
		},
		{Name: "Many__c", Type: salesforce.TypeMultipicklist, Length: 4099, RestrictedPicklist: true,
			PicklistValues: labelled("Hot", "Hot", "Cold", "Cold"), Createable: true},
		{Name: "Text__c", Type: salesforce.TypeString, Length: 40, Createable: true},
		{Name: "Flag__c", Type: salesforce.TypeBoolean, Createable: true},
		{Name: "OwnerId", Type: salesforce.TypeReference, ReferenceTo: []salesforce.Object{"User"}, Createable: true},
	}}
	values := map[string]string{"heiß": "Hot", " Kalt ": "Cold", "A, B": "Hot", "3": "Cold"}
	for name, tc := range map[string]struct {
		rule leadtype.Code
		row  mapping.Rule
		in   any
		want any
		warn bool
	}{
		"mapped":   {row: mapping.Rule{Field: "Rating"}, in: "heiß", want: "Hot"},
		"folded":   {row: mapping.Rule{Field: "Rating"}, in: " KALT", want: "Cold"},
		"a number": {row: mapping.Rule{Field: "Rating"}, in: 3, want: "Cold"},
		"after transforms": {row: mapping.Rule{Field: "Text__c", Transforms: []string{"split:/", "first"}}, in: "heiß/x",
			want: "Hot"},
		"a list":              {row: mapping.Rule{Field: "Many__c"}, in: []string{"kalt", "heiß"}, want: "Cold;Hot"},
		"several in one text": {row: mapping.Rule{Field: "Many__c"}, in: "kalt, heiß", want: "Cold;Hot"},
		"a key with a comma":  {row: mapping.Rule{Field: "Many__c"}, in: "A, B", want: "Hot"},
		"a list into text":    {row: mapping.Rule{Field: "Text__c"}, in: []string{"kalt", "heiß"}, want: "Cold; Hot"},
		"commas in text":      {row: mapping.Rule{Field: "Text__c"}, in: "kalt, heiß", rule: leadtype.NoTagMapping},
		"a yes or no": {row: mapping.Rule{Field: "Flag__c", Values: map[string]string{"I agree": "true", "-": "false"}},
			in: "i agree", want: true},
		"an owner": {row: mapping.Rule{Field: "OwnerId", Values: map[string]string{"north": "rep@example.com"}},
			in: "North", want: "005000000000001AAA"},
		"hold": {row: mapping.Rule{Field: "Rating"}, in: "lau", rule: leadtype.NoTagMapping},
		"hold one of several": {row: mapping.Rule{Field: "Many__c"}, in: []string{"kalt", "lau"},
			rule: leadtype.NoTagMapping},
		"pass": {row: mapping.Rule{Field: "Open__c", Unmapped: mapping.PassUnmapped}, in: "lau",
			want: "lau"},
		"pass an option": {row: mapping.Rule{Field: "Rating", Unmapped: mapping.PassUnmapped}, in: "cold",
			want: "Cold"},
		"pass into restricted": {row: mapping.Rule{Field: "Rating", Unmapped: mapping.PassUnmapped}, in: "lau",
			rule: leadtype.DataValueValidation},
		"drop": {row: mapping.Rule{Field: "Rating", Unmapped: mapping.DropUnmapped}, in: "lau",
			warn: true},
		"drop one of several": {row: mapping.Rule{Field: "Many__c", Unmapped: mapping.DropUnmapped},
			in: []string{"kalt", "lau"}, want: "Cold", warn: true},
		"what is dropped clears nothing": {row: mapping.Rule{Field: "Text__c", Unmapped: mapping.DropUnmapped,
			Write: mapping.Clear}, in: "lau", warn: true},
		"the default is not mapped": {row: mapping.Rule{Field: "Rating", Default: "Hot"}, in: " ", want: "Hot"},
	} {
		tc.row.Source = "custom.x"
		if tc.row.Values == nil {
			tc.row.Values = values
		}
		m := &mapping.Mapping{Sections: []mapping.Section{{Object: "Lead", Rules: []mapping.Rule{tc.row}}}}
		require.Empty(t, m.Validate(nil), name)
		fields, warnings, err := m.Map(&leadtype.Lead{ID: "L1", Custom: map[string]any{"x": tc.in}}, mapping.Target{
			Object: "Lead", Describe: describe,
			User: func(email string) (salesforce.ID, bool) { return "005000000000001AAA", email == "rep@example.com" }})
		if tc.rule != "" {
			require.ErrorIs(t, err, tc.rule, name)
			require.NotContains(t, err.Error(), "lau", name)
			continue
		}
		require.NoError(t, err, name)
		require.Equal(t, tc.want, fields[tc.row.Field], name)
		require.Equal(t, tc.warn, len(warnings) == 1, name)
		if tc.warn {
			require.Equal(t, leadtype.Unmapped, warnings[0].Kind)
			require.NotContains(t, warnings[0].Reason, "lau")
		}
	}
}

func TestValidateChecksMaps(t *testing.T) {
	t.Parallel()
	m := &mapping.Mapping{Sections: []mapping.Section{{Object: "Lead", Rules: []mapping.Rule{
		{Source: "custom.a", Field: "A", Values: map[string]string{"a": "1", "A ": "2", " ": "3", "b": " "}},
		{Source: "custom.a", Field: "B", Values: map[string]string{"a": "1"}, Unmapped: "guess"},
		{Constant: "a", Field: "C", Values: map[string]string{"a": "1"}},
		{Source: "custom.a", Field: "D", Unmapped: mapping.DropUnmapped},
	}}}}
	var paths []string
	for _, issue := range m.Validate(nil) {
		paths = append(paths, issue.Path)
	}
	require.Equal(t, []string{`objects[0].rules[0].values[" "]`, `objects[0].rules[0].values["a"]`,
		`objects[0].rules[0].values["b"]`, "objects[0].rules[1].unmapped", "objects[0].rules[2].values",
		"objects[0].rules[3].unmapped"}, paths)

	m = &mapping.Mapping{Sections: []mapping.Section{{Object: "Lead", Rules: []mapping.Rule{
		{Source: "custom.a", Field: "Rating", Values: map[string]string{"a": "Warm", "b": "hot"}}}}}}
	issues := m.Validate(map[salesforce.Object]*salesforce.Describe{"Lead": {Fields: []salesforce.Field{{Name: "Rating",
		Type: salesforce.TypePicklist, RestrictedPicklist: true, PicklistValues: labelled("Hot", "Hot"),
		Createable: true, Updateable: true}}}})
	require.Len(t, issues, 1)
	require.Equal(t, `objects[0].rules[0].values["a"]`, issues[0].Path)
}

// Record types are given by id, developer name or name, in constants and in leads, and
// decide which options there are. One that the connected user may not assign is
// CONNECTION_PERMISSION, before any write.
func TestRecordTypesByName(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		value, by string
		code      leadtype.Code
	}{
		"developer name":      {value: "Person_Lead"},
		"in other case":       {value: "person_lead"},
		"name":                {value: "Private person"},
		"by developer name":   {value: "Person_Lead", by: "RecordType.DeveloperName"},
		"unavailable":         {value: "Closed", code: leadtype.ConnectionPermission},
		"two of one name":     {value: "Twin", code: leadtype.DataValueValidation},
		"no record type":      {value: "Nothing", code: leadtype.DataValueValidation},
		"an id of no type":    {value: "012000000000009AAA", code: leadtype.DataValueValidation},
		"the id of a Contact": {value: "003000000000009AAA", code: leadtype.DataValueValidation},
		"a name like an id":   {value: "fifteenLettersX"},
	} {
		for _, constant := range []bool{true, false} {
			org := sftest.NewOrg(t)
			org.DefineField("Lead", sftest.Field{Name: "Topic__c", Type: "picklist", Restricted: true,
				Options: []string{"Kitchen", "Bath"}})
			kitchen := map[string][]string{"Topic__c": {"Kitchen"}}
			org.DefineRecordType("Lead", sftest.RecordType{Name: "Business", Default: true,
				Picklists: map[string][]string{"Topic__c": {"Bath"}}})
			org.DefineRecordType("Lead", sftest.RecordType{Name: "Person_Lead", Label: "Private person", Picklists: kitchen})
			org.DefineRecordType("Lead", sftest.RecordType{Name: "fifteenLettersX", Picklists: kitchen})
			org.DefineRecordType("Lead", sftest.RecordType{Name: "Closed", Unavailable: true})
			org.DefineRecordType("Lead", sftest.RecordType{Name: "Twin_1", Label: "Twin"})
			org.DefineRecordType("Lead", sftest.RecordType{Name: "Twin_2", Label: "Twin"})
			rule := leadsync.Rule{Source: "custom.rt", Field: "RecordTypeId", By: tc.by, CreateOnly: true}
			if constant {
				rule.Source, rule.Constant = "", tc.value
			}
			m := leadsync.DefaultMapping()
			m.Sections[0].Rules = append(m.Sections[0].Rules, leadsync.Rule{Source: "custom.topic", Field: "Topic__c"}, rule)
			syncer := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: m})
			report, err := syncer.Preflight(t.Context())
			require.NoError(t, err)
			lead := scenario.Ada()
			lead.Custom = map[string]any{"topic": "Kitchen", "rt": tc.value}
			outcomes, err := syncer.Sync(t.Context(), lead)
			if tc.code != "" {
				require.ErrorIs(t, err, tc.code, name)
				require.ErrorContains(t, err, "record type", name)
				require.Zero(t, scenario.WritesOf(org), name)
				require.Equal(t, !constant, report.OK(), name)
				continue
			}
			require.NoError(t, err, name)
			require.True(t, report.OK(), "%s %v", name, report.Findings)
			require.Equal(t, "Kitchen", org.Row("Lead", string(outcomes[0].ID))["Topic__c"], name)
			require.Equal(t, leadsync.Unchanged, scenario.SyncOne(t, syncer, lead).Action, name)
		}
	}
}
