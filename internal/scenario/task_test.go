// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// withTasks is the default mapping with rules for Tasks.
func withTasks(rules ...leadsync.Rule) *leadsync.Mapping {
	m := leadsync.DefaultMapping()
	m.Sections = append(m.Sections, mapping.Section{Object: "Task", Rules: rules})
	return m
}

// called is a lead with a call.
func called() *leadsync.Lead {
	lead := scenario.Ada()
	lead.EventName = "Expo"
	lead.CapturedAt = time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	lead.Activities = []leadsync.Activity{{ID: "a1", Kind: leadsync.ActivityCall, Notes: "called back"}}
	return lead
}

// onlyTask returns the only Task.
func onlyTask(t *testing.T, org *sftest.Org) map[string]any {
	t.Helper()
	rows := org.Rows("Task")
	require.Len(t, rows, 1)
	return rows[0]
}

// warnsOf reports whether an outcome has a warning of a field of Tasks.
func warnsOf(out *leadsync.Outcome, kind leadtype.WarningKind, field string) bool {
	return slices.ContainsFunc(out.Warnings, func(w leadtype.Warning) bool {
		return w.Object == salesforce.ObjectTask && w.Kind == kind && w.Field == field && w.Reason != ""
	})
}

// A renamed or missing "Completed" once failed each activity, or stored a status that
// closes nothing.
func TestTasksGetTheStatusThatClosesThemInTheOrg(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name    string
		field   *sftest.Field
		hidden  bool // TaskStatus
		want    string
		closed  bool
		finding bool
	}{
		{"Salesforce's own", nil, false, "Completed", true, false},
		{"renamed", &sftest.Field{Options: []string{"Offen", "Erledigt"}, Default: "Offen"}, false, "Erledigt", true, false},
		{"renamed, restricted", &sftest.Field{Options: []string{"Offen", "Erledigt"}, Default: "Offen", Restricted: true},
			false, "Erledigt", true, false},
		{"only the label", &sftest.Field{Options: []string{"Not Started", "Completed"}, Default: "Not Started",
			Labels: map[string]string{"Completed": "Erledigt"}}, false, "Completed", true, false},
		{"several closed", &sftest.Field{Options: []string{"Offen", "Erledigt", "Abgesagt"}, Default: "Offen",
			Closed: []string{"Erledigt", "Abgesagt"}}, false, "Offen", false, true},
		{"Completed is open", &sftest.Field{Options: []string{"Completed", "Archived"}, Default: "Completed",
			Closed: []string{"Archived"}}, false, "Archived", true, false},
		{"statuses hidden", nil, true, "Completed", true, false},
		{"statuses hidden, renamed", &sftest.Field{Options: []string{"Offen", "Erledigt"}, Default: "Offen",
			Restricted: true}, true, "Offen", false, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			if row.field != nil {
				row.field.Name, row.field.Type = "Status", "picklist"
				org.DefineField("Task", *row.field)
			}
			if row.hidden {
				org.Forbid("TaskStatus", "read")
			}
			syncer := scenario.SyncerOf(t, org, nil)
			report, err := syncer.Preflight(t.Context())
			require.NoError(t, err)
			require.Equal(t, row.finding, slices.ContainsFunc(report.Findings, func(f preflight.Finding) bool {
				return f.Object == salesforce.ObjectTask && f.Field == "Status" && f.Fix != ""
			}), report.Findings)
			out := scenario.SyncOne(t, syncer, called())
			require.Empty(t, out.Warnings)
			task := onlyTask(t, org)
			require.Equal(t, row.want, task["Status"])
			require.Equal(t, row.closed, task["IsClosed"])
		})
	}
}

// The rules for Tasks fill any field but what says whose Task of what kind it is, when the
// Task is created and never later.
func TestRulesFillTasks(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.DefineField("Task", sftest.Field{Name: "Outcome__c", Type: "picklist", Required: true, Restricted: true,
		Options: []string{"Spoken", "Other"}})
	org.DefineField("Task", sftest.Field{Name: "Event__c"})
	org.DefineField("Task", sftest.Field{Name: "At__c", Type: "datetime"})
	org.DefineField("Task", sftest.Field{Name: "Coach__c", Type: "reference", ReferenceTo: []string{"User"}})
	org.DefineField("Task", sftest.Field{Name: "Source__c"})
	rep := insertUser(org, "rep@host.example", "rep@host.example")
	boss := insertUser(org, "boss@host.example", "boss@host.example")
	cfg := &leadsync.Config{Mapper: withTasks(
		leadsync.Rule{Source: "activity.kind", Field: "Outcome__c", Values: map[string]string{"call": "Spoken"},
			Unmapped: mapping.DropUnmapped, Default: "Other"},
		leadsync.Rule{Source: "eventName", Field: "Event__c"},
		leadsync.Rule{Source: "activity.at", Field: "At__c"},
		leadsync.Rule{Source: "activity.by", Field: "Coach__c"},
		leadsync.Rule{Source: "activity.id", Field: "Source__c", Write: mapping.UnlessEdited},
		leadsync.Rule{Source: "eventName", Field: "Description", Write: mapping.Append},
		leadsync.Rule{Constant: "High", Field: "Priority", CreateOnly: true},
		leadsync.Rule{Source: "custom.owner", Field: "OwnerId"},
		leadsync.Rule{Field: "TaskSubtype", Write: mapping.Clear},
	)}
	lead := called()
	lead.Custom = map[string]any{"owner": "boss@host.example"}
	lead.Activities[0].By = "rep@host.example"
	lead.Activities[0].At = time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)
	syncer := scenario.SyncerOf(t, org, cfg)
	report, err := syncer.Preflight(t.Context())
	require.NoError(t, err)
	require.True(t, report.OK(), report.Findings)
	out := scenario.SyncOne(t, syncer, lead)
	require.Empty(t, out.Warnings)
	task := onlyTask(t, org)
	for field, want := range map[string]any{"Subject": "Call", "Outcome__c": "Spoken", "Event__c": "Expo", "Coach__c": rep,
		"Source__c": "a1", "Description": "called back\nExpo", "Priority": "High", "OwnerId": boss, "TaskSubtype": "Task",
		"Status": "Completed", "ActivityDate": "2026-05-04"} {
		require.Equal(t, want, task[field], field)
	}
	require.Contains(t, fmt.Sprint(task["At__c"]), "2026-05-04 10:00")

	org.Update("Task", task["Id"].(string), map[string]any{"Priority": "Low"})
	for _, again := range []*leadsync.Syncer{syncer, scenario.SyncerOf(t, org, cfg)} {
		require.Equal(t, leadsync.Unchanged, scenario.SyncOne(t, again, lead).Action, "the second run writes nothing")
	}
	require.Equal(t, "Low", onlyTask(t, org)["Priority"])
}

// Without a key field a Task is the activity's by its content: with what the rules make of
// it, and as it was logged before there were rules.
func TestTasksAreLoggedOnceWhateverTheirRules(t *testing.T) {
	t.Parallel()
	day := leadsync.Rule{Source: "capturedAt", Field: "ActivityDate", Transforms: []string{"addDays:30"}}
	text := leadsync.Rule{Source: "eventName", Field: "Description", Write: mapping.Append}
	for name, row := range map[string]struct{ first, second *leadsync.Mapping }{
		"another day":                {withTasks(day), withTasks(day)},
		"another text":               {withTasks(text), withTasks(text)},
		"rules came later":           {leadsync.DefaultMapping(), withTasks(day, text)},
		"another day, twice by text": {withTasks(day, text), withTasks(day, text)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			lead := called()
			lead.Activities = append(lead.Activities, leadsync.Activity{ID: "a2", Kind: leadsync.ActivityCall,
				Notes: "called back"}) // the same content, another activity
			scenario.SyncOne(t, scenario.SyncerOf(t, org, &leadsync.Config{Mapper: row.first}), lead)
			require.Equal(t, 2, org.Count("Task"))
			again := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: row.second})
			require.Equal(t, leadsync.Unchanged, scenario.SyncOne(t, again, lead).Action)
			require.Equal(t, 2, org.Count("Task"))
		})
	}
}

// What the org does not take of a Task is left out, and the Task is logged.
func TestTasksGoWithoutWhatTheOrgDoesNotTake(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		org   func(*sftest.Org)
		rules []leadsync.Rule
		kind  leadtype.WarningKind
		field string
	}{
		"a subtype": {org: func(org *sftest.Org) {
			org.DefineField("Task", sftest.Field{Name: "TaskSubtype", Type: "picklist", Restricted: true,
				Options: []string{"Task", "Email"}, Default: "Task"})
		}, kind: leadtype.Unfit, field: "TaskSubtype"},
		"an option": {org: func(org *sftest.Org) {
			org.DefineField("Task", sftest.Field{Name: "Mood__c", Type: "picklist", Restricted: true, Options: []string{"Good"}})
		}, rules: []leadsync.Rule{{Source: "eventName", Field: "Mood__c"}}, kind: leadtype.Unfit, field: "Mood__c"},
		"an owner": {rules: []leadsync.Rule{{Source: "custom.owner", Field: "OwnerId"}},
			kind: leadtype.OwnerReplaced, field: "OwnerId"},
		"a related record of a Lead's": {rules: []leadsync.Rule{{Constant: "campaign", Field: "WhatId"}},
			kind: leadtype.Unfit, field: "WhatId"},
		"what only Salesforce refuses": {org: func(org *sftest.Org) {
			org.DefineField("Task", sftest.Field{Name: "Code__c"})
			org.OnRow("Task", func(_ string, row map[string]any) *sftest.RowError {
				if row["Code__c"] == nil {
					return nil
				}
				return &sftest.RowError{StatusCode: "STRING_TOO_LONG", Message: "Code: data value too large",
					Fields: []string{"Code__c"}}
			})
		}, rules: []leadsync.Rule{{Source: "eventName", Field: "Code__c"}}, kind: leadtype.Unfit, field: "Code__c"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			if row.org != nil {
				row.org(org)
			}
			for i := range row.rules {
				if row.rules[i].Constant == "campaign" {
					row.rules[i].Constant = org.Insert("Campaign", map[string]any{"Name": "Expo", "IsActive": true})
				}
			}
			lead := called()
			lead.Custom = map[string]any{"owner": "nobody@host.example"}
			syncer := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: withTasks(row.rules...)})
			out := scenario.SyncOne(t, syncer, lead)
			require.True(t, warnsOf(out, row.kind, row.field), out.Warnings)
			require.Equal(t, "called back", onlyTask(t, org)["Description"])
			require.Empty(t, out.Owed, "a Task is not written again")
			again := scenario.SyncOne(t, syncer, lead)
			require.Equal(t, leadsync.Unchanged, again.Action)
		})
	}
}

// A field that the org requires and nothing fills fails the activity and is found before;
// the person is written all the same.
func TestATaskNeedsItsRequiredFields(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.DefineField("Task", sftest.Field{Name: "Outcome__c", Required: true})
	for _, cfg := range []*leadsync.Config{nil,
		{Mapper: withTasks(leadsync.Rule{Source: "custom.outcome", Field: "Outcome__c"})}} {
		syncer := scenario.SyncerOf(t, org, cfg)
		report, err := syncer.Preflight(t.Context())
		require.NoError(t, err)
		require.Equal(t, cfg == nil, slices.ContainsFunc(report.Findings, func(f preflight.Finding) bool {
			return f.Severity == preflight.SeverityError && f.Code == leadsync.RequiredFieldMissing && f.Field == "Outcome__c"
		}), report.Findings)
		outcomes, _ := syncer.Sync(t.Context(), called()) // the error is the lead's
		require.Len(t, outcomes, 1)
		require.ErrorIs(t, outcomes[0].Err, leadsync.RequiredFieldMissing)
		require.Equal(t, []string{"Outcome__c"}, outcomes[0].Err.Fields)
		require.Equal(t, 1, org.Count("Lead"))
		require.Zero(t, org.Count("Task"))
	}
	mapped := &leadsync.Config{Mapper: withTasks(leadsync.Rule{Constant: "Positive", Field: "Outcome__c"})}
	scenario.SyncOne(t, scenario.SyncerOf(t, org, mapped), called())
	require.Equal(t, "Positive", onlyTask(t, org)["Outcome__c"])
}

// The rules are for new Tasks: one that they would fail for is left as it is where it has
// been logged.
func TestRulesDoNotFailTasksThatAreThere(t *testing.T) {
	t.Parallel()
	failing := &leadsync.Config{Mapper: withTasks(
		leadsync.Rule{Source: "activity.kind", Field: "Type", Values: map[string]string{"meeting": "Meeting"}})}
	for _, keyed := range []bool{false, true} {
		t.Run(fmt.Sprintf("key field %t", keyed), func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			if keyed {
				org.AddExternalID("Lead", "Task")
			}
			scenario.SyncOne(t, scenario.SyncerOf(t, org, nil), called())
			out := scenario.SyncOne(t, scenario.SyncerOf(t, org, failing), called())
			require.Equal(t, leadsync.Unchanged, out.Action)
			require.Equal(t, 1, org.Count("Task"))

			later := called()
			later.Activities = append(later.Activities, leadsync.Activity{ID: "a2", Kind: leadsync.ActivityCall, Notes: "again"})
			outcomes, _ := scenario.SyncerOf(t, org, failing).Sync(t.Context(), later)
			require.ErrorIs(t, outcomes[0].Err, leadsync.NoTagMapping, "a new one fails")
			require.Equal(t, 1, org.Count("Task"))
		})
	}
}

// A row may say that its value has to fit.
func TestATaskFailsForAValueThatHasToFit(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	for field, rule := range map[string]leadsync.Rule{
		"TaskSubtype": {Source: "eventName", Field: "TaskSubtype", Unfit: mapping.Fail},
		"OwnerId":     {Source: "email", Field: "OwnerId", Unfit: mapping.Fail},
	} {
		outcomes, _ := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: withTasks(rule)}).Sync(t.Context(), called())
		require.Equal(t, []string{field}, outcomes[0].Err.Fields)
		require.Zero(t, org.Count("Task"))
	}
}
