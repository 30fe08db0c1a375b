// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
)

// checkOrg compares the org with the hosts' lists: everything once, as it was
// captured last, and with its own person.
func (w *world) checkOrg() error {
	want := w.wanted()
	errs := []error{w.checkPeople(want), w.checkTasks(want)}
	if len(w.merges) == 0 && len(want.excused) == 0 {
		errs = append(errs, w.checkTexts(string(w.org.object()), "LastName", want.names))
	}
	if w.org.strategy == leadsync.AccountsAndContacts {
		errs = append(errs, w.checkAccounts(want))
	}
	return errors.Join(errs...)
}

// An expectation is what should be in the org, by group of people.
type expectation struct {
	groups    map[string][]*leadsync.Lead
	versions  map[string][]*leadsync.Lead // all that was ever said of them
	names     []string                    // last names, one for each group
	companies map[string]bool             // some of which may never have been needed
	tasks     []string
	excused   map[string]bool // see world.excused
}

func (w *world) wanted() *expectation {
	want := &expectation{groups: make(map[string][]*leadsync.Lead), versions: make(map[string][]*leadsync.Lead),
		companies: make(map[string]bool), excused: w.excused()}
	tasks := make(map[string]bool) // two stores may hold the same leads
	for _, of := range w.systems() {
		for _, n := range slices.Sorted(maps.Keys(of.leads)) {
			group := w.group(of.audience.person(n))
			if len(want.groups[group]) == 0 {
				want.names = append(want.names, of.leads[n].LastName)
			}
			want.groups[group] = append(want.groups[group], of.leads[n])
			for version := 1; version <= of.versions[n]; version++ {
				lead := of.audience.lead(n, version)
				want.versions[group] = append(want.versions[group], lead)
				want.companies[lead.Company] = true
			}
			for _, a := range of.leads[n].Activities {
				tasks[a.Notes] = true
			}
		}
	}
	want.tasks = slices.Sorted(maps.Keys(tasks))
	slices.Sort(want.names)
	return want
}

// mark finds what a lead leaves in its texts.
var mark = regexp.MustCompile(`\w+ of (\w*)L(\d+), \d+`)

// named returns the groups of people that a text names.
func (w *world) named(text string) []string {
	var groups []string
	for _, found := range mark.FindAllStringSubmatch(text, -1) {
		var n int
		_, _ = fmt.Sscan(found[2], &n)
		of := w.audience
		of.system = found[1]
		if group := w.group(of.person(n)); !slices.Contains(groups, group) {
			groups = append(groups, group)
		}
	}
	return groups
}

// checkPeople checks that each group of people has one record, which says what their
// leads said last and nothing of others, and which is one member.
func (w *world) checkPeople(want *expectation) error {
	var errs []error
	records, members := make(map[string][]salesforce.Record), make(map[string]int)
	owners := w.owners()
	for _, row := range w.org.live("CampaignMember") {
		members[row.Text(string(w.org.object())+"Id")]++
	}
	for _, row := range w.org.live(w.org.object()) {
		if groups := w.named(row.Text("Title") + row.Text("Description")); len(groups) != 1 {
			errs = append(errs, fmt.Errorf("mixed: a record of %q has the title %q and the notes %q", groups, row.Text("Title"),
				row.Text("Description")))
		}
		group := owners[string(row.ID)]
		records[group] = append(records[group], row)
		if n := members[string(row.ID)]; n > 1 || n == 0 && !want.excused[group] {
			errs = append(errs, fmt.Errorf("a record of %s is %d members", group, n))
		}
		errs = append(errs, w.checkValues(row, group, want))
	}
	for group := range want.groups {
		if n := len(records[group]); n == 0 || n > 1 && !want.excused[group] {
			errs = append(errs, fmt.Errorf("%d records of %s", n, group))
		}
	}
	return errors.Join(errs...)
}

// owners returns the group of each record's person, by id: its title names it.
func (w *world) owners() map[string]string {
	owners := make(map[string]string)
	for _, row := range w.org.live(w.org.object()) {
		if groups := w.named(row.Text("Title")); len(groups) > 0 {
			owners[string(row.ID)] = groups[0]
		}
	}
	return owners
}

// checkValues checks that a record says what one of its leads said last. The leads of
// merged records, and those passed to Sync by two at once, have no last.
func (w *world) checkValues(row salesforce.Record, group string, want *expectation) error {
	leads := want.groups[group]
	if len(w.merges) > 0 || w.audience.synced {
		leads = want.versions[group]
	}
	says := func(field string, of func(*leadsync.Lead) string) error {
		if slices.ContainsFunc(leads, func(l *leadsync.Lead) bool { return of(l) == row.Text(field) }) {
			return nil
		}
		return fmt.Errorf("%s of %s has the %s %q", w.org.object(), group, field, row.Text(field))
	}
	errs := []error{
		says("Title", func(l *leadsync.Lead) string { return l.JobTitle }),
		says("LastName", func(l *leadsync.Lead) string { return l.LastName }),
		says("Email", func(l *leadsync.Lead) string { return l.Email }),
	}
	if w.org.object() == salesforce.ObjectLead {
		errs = append(errs, says("Company", func(l *leadsync.Lead) string { return l.Company }))
	}
	return errors.Join(errs...)
}

// checkTasks checks that each activity is one Task, on the record of its person.
func (w *world) checkTasks(want *expectation) error {
	errs := []error{}
	if len(want.excused) == 0 {
		errs = append(errs, w.checkTexts("Task", "Description", want.tasks))
	}
	owners := w.owners()
	for _, row := range w.org.live("Task") {
		owner := owners[row.Text("WhoId")]
		if groups := w.named(row.Text("Description")); len(groups) != 1 || groups[0] != owner {
			errs = append(errs, fmt.Errorf("mixed: the task %q is on a record of %q", row.Text("Description"), owner))
		}
	}
	return errors.Join(errs...)
}

// checkAccounts checks that each company is one Account at most, and all people are in
// one of theirs.
func (w *world) checkAccounts(want *expectation) error {
	var errs []error
	names := make(map[string]string)
	seen := make(map[string]bool)
	for _, row := range w.org.live(salesforce.ObjectAccount) {
		name := row.Text("Name")
		if names[string(row.ID)] = name; !want.companies[name] || seen[name] && len(want.excused) == 0 {
			errs = append(errs, fmt.Errorf("Account Name: the org has %q again, or the host has not", name))
		}
		seen[name] = true
	}
	contacts := make(map[string]string) // the Account of each
	for _, row := range w.org.live(salesforce.ObjectContact) {
		contacts[string(row.ID)] = row.Text("AccountId")
	}
	for id, group := range w.owners() {
		if name := names[contacts[id]]; !slices.ContainsFunc(want.versions[group], func(l *leadsync.Lead) bool {
			return l.Company == name
		}) {
			errs = append(errs, fmt.Errorf("mixed: a Contact of %s is in the Account %q", group, name))
		}
	}
	return errors.Join(errs...)
}

// checkTexts compares a field of all rows of an object with what it should say.
func (w *world) checkTexts(object, field string, want []string) error {
	if got := w.org.texts(salesforce.Object(object), field); !slices.Equal(got, want) {
		return fmt.Errorf("%s %s: the org has %q, the host %q", object, field, got, want)
	}
	return nil
}

// checkCleared looks for what cleared leads promise.
func (w *world) checkCleared(ctx context.Context, of *system) error {
	entries, err := of.store.List(ctx, "default", leadsync.Filter{Stages: []leadsync.Stage{leadsync.Cleared}})
	if err != nil {
		return err
	}
	for _, e := range entries {
		if w.org.survivor(e.Last.ID) == "" {
			return fmt.Errorf("%s is cleared, and its %s is not in the org", e.Lead.ID, e.Last.Object)
		}
		for _, a := range e.Lead.Activities {
			if !slices.Contains(w.org.texts("Task", "Description"), a.Notes) {
				return fmt.Errorf("%s is cleared, and a task of it is not in the org", e.Lead.ID)
			}
		}
	}
	return nil
}

// checkCounts counts the leads once more, from nothing but their histories.
func (w *world) checkCounts(ctx context.Context, of *system) error {
	summary, err := of.reader.Summary(ctx, leadsync.Filter{})
	if err != nil {
		return err
	}
	want := make(map[string]int)
	for n := range of.leads {
		steps, err := of.store.History(ctx, "default", leadsync.LeadID(fmt.Sprintf("L%d", n)))
		if err != nil {
			return err
		}
		if len(steps) > 0 {
			recount(steps, want)
		}
	}
	got := map[string]int{}
	for stage, count := range summary.Stages {
		got[string(stage)] += count
	}
	for action, count := range summary.Actions {
		got["cleared "+string(action)] += count
	}
	for _, group := range summary.Groups {
		got["failed "+string(group.Code)] += group.Count
	}
	maps.DeleteFunc(got, func(_ string, n int) bool { return n == 0 })
	for what := range got {
		w.counted[what] = true
	}
	if !maps.Equal(got, want) {
		return fmt.Errorf("the summary counts %v, the histories %v", got, want)
	}
	return nil
}
