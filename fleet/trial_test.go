// SPDX-License-Identifier: Apache-2.0

package fleet_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

func TestTrialPlansBySettingsThatAreNotSaved(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	f := h.process()
	h.connect(f, "acme")
	rows := &mapping.Mapping{Sections: []mapping.Section{{Object: "Lead", Rules: []mapping.Rule{
		{Source: "lastName", Field: "LastName"}, {Constant: "Trial Ltd", Field: "Company"}}}}}
	trial, err := f.Trial(t.Context(), "acme", &leadsync.Settings{Mapping: rows})
	require.NoError(t, err)
	plan, err := trial.Plan(t.Context(), &leadsync.Lead{ID: "L1", LastName: "Lovelace", Company: "Engines"})
	require.NoError(t, err)
	require.Len(t, plan.Changes, 1)
	require.Equal(t, map[string]any{"LastName": "Lovelace", "Company": "Trial Ltd"}, afterOf(plan.Changes[0].Fields))
	for _, r := range h.orgs["acme"].Requests() {
		require.Zero(t, r.Writes)
	}

	_, revision, err := f.Settings(t.Context(), "acme")
	require.NoError(t, err)
	require.Zero(t, revision)
	syncer, err := f.Syncer(t.Context(), "acme")
	require.NoError(t, err)
	plan, err = syncer.Plan(t.Context(), &leadsync.Lead{ID: "L1", LastName: "Lovelace", Company: "Engines"})
	require.NoError(t, err)
	require.Equal(t, "Engines", afterOf(plan.Changes[0].Fields)["Company"], "the connection keeps its own")
}

// afterOf returns what a change writes, but for keys and owners.
func afterOf(fields []leadtype.FieldChange) map[string]any {
	after := make(map[string]any)
	for _, f := range fields {
		if f.Field == "LastName" || f.Field == "Company" {
			after[f.Field] = f.After
		}
	}
	return after
}

func TestTrialRefusesWhatSetSettingsRefuses(t *testing.T) {
	t.Parallel()
	f := newHost(t, "acme").process()
	bad := &leadsync.Settings{Strategy: "none"}
	_, err := f.Trial(t.Context(), "acme", bad)
	require.Equal(t, f.SetSettings(t.Context(), "acme", bad, 0), err)
	for name, settings := range map[string]*leadsync.Settings{"": {}, "acme": nil} {
		_, err = f.Trial(t.Context(), name, settings)
		require.ErrorIs(t, err, leadsync.DataValueValidation)
	}
}

func TestClientReadsTheOrgOfAConnectionAndIsCounted(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	f := h.process(func(c *fleet.Config) { c.Base.LeadSource = "Fair" })
	require.Equal(t, "Fair", f.Base().LeadSource)
	client, err := f.Client(t.Context(), "acme")
	require.NoError(t, err)
	_, err = client.Read(t.Context(), salesforce.DescribeObject("Lead", ""))
	require.ErrorIs(t, err, leadsync.Authentication, "it is not connected")

	h.connect(f, "acme")
	h.orgs["acme"].ResetLog()
	client, err = f.Client(t.Context(), "acme")
	require.NoError(t, err)
	found, err := client.Read(t.Context(), salesforce.DescribeObject("Lead", ""))
	require.NoError(t, err)
	require.EqualValues(t, "Lead", found[0].Describe.Name)
	require.Len(t, h.orgs["acme"].Requests(), 1)
	_, err = f.Client(t.Context(), "")
	require.ErrorIs(t, err, leadsync.DataValueValidation)
}
