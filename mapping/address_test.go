// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"encoding/base64"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// A place is an option of a picklist, and for a state the codes of its countries.
type place struct {
	code, label string
	of          []string
	inactive    bool
}

// withPicklists adds the fields for codes to each address of a describe, as State and
// Country/Territory picklists do.
func withPicklists(d *salesforce.Describe, prefix string, countries, states []place) {
	add := func(name, controller string, places []place) {
		f := salesforce.Field{Name: prefix + name, Type: salesforce.TypePicklist, Length: 10, Createable: true,
			Updateable: true,
			Nillable:   true, RestrictedPicklist: true, DependentPicklist: controller != "", ControllerName: controller}
		for _, p := range places {
			bits := make([]byte, (len(countries)+7)/8)
			for i, c := range countries {
				for _, of := range p.of {
					if of == c.code {
						bits[i/8] |= 0x80 >> (i % 8)
					}
				}
			}
			f.PicklistValues = append(f.PicklistValues, salesforce.PicklistValue{
				Active: !p.inactive, Value: p.code, Label: p.label, ValidFor: base64.StdEncoding.EncodeToString(bits)})
		}
		d.Fields = append(d.Fields, f)
	}
	add("CountryCode", "", countries)
	add("StateCode", prefix+"CountryCode", states)
}

var (
	someCountries = []place{
		{code: "US", label: "United States"}, {code: "CA", label: "Canada"}, {code: "UY", label: "Uruguay"},
		{code: "DE", label: "Germany"}, {code: "FR", label: "France", inactive: true}, {code: "UK", label: "United Kingdom"},
		{code: "AU", label: "Australia"}, {code: "IT", label: "Italy"}, {code: "MX", label: "Mexico"}, {code: "XA",
			label: "Sealand"},
	}
	someStates = []place{
		{code: "CA", label: "California", of: []string{"US"}}, {code: "FL", label: "Florida", of: []string{"US"}},
		{code: "WA", label: "Washington", of: []string{"US"}}, {code: "BC", label: "British Columbia", of: []string{"CA"}},
		{code: "QC", label: "Quebec", of: []string{"CA"}}, {code: "FD", label: "Florida", of: []string{"UY"}},
		{code: "WA", label: "Western Australia", of: []string{"AU"}}, {code: "CA", label: "Cagliari", of: []string{"IT"}},
		{code: "MI", label: "Milan", of: []string{"IT"}}, {code: "9", label: "Mexico City", of: []string{"MX"}},
		{code: "BC", label: "Baja California", of: []string{"MX"}}, {code: "OR", label: "Oregon", of: []string{"US"},
			inactive: true},
	}
)

func personWith(fields salesforce.Fields) *salesforce.Record {
	whole := salesforce.Fields{}
	for _, name := range []string{"Street", "City", "State", "StateCode", "PostalCode", "Country", "CountryCode"} {
		whole["Mailing"+name] = nil
	}
	for name, v := range fields {
		whole["Mailing"+name] = v
	}
	return &salesforce.Record{Object: "Contact", ID: "003000000000001AAA", Fields: whole}
}

// addressRules map the lead's address to a Contact's.
func addressRules(write mapping.WriteRule) *mapping.Mapping {
	m := &mapping.Mapping{Sections: []mapping.Section{{Object: "Contact"}}}
	for source, field := range map[string]string{
		"street": "Street", "city": "City", "state": "State", "postalCode": "PostalCode", "country": "Country",
	} {
		m.Sections[0].Rules = append(m.Sections[0].Rules,
			mapping.Rule{Source: source, Field: "Mailing" + field, Write: write, Unfit: mapping.Skip})
	}
	return m
}

func mailing(t *testing.T, m *mapping.Mapping, d *salesforce.Describe, record *salesforce.Record,
	lead *leadtype.Lead) (salesforce.Fields, []leadtype.Warning) {
	t.Helper()
	fields, warnings, err := m.Map(lead, mapping.Target{Object: "Contact", Describe: d, Record: record})
	require.NoError(t, err)
	for _, w := range warnings {
		require.NotEmpty(t, w.Kind)
		require.NotContains(t, w.Reason, "Berlin")
	}
	return fields, warnings
}

func TestAddressOfARecordIsReplacedWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	washington := salesforce.Fields{
		"Street": "123 Main Street", "City": "Washington", "State": "DC", "PostalCode": "20005", "Country": "USA"}
	for name, tc := range map[string]struct {
		write  mapping.WriteRule
		record salesforce.Fields
		lead   leadtype.Lead
		want   salesforce.Fields
		kind   leadtype.WarningKind
	}{
		"a town of another country": {mapping.Overwrite, washington, leadtype.Lead{City: "Berlin", Country: "Germany"},
			salesforce.Fields{}, leadtype.AddressContradicts},
		"a whole address clears what it lacks": {mapping.Overwrite, washington,
			leadtype.Lead{Street: "Unter den Linden 1", City: "Berlin", PostalCode: "10117", Country: "Germany"},
			salesforce.Fields{"MailingStreet": "Unter den Linden 1", "MailingCity": "Berlin", "MailingState": nil,
				"MailingPostalCode": "10117", "MailingCountry": "Germany"}, ""},
		"a whole address where blanks are filled": {mapping.WriteIfBlank, washington,
			leadtype.Lead{Street: "Unter den Linden 1", City: "Berlin", Country: "Germany"}, salesforce.Fields{}, ""},
		"a whole address beside a blank": {mapping.WriteIfBlank,
			salesforce.Fields{"Street": "123 Main Street", "City": "Washington", "Country": "USA"},
			leadtype.Lead{City: "Boston", State: "MA", Country: "US"}, salesforce.Fields{}, leadtype.AddressContradicts},
		"the same in other spellings": {mapping.Overwrite, washington, leadtype.Lead{Street: "123 Main St.",
			City: "Washington, D.C.", State: "District of Columbia", PostalCode: "20005-1234", Country: "United States"},
			salesforce.Fields{}, ""},
		"a part that agrees": {mapping.Overwrite, salesforce.Fields{"City": "Washington", "Country": "USA"},
			leadtype.Lead{Street: "123 Main Street", City: "Washington", PostalCode: "20005"},
			salesforce.Fields{"MailingStreet": "123 Main Street", "MailingPostalCode": "20005"}, ""},
		"a part that agrees fills blanks": {mapping.WriteIfBlank, salesforce.Fields{"City": "Washington", "Country": "USA"},
			leadtype.Lead{City: "Washington", PostalCode: "20005"}, salesforce.Fields{"MailingPostalCode": "20005"}, ""},
		"only the country agrees": {mapping.Overwrite, washington, leadtype.Lead{City: "Boston", Country: "USA"},
			salesforce.Fields{}, leadtype.AddressContradicts},
		"a country where there is one": {mapping.Overwrite, washington, leadtype.Lead{Country: "U.S."}, salesforce.Fields{},
			""},
		"a town where there is no street": {mapping.Overwrite,
			salesforce.Fields{"City": "Washington", "State": "DC", "Country": "USA"}, leadtype.Lead{City: "Berlin",
				Country: "Germany"},
			salesforce.Fields{"MailingCity": "Berlin", "MailingState": nil, "MailingCountry": "Germany"}, ""},
		"a town without a country": {mapping.Overwrite, salesforce.Fields{"City": "Washington"},
			leadtype.Lead{City: "Berlin"},
			salesforce.Fields{}, leadtype.AddressContradicts},
		"anything where there is nothing": {mapping.WriteIfBlank, salesforce.Fields{}, leadtype.Lead{City: "Berlin"},
			salesforce.Fields{"MailingCity": "Berlin"}, ""},
		"nothing": {mapping.Clear, salesforce.Fields{"City": "Washington"}, leadtype.Lead{},
			salesforce.Fields{"MailingCity": nil}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := mappingDescribe("Contact")
			fields, warnings := mailing(t, addressRules(tc.write), d, personWith(tc.record), &tc.lead)
			require.Equal(t, tc.want, fields)
			if tc.kind == "" {
				require.Empty(t, warnings)
				return
			}
			require.Len(t, warnings, 1, "one warning for one address")
			require.Equal(t, tc.kind, warnings[0].Kind)
		})
	}
}

func TestPartsWithoutARuleBelongToTheAddress(t *testing.T) {
	t.Parallel()
	m := &mapping.Mapping{Sections: []mapping.Section{{Object: "Contact", Rules: []mapping.Rule{
		{Source: "city", Field: "MailingCity"}, {Source: "country", Field: "MailingCountry"}}}}}
	lead := leadtype.Lead{City: "Berlin", Country: "Germany"}
	fields, warnings := mailing(t, m, mappingDescribe("Contact"), personWith(salesforce.Fields{"Street": "1 Elm"}), &lead)
	require.Empty(t, fields)
	require.Equal(t, leadtype.AddressContradicts, warnings[0].Kind)
	fields, _ = mailing(t, m, mappingDescribe("Contact"), personWith(salesforce.Fields{"City": "Paris", "State": "TX"}),
		&lead)
	require.Equal(t, salesforce.Fields{"MailingCity": "Berlin", "MailingState": nil, "MailingCountry": "Germany"}, fields)
	set := mapping.NewSet(mapping.Config{Mapper: m})
	require.Contains(t, set.ReadFields("Contact"), "MailingStreet")
	require.Contains(t, set.ReadFields("Contact"), "MailingStateCode")
	require.Equal(t, "overwrite from city", set.Reason("Contact", "MailingState", []*leadtype.Lead{&lead}))
	require.Equal(t, "overwrite from country", set.Reason("Contact", "MailingCountryCode", []*leadtype.Lead{&lead}))
}

func TestDefaultCountryIsForAddressesThatHaveNone(t *testing.T) {
	t.Parallel()
	m := addressRules(mapping.Overwrite)
	for i := range m.Sections[0].Rules {
		if rule := &m.Sections[0].Rules[i]; rule.Source == "country" {
			rule.Default = "Germany"
		}
	}
	for _, tc := range []struct {
		record salesforce.Fields
		lead   leadtype.Lead
		want   salesforce.Fields
	}{
		{salesforce.Fields{}, leadtype.Lead{}, salesforce.Fields{"MailingCountry": "Germany"}},
		{salesforce.Fields{}, leadtype.Lead{City: "Berlin"},
			salesforce.Fields{"MailingCity": "Berlin", "MailingCountry": "Germany"}},
		{salesforce.Fields{"City": "Berlin"}, leadtype.Lead{City: "Berlin"}, salesforce.Fields{"MailingCountry": "Germany"}},
		{salesforce.Fields{"City": "Washington"}, leadtype.Lead{}, salesforce.Fields{}},
		{salesforce.Fields{"City": "Washington", "Country": "USA"}, leadtype.Lead{City: "Berlin"}, salesforce.Fields{}},
	} {
		fields, _ := mailing(t, m, mappingDescribe("Contact"), personWith(tc.record), &tc.lead)
		require.Equal(t, tc.want, fields, "%v on %v", tc.lead.City, tc.record)
	}
}

func TestCompanyAddressGoesOnlyWhereThereIsNone(t *testing.T) {
	t.Parallel()
	lead := leadtype.Lead{Company: "Acme", CompanyCity: "Berlin", CompanyPostalCode: "10117", CompanyCountry: "Germany",
		City: "Bonn"}
	account := func(fields salesforce.Fields) *salesforce.Record {
		whole := salesforce.Fields{"Name": "Acme", "BillingStreet": nil, "BillingCity": nil, "BillingState": nil,
			"BillingPostalCode": nil, "BillingCountry": nil, "Website": nil, "Industry": nil,
			"NumberOfEmployees": nil, "Phone": nil}
		for name, v := range fields {
			whole[name] = v
		}
		return &salesforce.Record{Object: "Account", ID: "001000000000001AAA", Fields: whole}
	}
	for _, tc := range []struct {
		record *salesforce.Record
		want   salesforce.Fields
	}{
		{account(nil), salesforce.Fields{"BillingCity": "Berlin", "BillingPostalCode": "10117", "BillingCountry": "Germany"}},
		{account(salesforce.Fields{"BillingCity": "Berlin"}), salesforce.Fields{}},
		{account(salesforce.Fields{"BillingCountry": "France"}), salesforce.Fields{}},
	} {
		fields, warnings, err := mapping.Default().Map(&lead,
			mapping.Target{Object: "Account", Describe: mappingDescribe("Account"), Record: tc.record})
		require.NoError(t, err)
		require.Empty(t, warnings)
		require.Equal(t, tc.want, fields)
	}
}

func TestCodesAreWrittenWherePicklistsAreOn(t *testing.T) {
	t.Parallel()
	type want struct{ country, state any }
	const none = leadtype.WarningKind("")
	for _, tc := range []struct {
		country, state string
		want           want
		kind           leadtype.WarningKind
	}{
		{"United States", "California", want{"US", "CA"}, none}, {"USA", "CA", want{"US", "CA"}, none},
		{"us", "ca", want{"US", "CA"}, none}, {"U.S.A.", "Calif.", want{"US", "CA"}, none},
		{"Vereinigte Staaten", "Kalifornien", want{"US", "CA"}, none}, {"Canada", "B.C.", want{"CA", "BC"}, none},
		{"Kanada", "Québec", want{"CA", "QC"}, none}, {"CAN", "PQ", want{"CA", "QC"}, none},
		{"Uruguay", "Florida", want{"UY", "FD"}, none}, {"USA", "Fla.", want{"US", "FL"}, none},
		{"Australia", "WA", want{"AU", "WA"}, none}, {"AUS", "W.A.", want{"AU", "WA"}, none},
		{"Italia", "Milano", want{"IT", "MI"}, none}, {"Italy", "CA", want{"IT", "CA"}, none},
		{"México", "CDMX", want{"MX", "9"}, none}, {"Mexico", "Baja California", want{"MX", "BC"}, none},
		{"", "California", want{"US", "CA"}, none}, {"", "Québec", want{"CA", "QC"}, none},
		{"", "CA", want{}, leadtype.Unfit}, {"", "Florida", want{}, leadtype.Unfit}, {"", "Bayern", want{}, leadtype.Unfit},
		{"Germany", "Bayern", want{"DE", nil}, leadtype.Unfit}, {"DE", "CA", want{"DE", nil}, leadtype.Unfit},
		{"USA", "Oregon", want{"US", nil}, leadtype.Unfit}, {"USA", "Ontario", want{"US", nil}, leadtype.Unfit},
		{" Deutschland ", "", want{"DE", nil}, none}, {"England", "", want{"UK", nil}, none}, {"GB", "", want{"UK", nil},
			none},
		{"Sealand", "", want{"XA", nil}, none}, {"xa", "", want{"XA", nil}, none},
	} {
		d := mappingDescribe("Contact")
		withPicklists(d, "Mailing", someCountries, someStates)
		fields, warnings := mailing(t, addressRules(mapping.Overwrite), d, nil,
			&leadtype.Lead{City: "Town", Country: tc.country, State: tc.state})
		require.Equal(t, "Town", fields["MailingCity"])
		require.Equal(t, tc.want, want{fields["MailingCountryCode"], fields["MailingStateCode"]}, "%s, %s", tc.state,
			tc.country)
		require.NotContains(t, fields, "MailingCountry")
		require.NotContains(t, fields, "MailingState")
		if tc.kind == none {
			require.Empty(t, warnings, "%s, %s", tc.state, tc.country)
			continue
		}
		require.Len(t, warnings, 1)
		require.Equal(t, leadtype.Warning{Kind: tc.kind, Code: leadtype.DataValueValidation, Object: "Contact",
			Field: "MailingStateCode", Reason: warnings[0].Reason}, warnings[0])
	}
}

func TestAddressOfACountryThatTheOrgDoesNotTakeIsLeftOut(t *testing.T) {
	t.Parallel()
	d := mappingDescribe("Contact")
	withPicklists(d, "Mailing", someCountries, someStates)
	for _, rules := range []*mapping.Mapping{addressRules(mapping.Overwrite), codeRules()} {
		fields, warnings := mailing(t, rules, d, nil, &leadtype.Lead{Street: "1 Rue", City: "Paris", Country: "Frankreich"})
		require.Empty(t, fields)
		require.Equal(t, []leadtype.Warning{{Kind: leadtype.Unfit, Code: leadtype.DataValueValidation, Object: "Contact",
			Field: "MailingCountryCode", Reason: "FR is not an active option: the whole address is left out"}}, warnings)
		fields, warnings = mailing(t, rules, d, nil, &leadtype.Lead{City: "X", Country: "Atlantis"})
		require.Empty(t, fields)
		require.Len(t, warnings, 1)
		require.NotContains(t, warnings[0].Reason, "Atlantis")
	}
	paris := personWith(salesforce.Fields{"City": "Paris", "Country": "France", "CountryCode": "FR"})
	fields, warnings := mailing(t, addressRules(mapping.Overwrite), d, paris,
		&leadtype.Lead{City: "Paris", PostalCode: "75009", Country: "FRA"})
	require.Equal(t, salesforce.Fields{"MailingPostalCode": "75009"}, fields, "the record's own country stays")
	require.Empty(t, warnings)
}

func codeRules() *mapping.Mapping {
	m := addressRules(mapping.Overwrite)
	for i := range m.Sections[0].Rules {
		if rule := &m.Sections[0].Rules[i]; rule.Source == "country" || rule.Source == "state" {
			rule.Field += "Code"
		}
	}
	return m
}

func TestCodesAreComparedWithThoseOfTheRecord(t *testing.T) {
	t.Parallel()
	d := mappingDescribe("Contact")
	withPicklists(d, "Mailing", someCountries, someStates)
	angeles := salesforce.Fields{"City": "Los Angeles", "State": "California", "StateCode": "CA",
		"Country":     "United States",
		"CountryCode": "US"}
	for name, tc := range map[string]struct {
		record salesforce.Fields
		lead   leadtype.Lead
		want   salesforce.Fields
	}{
		"the same": {angeles, leadtype.Lead{City: "LA", State: "Calif.", Country: "USA"}, salesforce.Fields{}},
		"the state is in the record's country": {salesforce.Fields{"City": "Los Angeles", "CountryCode": "US"},
			leadtype.Lead{City: "Los Angeles", State: "CA"}, salesforce.Fields{"MailingStateCode": "CA"}},
		"another country, which has no states": {angeles, leadtype.Lead{City: "Berlin", Country: "Germany"},
			salesforce.Fields{"MailingCity": "Berlin", "MailingStateCode": nil, "MailingCountryCode": "DE"}},
		"another country with the same code of a state": {angeles, leadtype.Lead{City: "Cagliari", State: "CA",
			Country: "Italy"},
			salesforce.Fields{"MailingCity": "Cagliari", "MailingCountryCode": "IT"}},
		"only a state, of one country": {salesforce.Fields{"City": "Bonn", "CountryCode": "DE"},
			leadtype.Lead{City: "Vancouver", State: "British Columbia"},
			salesforce.Fields{"MailingCity": "Vancouver", "MailingCountryCode": "CA", "MailingStateCode": "BC"}},
	} {
		for _, rules := range []*mapping.Mapping{addressRules(mapping.Overwrite), codeRules()} {
			fields, warnings := mailing(t, rules, d, personWith(tc.record), &tc.lead)
			require.Equal(t, tc.want, fields, name)
			require.Empty(t, warnings, name)
		}
	}
}

func TestCodeFieldsAreMissingWherePicklistsAreOff(t *testing.T) {
	t.Parallel()
	_, _, err := codeRules().Map(&leadtype.Lead{ID: "L", City: "Bonn", Country: "DE"},
		mapping.Target{Object: "Contact", Describe: mappingDescribe("Contact")})
	require.Equal(t, leadtype.MissingRemoteField, leadtype.CodeOf(err))
}

// A fieldMemory is a mapping.Memory by field.
type fieldMemory map[string]leadtype.Hold

func (fieldMemory) Created() bool { return true }

func (fieldMemory) Wrote(*salesforce.Field, any, leadtype.LeadID) bool { return false }

func (fieldMemory) Appended(*salesforce.Field, string) bool { return false }

func (m fieldMemory) Holds(field *salesforce.Field, _ any) (leadtype.Hold, time.Time) {
	return m[field.Name], time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)
}

func TestOneEditedPartKeepsTheWholeAddress(t *testing.T) {
	t.Parallel()
	washington := salesforce.Fields{"Street": "123 Main Street", "City": "Washington", "State": "DC", "Country": "USA"}
	berlin := leadtype.Lead{Street: "Unter den Linden 1", City: "Berlin", PostalCode: "10117", Country: "Germany"}
	ours := func(holds fieldMemory) fieldMemory {
		m := fieldMemory{}
		for _, name := range []string{"Street", "City", "State", "Country"} {
			m["Mailing"+name] = leadtype.HoldOurs
		}
		for name, hold := range holds {
			m["Mailing"+name] = hold
		}
		return m
	}
	replaced := salesforce.Fields{"MailingStreet": "Unter den Linden 1", "MailingCity": "Berlin", "MailingState": nil,
		"MailingPostalCode": "10117", "MailingCountry": "Germany"}
	older := berlin
	older.CapturedAt = time.Date(2026, 5, 3, 0, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		record salesforce.Fields
		memory fieldMemory
		lead   leadtype.Lead
		want   salesforce.Fields
		kind   leadtype.WarningKind
	}{
		"ours": {washington, ours(nil), berlin, replaced, ""},
		"a part is edited": {washington, ours(fieldMemory{"State": leadtype.HoldEdited}), berlin, salesforce.Fields{},
			leadtype.KeptEdited},
		"a part is emptied": {washington, ours(fieldMemory{"PostalCode": leadtype.HoldEdited}), berlin, salesforce.Fields{},
			leadtype.KeptCleared},
		"a part is of others": {washington, ours(fieldMemory{"Street": leadtype.HoldUnknown}), berlin, salesforce.Fields{},
			leadtype.KeptExisting},
		"a part that stays is of others": {salesforce.Fields{"City": "Bonn", "Country": "DE"},
			fieldMemory{"MailingCity": leadtype.HoldOurs}, berlin, salesforce.Fields{"MailingStreet": "Unter den Linden 1",
				"MailingCity": "Berlin", "MailingPostalCode": "10117"}, ""},
		"of an older capture": {washington, ours(nil), older, salesforce.Fields{}, leadtype.Stale},
		"all is emptied": {salesforce.Fields{}, fieldMemory{"MailingCity": leadtype.HoldEdited},
			leadtype.Lead{PostalCode: "10117", Country: "DE"}, salesforce.Fields{}, leadtype.KeptCleared},
		"what it fills is emptied": {salesforce.Fields{"City": "Berlin"},
			fieldMemory{"MailingPostalCode": leadtype.HoldEdited},
			leadtype.Lead{City: "Berlin", PostalCode: "10117", Country: "DE"}, salesforce.Fields{}, leadtype.KeptCleared},
		"another part is emptied": {salesforce.Fields{"City": "Berlin"},
			fieldMemory{"MailingPostalCode": leadtype.HoldEdited},
			leadtype.Lead{City: "Berlin", Country: "DE"}, salesforce.Fields{"MailingCountry": "DE"}, ""},
		"a part that it contradicts is edited": {salesforce.Fields{"Street": "1 Elm", "City": "Boston"},
			fieldMemory{"MailingCity": leadtype.HoldEdited}, leadtype.Lead{City: "Washington"},
			salesforce.Fields{}, leadtype.KeptEdited},
		"the same": {washington, ours(nil), leadtype.Lead{City: "Washington, DC", Country: "United States"},
			salesforce.Fields{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fields, warnings, err := addressRules(mapping.UnlessEdited).Map(&tc.lead, mapping.Target{Object: "Contact",
				Describe: mappingDescribe("Contact"), Record: personWith(tc.record), Memory: tc.memory})
			require.NoError(t, err)
			require.Equal(t, tc.want, fields)
			if tc.kind == "" {
				require.Empty(t, warnings)
				return
			}
			require.Len(t, warnings, 1)
			require.Equal(t, tc.kind, warnings[0].Kind)
		})
	}
	m := addressRules(mapping.UnlessEdited)
	m.Existing = mapping.OverwriteExisting
	fields, warnings := mailing(t, m, mappingDescribe("Contact"), personWith(washington), &berlin)
	require.Equal(t, replaced, fields)
	require.Empty(t, warnings)
	require.Subset(t, mapping.NewSet(mapping.Config{Mapper: m}).Remembered("Contact"), []string{"MailingCity",
		"MailingStateCode"})
}
