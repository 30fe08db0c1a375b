// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// tieredOrg has Leads of two record types, each with its own choice of tiers; new
// ones are of the first.
func tieredOrg(t *testing.T) (org *sftest.Org, partner, customer string) {
	t.Helper()
	org = sftest.NewOrg(t)
	org.DefineField("Lead",
		sftest.Field{Name: "Tier__c", Type: "picklist", Options: []string{"Gold", "Silver", "Tin"}, Restricted: true})
	partner = org.DefineRecordType("Lead",
		sftest.RecordType{Name: "Partner", Default: true, Picklists: map[string][]string{"Tier__c": {"Gold", "Silver"}}})
	customer = org.DefineRecordType("Lead",
		sftest.RecordType{Name: "Customer", Picklists: map[string][]string{"Tier__c": {"Silver", "Tin"}}})
	return org, partner, customer
}

// Into a restricted picklist only the options go that the record's type offers,
// checked before any call.
func TestOptionsFitTheRecordType(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		record string // record type of the Lead that is there, "" for none there
		mapped bool   // a row makes new Leads customers
		answer string
		code   leadsync.Code // "" for going through
	}{
		{"offered by the default type", "", false, "gold", ""},
		{"not offered by the default type", "", false, "Tin", leadsync.NoTagMapping},
		{"offered by the mapped type", "", true, "Tin", ""},
		{"not offered by the mapped type", "", true, "Gold", leadsync.NoTagMapping},
		{"offered by the record's own type", "customer", false, "Tin", ""},
		{"not offered by the record's own type", "customer", false, "Gold", leadsync.NoTagMapping},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			org, _, customer := tieredOrg(t)
			if row.record != "" {
				org.Insert("Lead", map[string]any{"LastName": "Lovelace", "Company": "Engines", "Email": scenario.Ada().Email,
					"RecordTypeId": customer})
			}
			cfg := &leadsync.Config{
				Qualifiers: []leadsync.Qualifier{{Name: "Tier", Fields: map[salesforce.Object]string{"Lead": "Tier__c"}}}}
			if row.mapped {
				m := leadsync.DefaultMapping()
				m.Sections[0].Rules = append(m.Sections[0].Rules,
					leadsync.Rule{Constant: customer[:15], Field: "RecordTypeId", CreateOnly: true})
				cfg.Mapper = m
			}
			lead := scenario.Ada()
			lead.Answers = map[string][]string{"Tier": {row.answer}}
			outcomes, err := scenario.SyncerOf(t, org, cfg).Sync(t.Context(), lead)
			if row.code != "" {
				require.ErrorIs(t, err, row.code)
				require.Zero(t, scenario.WritesOf(org))
				return
			}
			require.NoError(t, err)
			require.Equal(t, leadsync.Cleared, outcomes[0].Stage)
		})
	}
}

// A row of the mapping is held to the record type too.
func TestMappedOptionsFitTheRecordType(t *testing.T) {
	t.Parallel()
	org, _, _ := tieredOrg(t)
	m := leadsync.DefaultMapping()
	m.Sections[0].Rules = append(m.Sections[0].Rules, leadsync.Rule{Source: "custom.tier", Field: "Tier__c"})
	lead := scenario.Ada()
	lead.Custom = map[string]any{"tier": "Tin"}
	_, err := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: m}).Sync(t.Context(), lead)
	require.ErrorIs(t, err, leadsync.DataValueValidation)
	require.Zero(t, scenario.WritesOf(org))
}

// Record types are a read of their own, which may be closed to the user while the
// rest is open.
func TestUnreadableRecordTypesDelayNoLead(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name  string
		fault sftest.Fault
		code  leadsync.Code // of what stops the session, "" for nothing
	}{
		{"closed to the user",
			sftest.Fault{Status: http.StatusForbidden, Body: `[{"errorCode":"INSUFFICIENT_ACCESS","message":"no"}]`}, ""},
		{"broken", sftest.Fault{Status: http.StatusServiceUnavailable}, leadsync.RemoteUnavailable},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			org, _, _ := tieredOrg(t)
			org.Fail(func(r *http.Request, _ int) *sftest.Fault {
				if strings.Contains(r.URL.Path, "layouts") {
					return &row.fault
				}
				return nil
			})
			cfg := &leadsync.Config{
				Qualifiers: []leadsync.Qualifier{{Name: "Tier", Fields: map[salesforce.Object]string{"Lead": "Tier__c"}}}}
			lead := scenario.Ada()
			lead.Answers = map[string][]string{"Tier": {"Gold"}}

			outcomes, err := scenario.SyncerOf(t, org, cfg).Sync(t.Context(), lead)

			require.Equal(t, row.code, leadsync.CodeOf(err))
			require.Equal(t, row.code == "", outcomes[0].Stage == leadsync.Cleared)
		})
	}
}

func TestRecordTypesCostOneCallASessionAndNoneWhereTheyMakeNoDifference(t *testing.T) {
	t.Parallel()
	org, _, _ := tieredOrg(t)
	calls := func(cfg *leadsync.Config) int {
		syncer := scenario.SyncerOf(t, org, cfg)
		org.ResetLog()
		_, err := syncer.Preflight(t.Context())
		require.NoError(t, err)
		_, err = syncer.Preflight(t.Context())
		require.NoError(t, err)
		return len(org.Requests())
	}
	require.Equal(t, 2, calls(nil), "nothing is mapped to a restricted picklist")
	tier := &leadsync.Config{
		Qualifiers: []leadsync.Qualifier{{Name: "Tier", Fields: map[salesforce.Object]string{"Lead": "Tier__c"}}}}
	require.Equal(t, 3, calls(tier), "the describe is the same the second time")
}

// Preflight holds options against the record type of new records.
func TestPreflightLooksAtTheRecordTypeOfNewRecords(t *testing.T) {
	t.Parallel()
	org, _, customer := tieredOrg(t)
	m := leadsync.DefaultMapping()
	m.Sections[0].Rules = append(m.Sections[0].Rules,
		leadsync.Rule{Constant: customer, Field: "RecordTypeId", CreateOnly: true})
	tier := leadsync.Qualifier{Name: "Tier", Fields: map[salesforce.Object]string{"Lead": "Tier__c"},
		Options: map[string]string{"a": "Gold", "b": "Tin"}}
	for want, mapper := range map[string]leadsync.Mapper{"Tin": nil, "Gold": m} {
		report, err := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: mapper, Qualifiers: []leadsync.Qualifier{tier}}).
			Preflight(t.Context())
		require.NoError(t, err)
		require.False(t, report.OK())
		require.Equal(t, leadsync.NoTagMapping, report.Findings[0].Code)
		require.Equal(t, "qualifiers[0].options", report.Findings[0].Path)
		require.Contains(t, report.Findings[0].Reason, want)
	}
}
