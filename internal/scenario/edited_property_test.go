// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store/memory"
)

// An office is an org in which reps edit what leads become, and what they did so far.
type office struct {
	*rapid.T
	ctx     *testing.T
	org     *sftest.Org
	store   leadsync.Store
	syncer  *leadsync.Syncer // of Sync without a store, nil for captured leads
	leads   map[leadsync.LeadID]*leadsync.Lead
	edited  map[string]any // by object, id and field, what a rep has made of it
	written map[string]bool
	n       int
}

// officeFields are the fields that reps edit and leads fill.
var officeFields = map[string]func(*leadsync.Lead, string){
	"Title":       func(l *leadsync.Lead, v string) { l.JobTitle = v },
	"Phone":       func(l *leadsync.Lead, v string) { l.Phone = v },
	"MobilePhone": func(l *leadsync.Lead, v string) { l.MobilePhone = v },
}

func (o *office) fields() []string { return slices.Sorted(maps.Keys(officeFields)) }

// officeMapping is the default mapping with an opt-out and a consent.
func officeMapping(org *sftest.Org) *leadsync.Mapping {
	m := leadsync.DefaultMapping()
	for i, object := range []string{"Lead", "Contact"} {
		org.DefineField(object, sftest.Field{Name: "HasOptedOutOfEmail", Type: "boolean"})
		org.DefineField(object, sftest.Field{Name: "Newsletter__c", Type: "boolean"})
		m.Sections[i].Rules = append(m.Sections[i].Rules,
			leadsync.Rule{Source: "custom.out", Field: "HasOptedOutOfEmail", Write: mapping.Raise},
			leadsync.Rule{Source: "custom.in", Field: "Newsletter__c", Write: mapping.Lower})
	}
	return m
}

// TestNothingThatAPersonEditedChanges holds for random leads, edits, automation that tidies
// up, merges and conversions under the default rules.
func TestNothingThatAPersonEditedChanges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) { liveInOffice(t, r, memory.New(nil)) })
}

func liveInOffice(t *testing.T, r *rapid.T, kept leadsync.Store) {
	org := sftest.NewOrg(nil)
	defer org.Close()
	o := &office{T: r, ctx: t, org: org, store: kept, leads: make(map[leadsync.LeadID]*leadsync.Lead),
		edited: make(map[string]any), written: make(map[string]bool)}
	scenario.AddVisits(org) // which snapshot reads too
	cfg := leadsync.Config{Mapper: officeMapping(org)}
	if rapid.Bool().Draw(r, "Sync") {
		o.syncer = scenario.SyncerOf(t, org, &cfg)
	}
	if rapid.Bool().Draw(r, "known person") {
		o.org.Insert("Lead", map[string]any{"FirstName": "F0", "LastName": "Person0", "Company": "[not provided]",
			"Email": "p0@acme.example", "Title": "Edited before", "HasOptedOutOfEmail": true})
	}
	for range rapid.IntRange(2, 8).Draw(r, "steps") {
		before := snapshot(org)
		switch rapid.IntRange(0, 5).Draw(r, "what") {
		case 0, 1, 2:
			for _, out := range o.sync(&cfg, o.draw()) {
				o.checkWarnings(out)
			}
			o.checkKept(before)
			o.tidy()
		case 3, 4:
			o.edit()
		case 5:
			o.move()
			o.syncAgain(&cfg) // the memory follows when a lead comes by, not before
		}
	}
	org.ResetLog()
	before := snapshot(org)
	o.syncAgain(&cfg)
	o.checkKept(before)
}

// syncAgain syncs all leads as they are.
func (o *office) syncAgain(cfg *leadsync.Config) {
	for _, id := range slices.Sorted(maps.Keys(o.leads)) {
		o.leads[id].Scans++
	}
	o.sync(cfg, slices.Collect(maps.Values(o.leads)))
}

// draw returns new and changed leads.
func (o *office) draw() []*leadsync.Lead {
	var batch []*leadsync.Lead
	for range rapid.IntRange(1, 3).Draw(o.T, "leads") {
		i := rapid.IntRange(0, 3).Draw(o.T, "lead")
		id, person := leadsync.LeadID(fmt.Sprintf("L%d", i)), i%2
		if slices.ContainsFunc(batch, func(l *leadsync.Lead) bool { return l.ID == id }) {
			continue
		}
		o.n++
		lead := &leadsync.Lead{ID: id, FirstName: fmt.Sprintf("F%d", person), LastName: fmt.Sprintf("Person%d", person),
			Email: fmt.Sprintf("p%d@acme.example", person), Company: "Acme", Custom: make(map[string]any),
			CapturedAt: time.Date(2026, 5, 4, rapid.IntRange(8, 12).Draw(o.T, "hour"), o.n%60, 0, 0, time.UTC), Scans: o.n}
		for _, name := range o.fields() {
			if rapid.Bool().Draw(o.T, name) {
				officeFields[name](lead, fmt.Sprintf("617 555 %d", 1000+rapid.IntRange(1, 5).Draw(o.T, "value")))
			}
		}
		for _, name := range []string{"out", "in"} {
			lead.Custom[name] = rapid.SampledFrom([]any{true, false, ""}).Draw(o.T, name)
		}
		batch = append(batch, lead)
		o.leads[id] = lead
	}
	return batch
}

// sync syncs leads, in a new process where a store keeps them.
func (o *office) sync(cfg *leadsync.Config, batch []*leadsync.Lead) []*leadsync.Outcome {
	var outcomes []*leadsync.Outcome
	if o.syncer != nil {
		var err error
		outcomes, err = o.syncer.Sync(o.ctx.Context(), batch...)
		require.NoError(o, err)
	} else {
		own := *cfg
		own.Store = o.store
		syncer := scenario.SyncerOf(o.ctx, o.org, &own)
		_, err := syncer.Capture(o.ctx.Context(), batch...)
		require.NoError(o, err)
		require.NoError(o, syncer.Drain(o.ctx.Context()))
		for _, entry := range scenario.StoredIn(o.ctx, syncer) {
			if slices.ContainsFunc(batch, func(l *leadsync.Lead) bool { return l.ID == entry.Lead.ID }) {
				outcomes = append(outcomes, entry.Last)
			}
		}
	}
	for _, out := range outcomes {
		require.Equal(o, leadsync.Cleared, out.Stage, "%v", out.Err)
	}
	return outcomes
}

func keyOf(object, id, field string) string { return object + " " + id + " " + field }

// people are the records of people that are there.
func (o *office) people(see func(object, id string, row map[string]any)) {
	for _, object := range []string{"Lead", "Contact"} {
		for _, row := range o.org.Rows(object) {
			if row["IsConverted"] != true {
				see(object, row["Id"].(string), row)
			}
		}
	}
}

// checkKept checks what a sync made of the records that were there.
func (o *office) checkKept(before state) {
	o.people(func(object, id string, row map[string]any) {
		was := before[object][id]
		for _, name := range o.fields() {
			key := keyOf(object, id, name)
			switch value, ok := o.edited[key]; {
			case ok && (value != nil || o.written[key]):
				require.Equal(o, value, row[name], "a person edited %s", key)
			case row[name] != nil:
				delete(o.edited, key) // emptied before it was ever written, and filled now
			}
			if was != nil && was[name] != nil {
				require.NotNil(o, row[name], "%s was not blank", key)
			}
			if row[name] != nil && !strings.HasPrefix(fmt.Sprint(row[name]), "Edited") {
				o.written[key] = true
			}
		}
		if was != nil && was["Company"] != "[not provided]" {
			require.NotEqual(o, "[not provided]", row["Company"], "a stand-in replaces nothing")
		}
		if was != nil && was["HasOptedOutOfEmail"] == true {
			require.Equal(o, true, row["HasOptedOutOfEmail"], "an opt-out stays")
		}
		if was != nil && was["Newsletter__c"] != true {
			require.NotEqual(o, true, row["Newsletter__c"], "nobody is opted in again")
		}
	})
}

// checkWarnings checks that a lead whose value was decided against says so.
func (o *office) checkWarnings(out *leadsync.Outcome) {
	lead, row := o.leads[out.LeadID], o.org.Row(string(out.Object), string(out.ID))
	for _, name := range o.fields() {
		var other leadsync.Lead
		officeFields[name](&other, fmt.Sprint(row[name]))
		given := [3]string{lead.JobTitle, lead.Phone, lead.MobilePhone}
		held := [3]string{other.JobTitle, other.Phone, other.MobilePhone}
		i := slices.IndexFunc(held[:], func(v string) bool { return v != "" })
		key := keyOf(string(out.Object), string(out.ID), name)
		value, edited := o.edited[key]
		edited = edited && (value != nil || o.written[key]) // else it may be filled
		if given[i] == "" || !edited || strings.EqualFold(given[i], strings.TrimSpace(held[i])) {
			continue
		}
		kinds := warned(out, name)
		require.Len(o, kinds, 1, "%s of %s", name, out.LeadID)
		require.Contains(o, []leadtype.WarningKind{leadtype.KeptEdited, leadtype.KeptCleared, leadtype.KeptExisting,
			leadtype.Stale}, kinds[0])
	}
}

// tidy is automation that changes the form of what was written.
func (o *office) tidy() {
	o.people(func(object, id string, row map[string]any) {
		for _, name := range o.fields() {
			if _, edited := o.edited[keyOf(object, id, name)]; row[name] != nil && !edited && rapid.Bool().Draw(o.T, "tidy") {
				o.org.Update(object, id, map[string]any{name: strings.ReplaceAll(fmt.Sprint(row[name]), " ", "  ")})
			}
		}
	})
}

// edit lets a rep change or empty a field.
func (o *office) edit() {
	o.people(func(object, id string, row map[string]any) {
		name := rapid.SampledFrom(o.fields()).Draw(o.T, "edited field")
		if !rapid.Bool().Draw(o.T, "edit") {
			return
		}
		var value any
		if rapid.Bool().Draw(o.T, "changes") {
			o.n++
			value = fmt.Sprintf("Edited %d", o.n)
		} else if row[name] == nil {
			return // it was empty
		}
		o.org.Update(object, id, map[string]any{name: value})
		o.edited[keyOf(object, id, name)] = value
	})
}

// move converts a Lead, or merges it into another one that has the same values.
func (o *office) move() {
	for _, row := range o.org.Rows("Lead") {
		id := row["Id"].(string)
		if row["IsConverted"] == true || !rapid.Bool().Draw(o.T, "move") {
			continue
		}
		object, to := "Contact", ""
		if rapid.Bool().Draw(o.T, "convert") {
			to, _ = o.org.Convert(id)
			o.org.Update(object, to, map[string]any{"HasOptedOutOfEmail": row["HasOptedOutOfEmail"],
				"Newsletter__c": row["Newsletter__c"]})
		} else {
			same := make(map[string]any)
			for _, name := range append(o.fields(), "FirstName", "LastName", "Company", "Email", "HasOptedOutOfEmail",
				"Newsletter__c") {
				same[name] = row[name]
			}
			object, to = "Lead", o.org.Insert("Lead", same)
			o.org.Merge("Lead", to, id)
		}
		for _, name := range o.fields() {
			from, now := keyOf("Lead", id, name), keyOf(object, to, name)
			if value, ok := o.edited[from]; ok {
				o.edited[now] = value
			}
			o.written[now] = o.written[from]
		}
		return
	}
}
