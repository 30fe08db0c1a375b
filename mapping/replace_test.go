// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// A remembered record is a mapping.Memory that remembers what was written to fields.
type rememberedRecord struct {
	leadtype.RecordMemory
	created bool
}

func (r *rememberedRecord) Created() bool { return r.created }

var scanned = time.Date(2026, 5, 4, 9, 30, 0, 0, time.UTC)

var replaceFields = []salesforce.Field{
	{Name: "FirstName", Type: salesforce.TypeString, Length: 40},
	{Name: "LastName", Type: salesforce.TypeString, Length: 80},
	{Name: "Company", Type: salesforce.TypeString, Length: 255},
	{Name: "Title", Type: salesforce.TypeString, Length: 128},
	{Name: "Email", Type: salesforce.TypeEmail, Length: 80},
	{Name: "Phone", Type: salesforce.TypePhone, Length: 40},
	{Name: "Website", Type: salesforce.TypeURL, Length: 255},
	{Name: "Revenue__c", Type: salesforce.TypeCurrency, Precision: 18, Scale: 2},
	{Name: "Visit__c", Type: salesforce.TypeDate},
	{Name: "Rating__c", Type: salesforce.TypePicklist, RestrictedPicklist: true,
		PicklistValues: []salesforce.PicklistValue{
			{Value: "H", Label: "Hot", Active: true}, {Value: "C", Label: "Cold", Active: true}}},
	{Name: "Topics__c", Type: salesforce.TypeMultipicklist, Length: 255},
	{Name: "HasOptedOutOfEmail", Type: salesforce.TypeBoolean},
}

func replaceDescribe() *salesforce.Describe {
	d := &salesforce.Describe{Name: "Lead", Createable: true, Updateable: true}
	for _, field := range replaceFields {
		field.Createable, field.Updateable, field.Nillable = true, true, true
		d.Fields = append(d.Fields, field)
	}
	return d
}

// A replaceCase maps one value onto a record with one value.
type replaceCase struct {
	name    string
	rule    mapping.Rule
	mapping mapping.Mapping
	wrote   any // by the connection before, nil for nothing
	lost    any // by an update without a response
	current any
	created bool
	at      time.Time // when the lead was captured
	next    any       // of the lead
	want    any       // nil: nothing is written
	kind    leadtype.WarningKind
}

func (c *replaceCase) run(t *testing.T) {
	t.Helper()
	describe := replaceDescribe()
	field, ok := describe.Field(c.rule.Field)
	require.True(t, ok)
	memory := &rememberedRecord{RecordMemory: leadtype.RecordMemory{ID: "00Q00000000000AAAA"}, created: c.created}
	if c.wrote != nil {
		memory.Note(field, c.wrote, scanned)
	}
	if c.lost != nil {
		memory.NoteOpen(field, c.lost, scanned)
	}
	c.rule.Source = "custom.x"
	c.mapping.Sections = []mapping.Section{{Object: "Lead", Rules: []mapping.Rule{c.rule}}}
	lead := &leadtype.Lead{ID: "L1", CapturedAt: c.at, Custom: map[string]any{"x": c.next}}
	fields, warnings, err := c.mapping.Map(lead, mapping.Target{Object: "Lead", Describe: describe, Memory: memory,
		Record:  &salesforce.Record{Object: "Lead", ID: memory.ID, Fields: salesforce.Fields{field.Name: c.current}},
		HadName: func(string, string) bool { return true },
		User:    func(string) (salesforce.ID, bool) { return "", false }})
	require.NoError(t, err)
	require.Equal(t, c.want, fields[field.Name])
	var kinds []leadtype.WarningKind
	for _, w := range warnings {
		kinds = append(kinds, w.Kind)
		require.Equal(t, field.Name, w.Field)
	}
	if c.kind == "" {
		require.Empty(t, kinds)
	} else {
		require.Equal(t, []leadtype.WarningKind{c.kind}, kinds)
	}
}

func unlessEdited(field string) mapping.Rule {
	return mapping.Rule{Field: field, Write: mapping.UnlessEdited}
}

// Before this rule, every value of a lead replaced what a person had corrected.
func TestUnlessEditedReplacesOnlyWhatTheConnectionWrote(t *testing.T) {
	t.Parallel()
	title := unlessEdited("Title")
	overwrite := mapping.Rule{Field: "Title", Write: mapping.UnlessEdited, Existing: mapping.OverwriteExisting}
	byDefault := mapping.Rule{Field: "Title", Write: mapping.UnlessEdited, Default: "Visitor"}
	for _, c := range []replaceCase{
		{name: "ours", rule: title, wrote: "CTO", current: "CTO", next: "CEO", want: "CEO"},
		{name: "ours, blank source", rule: title, wrote: "CTO", current: "CTO", next: " "},
		{name: "ours, trimmed and in capitals", rule: title, wrote: " head of  sales", current: "HEAD OF SALES",
			next: "VP Sales", want: "VP Sales"},
		{name: "corrected", rule: title, wrote: "Mgr", current: "Chief Officer", next: "Manager", kind: leadtype.KeptEdited},
		{name: "corrected to the new value", rule: title, wrote: "Mgr", current: "Manager", next: "manager "},
		{name: "emptied", rule: title, wrote: "Mgr", current: nil, next: "Manager", kind: leadtype.KeptCleared},
		{name: "emptied, the same again", rule: title, wrote: "Mgr", current: "", next: "Mgr", kind: leadtype.KeptCleared},
		{name: "emptied, under if-blank", rule: mapping.Rule{Field: "Title", Write: mapping.WriteIfBlank}, wrote: "Mgr",
			next: "Mgr", kind: leadtype.KeptCleared},
		{name: "emptied, under overwrite", rule: mapping.Rule{Field: "Title"}, wrote: "Mgr", next: "Mgr", want: "Mgr"},
		{name: "of others", rule: title, current: "CTO", next: "CEO", kind: leadtype.KeptExisting},
		{name: "of others, in another form", rule: title, current: "Chief  officer", next: "CHIEF OFFICER"},
		{name: "of others, blank", rule: title, next: "CEO", want: "CEO"},
		{name: "of others, row overwrites", rule: overwrite, current: "CTO", next: "CEO", want: "CEO"},
		{name: "of others, mapping overwrites", rule: title, mapping: mapping.Mapping{Existing: mapping.OverwriteExisting},
			current: "CTO", next: "CEO", want: "CEO"},
		{name: "corrected, row overwrites existing", rule: overwrite, wrote: "Mgr", current: "CTO", next: "CEO",
			kind: leadtype.KeptEdited},
		{name: "captured earlier", rule: title, wrote: "CTO", current: "CTO", at: scanned.Add(-time.Hour), next: "CEO",
			kind: leadtype.Stale},
		{name: "captured earlier, the same", rule: title, wrote: "CTO", current: "CTO", at: scanned.Add(-time.Hour),
			next: "cto"},
		{name: "captured later", rule: title, wrote: "CTO", current: "CTO", at: scanned.Add(time.Hour),
			next: "CEO", want: "CEO"},
		{name: "captured at an unknown time", rule: title, wrote: "CTO", current: "CTO", next: "CEO", want: "CEO"},
		{name: "lost, former value", rule: title, wrote: "CTO", lost: "CEO", current: "CTO", next: "COO", want: "COO"},
		{name: "lost, intended value", rule: title, wrote: "CTO", lost: "CEO", current: "CEO", next: "COO", want: "COO"},
		{name: "lost, another value", rule: title, wrote: "CTO", lost: "CEO", current: "CFO", next: "COO",
			kind: leadtype.KeptEdited},
		{name: "default on a value", rule: byDefault, wrote: "CTO", current: "CTO", next: nil},
		{name: "default on a blank", rule: byDefault, next: "", want: "Visitor"},
		{name: "default on a value, overwrite", rule: mapping.Rule{Field: "Title", Default: "Visitor"},
			current: "CTO", next: ""},
		{name: "default on an emptied field", rule: byDefault, wrote: "CTO", next: "", kind: leadtype.KeptCleared},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t)
		})
	}
}

// Automation that only tidies values up makes no edit of them.
func TestUnlessEditedComparesLooselyByType(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		field               string
		wrote, tidied, next any
		edited              any
	}{
		{"LastName", "VAN DER BERG", "van der Berg", "van den Berg", "Berg"},
		{"Company", "Müller GmbH", "Mu\u0308ller  GmbH", "Müller AG", "Meier GmbH"},
		{"Phone", "617-555-0100", "(617) 555 0100", "617-555-0199", "(617) 555-0101"},
		{"Phone", "+49 (0)30 1234567", "+49301234567", "+4930999999", "+49301234568"},
		{"Phone", "617-555-0100", "+16175550100", "617-555-0199", "+916175550101"},
		{"Phone", "030 1234567", "+49 30 1234567", "030 1234568", "+4930123456"},
		{"Phone", "+36 30 123 4567", "06 30 123 4567", "06 30 123 4568", "30 123 456"},
		{"Phone", "555-0100", "555 0100", "617-555-0100", "212-555-0100"},
		{"Website", "https://www.Acme.example/", "acme.example", "https://acme.org", "acme.net"},
		{"Email", "Ada@Acme.example", "ada@acme.example", "ada@new.example", "a.l@acme.example"},
		{"Revenue__c", json.Number("1500.5"), json.Number("1500.50"), json.Number("1600"), json.Number("1500.51")},
		{"Visit__c", "2026-05-04", "2026-05-04", "2026-05-05", "2026-05-06"},
		{"Rating__c", "Hot", "H", "Cold", "C"},
		{"Topics__c", "Solar;Wind", "Wind;Solar", "Solar", "Wind"},
	} {
		field, _ := replaceDescribe().Field(c.field)
		t.Run(fmt.Sprint(c.field, c.wrote), func(t *testing.T) {
			t.Parallel()
			ours := replaceCase{rule: unlessEdited(c.field), wrote: c.wrote, current: c.tidied, next: c.wrote}
			ours.run(t)
			converted, _, err := mapping.Convert(field, c.next, mapping.ConvertOptions{})
			require.NoError(t, err)
			ours = replaceCase{rule: unlessEdited(c.field), wrote: c.wrote, current: c.tidied, next: c.next, want: converted}
			ours.run(t)
			next := c.next
			if c.field == "Rating__c" {
				next = "Hot"
			}
			edited := replaceCase{rule: unlessEdited(c.field), wrote: c.wrote, current: c.edited, next: next,
				kind: leadtype.KeptEdited}
			edited.run(t)
		})
	}
}

// A number with its country and the same without are one, but an area code is not a country.
func TestPhonesWithAndWithoutTheirCountryAreAlike(t *testing.T) {
	t.Parallel()
	for _, c := range []replaceCase{
		{rule: unlessEdited("Phone"), current: "+1 (617) 555-0100", next: "617-555-0100"},
		{rule: unlessEdited("Phone"), current: "030 1234567", next: "+49 30 1234567"},
		{rule: unlessEdited("Phone"), current: "٠٣٠ ١٢٣٤٥٦٧", next: "+49 30 1234567"},
		{rule: unlessEdited("Phone"), current: "+36 30 123 4567", next: "06 30 123 4567"},
		{rule: unlessEdited("Phone"), current: "5550100", next: "617-555-0100", kind: leadtype.KeptExisting},
		{rule: unlessEdited("Phone"), current: "+1 98765 43210", next: "+91 98765 43210", kind: leadtype.KeptExisting},
		{rule: unlessEdited("Phone"), wrote: "+1 98765 43210", current: "+1 98765 43210", next: "+91 98765 43210",
			want: "+91 98765 43210"},
		{rule: unlessEdited("Phone"), wrote: "555-0100", current: "555-0100", next: "617-555-0100", want: "617-555-0100"},
		{rule: unlessEdited("Phone"), wrote: "30 1234567", current: "30 1234567", next: "030 1234567", want: "030 1234567"},
		{rule: unlessEdited("Phone"), current: "617-555-0100 x12", next: "617-555-0100", kind: leadtype.KeptExisting},
		{rule: unlessEdited("Phone"), current: "617-555-0100 ext. 12", next: "(617) 555-0100 x12"},
		{rule: unlessEdited("Phone"), current: "1-800-FLOWERS", next: "1-800-CALLNOW", kind: leadtype.KeptExisting},
		{rule: unlessEdited("Phone"), current: "ask reception 2", next: "ask the guard 2", kind: leadtype.KeptExisting},
	} {
		c.run(t)
	}
}

func TestStandInsCountAsBlankAndReplaceNothing(t *testing.T) {
	t.Parallel()
	own := mapping.Mapping{StandIns: []string{"k. A."}}
	for _, c := range []replaceCase{
		{rule: unlessEdited("Company"), current: "[not provided]", next: "Acme", want: "Acme"},
		{rule: unlessEdited("Company"), current: "[Not Provided] ", next: "Acme", want: "Acme"},
		{rule: unlessEdited("LastName"), current: "[[unknown]]", next: "Novak", want: "Novak"},
		{rule: unlessEdited("FirstName"), current: "UNKNOWN", next: "Tom", want: "Tom"},
		{rule: mapping.Rule{Field: "Company", Write: mapping.WriteIfBlank}, current: "unknown", next: "Acme", want: "Acme"},
		{rule: mapping.Rule{Field: "Company"}, current: "Acme", next: "[not provided]", kind: leadtype.BlankText},
		{rule: unlessEdited("Company"), wrote: "Acme", current: "Acme", next: "[not provided]", kind: leadtype.BlankText},
		{rule: mapping.Rule{Field: "Company", Default: "[not provided]"}, current: "Acme", next: ""},
		{rule: mapping.Rule{Field: "Company", Default: "[not provided]"}, next: "", want: "[not provided]"},
		{rule: mapping.Rule{Field: "Company", Default: "[not provided]"}, current: "[NOT PROVIDED]", next: ""},
		{rule: mapping.Rule{Field: "Company", Default: "[not provided]"}, current: "Unknown", next: ""},
		{rule: unlessEdited("Company"), wrote: "Acme", current: "[not provided]", next: "Acme", kind: leadtype.KeptEdited},
		{rule: unlessEdited("Title"), current: "[not provided]", next: "CTO", kind: leadtype.KeptExisting},
		{rule: unlessEdited("Company"), mapping: own, current: "K. a.", next: "Acme", want: "Acme"},
		{rule: unlessEdited("Company"), mapping: own, current: "[not provided]", next: "Acme", kind: leadtype.KeptExisting},
	} {
		c.run(t)
	}
}

func TestOwnWritesTheRecordsThatTheConnectionCreated(t *testing.T) {
	t.Parallel()
	rule := mapping.Rule{Field: "Website", Write: mapping.WriteIfBlank, Own: mapping.UnlessEdited}
	for _, c := range []replaceCase{
		{rule: rule, wrote: "a.example", current: "a.example", next: "b.example"},
		{rule: rule, next: "b.example", want: "b.example"},
		{rule: rule, created: true, wrote: "a.example", current: "a.example", next: "b.example", want: "b.example"},
		{rule: rule, created: true, wrote: "a.example", current: "c.example", next: "b.example", kind: leadtype.KeptEdited},
	} {
		c.run(t)
	}
}

// Before, never as Own wrote everything, and never as Write nothing whatever Own was.
func TestNeverIsForTheRecordsOfOthersOrOfTheConnection(t *testing.T) {
	t.Parallel()
	ours := mapping.Rule{Field: "Website", Write: mapping.Never, Own: mapping.UnlessEdited}
	others := mapping.Rule{Field: "Website", Own: mapping.Never}
	none := mapping.Rule{Field: "Website", Write: mapping.Never, Own: mapping.Never}
	for _, c := range []replaceCase{
		{rule: ours, next: "b.example"},
		{rule: ours, created: true, next: "b.example", want: "b.example"},
		{rule: ours, created: true, wrote: "a.example", current: "a.example", next: "b.example", want: "b.example"},
		{rule: others, current: "a.example", next: "b.example", want: "b.example"},
		{rule: others, created: true, wrote: "a.example", current: "a.example", next: "b.example"},
		{rule: none, created: true, next: "b.example"},
		{rule: none, next: "b.example"},
	} {
		c.run(t)
	}
	m := mapping.Mapping{Sections: []mapping.Section{{Object: "Lead", Rules: []mapping.Rule{ours, none}}}}
	require.Equal(t, []string{"Website"}, m.Fields("Lead"))
}

// Before these rules a form that said "false" opted people in again.
func TestRaiseAndLowerMoveAConsentOneWay(t *testing.T) {
	t.Parallel()
	raise := mapping.Rule{Field: "HasOptedOutOfEmail", Write: mapping.Raise}
	lower := mapping.Rule{Field: "HasOptedOutOfEmail", Write: mapping.Lower}
	earlier := scanned.Add(-time.Hour)
	for _, c := range []replaceCase{
		{rule: raise, current: false, next: true, want: true},
		{rule: raise, current: false, next: "yes", at: earlier, want: true},
		{rule: raise, current: true, next: false, kind: leadtype.KeptExisting},
		{rule: raise, current: true, next: "no", at: earlier, kind: leadtype.KeptExisting},
		{rule: raise, current: true, next: true},
		{rule: raise, current: true, next: ""},
		{rule: raise, current: false, next: nil},
		{rule: lower, current: true, next: false, want: false},
		{rule: lower, current: true, next: "no", at: earlier, want: false},
		{rule: lower, current: false, next: true, kind: leadtype.KeptExisting},
		{rule: lower, current: false, next: false},
		{rule: lower, current: true, next: ""},
	} {
		c.run(t)
	}
	for write, want := range map[mapping.WriteRule]map[any]any{
		mapping.Raise: {true: true, false: nil}, mapping.Lower: {true: true, false: false}} {
		for next, value := range want {
			m := mapping.Mapping{Sections: []mapping.Section{{Object: "Lead", Rules: []mapping.Rule{
				{Source: "custom.x", Field: "HasOptedOutOfEmail", Write: write}}}}}
			fields, _, err := m.Map(&leadtype.Lead{ID: "L1", Custom: map[string]any{"x": next}},
				mapping.Target{Object: "Lead", Describe: replaceDescribe()})
			require.NoError(t, err)
			require.Equal(t, value, fields["HasOptedOutOfEmail"], "%s %v on create", write, next)
		}
	}
}

func TestAConsentThatDoesNotFitFailsTheLead(t *testing.T) {
	t.Parallel()
	m := mapping.Mapping{Sections: []mapping.Section{{Object: "Lead", Rules: []mapping.Rule{
		{Source: "custom.x", Field: "HasOptedOutOfEmail", Write: mapping.Raise}}}}}
	_, _, err := m.Map(&leadtype.Lead{ID: "L1", Custom: map[string]any{"x": "perhaps"}},
		mapping.Target{Object: "Lead", Describe: replaceDescribe()})
	require.ErrorIs(t, err, leadtype.DataValueValidation)
	m.Sections[0].Rules[0].Unfit = mapping.Skip
	require.NotEmpty(t, m.Validate(nil))
}

func TestValidateRefusesWriteRulesThatCannotWork(t *testing.T) {
	t.Parallel()
	describes := map[salesforce.Object]*salesforce.Describe{"Lead": replaceDescribe()}
	for name, rule := range map[string]mapping.Rule{
		"write":    {Source: "jobTitle", Field: "Title", Write: "sometimes"},
		"own":      {Source: "jobTitle", Field: "Title", Own: "sometimes"},
		"existing": {Source: "jobTitle", Field: "Title", Existing: "perhaps"},
		"raise":    {Source: "jobTitle", Field: "Title", Write: mapping.Raise},
	} {
		m := mapping.Mapping{Sections: []mapping.Section{{Object: "Lead", Rules: []mapping.Rule{rule}}}}
		require.Len(t, m.Validate(describes), 1, name)
	}
	m := mapping.Mapping{Existing: "perhaps"}
	require.Len(t, m.Validate(nil), 1)
}

// The leads of one batch that become one record see what those before them put there.
func TestTheLatestLeadOfABatchCounts(t *testing.T) {
	t.Parallel()
	m := mapping.Mapping{Sections: []mapping.Section{{Object: "Lead", Rules: []mapping.Rule{
		{Source: "jobTitle", Field: "Title", Write: mapping.UnlessEdited}}}}}
	target := mapping.Target{Object: "Lead", Describe: replaceDescribe(),
		Record: &salesforce.Record{Object: "Lead", Fields: salesforce.Fields{"Title": "CTO"}}}
	fields, warnings, err := m.Map(&leadtype.Lead{ID: "L2", JobTitle: "CEO"}, target)
	require.NoError(t, err)
	require.Empty(t, warnings)
	require.Equal(t, "CEO", fields["Title"])
}

// A titled Mapper is a host's own, which gives each record the same title.
type titledMapper string

func (titledMapper) Objects() []salesforce.Object      { return []salesforce.Object{"Lead"} }
func (titledMapper) Fields(salesforce.Object) []string { return []string{"Title"} }

func (m titledMapper) Map(*leadtype.Lead, mapping.Target) (salesforce.Fields, []leadtype.Warning, error) {
	return salesforce.Fields{"Title": string(m)}, nil, nil
}

// Before, a value that differs from the record's in its form alone was written at each sync.
func TestOnlyTheLeadsOwnFormIsOverwritten(t *testing.T) {
	t.Parallel()
	overwrite := mapping.Mapping{Sections: []mapping.Section{{Object: "Lead",
		Rules: []mapping.Rule{{Source: "jobTitle", Field: "Title"}}}}}
	describe := replaceDescribe()
	field, _ := describe.Field("Title")
	for name, tc := range map[string]struct {
		wrote   string
		by      leadtype.LeadID
		current any
		over    []string
		want    any
	}{
		"of others":                    {"", "", "cto", nil, nil},
		"the lead's":                   {"cto", "L1", "cto", nil, "CTO"},
		"the lead's, as it is stored":  {" cto", "L1", "cto ", nil, "CTO"},
		"changed since":                {"cto", "L1", "Cto", nil, nil},
		"another lead's":               {"cto", "L2", "cto", nil, nil},
		"another value":                {"", "", "Boss", nil, "CTO"},
		"blank":                        {"", "", nil, nil, "CTO"},
		"of others, a person asks for": {"", "", "cto", []string{"Title"}, "CTO"},
	} {
		for _, mapper := range []mapping.Mapper{&overwrite, titledMapper("CTO")} {
			memory := &rememberedRecord{RecordMemory: leadtype.RecordMemory{ID: "00Q00000000000AAAA"}}
			if tc.wrote != "" {
				memory.NoteForm(field, tc.wrote, tc.by)
			}
			mapped := mapping.NewSet(mapping.Config{Mapper: mapper}).MapRecord(&leadtype.Lead{ID: "L1", JobTitle: "CTO"},
				mapping.Target{Object: "Lead", Describe: describe, Memory: memory, Over: tc.over, User: onlyRep,
					Record: &salesforce.Record{Object: "Lead", ID: memory.ID, Fields: salesforce.Fields{"Title": tc.current}}})
			require.Nil(t, mapped.Err)
			require.Equal(t, tc.want, mapped.Fields["Title"], "%s, %T", name, mapper)
		}
	}
}

// Where a field tells capitals from small letters, another case is another value.
func TestOverwriteReplacesAnotherCaseWhereCaseCounts(t *testing.T) {
	t.Parallel()
	overwrite := mapping.Mapping{Sections: []mapping.Section{{Object: "Lead",
		Rules: []mapping.Rule{{Source: "custom.badge", Field: "Badge__c"}}}}}
	for _, counts := range []bool{false, true} {
		describe := &salesforce.Describe{Name: "Lead", Fields: []salesforce.Field{{Name: "Badge__c", Type: "string",
			Length: 80, Createable: true, Updateable: true, CaseSensitive: counts}}}
		mapped := mapping.NewSet(mapping.Config{Mapper: &overwrite}).MapRecord(
			&leadtype.Lead{ID: "L1", Custom: map[string]any{"badge": "AB3"}},
			mapping.Target{Object: "Lead", Describe: describe, Record: &salesforce.Record{Object: "Lead",
				ID: "00Q00000000000AAAA", Fields: salesforce.Fields{"Badge__c": "aB3"}}})
		require.Nil(t, mapped.Err)
		require.Equal(t, counts, mapped.Fields["Badge__c"] == "AB3", "case counts: %v", counts)
	}
}

// The case of a host says nothing, that of a path does.
func TestOverwriteReplacesAnotherPathOfAURL(t *testing.T) {
	t.Parallel()
	overwrite := mapping.Rule{Field: "Website"}
	for _, c := range []replaceCase{
		{rule: overwrite, current: "https://acme.example/team", next: "https://acme.example/Team",
			want: "https://acme.example/Team"},
		{rule: overwrite, current: "https://acme.example/?id=a", next: "https://acme.example/?id=A",
			want: "https://acme.example/?id=A"},
		{rule: overwrite, current: "HTTPS://ACME.example/Team/", next: "https://acme.example/Team"},
		{rule: unlessEdited("Website"), wrote: "https://acme.example/team", current: "https://acme.example/Team",
			next: "https://acme.example/about", kind: leadtype.KeptEdited},
	} {
		c.run(t)
	}
}
