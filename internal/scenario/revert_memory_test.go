// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// wrongRun is a lead whose run went wrong on a record that was there, and was reverted.
func wrongRun(d *desk, rules *leadsync.Mapping) (id string, lead *leadsync.Lead, out *leadsync.Outcome) {
	d.cfg.Mapper = rules
	id = d.org.Insert("Lead", map[string]any{"FirstName": "Pia", "LastName": "Gibson", "Company": "Acme Ltd",
		"Email": "pia@acme.example", "MobilePhone": "9", "Description": "An old note"})
	lead = later(visitor(), func(l *leadsync.Lead) { l.Notes = "Wants a demo" })
	out = d.sync(lead)["L1"]
	require.Equal(d.t, "Mgr", d.org.Row("Lead", id)["Title"])
	d.revert(out)
	row := d.org.Row("Lead", id)
	require.Equal(d.t, []any{nil, nil, "An old note"}, []any{row["Title"], row["Phone"], row["Description"]})
	return id, lead, out
}

// revert reverts outcomes in a process of its own.
func (d *desk) revert(outcomes ...*leadsync.Outcome) *revert.Report {
	d.t.Helper()
	cfg := d.cfg
	cfg.Store = d.store
	report, err := scenario.SyncerOf(d.t, d.org, &cfg).Revert(d.t.Context(), outcomes, revert.Options{})
	require.NoError(d.t, err)
	return report
}

// overwritingAll is the default mapping with Overwrite in place of every row but notes.
func overwritingAll() *leadsync.Mapping {
	rules := leadsync.DefaultMapping()
	for i := range rules.Sections[0].Rules {
		if rule := &rules.Sections[0].Rules[i]; rule.Write != mapping.Append {
			rule.Write = mapping.Overwrite
		}
	}
	return rules
}

// Before, a push after a revert wrote nothing, because every part was settled, and a later
// lead left the fields empty for ever, because they passed for emptied by a person.
func TestAfterARevertEverythingIsWrittenAgain(t *testing.T) {
	t.Parallel()
	for name, rules := range map[string]*leadsync.Mapping{
		"default": leadsync.DefaultMapping(), "overwrite": overwritingAll(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, leadsync.Config{})
			id, lead, _ := wrongRun(d, rules)
			pushed := d.push(leadsync.Filter{})["L1"]
			require.Empty(t, warned(pushed, "Title"))
			row := d.org.Row("Lead", id)
			require.Equal(t, []any{"Mgr", "617-555-0100"}, []any{row["Title"], row["Phone"]})
			require.Contains(t, row["Description"], "Wants a demo")

			d.revert(pushed)
			require.Nil(t, d.org.Row("Lead", id)["Title"])
			second := later(lead, func(l *leadsync.Lead) {
				l.ID, l.JobTitle, l.CapturedAt = "L2", "Manager", l.CapturedAt.Add(time.Hour)
			})
			out := d.sync(second)["L2"]
			require.Empty(t, warned(out, "Title"))
			require.Equal(t, "Manager", d.org.Row("Lead", id)["Title"])

			// What a person does after the revert is an edit again.
			d.edit(out, map[string]any{"Phone": nil})
			d.sync(later(second, func(l *leadsync.Lead) { l.Phone, l.Scans = "", 2 }))
			d.org.ResetLog()
			d.push(leadsync.Filter{})
			if name == "default" {
				require.Nil(t, d.org.Row("Lead", id)["Phone"])
				require.Zero(t, scenario.WritesOf(d.org))
			}
		})
	}
}

// A value of the connection's own that was restored is its own: it is kept up to date.
func TestARestoredValueOfOurOwnIsKeptUpToDate(t *testing.T) {
	t.Parallel()
	d := newDesk(t, leadsync.Config{})
	out := d.sync(visitor())["L1"]
	wrong := d.sync(later(visitor(), func(l *leadsync.Lead) { l.JobTitle = "#REF" }))["L1"]
	d.revert(wrong)
	require.Equal(t, "Mgr", d.org.Row("Lead", string(out.ID))["Title"])
	out = d.sync(later(visitor(), func(l *leadsync.Lead) { l.JobTitle = "Manager" }))["L1"]
	require.Empty(t, warned(out, "Title"))
	require.Equal(t, "Manager", d.org.Row("Lead", string(out.ID))["Title"])
}

// Without a store the process remembers.
func TestAfterARevertSyncWritesAgain(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	id := scenario.InsertLead(org, "Gibson", "pia@acme.example")
	org.Update("Lead", id, map[string]any{"FirstName": "Pia"})
	syncer := scenario.SyncerOf(t, org, nil)
	out := scenario.SyncOne(t, syncer, visitor())
	require.Equal(t, "Mgr", org.Row("Lead", id)["Title"])
	_, err := syncer.Revert(t.Context(), []*leadsync.Outcome{out}, revert.Options{})
	require.NoError(t, err)
	require.Nil(t, org.Row("Lead", id)["Title"])
	scenario.SyncOne(t, syncer, visitor())
	require.Equal(t, "Mgr", org.Row("Lead", id)["Title"])
}

// The control: a revert that nobody is told of leaves fields that pass for emptied.
func TestARevertNeedsTheMemory(t *testing.T) {
	t.Parallel()
	d := newDesk(t, leadsync.Config{})
	d.cfg.Mapper = leadsync.DefaultMapping()
	id := d.org.Insert("Lead", map[string]any{"FirstName": "Pia", "LastName": "Gibson", "Email": "pia@acme.example"})
	d.sync(visitor())
	d.org.Update("Lead", id, map[string]any{"Title": nil}) // as a revert of others does
	out := d.sync(later(visitor(), func(l *leadsync.Lead) { l.ID, l.JobTitle = "L2", "Manager" }))["L2"]
	require.Equal(t, []leadtype.WarningKind{leadtype.KeptCleared}, warned(out, "Title"))
}

// A store that cannot be told stops a revert before anything is written.
func TestARevertThatCannotBeRememberedWritesNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t, leadsync.Config{})
	out := d.sync(visitor())["L1"]
	wrong := d.sync(later(visitor(), func(l *leadsync.Lead) { l.JobTitle = "#REF" }))["L1"]
	cfg := d.cfg
	cfg.Store = deafStore{d.store}
	_, err := scenario.SyncerOf(t, d.org, &cfg).Revert(t.Context(), []*leadsync.Outcome{wrong}, revert.Options{})
	require.ErrorIs(t, err, errDeaf)
	require.Equal(t, "#REF", d.org.Row("Lead", string(out.ID))["Title"])
}

// A deafStore cannot be told of records.
type deafStore struct{ leadsync.Store }

var errDeaf = context.DeadlineExceeded

func (deafStore) Remember(context.Context, string, []leadtype.RecordMemory) error { return errDeaf }
