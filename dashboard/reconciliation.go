// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/review"
	"github.com/leadsync/leadsync/store"
)

const (
	causesAPage = 25
	eventsAPage = 50
)

// A reconciliation is the page of what became of the leads.
type reconciliation struct {
	Query    query
	Text     string // what the search token stands for
	Expired  bool   // the search token is over
	Total    int
	Cleared  int
	Failed   int
	PreSync  int
	Frozen   int
	Donut    donut
	Progress progress
	Warned   []review.WarningGroup
	Causes   []causeRow
	From, To int        // of the causes
	All      int        // causes
	Event    eventRow   // that the page is about
	Offered  []eventRow // to choose from
	Events   []eventRow // of the list by event
	AllOf    int        // events in all, of those that are asked for
	Leads    []leadRow
	Listed   int       // how many leads the list has in all
	AtLeast  bool      // there are more, and it is not known how many
	Next     string    // the address of the next page, empty on the last
	Early    bool      // the page has ended before it was full: Next searches older leads
	Back     time.Time // when the last lead was captured that was looked at, zero where it does not say
	Selected string    // the filter of the list, for forms
	Release  string    // the filter of the frozen leads
	Redact   bool
}

// A causeRow is the failed leads that one fix mends.
type causeRow struct {
	Code     leadtype.Code
	What     string
	Why      string // what exactly was refused, empty under Redact: a rule of the org may quote a value
	Fix      string
	Help     string
	Object   string
	Fields   []string
	Count    int
	Filter   string
	Show     string
	IsChoice bool
	Mend     string // the page of the settings that may mend it, empty for none
}

// An eventRow is the counts of an event.
type eventRow struct {
	ID      string
	Name    string
	Cleared int
	Failed  int
	PreSync int
	Total   int
	Show    string
	Retry   string
	Release string
}

// A leadRow is a lead in the list.
type leadRow struct {
	Sequence int64
	Name     string
	Company  string
	Event    string
	Stage    stageChip
	Object   string
	Action   leadtype.Action
	At       string // the field of its first warning
	Said     string // why it failed, or its first warning
	Entry    *store.Entry
}

func showReconciliation(v *visit) {
	q := readQuery(v.r.URL.Query())
	body := &reconciliation{Query: q, Redact: v.opts.Redact}
	body.Text, _ = v.shelf.get(v.owner(), q.Search).(string)
	body.Expired = q.Search != "" && body.Text == ""

	if v.failed(body.listEvents(v)) {
		return
	}
	summary, err := v.org.syncer.Summary(v.ctx(), q.overview())
	if v.failed(err) {
		return
	}
	body.count(summary, v)
	body.listCauses(summary.Groups, v)
	if !body.Expired && v.failed(body.listLeads(v, summary)) {
		return
	}
	v.show("reconciliation", "reconciliation", "Reconciliation", body)
}

func (b *reconciliation) count(s review.Summary, v *visit) {
	b.Total, b.Warned = s.Total, s.Warnings
	b.Cleared, b.Failed, b.PreSync = s.Stages[leadtype.Cleared], s.Stages[leadtype.Failed], s.Stages[leadtype.PreSync]
	b.Frozen = s.States[store.StateFrozen]
	b.Donut = newDonut(b.Cleared, b.Failed, b.PreSync)
	b.Progress = progressOf(s, v.org.health, v.now())
	b.Release = encodeFilter(store.Filter{Event: b.Query.Event, States: []store.State{store.StateFrozen}})
}

// listCauses lists the causes of all groups, those of most leads first.
func (b *reconciliation) listCauses(groups []review.Group, v *visit) {
	var all []causeRow
	for _, g := range groups {
		for _, c := range g.Causes {
			show := query{Event: b.Query.Event, Cause: causeDigest(c.Key)}
			said, why := leadtype.Advice{Description: c.Description, Fix: c.Fix, Help: c.Help}, c.Rule
			if v.opts.Redact {
				said, why = v.advisor.Code(g.Code), ""
			}
			all = append(all, causeRow{
				Code: g.Code, What: said.Description, Why: why, Fix: said.Fix, Help: said.Help,
				Object: string(c.Object), Fields: c.Fields, Count: c.Count, Filter: encodeFilter(c.Filter), Show: show.address(),
				Mend:     mendedOn(g.Code, string(c.Object), c.Fields),
				IsChoice: g.Code == leadsync.AmbiguousMatch || g.Code == leadsync.DuplicateRecord,
			})
		}
	}
	slices.SortStableFunc(all, func(a, b causeRow) int { return cmp.Compare(b.Count, a.Count) })
	b.All = len(all)
	b.From = min(b.Query.Causes, b.All)
	b.To = min(b.From+causesAPage, b.All)
	b.Causes = all[b.From:b.To]
}

// mendedOn is the page of the settings on which a cause may be mended.
func mendedOn(code leadtype.Code, object string, fields []string) string {
	switch {
	case code == leadsync.NoTagMapping, len(fields) == 1 && strings.HasPrefix(fields[0], "qualifier."):
		return "qualifiers"
	case code == leadsync.CampaignStatus:
		return "campaigns"
	case object == "":
		return ""
	case code == leadsync.RequiredFieldMissing, code == leadsync.MissingRemoteField, code == leadsync.DataValueValidation:
		return "mapping"
	}
	return ""
}

// MoreCauses is the address of the causes that follow, empty for none.
func (b *reconciliation) MoreCauses() string {
	if b.To == b.All {
		return ""
	}
	q := b.Query
	q.Causes = b.To
	return q.address()
}

// listEvents offers the first events, and lists a page of them where that is asked for. They are called by
// the name that their leads have.
func (b *reconciliation) listEvents(v *visit) error {
	counts, err := v.org.syncer.Events(v.ctx(), store.Filter{})
	if err != nil {
		return err
	}
	named, wanted := map[string]string{}, strings.ToLower(strings.TrimSpace(b.Query.Named))
	row := func(c *store.EventCount) eventRow {
		if _, known := named[c.Event]; !known && c.Event != "" {
			named[c.Event] = v.eventName(c.Event)
		}
		return eventRowOf(c, named[c.Event])
	}
	b.Event = eventRow{ID: b.Query.Event, Name: b.Query.Event}
	for i := range counts {
		c := &counts[i]
		chosen := c.Event != "" && c.Event == b.Query.Event
		if i < eventsAPage || chosen {
			b.Offered = append(b.Offered, row(c))
		}
		if chosen {
			b.Event = row(c)
		}
		if !b.Query.Events || !strings.Contains(strings.ToLower(c.Event), wanted) {
			continue
		}
		if b.AllOf >= b.Query.Passed && len(b.Events) < eventsAPage {
			b.Events = append(b.Events, row(c))
		}
		b.AllOf++
	}
	return nil
}

func eventRowOf(c *store.EventCount, name string) eventRow {
	row := eventRow{
		ID: c.Event, Name: name, Show: query{Event: c.Event}.address(),
		Cleared: c.Stages[leadtype.Cleared], Failed: c.Stages[leadtype.Failed], PreSync: c.Stages[leadtype.PreSync],
	}
	row.Total = row.Cleared + row.Failed + row.PreSync
	row.Retry = encodeFilter(store.Filter{Event: c.Event, Stages: []leadtype.Stage{leadtype.Failed}})
	row.Release = encodeFilter(store.Filter{Event: c.Event, States: []store.State{store.StateFrozen}})
	return row
}

// MoreEvents is the address of the events that follow, empty for none, and FirstEvents that of the first.
func (b *reconciliation) MoreEvents() string {
	q := b.Query
	if q.Passed += len(b.Events); q.Passed >= b.AllOf {
		return ""
	}
	return q.address()
}

// FirstEvents is the address of the first events.
func (b *reconciliation) FirstEvents() string {
	q := b.Query
	q.Passed = 0
	return q.address()
}

// eventName returns the name that the newest lead of an event gives it, else its id.
func (v *visit) eventName(id string) string {
	entries, err := v.org.syncer.Leads(v.ctx(), store.Filter{Event: id, Newest: true, Limit: 1})
	if err != nil || len(entries) == 0 || entries[0].Lead == nil {
		return id
	}
	return cmp.Or(entries[0].Lead.EventName, id)
}

// EventName is the name of the event that the page is about.
func (b *reconciliation) EventName() string { return b.Event.Name }

// countListed counts the leads of the list where the Store knows the number without reading them: by event,
// stage, state, code and cause, and by the kind of a warning alone. Else it is below zero, and the list shows
// what is known.
func (b *reconciliation) countListed(v *visit, filter store.Filter, overview review.Summary) error {
	b.Listed = -1
	switch {
	case !b.Query.Narrow():
		b.Listed = overview.Total
	case b.Query.only(query{Event: b.Query.Event, Warning: b.Query.Warning}):
		for _, w := range overview.Warnings {
			if w.Kind == b.Query.Warning {
				b.Listed = w.Count
			}
		}
	case filter.Text == "" && len(filter.Warnings) == 0 && filter.From.IsZero() && filter.Until.IsZero():
		counts, err := v.org.syncer.Events(v.ctx(), filter)
		if err != nil {
			return err
		}
		b.Listed = 0
		for _, c := range counts {
			for _, n := range c.Stages {
				b.Listed += n
			}
		}
	}
	return nil
}

func (b *reconciliation) listLeads(v *visit, overview review.Summary) error {
	filter := b.Query.filter(b.Text, overview.Groups)
	b.Selected = encodeFilter(filter)
	if err := b.countListed(v, filter, overview); err != nil {
		return err
	}
	filter.Newest, filter.After, filter.Limit = true, b.Query.After, pageSize
	page, err := v.org.syncer.Search(v.ctx(), filter)
	if err != nil {
		return err
	}
	entries := page.Entries
	if page.Next != 0 {
		next := b.Query
		next.After = page.Next
		b.Next, b.Early = next.address(), len(entries) < pageSize
	}
	if b.Early {
		last, err := v.org.entry(v.ctx(), page.Next)
		if err != nil {
			return err
		}
		if last != nil {
			b.Back = last.Lead.CapturedAt
		}
	}
	if b.AtLeast = b.Listed < 0; b.AtLeast {
		b.Listed, b.AtLeast = len(entries), b.Next != "" || b.Query.After > 0
	}
	for i := range entries {
		b.Leads = append(b.Leads, v.leadRow(&entries[i]))
	}
	return nil
}

// At returns the page with another stage, on its first leads.
func (b *reconciliation) At(stage leadtype.Stage) string {
	return query{Event: b.Query.Event, Search: b.Query.Search, Stage: stage}.address()
}

// With returns the page of the leads that have a warning.
func (b *reconciliation) With(kind leadtype.WarningKind) string {
	return query{Event: b.Query.Event, Warning: kind}.address()
}

// View returns the page by leads or by events.
func (b *reconciliation) View(events bool) string {
	return query{Event: b.Query.Event, Events: events}.address()
}

// Here is the page as it is shown, for forms to come back to.
func (b *reconciliation) Here() string { return b.Query.address() }

// First returns the page on its first leads.
func (b *reconciliation) First() string {
	q := b.Query
	q.After = 0
	return q.address()
}

// Stages are those that the list can be narrowed to.
func (b *reconciliation) Stages() []leadtype.Stage {
	return []leadtype.Stage{leadtype.PreSync, leadtype.Failed, leadtype.Cleared}
}

func (v *visit) leadRow(e *store.Entry) leadRow {
	row := leadRow{Sequence: e.Sequence, Stage: chipOf(e), Entry: e}
	row.Name, row.Company = v.nameOfLead(e), ""
	if e.Lead != nil {
		row.Event = cmp.Or(e.Lead.EventName, e.Lead.EventID)
		if !v.opts.Redact {
			row.Company = e.Lead.Company
		}
	}
	if e.Last == nil {
		return row
	}
	row.Object, row.Action = string(e.Last.Object), e.Last.Action
	switch {
	case e.Unreadable != nil:
		row.Said = v.advise(e.Unreadable).Description
	case e.Last.Err != nil:
		row.Said = v.advise(e.Last.Err).Description
	case len(e.Last.Warnings) > 0:
		w := &e.Last.Warnings[0]
		row.At, row.Said = strings.Trim(string(w.Object)+"."+w.Field, "."), w.Reason
	}
	return row
}

func encodeFilter(f store.Filter) string {
	// A Filter has nothing that JSON cannot hold.
	data, _ := json.Marshal(f)
	return string(data)
}
