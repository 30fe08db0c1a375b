// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// refusing lets an org refuse the rows of an object that have a value in a field.
func refusing(org *sftest.Org, object, code string, fields ...string) {
	org.OnRow(object, func(_ string, row map[string]any) *sftest.RowError {
		for _, field := range fields {
			if row[field] != nil {
				return &sftest.RowError{StatusCode: code, Message: "refused", Fields: fields}
			}
		}
		return nil
	})
}

// adaAtHome is a lead with an address, a title and an activity.
func adaAtHome() *leadsync.Lead {
	lead := scenario.Ada()
	lead.JobTitle, lead.Phone, lead.CompanySize, lead.Industry = "Countess", "555", "40", "Engines"
	lead.Street, lead.City, lead.PostalCode, lead.Country = "12 St James's Square", "London", "SW1", "England"
	lead.Activities = []leadsync.Activity{{ID: "1", Kind: leadsync.ActivityCall, Notes: "hello"}}
	return lead
}

// What Salesforce itself refuses of an optional value costs that value: the record goes
// once more without it, and what refers to it follows. It failed the lead before.
// Whatever else Salesforce refuses still does.
func TestRefusedOptionalValueCostsThatValue(t *testing.T) {
	t.Parallel()
	address := []string{"City", "Country", "PostalCode", "Street"}
	for name, c := range map[string]struct {
		code   string
		fields []string // that the refusal names
		left   []string // nil: the lead fails
		change func(*mapping.Rule)
	}{
		"too long": {"STRING_TOO_LONG", []string{"Title"}, []string{"Title"}, nil},
		"a number out of range": {"NUMBER_OUTSIDE_VALID_RANGE", []string{"NumberOfEmployees"},
			[]string{"NumberOfEmployees"}, nil},
		"no option":      {"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", []string{"Industry"}, []string{"Industry"}, nil},
		"another type":   {"INVALID_TYPE_ON_FIELD_IN_RECORD", []string{"Phone"}, []string{"Phone"}, nil},
		"two fields":     {"STRING_TOO_LONG", []string{"Title", "Phone"}, []string{"Phone", "Title"}, nil},
		"a country":      {"FIELD_INTEGRITY_EXCEPTION", []string{"Country"}, address, nil},
		"a city":         {"STRING_TOO_LONG", []string{"City"}, address, nil},
		"a locked field": {"INVALID_FIELD_FOR_INSERT_UPDATE", []string{"Title"}, []string{"Title"}, nil},
		"a locked field that fails": {"INVALID_FIELD_FOR_INSERT_UPDATE", []string{"Title"}, nil,
			func(r *mapping.Rule) { r.Locked = mapping.Fail }},
		"a rule that fails": {"STRING_TOO_LONG", []string{"Title"}, nil,
			func(r *mapping.Rule) { r.Unfit = mapping.Fail }},
		"one of two that fails":   {"STRING_TOO_LONG", []string{"LastName", "Title"}, nil, nil},
		"integrity of no address": {"FIELD_INTEGRITY_EXCEPTION", []string{"Title"}, nil, nil},
		"a validation rule":       {"FIELD_CUSTOM_VALIDATION_EXCEPTION", []string{"Title"}, nil, nil},
		"a lookup filter":         {"FIELD_FILTER_VALIDATION_EXCEPTION", []string{"Title"}, nil, nil},
		"a required field": {"STRING_TOO_LONG", []string{"Company"}, nil,
			func(r *mapping.Rule) { r.Unfit = mapping.Skip }},
		"the probe of a create": {"INVALID_EMAIL_ADDRESS", []string{"Email"}, nil,
			func(r *mapping.Rule) { r.Unfit = mapping.Skip }},
		"a field that was not sent": {"STRING_TOO_LONG", []string{"Rating"}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			refusing(org, "Lead", c.code, c.fields...)
			if name == "a field that was not sent" {
				org.OnRow("Lead", func(string, map[string]any) *sftest.RowError {
					return &sftest.RowError{StatusCode: c.code, Message: "refused", Fields: c.fields}
				})
			}
			m := mapping.Default()
			for i := range m.Sections[0].Rules {
				if rule := &m.Sections[0].Rules[i]; c.change != nil && slices.Contains(c.fields, rule.Field) {
					c.change(rule)
				}
			}
			syncer := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: m})
			outcomes, err := syncer.Sync(t.Context(), adaAtHome())
			out := outcomes[0]
			if c.left == nil {
				require.Error(t, err)
				require.Equal(t, leadsync.Failed, out.Stage)
				require.Empty(t, out.Owed)
				require.Zero(t, org.Count("Lead"))
				return
			}
			require.NoError(t, err)
			requireLeftOut(t, out, c.left)
			row := org.Rows("Lead")[0]
			require.Equal(t, "Ada", row["FirstName"])
			for _, field := range c.left {
				require.Nil(t, row[field], field)
			}
			require.Equal(t, 1, org.Count("Task"), "what refers to the record follows it")
		})
	}
}

// What means something else without a refused value goes with it: an amount without its
// currency was written in the record's, and the option of a refused controlling value was
// refused in its turn, which failed the lead.
func TestWhatDependsOnARefusedValueIsLeftOutWithIt(t *testing.T) {
	t.Parallel()
	org := currencyOrg(t)
	org.DefineField("Lead", sftest.Field{Name: "Line__c", Type: "picklist", Options: []string{"Hardware"}})
	org.DefineField("Lead", sftest.Field{Name: "Topic__c", Type: "picklist", Options: []string{"Pumps"},
		Controller: "Line__c", ValidFor: map[string][]string{"Pumps": {"Hardware"}}, Restricted: true})
	m := budgetIn(mapping.Rule{Source: "custom.currency", Field: "CurrencyIsoCode", Unfit: mapping.Skip})
	m.Sections[0].Rules = append(m.Sections[0].Rules,
		mapping.Rule{Source: "custom.line", Field: "Line__c", Unfit: mapping.Skip},
		mapping.Rule{Source: "custom.topic", Field: "Topic__c", Unfit: mapping.Skip})
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: m})
	refused := map[string]string{"CurrencyIsoCode": "USD", "Line__c": "Hardware"}
	org.OnRow("Lead", func(_ string, row map[string]any) *sftest.RowError {
		for field, v := range refused {
			if row[field] == v {
				return &sftest.RowError{StatusCode: "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", Fields: []string{field}}
			}
		}
		return nil
	})
	for field, with := range map[string]string{"CurrencyIsoCode": "Budget__c", "Line__c": "Topic__c"} {
		lead := adaAtHome()
		lead.ID, lead.Email = leadsync.LeadID(field), with+"@analytical.example"
		lead.Custom = map[string]any{"currency": "USD", "budget": "5000"}
		if field == "Line__c" {
			lead.Custom = map[string]any{"line": "Hardware", "topic": "Pumps"}
		}
		out := scenario.SyncOne(t, syncer, lead)
		requireLeftOut(t, out, []string{field, with})
		require.Nil(t, org.Row("Lead", string(out.ID))[with])
	}
}

// requireLeftOut requires that an outcome says which fields of the person are owed.
func requireLeftOut(t *testing.T, out *leadsync.Outcome, fields []string) {
	t.Helper()
	require.Len(t, out.Owed, 1)
	require.ElementsMatch(t, fields, out.Owed[0].Fields)
	require.Equal(t, leadtype.Owed, out.Owed[0].Kind)
	var warned []string
	for _, w := range out.Warnings {
		require.Equal(t, leadtype.Owed, w.Kind)
		require.NotEmpty(t, w.Code)
		require.Contains(t, w.Reason, "Salesforce refused")
		warned = append(warned, w.Field)
	}
	require.ElementsMatch(t, fields, warned)
	text := leadtype.Explain(out)
	require.Contains(t, text, "(owed: ")
	require.NotContains(t, text, "Countess")
	for _, part := range out.Parts {
		for _, change := range part.Changes {
			require.NotContains(t, fields, change.Field, "what was not written has no before-image")
		}
	}
}

// What was refused is not sent again, by Sync and from a Store, until the value, the rule or
// the field has changed.
func TestRefusedValueIsSentAgainWhenSomethingHasChanged(t *testing.T) {
	t.Parallel()
	for _, stored := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) { resendRefused(t, stored) })
	}
}

func resendRefused(t *testing.T, stored bool) {
	t.Helper()
	org := sftest.NewOrg(t)
	org.DefineField("Lead", sftest.Field{Name: "Tier__c", Type: "picklist", Options: []string{"Gold"}})
	refuses := true
	org.OnRow("Lead", func(_ string, row map[string]any) *sftest.RowError {
		if !refuses || row["Tier__c"] == nil {
			return nil
		}
		return &sftest.RowError{StatusCode: "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", Fields: []string{"Tier__c"}}
	})
	m := mapping.Default()
	m.Sections[0].Rules = append(m.Sections[0].Rules,
		mapping.Rule{Source: "custom.tier", Field: "Tier__c", Unfit: mapping.Skip})
	syncer, err := leadsync.New(timelessClient(t, org, &http.Client{Transport: org.Transport()}),
		&leadsync.Config{Mapper: m, Gather: leadsync.NoGather})
	require.NoError(t, err)
	lead := adaAtHome()
	lead.Custom = map[string]any{"tier": "Silver"}
	scans := 0
	again := func() *leadsync.Outcome {
		if !stored {
			return scenario.SyncOne(t, syncer, lead)
		}
		scans++
		lead.Scans = scans // so that the lead is synced again
		_, err := syncer.Capture(t.Context(), lead)
		require.NoError(t, err)
		require.NoError(t, syncer.Drain(t.Context()))
		entry := scenario.StoredIn(t, syncer)[0]
		require.Equal(t, leadsync.Cleared, entry.Stage)
		return entry.Last
	}
	requireLeftOut(t, again(), []string{"Tier__c"})
	writes := scenario.WritesOf(org)
	for range 2 {
		out := again()
		requireLeftOut(t, out, []string{"Tier__c"})
		require.Equal(t, leadsync.Unchanged, out.Action)
		require.Equal(t, writes, scenario.WritesOf(org), "nothing is sent")
	}
	lead.JobTitle = "Analyst"
	requireLeftOut(t, again(), []string{"Tier__c"})
	require.Equal(t, writes+1, scenario.WritesOf(org), "the title alone")

	lead.Custom["tier"] = "Bronze"
	requireLeftOut(t, again(), []string{"Tier__c"})
	require.Equal(t, writes+2, scenario.WritesOf(org), "another value is tried")
	refuses = false
	again()
	require.Equal(t, writes+2, scenario.WritesOf(org), "nothing shows that the org has been repaired")

	time.Sleep(time.Minute) // describes tell their time in seconds
	org.DefineField("Lead", sftest.Field{Name: "Tier__c", Type: "picklist", Options: []string{"Gold", "Bronze"}})
	_, err = syncer.Preflight(t.Context()) // which reads the org anew
	require.NoError(t, err)
	out := again()
	require.Empty(t, out.Owed)
	require.Empty(t, out.Warnings)
	require.Equal(t, "Bronze", org.Rows("Lead")[0]["Tier__c"])
}

// However many rows of a batch are refused for a field, they take one call more together.
func TestRefusedValuesOfABatchTakeOneCallMore(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ leads, refused, update int }{{200, 30, 0}, {200, 30, 200}, {200, 200, 0}, {200, 1, 0}} {
		calls := make(map[bool]int)
		for _, refuses := range []bool{false, true} {
			org := sftest.NewOrg(t)
			leads := make([]*leadsync.Lead, row.leads)
			for i := range leads {
				lead := adaAtHome()
				lead.ID = leadsync.LeadID(fmt.Sprintf("L%d", i))
				lead.Email, lead.LastName = fmt.Sprintf("ada%d@analytical.example", i), fmt.Sprintf("Lovelace %d", i)
				if i < row.refused {
					lead.JobTitle = "Refused"
				}
				if i < row.update {
					org.Insert("Lead", map[string]any{"LastName": lead.LastName, "Email": lead.Email, "Company": lead.Company})
				}
				leads[i] = lead
			}
			org.OnRow("Lead", func(_ string, row map[string]any) *sftest.RowError {
				if refuses && row["Title"] == "Refused" {
					return &sftest.RowError{StatusCode: "STRING_TOO_LONG", Message: "refused", Fields: []string{"Title"}}
				}
				return nil
			})
			syncer := scenario.SyncerOf(t, org, &leadsync.Config{
				Campaigns: []leadsync.CampaignLink{{CampaignID: scenario.Expo(org)}}})
			_, err := syncer.Preflight(t.Context())
			require.NoError(t, err)
			org.ResetLog()
			outcomes, err := syncer.Sync(t.Context(), leads...)
			require.NoError(t, err)
			for i, out := range outcomes {
				require.Equal(t, refuses && i < row.refused, len(out.Owed) > 0)
			}
			calls[refuses] = org.Calls()
			require.Equal(t, row.leads, org.Count("Lead"))
			require.Equal(t, row.leads, org.Count("Task"))
			require.Equal(t, row.leads, org.Count("CampaignMember"))
		}
		require.Equal(t, calls[false]+1, calls[true], "%+v", row)
	}
}

// Members, records of other objects and Accounts are written without an unfit value too.
func TestRefusedValueOfOtherRecordsIsLeftOut(t *testing.T) {
	t.Parallel()
	org := scenario.VisitOrg(t)
	org.DefineField("CampaignMember", sftest.Field{Name: "Topic__c"})
	refusing(org, "Account", "STRING_TOO_LONG", "Industry")
	refusing(org, "Visit__c", "STRING_TOO_LONG", "Booth__c")
	refusing(org, "CampaignMember", "STRING_TOO_LONG", "Topic__c")
	m := mapping.Default()
	m.Sections = append(m.Sections, mapping.Section{Object: "Visit__c", Key: "VisitKey__c",
		Lookups: []mapping.Lookup{{Field: "Contact__c", To: mapping.ToPerson}},
		Rules: []mapping.Rule{{Source: "notes", Field: "Booth__c", Unfit: mapping.Skip},
			{Source: "lastName", Field: "Notes__c"}}})
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: m, Strategy: leadsync.AccountsAndContacts,
		Campaigns: []leadsync.CampaignLink{{CampaignID: scenario.Expo(org),
			Fields: []mapping.Rule{{Source: "notes", Field: "Topic__c", Unfit: mapping.Skip}}}}})
	lead := adaAtHome()
	lead.Notes = "A7"
	out := scenario.SyncOne(t, syncer, lead)
	var owed []string
	for _, o := range out.Owed {
		owed = append(owed, string(o.Object)+"."+strings.Join(o.Fields, ","))
	}
	require.ElementsMatch(t, []string{"Account.Industry", "Visit__c.Booth__c", "CampaignMember.Topic__c"}, owed)
	require.Equal(t, "Lovelace", org.Rows("Visit__c")[0]["Notes__c"])
	require.Equal(t, 1, org.Count("CampaignMember"))
	writes := scenario.WritesOf(org)
	out = scenario.SyncOne(t, syncer, lead)
	require.Equal(t, writes, scenario.WritesOf(org))
	require.Equal(t, leadsync.Unchanged, out.Action)
}

// A plan that a host applies later leaves out what Salesforce refuses, too.
func TestApplyLeavesOutWhatIsRefused(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	syncer := scenario.SyncerOf(t, org, nil)
	plan, err := syncer.Plan(t.Context(), adaAtHome())
	require.NoError(t, err)
	refusing(org, "Lead", "STRING_TOO_LONG", "Title")
	outcomes, err := syncer.Apply(t.Context(), plan)
	require.NoError(t, err)
	requireLeftOut(t, outcomes[0], []string{"Title"})
	require.Equal(t, 1, org.Count("Lead"))
}

// With State and Country/Territory picklists the org is sent codes, for which the rules name
// the texts. A code that it refuses takes the address out, and failed the lead before.
func TestRefusedCountryCodeCostsTheAddress(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t, manyCountries())
	refusing(org, "Lead", "FIELD_INTEGRITY_EXCEPTION", "CountryCode")
	lead := adaAtHome()
	lead.Country = "Germany"
	out := scenario.SyncOne(t, scenario.SyncerOf(t, org, nil), lead)
	require.Equal(t, leadsync.Cleared, out.Stage)
	row := org.Row("Lead", string(out.ID))
	require.Equal(t, "Countess", row["Title"])
	for _, field := range []string{"Street", "City", "PostalCode", "CountryCode"} {
		require.Nil(t, row[field], field)
	}
	require.Len(t, out.Owed, 1)
}
