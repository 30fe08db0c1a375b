// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// mappingDescribe is a part of Lead, Contact and Account, with a field of each kind.
func mappingDescribe(object salesforce.Object) *salesforce.Describe {
	d := &salesforce.Describe{Name: object, Createable: true, Updateable: true}
	add := func(fieldType salesforce.FieldType, length int, names ...string) {
		for _, name := range names {
			field := salesforce.Field{
				Name: name, Type: fieldType, Length: length, Createable: true, Updateable: true, Nillable: true,
			}
			if fieldType == salesforce.TypeInt {
				field.Digits = 8
			}
			d.Fields = append(d.Fields, field)
		}
	}
	add(salesforce.TypeString, 40, "FirstName", "City", "MailingCity", "BillingCity")
	add(salesforce.TypeString, 80, "LastName", "State", "Country", "MailingState", "MailingCountry", "BillingState",
		"BillingCountry")
	add(salesforce.TypeString, 128, "Title")
	add(salesforce.TypeString, 255, "Company", "Name", "Text__c")
	add(salesforce.TypeString, 20, "PostalCode", "MailingPostalCode", "BillingPostalCode")
	add(salesforce.TypeTextarea, 255, "Street", "MailingStreet", "BillingStreet")
	add(salesforce.TypeTextarea, 60, "Description")
	add(salesforce.TypeEmail, 80, "Email")
	add(salesforce.TypePhone, 40, "Phone", "MobilePhone")
	add(salesforce.TypeURL, 255, "Website")
	add(salesforce.TypePicklist, 255, "Industry", "LeadSource")
	d.Fields[len(d.Fields)-1].PicklistValues = picklistValues("Web", "Messe", "Event", "Retired")
	add(salesforce.TypeInt, 0, "NumberOfEmployees")
	add(salesforce.TypeBoolean, 0, "OptIn__c")
	add(salesforce.TypeDate, 0, "Day__c", "Other_Day__c")
	add(salesforce.TypeReference, 18, "OwnerId")
	owner, _ := d.Field("OwnerId")
	owner.ReferenceTo = []salesforce.Object{"Group", salesforce.ObjectUser}
	last, _ := d.Field("LastName")
	last.Nillable = false
	d.Fields = append(d.Fields,
		salesforce.Field{Name: "ReadOnly__c", Type: salesforce.TypeString, Length: 40},
		salesforce.Field{Name: "Once__c", Type: salesforce.TypeString, Length: 40, Createable: true},
	)
	return d
}

func fullLead() *leadtype.Lead {
	return &leadtype.Lead{
		ID: "L1", EventName: "Expo", CapturedAt: time.Date(2026, 5, 4, 23, 30, 0, 0, berlin), CapturedBy: "Rep@Example.com",
		EnrichedAt: time.Date(2026, 5, 4, 22, 30, 0, 0, time.UTC),
		FirstName:  "Ada", LastName: "Lovelace", Email: "ada@example.com", JobTitle: "Countess", Phone: "1", MobilePhone: "2",
		Street: "S", City: "C", State: "ST", PostalCode: "P", Country: "CO", Notes: "met",
		Company: "Engines", Website: "engines.example", Industry: "Tech", CompanySize: "51", CompanyPhone: "3",
		CompanyStreet: "BS", CompanyCity: "BC", CompanyState: "BST", CompanyPostalCode: "BP", CompanyCountry: "BCO",
	}
}

const repID = "005dM000000000AQAQ"

func onlyRep(email string) (salesforce.ID, bool) {
	if email != "rep@example.com" {
		return "", false
	}
	return repID, true
}

func createOf(object salesforce.Object) mapping.Target {
	return mapping.Target{Object: object, Describe: mappingDescribe(object), User: onlyRep}
}

func updateOf(object salesforce.Object, current salesforce.Fields) mapping.Target {
	t := createOf(object)
	all := make(salesforce.Fields)
	for _, f := range t.Describe.Fields {
		all[f.Name] = current[f.Name]
	}
	t.Record = &salesforce.Record{Object: object, ID: "00Qak00000696HFEAY", Fields: all}
	return t
}

func mappingOf(rules ...mapping.Rule) *mapping.Mapping {
	return &mapping.Mapping{Sections: []mapping.Section{{Object: salesforce.ObjectLead, Rules: rules}}}
}

// DefaultMapping, whole.
func TestDefaultMappingCreates(t *testing.T) {
	t.Parallel()
	m := mapping.Default()
	require.Equal(t, []salesforce.Object{"Lead", "Contact", "Account"}, m.Objects())
	for object, want := range map[salesforce.Object]salesforce.Fields{
		"Lead": {
			"FirstName": "Ada", "LastName": "Lovelace", "Email": "ada@example.com", "Title": "Countess", "Phone": "1",
			"MobilePhone": "2",
			"Street":      "S", "City": "C", "State": "ST", "PostalCode": "P", "Country": "CO", "Description": "met",
			"Company": "Engines", "Website": "engines.example", "Industry": "Tech", "NumberOfEmployees": int64(51),
			"LeadSource": "Event", "OwnerId": repID,
		},
		"Contact": {
			"FirstName": "Ada", "LastName": "Lovelace", "Email": "ada@example.com", "Title": "Countess", "Phone": "1",
			"MobilePhone":   "2",
			"MailingStreet": "S", "MailingCity": "C", "MailingState": "ST", "MailingPostalCode": "P", "MailingCountry": "CO",
			"Description": "met",
			"LeadSource":  "Event", "OwnerId": repID,
		},
		"Account": {
			"Name": "Engines", "Website": "engines.example", "Industry": "Tech", "NumberOfEmployees": int64(51), "Phone": "3",
			"BillingStreet": "BS", "BillingCity": "BC", "BillingState": "BST", "BillingPostalCode": "BP",
			"BillingCountry": "BCO", "OwnerId": repID,
		},
	} {
		fields, warnings, err := m.Map(fullLead(), createOf(object))
		require.NoError(t, err)
		require.Empty(t, warnings)
		require.Equal(t, want, fields, object)
		require.Len(t, m.Fields(object), len(want))
		for name := range want {
			require.Contains(t, m.Fields(object), name)
		}
	}
	require.Empty(t, m.Fields("Task"))
	require.Equal(t, m.Fields("Lead"), m.Fields("lead"), "names of objects have no case")
}

// LeadSource, OwnerId and Account.Name on create only; Description Append; other fields
// unless others have filled them.
func TestDefaultMappingUpdates(t *testing.T) {
	t.Parallel()
	m := mapping.Default()
	current := salesforce.Fields{"Email": "old@example.com", "Website": "old.example", "Description": "known",
		"FirstName": "A."}
	for _, object := range []salesforce.Object{"Lead", "Contact", "Account"} {
		fields, warnings, err := m.Map(fullLead(), updateOf(object, current))
		require.NoError(t, err)
		for _, w := range warnings {
			require.Equal(t, leadtype.KeptExisting, w.Kind, w.Field)
		}
		for _, kept := range []string{"LeadSource", "OwnerId", "Email", "Website", "Name"} {
			require.NotContains(t, fields, kept, object)
		}
		if object != "Account" {
			require.Equal(t, "known\nmet", fields["Description"])
			require.Equal(t, "Countess", fields["Title"], "a blank field is filled")
		}
	}
	fields, _, err := m.Map(fullLead(), updateOf("Lead", nil))
	require.NoError(t, err)
	require.Equal(t, "ada@example.com", fields["Email"])
	require.Equal(t, "engines.example", fields["Website"])
	require.Equal(t, "met", fields["Description"])
}

// Nothing is invented for a missing LastName or Company; a blank source value
// never clears a field.
func TestMapLeavesBlankSourcesOut(t *testing.T) {
	t.Parallel()
	lead := &leadtype.Lead{ID: "L1", FirstName: " \t", Custom: map[string]any{"list": []any{" ", nil}, "text": "\x00"}}
	m := mapping.Default()
	m.Sections[0].Rules = append(m.Sections[0].Rules,
		mapping.Rule{Source: "custom.list", Field: "Text__c"}, mapping.Rule{Source: "custom.text", Field: "Gone__c"})
	for _, target := range []mapping.Target{createOf("Lead"), updateOf("Lead", salesforce.Fields{"FirstName": "Ada"})} {
		fields, warnings, err := m.Map(lead, target)
		require.NoError(t, err)
		require.Empty(t, warnings)
		delete(fields, "LeadSource") // it is the configuration's
		require.Empty(t, fields)
	}
}

// Rows can hold constants and defaults for blank values.
func TestMapConstantsAndDefaults(t *testing.T) {
	t.Parallel()
	m := mappingOf(
		mapping.Rule{Constant: "Event", Field: "LeadSource"},
		mapping.Rule{Constant: false, Field: "OptIn__c"},
		mapping.Rule{Source: "company", Field: "Company", Default: "[unknown]"},
		mapping.Rule{Source: "custom.size", Field: "NumberOfEmployees", Transforms: []string{"digits"}, Default: 0},
		mapping.Rule{Source: "jobTitle", Field: "Title", Default: "none"},
	)
	fields, _, err := m.Map(&leadtype.Lead{ID: "L1", JobTitle: "Boss", Custom: map[string]any{"size": "many"}},
		createOf("Lead"))
	require.NoError(t, err)
	require.Equal(t, salesforce.Fields{
		"LeadSource": "Event", "OptIn__c": false, "Company": "[unknown]", "NumberOfEmployees": int64(0), "Title": "Boss",
	}, fields)
}

// Per row a write rule, default Overwrite.
func TestMapWriteRules(t *testing.T) {
	t.Parallel()
	full := strings.Repeat("x", 60)
	for _, tc := range []struct {
		name    string
		rule    mapping.Rule
		source  any
		current any
		want    salesforce.Fields
	}{
		{"overwrite", mapping.Rule{Field: "Text__c"}, "new", "old", salesforce.Fields{"Text__c": "new"}},
		{"overwrite is named", mapping.Rule{Field: "Text__c", Write: mapping.Overwrite}, "new", "old",
			salesforce.Fields{"Text__c": "new"}},
		{"overwrite keeps on blank", mapping.Rule{Field: "Text__c"}, " ", "old", salesforce.Fields{}},
		{"write if blank", mapping.Rule{Field: "Text__c", Write: mapping.WriteIfBlank}, "new", " ",
			salesforce.Fields{"Text__c": "new"}},
		{"write if blank keeps", mapping.Rule{Field: "Text__c", Write: mapping.WriteIfBlank}, "new", "old",
			salesforce.Fields{}},
		{"write if blank keeps zero", mapping.Rule{Field: "NumberOfEmployees", Write: mapping.WriteIfBlank}, 5,
			json.Number("0"), salesforce.Fields{}},
		{"write if blank keeps a checkbox", mapping.Rule{Field: "OptIn__c", Write: mapping.WriteIfBlank}, true, false,
			salesforce.Fields{}},
		{"write if blank does not judge what it does not write", mapping.Rule{Field: "Email", Write: mapping.WriteIfBlank},
			"bad", "a@b.co", salesforce.Fields{}},
		{"append", mapping.Rule{Field: "Description", Write: mapping.Append}, "new\r\nline", "old\r\n",
			salesforce.Fields{"Description": "old\nnew\nline"}},
		{"append to nothing", mapping.Rule{Field: "Description", Write: mapping.Append}, " new ", nil,
			salesforce.Fields{"Description": "new"}},
		{"append what is there", mapping.Rule{Field: "Description", Write: mapping.Append}, "a\nb", "1\r\na\r\nb\r\n2",
			salesforce.Fields{}},
		{"append what is there among other words", mapping.Rule{Field: "Description", Write: mapping.Append}, "call back",
			"hello: <b>call back</b>, Ada", salesforce.Fields{}},
		{"append what is there within a word", mapping.Rule{Field: "Description", Write: mapping.Append}, "ok", "booked",
			salesforce.Fields{"Description": "booked\nok"}},
		{"append what is there within a word and by itself", mapping.Rule{Field: "Description", Write: mapping.Append}, "ok",
			"booked, ok", salesforce.Fields{}},
		{"append to a full field", mapping.Rule{Field: "Description", Write: mapping.Append}, "new", full,
			salesforce.Fields{"Description": full}},
		{"append what was cut before", mapping.Rule{Field: "Description", Write: mapping.Append}, "new line",
			full[:56] + "\nnew", salesforce.Fields{}},
		{"never", mapping.Rule{Field: "Text__c", Write: mapping.Never}, "new", nil, salesforce.Fields{}},
		{"clear writes", mapping.Rule{Field: "Text__c", Write: mapping.Clear}, "new", "old",
			salesforce.Fields{"Text__c": "new"}},
		{"clear clears", mapping.Rule{Field: "Text__c", Write: mapping.Clear}, "", "old", salesforce.Fields{"Text__c": nil}},
		{"clear of nothing", mapping.Rule{Field: "Text__c", Write: mapping.Clear}, nil, "", salesforce.Fields{}},
		{"clear unticks", mapping.Rule{Field: "OptIn__c", Write: mapping.Clear}, nil, true,
			salesforce.Fields{"OptIn__c": false}},
		{"create only", mapping.Rule{Field: "Text__c", CreateOnly: true}, "new", nil, salesforce.Fields{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.rule.Source = "custom.x"
			lead := &leadtype.Lead{ID: "L1", Custom: map[string]any{"x": tc.source}}
			fields, _, err := mappingOf(tc.rule).Map(lead, updateOf("Lead", salesforce.Fields{tc.rule.Field: tc.current}))
			require.NoError(t, err)
			require.Equal(t, tc.want, fields)
		})
	}
}

func TestMapClearsNothingOnCreateAndNoRequiredField(t *testing.T) {
	t.Parallel()
	lead := &leadtype.Lead{ID: "L1"}
	m := mappingOf(mapping.Rule{Field: "Text__c", Write: mapping.Clear},
		mapping.Rule{Source: "lastName", Field: "LastName", Write: mapping.Clear})
	fields, _, err := m.Map(lead, createOf("Lead"))
	require.NoError(t, err)
	require.Empty(t, fields)
	_, _, err = m.Map(lead, updateOf("Lead", salesforce.Fields{"LastName": "Lovelace"}))
	require.ErrorIs(t, err, leadtype.DataValueValidation)
	require.ErrorContains(t, err, "LastName")
}

func TestMapOntoAnObjectOutOfSight(t *testing.T) {
	t.Parallel()
	_, _, err := mapping.Default().Map(fullLead(), mapping.Target{Object: "Lead", User: onlyRep})
	require.ErrorIs(t, err, leadtype.ConnectionPermission)
	fields, _, err := mapping.Default().Map(fullLead(), mapping.Target{Object: "Thing__c", User: onlyRep})
	require.NoError(t, err, "nothing is to be written there")
	require.Empty(t, fields)
}

func TestMapAppendNeedsLongText(t *testing.T) {
	t.Parallel()
	_, _, err := mappingOf(mapping.Rule{Source: "notes", Field: "Text__c", Write: mapping.Append}).
		Map(fullLead(), createOf("Lead"))
	require.ErrorIs(t, err, leadtype.DataValueValidation)
}

func TestMapLeavesAloneWhatWasNotRead(t *testing.T) {
	t.Parallel()
	target := createOf("Lead")
	target.Record = &salesforce.Record{ID: "00Qak00000696HFEAY", Fields: salesforce.Fields{}}
	m := mappingOf(mapping.Rule{Source: "email", Field: "Email", Write: mapping.WriteIfBlank},
		mapping.Rule{Source: "notes", Field: "Description", Write: mapping.Append})
	fields, warnings, err := m.Map(fullLead(), target)
	require.NoError(t, err)
	require.Empty(t, fields)
	require.Len(t, warnings, 2)
}

// Leads of one batch that are the same person become one record.
func TestMapOntoARecordThatIsYetToBeCreated(t *testing.T) {
	t.Parallel()
	target := createOf("Lead")
	target.Record = &salesforce.Record{Object: "Lead",
		Fields: salesforce.Fields{"Email": "first@example.com", "Description": "first", "LeadSource": "Fair"}}
	m := mapping.Default()
	m.Sections[0].Rules = append(m.Sections[0].Rules, mapping.Rule{Source: "firstName", Field: "Once__c"},
		mapping.Rule{Source: "custom.none", Field: "Text__c", Write: mapping.Clear})
	fields, warnings, err := m.Map(fullLead(), target)
	require.NoError(t, err)
	require.Empty(t, warnings)
	require.Equal(t, "first\nmet", fields["Description"])
	require.Equal(t, "engines.example", fields["Website"], "what the record lacks is blank")
	require.Equal(t, repID, fields["OwnerId"], "a row for creates fills what the lead before left blank")
	require.Equal(t, "Ada", fields["Once__c"], "a field that takes values on create only is written")
	require.NotContains(t, fields, "LeadSource", "the first lead's source stays")
	require.Equal(t, "ada@example.com", fields["Email"], "the last lead's address counts")
	require.NotContains(t, fields, "Text__c")
}

// A field that the user may not write is skipped with a warning; Locked: Fail
// refuses.
func TestMapLockedFields(t *testing.T) {
	t.Parallel()
	lead := &leadtype.Lead{ID: "L1", FirstName: "Ada", LastName: "Lovelace"}
	m := mappingOf(mapping.Rule{Source: "firstName", Field: "ReadOnly__c"},
		mapping.Rule{Source: "lastName", Field: "once__C"})
	fields, warnings, err := m.Map(lead, createOf("Lead"))
	require.NoError(t, err)
	require.Equal(t, salesforce.Fields{"Once__c": "Lovelace"}, fields,
		"names of fields have no case, and are sent as describe has them")
	require.Equal(t, []leadtype.Warning{{Kind: leadtype.Locked, Code: leadtype.ConnectionPermission,
		Object: "Lead", Field: "ReadOnly__c", Reason: "may not be written by the connected user"}}, warnings)

	fields, warnings, err = m.Map(lead, updateOf("Lead", nil))
	require.NoError(t, err)
	require.Empty(t, fields)
	require.Len(t, warnings, 2)

	m.Locked = mapping.Fail
	_, _, err = m.Map(lead, updateOf("Lead", nil))
	require.ErrorIs(t, err, leadtype.ConnectionPermission)
	m.Sections[0].Rules[0].Locked = mapping.Skip
	m.Sections[0].Rules[1].Locked = mapping.Skip
	_, _, err = m.Map(lead, updateOf("Lead", nil))
	require.NoError(t, err, "a row overrides the mapping")
}

// A field absent from describe: Missing: Fail (default) or Skip.
func TestMapMissingFields(t *testing.T) {
	t.Parallel()
	lead := &leadtype.Lead{ID: "L1", FirstName: "Ada"}
	m := mappingOf(mapping.Rule{Source: "firstName", Field: "Gone__c"})
	_, _, err := m.Map(lead, createOf("Lead"))
	require.ErrorIs(t, err, leadtype.MissingRemoteField)
	var e *leadtype.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, []string{"Gone__c"}, e.Fields)
	require.Equal(t, salesforce.Object("Lead"), e.Object)
	require.Equal(t, leadtype.LeadID("L1"), e.LeadID)
	require.Contains(t, e.Reason, "does not exist")
	require.Contains(t, e.Reason, "hidden")

	m.Missing = mapping.Skip
	fields, warnings, err := m.Map(lead, createOf("Lead"))
	require.NoError(t, err)
	require.Empty(t, fields)
	require.Len(t, warnings, 1)
	require.Equal(t, leadtype.MissingRemoteField, warnings[0].Code)
	m.Sections[0].Rules[0].Missing = mapping.Fail
	_, _, err = m.Map(lead, createOf("Lead"))
	require.ErrorIs(t, err, leadtype.MissingRemoteField)
}

// TooLong: truncated with a warning in the outcome, or refused.
func TestMapTooLong(t *testing.T) {
	t.Parallel()
	lead := &leadtype.Lead{ID: "L1", FirstName: strings.Repeat("a", 41)}
	m := mappingOf(mapping.Rule{Source: "firstName", Field: "FirstName"})
	fields, warnings, err := m.Map(lead, createOf("Lead"))
	require.NoError(t, err)
	require.Equal(t, strings.Repeat("a", 40), fields["FirstName"])
	require.Equal(t, []leadtype.Warning{{Kind: leadtype.Truncated, Code: leadtype.DataValueValidation,
		Object: "Lead", Field: "FirstName", Reason: "was cut to 40 characters"}}, warnings)
	m.TooLong = mapping.Fail
	_, _, err = m.Map(lead, createOf("Lead"))
	require.ErrorIs(t, err, leadtype.DataValueValidation)
	m.Sections[0].Rules[0].TooLong = mapping.Truncate
	_, _, err = m.Map(lead, createOf("Lead"))
	require.NoError(t, err)
}

func TestMapGathersTheProblemsOfALead(t *testing.T) {
	t.Parallel()
	lead := fullLead()
	lead.Email, lead.CompanySize, lead.Phone = "secret", "secret", strings.Repeat("5", 41)
	m := mapping.Default()
	m.Sections[0].Rules = append(m.Sections[0].Rules, mapping.Rule{Source: "notes", Field: "Gone__c"})
	for i := range m.Sections[0].Rules {
		m.Sections[0].Rules[i].Unfit = mapping.Fail
	}
	fields, _, err := m.Map(lead, createOf("Lead"))
	require.Nil(t, fields)
	var e *leadtype.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, leadtype.DataValueValidation, e.Code)
	require.Equal(t, []string{"Email", "Phone", "NumberOfEmployees"}, e.Fields)
	require.NotContains(t, err.Error(), "secret")
	require.NotContains(t, err.Error(), "555")
}

// capturedAt has the event's time zone, and dates are days there.
func TestMapDatesInTheZoneOfTheEvent(t *testing.T) {
	t.Parallel()
	m := mappingOf(mapping.Rule{Source: "capturedAt", Field: "Day__c"},
		mapping.Rule{Source: "enrichedAt", Field: "Other_Day__c"})
	fields, _, err := m.Map(fullLead(), createOf("Lead"))
	require.NoError(t, err)
	require.Equal(t, salesforce.Fields{"Day__c": "2026-05-04", "Other_Day__c": "2026-05-05"}, fields)
}

func TestMapOwnerByEmail(t *testing.T) {
	t.Parallel()
	m := mappingOf(mapping.Rule{Source: "capturedBy", Field: "OwnerId"})
	lead := fullLead()
	lead.CapturedBy = "nobody@example.com"
	fields, warnings, err := m.Map(lead, createOf("Lead"))
	require.NoError(t, err)
	require.Empty(t, fields)
	require.Len(t, warnings, 1)
	require.Equal(t, leadtype.OwnerInvalid, warnings[0].Code)
	require.NotContains(t, warnings[0].Reason, "nobody")

	lead.CapturedBy = repID[:15]
	fields, _, err = m.Map(lead, createOf("Lead"))
	require.NoError(t, err)
	require.Equal(t, salesforce.Fields{"OwnerId": repID}, fields, "an id is taken as it is")

	lead.CapturedBy = "Rep"
	_, _, err = m.Map(lead, createOf("Lead"))
	require.ErrorIs(t, err, leadtype.DataValueValidation)
}

func TestMapIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	m := mapping.Default()
	target := createOf("Lead")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			fields, _, err := m.Map(fullLead(), target)
			if err != nil || len(fields) != 18 {
				t.Errorf("got %d fields, %v", len(fields), err)
			}
		})
	}
	wg.Wait()
}

func BenchmarkMap(b *testing.B) {
	m, lead, target := mapping.Default(), fullLead(), createOf("Lead")
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := m.Map(lead, target); err != nil {
			b.Fatal(err)
		}
	}
}
