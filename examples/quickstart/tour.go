// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/examples/internal/demoorg"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/review"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A tour shows on the demo org what follows a first sync: what was written to a record and why,
// a cause that is mended in the org and its leads that are retried, a second run that writes
// nothing, and a lead that is undone. Each step says how a host does the same.
type tour struct {
	syncer *leadsync.Syncer
	client *salesforce.Client
	org    *sftest.Org
	leads  []leadsync.LeadID // of the run
	out    io.Writer
}

// run takes all steps, the undoing last: it is of the lead whose record is shown first.
func (t *tour) run(ctx context.Context) error {
	shown, err := t.showRecord(ctx)
	if err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{t.mendCause, t.runAgain} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if shown == nil {
		return nil
	}
	return t.undo(ctx, shown)
}

// showRecord prints the fields of the record that was changed most before and after, and
// returns its lead's outcome. It is nil where no record was updated.
func (t *tour) showRecord(ctx context.Context) (*leadsync.Outcome, error) {
	entries, err := t.syncer.Leads(ctx, leadsync.Filter{Leads: t.leads, Stages: []leadsync.Stage{leadsync.Cleared}})
	if err != nil {
		return nil, err
	}
	var shown *leadsync.Outcome
	for _, e := range entries {
		if e.Last != nil && len(changes(e.Last)) > 0 && (shown == nil || tells(e.Last) > tells(shown)) {
			shown = e.Last
		}
	}
	if shown == nil {
		return nil, nil
	}
	fmt.Fprintf(t.out, "\nOne record before and after: %s %s, of lead %s\n", shown.Object, shown.ID, shown.LeadID)
	table := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, c := range changes(shown) {
		fmt.Fprintf(table, "  %s\t%s -> %s\t%s\n", c.Field, text(c.Before), text(c.After), c.Reason)
	}
	for _, w := range shown.Warnings {
		if w.Object == shown.Object {
			fmt.Fprintf(table, "  %s\t%s\t%s\n", w.Field, w.Kind.Done(), w.Reason)
		}
	}
	table.Flush()
	t.code(`entries, err := syncer.Leads(ctx, leadsync.Filter{Event: "expo-2026"}) // Entry.Last.Parts has each change`)
	return shown, nil
}

// changes returns what was written to the person of a lead.
func changes(o *leadsync.Outcome) []leadtype.FieldChange {
	for _, part := range o.Parts {
		if part.Kind == leadtype.PartPerson {
			return part.Changes
		}
	}
	return nil
}

// tells scores how much the record of a lead shows: what was kept counts most.
func tells(o *leadsync.Outcome) int {
	points := len(changes(o))
	for _, w := range o.Warnings {
		if w.Object == o.Object && w.Kind == leadtype.KeptEdited {
			points += 10
		}
	}
	return points
}

// mendCause adds the options to the org that the preflight missed, and retries the leads that
// failed for them and no others.
func (t *tour) mendCause(ctx context.Context) error {
	summary, err := t.syncer.Summary(ctx, leadsync.Filter{Leads: t.leads})
	if err != nil {
		return err
	}
	cause := causeOf(summary, leadsync.NoTagMapping, demoorg.MissingInterest)
	if cause == nil {
		return nil
	}
	failed, err := t.syncer.Leads(ctx, cause.Filter)
	if err != nil {
		return err
	}
	demoorg.AddInterest(t.org, demoorg.MissingInterest)
	before := t.client.Usage().Calls
	pushed, err := t.syncer.Push(ctx, cause.Filter)
	if err != nil {
		return err
	}
	if err := t.syncer.Drain(ctx); err != nil {
		return err
	}
	now, err := t.syncer.Summary(ctx, leadsync.Filter{Leads: idsOf(failed)})
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "\nOne cause mended: an admin gives Interest__c the option %q\n", demoorg.MissingInterest)
	fmt.Fprintf(t.out, "  the %s of this cause retried, no others, in %s: %d synced, %d failed\n", count(pushed, "lead"),
		count(int(t.client.Usage().Calls-before), "API call"), now.Stages[leadsync.Cleared], now.Stages[leadsync.Failed])
	t.code(`n, err := syncer.Push(ctx, cause.Filter) // of summary.Groups[i].Causes; Run does the rest`)
	return nil
}

func idsOf(entries []leadsync.Entry) []leadsync.LeadID {
	ids := make([]leadsync.LeadID, len(entries))
	for i := range entries {
		ids[i] = entries[i].Lead.ID
	}
	return ids
}

// causeOf returns the failed leads of a code whose rule names a text, nil where there are none.
func causeOf(summary review.Summary, code leadsync.Code, name string) *review.Cause {
	for _, g := range summary.Groups {
		i := slices.IndexFunc(g.Causes, func(c review.Cause) bool { return strings.Contains(c.Rule, name) })
		if g.Code == code && i >= 0 {
			return &g.Causes[i]
		}
	}
	return nil
}

// runAgain syncs all leads once more.
func (t *tour) runAgain(ctx context.Context) error {
	t.org.ResetLog()
	if _, err := t.syncer.Push(ctx, leadsync.Filter{Leads: t.leads}); err != nil {
		return err
	}
	if err := t.syncer.Drain(ctx); err != nil {
		return err
	}
	written, requests := 0, t.org.Requests()
	for _, r := range requests {
		written += r.Writes
	}
	fmt.Fprintf(t.out, "\nThe same leads again: %s written, %s\n", count(written, "record"),
		count(len(requests), "API call"))
	t.code(`n, err := syncer.Push(ctx, leadsync.Filter{Event: "expo-2026"})`)
	return nil
}

// undo takes back what the outcome of a lead says was written for it.
func (t *tour) undo(ctx context.Context, outcome *leadsync.Outcome) error {
	report, err := t.syncer.Revert(ctx, []*leadsync.Outcome{outcome}, revert.Options{Delete: true})
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "\nOne lead undone: %s\n", outcome.LeadID)
	for line := range strings.Lines(report.String()) {
		fmt.Fprintf(t.out, "  %s", line)
	}
	t.code(`report, err := syncer.Revert(ctx, []*leadsync.Outcome{entry.Last}, revert.Options{Delete: true})`)
	return nil
}

// code prints how a host does what was shown.
func (t *tour) code(line string) { fmt.Fprintf(t.out, "  in Go: %s\n", line) }

// text returns a value as a person reads it.
func text(v any) string {
	if v == nil {
		return "(blank)"
	}
	return cmp.Or(fmt.Sprint(v), "(blank)")
}
