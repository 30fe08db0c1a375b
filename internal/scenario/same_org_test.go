// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// Only fields that differ are sent. Values are compared as Salesforce stores
// them: what a record holds already, in whatever form the lead has it, costs no
// write, nor does what a first sync wrote.
func TestValuesAreComparedAsSalesforceStoresThem(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	account := org.Insert("Account", map[string]any{"Name": "Engines"})
	options := []string{"Hot", "Cold", "Mild"}
	rows := []struct {
		name   string
		field  sftest.Field
		stored any
		lead   any
	}{
		{"case of an e-mail address", sftest.Field{Type: "email"}, "ada@analytical.example", "Ada@Analytical.Example"},
		{"space around text", sftest.Field{Type: "string", Length: 20}, "Ada", "  Ada\t"},
		{"line breaks", sftest.Field{Type: "textarea", Length: 50}, "a\r\nb", "a\nb"},
		{"text that is cut", sftest.Field{Type: "string", Length: 5}, "abcde", "abcdefgh"},
		{"no text", sftest.Field{Type: "string", Length: 20}, nil, "  "},
		{"case of an option", sftest.Field{Type: "picklist", Options: options}, "Hot", "HOT"},
		{"case of a restricted option", sftest.Field{Type: "picklist", Options: options, Restricted: true}, "Cold", " cold "},
		{"order of options", sftest.Field{Type: "multipicklist", Options: options, Restricted: true}, "Hot;Mild",
			[]string{"mild", "Hot"}},
		{"options twice", sftest.Field{Type: "multipicklist", Options: options}, "Hot;Mild", "mild;Hot;hot"},
		{"checkbox in words", sftest.Field{Type: "boolean"}, true, "Yes"},
		{"checkbox never ticked", sftest.Field{Type: "boolean"}, nil, "no"},
		{"whole number as text", sftest.Field{Type: "int"}, 1000, "1e3"},
		{"scale of a currency", sftest.Field{Type: "currency", Precision: 18, Scale: 2}, 12.5, "12.50"},
		{"currency rounded to its scale", sftest.Field{Type: "currency", Precision: 18, Scale: 2}, 0.13, "0.125"},
		{"currency without decimals", sftest.Field{Type: "currency", Precision: 18}, 13, 12.6},
		{"percent with its sign", sftest.Field{Type: "percent", Precision: 5, Scale: 2}, 12.5, "12.5 %"},
		{"number beyond a double", sftest.Field{Type: "double", Precision: 18}, 123456789012345678,
			json.Number("123456789012345678")},
		{"date of an instant", sftest.Field{Type: "date"}, "2026-05-05",
			time.Date(2026, 5, 5, 1, 0, 0, 0, time.FixedZone("", 9*3600))},
		{"precision of a datetime", sftest.Field{Type: "datetime"}, time.Date(2026, 5, 4, 9, 30, 1, 0, time.UTC),
			time.Date(2026, 5, 4, 9, 30, 1, 987654321, time.UTC)},
		{"zone of a datetime", sftest.Field{Type: "datetime"}, time.Date(2026, 5, 4, 9, 30, 0, 0, time.UTC),
			"2026-05-04T18:30:00+09:00"},
		{"form of a time", sftest.Field{Type: "time"}, "09:30:00.000Z", "09:30"},
		{"length of an id", sftest.Field{Type: "reference", ReferenceTo: []string{"Account"}}, account, account[:15]},
		{"case of an 18-character id", sftest.Field{Type: "reference", ReferenceTo: []string{"Account"}}, account,
			strings.ToLower(account)},
	}
	m := leadsync.DefaultMapping()
	stored := map[string]any{"LastName": "Lovelace", "Company": "Engines", "Email": "ada@analytical.example"}
	held := &leadsync.Lead{ID: "L1", LastName: "Lovelace", Company: "Engines", Email: "ada@analytical.example",
		Custom: make(map[string]any)}
	for i, row := range rows {
		row.field.Name = fmt.Sprintf("F%d__c", i)
		org.DefineField("Lead", row.field)
		source := fmt.Sprintf("custom.%d", i)
		m.Sections[0].Rules = append(m.Sections[0].Rules, leadsync.Rule{Source: source, Field: row.field.Name})
		held.Custom[fmt.Sprint(i)] = row.lead
		if row.stored != nil {
			stored[row.field.Name] = row.stored
		}
	}
	org.Insert("Lead", stored)
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: m})

	plan, err := syncer.Plan(t.Context(), held)
	require.NoError(t, err)
	require.Nil(t, plan.Leads[0].Err)
	for _, c := range plan.Changes {
		for _, f := range c.Fields {
			var i int
			_, _ = fmt.Sscanf(f.Field, "F%d__c", &i)
			require.Fail(t, "takes for different", "%s: %v and %v", rows[i].name, f.Before, f.After)
		}
	}

	fresh := *held
	fresh.ID, fresh.Email = "L2", "grace@navy.example"
	require.Equal(t, leadsync.Created, scenario.SyncOne(t, syncer, &fresh).Action)
	before := scenario.WritesOf(org)
	require.Equal(t, leadsync.Unchanged, scenario.SyncOne(t, syncer, &fresh).Action)
	require.Equal(t, leadsync.Unchanged, scenario.SyncOne(t, syncer, held).Action)
	require.Equal(t, before, scenario.WritesOf(org))
}
