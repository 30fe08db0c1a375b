// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/org/orgtest"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// Only options that a dependent picklist allows are sent, checked before any
// call.
func TestDependentPicklistsFollowTheirController(t *testing.T) {
	t.Parallel()
	dependent := func(controller string, fieldType salesforce.FieldType, restricted bool) salesforce.Field {
		return salesforce.Field{
			Name: "City__c", Type: fieldType, DependentPicklist: true, RestrictedPicklist: restricted,
			ControllerName: controller,
			PicklistValues: []salesforce.PicklistValue{
				{Value: "Berlin", Active: true, ValidFor: "gAAA"},   // the first value
				{Value: "Paris", Active: true, ValidFor: "QAAA"},    // the second
				{Value: "Capital", Active: true, ValidFor: "wIAA"},  // both, and the ninth
				{Value: "Nowhere", Active: true, ValidFor: "!"},     // no base64
				{Value: "Everywhere", Active: true, ValidFor: "//"}, // no whole base64
			},
		}
	}
	country := salesforce.Field{Name: "Country__c", Type: salesforce.TypePicklist,
		PicklistValues: orgtest.PicklistOf("DE", "FR", "", "", "", "", "", "", "ES")}
	defaulted := country
	defaulted.PicklistValues = append(orgtest.PicklistOf("DE", "FR"),
		salesforce.PicklistValue{Value: "ES", Active: true, DefaultValue: true})
	flag := salesforce.Field{Name: "Country__c", Type: salesforce.TypeBoolean}
	picklist, multi := salesforce.TypePicklist, salesforce.TypeMultipicklist
	record := func(fields salesforce.Fields) *salesforce.Record {
		return &salesforce.Record{ID: "00Qak00000696HFEAY", Fields: fields}
	}
	for _, tc := range []struct {
		name       string
		controller salesforce.Field
		field      salesforce.Field
		record     *salesforce.Record
		write      salesforce.Fields
		ok         bool
	}{
		{"allowed", country, dependent("Country__c", picklist, true), nil,
			salesforce.Fields{"Country__c": "DE", "City__c": "Berlin"}, true},
		{"not allowed", country, dependent("Country__c", picklist, true), nil,
			salesforce.Fields{"Country__c": "DE", "City__c": "Paris"}, false},
		{"ninth value", country, dependent("Country__c", picklist, true), nil,
			salesforce.Fields{"Country__c": "es", "City__c": "Capital"}, true},
		{"beyond the bitmap's bits", country, dependent("Country__c", picklist, true), nil,
			salesforce.Fields{"Country__c": "ES", "City__c": "Berlin"}, false},
		{"unreadable bitmap", country, dependent("Country__c", picklist, true), nil,
			salesforce.Fields{"Country__c": "DE", "City__c": "Nowhere"}, false},
		{"every value of several", country, dependent("Country__c", multi, true), nil,
			salesforce.Fields{"Country__c": "DE", "City__c": "Berlin;Capital"}, true},
		{"one of several", country, dependent("Country__c", multi, true), nil,
			salesforce.Fields{"Country__c": "DE", "City__c": "Berlin;Paris"}, false},
		{"current controller", country, dependent("Country__c", picklist, true),
			record(salesforce.Fields{"Country__c": "FR"}), salesforce.Fields{"City__c": "Paris"}, true},
		{"current controller forbids", country, dependent("Country__c", picklist, true),
			record(salesforce.Fields{"Country__c": "FR"}), salesforce.Fields{"City__c": "Berlin"}, false},
		{"blank controller", country, dependent("Country__c", picklist, true), record(salesforce.Fields{"Country__c": nil}),
			salesforce.Fields{"City__c": "Berlin"}, false},
		{"cleared controller", country, dependent("Country__c", picklist, true),
			record(salesforce.Fields{"Country__c": "DE"}), salesforce.Fields{"Country__c": nil, "City__c": "Berlin"}, false},
		{"new record without controller", country, dependent("Country__c", picklist, true), nil,
			salesforce.Fields{"City__c": "Berlin"}, false},
		{"controller not read", country, dependent("Country__c", picklist, true), record(salesforce.Fields{}),
			salesforce.Fields{"City__c": "Berlin"}, true},
		{"default of the controller", defaulted, dependent("Country__c", picklist, true), nil,
			salesforce.Fields{"City__c": "Berlin"}, true},
		{"controller out of sight", country, dependent("Gone__c", picklist, true), nil,
			salesforce.Fields{"City__c": "Berlin"}, true},
		{"unrestricted", country, dependent("Country__c", picklist, false), nil,
			salesforce.Fields{"Country__c": "DE", "City__c": "Paris"}, true},
		{"cleared", country, dependent("Country__c", picklist, true), record(salesforce.Fields{"Country__c": "DE"}),
			salesforce.Fields{"City__c": nil}, true},
		{"unticked checkbox", flag, dependent("Country__c", picklist, true), nil,
			salesforce.Fields{"Country__c": false, "City__c": "Berlin"}, true},
		{"ticked checkbox", flag, dependent("Country__c", picklist, true), nil,
			salesforce.Fields{"Country__c": true, "City__c": "Berlin"}, false},
		{"checkbox of a new record", flag, dependent("Country__c", picklist, true), nil,
			salesforce.Fields{"City__c": "Berlin"}, true},
		{"what the record holds already", country, dependent("Country__c", picklist, true),
			record(salesforce.Fields{"Country__c": "FR", "City__c": "Berlin"}), salesforce.Fields{"City__c": "Berlin"}, true},
		{"what it holds beside another controller", country, dependent("Country__c", picklist, true),
			record(salesforce.Fields{"Country__c": "DE", "City__c": "Berlin"}),
			salesforce.Fields{"Country__c": "FR", "City__c": "Berlin"}, false},
		{"no picklist", country, salesforce.Field{Name: "City__c", Type: salesforce.TypeString}, nil,
			salesforce.Fields{"City__c": "Rome"}, true},
	} {
		target := Target{Object: "Lead", Record: tc.record,
			Describe: &salesforce.Describe{Fields: []salesforce.Field{tc.controller, tc.field}}}
		faults := checkDependents(target, tc.write)
		if tc.ok {
			require.Empty(t, faults, tc.name)
			continue
		}
		require.Len(t, faults, 1, tc.name)
		require.Equal(t, leadtype.DataValueValidation, faults[0].code)
		require.Equal(t, "City__c", faults[0].field)
		require.Contains(t, faults[0].reason, "Country__c")
		require.NotContains(t, faults[0].reason, "Berlin")
	}
}
