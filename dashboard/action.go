// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/review"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

// maxSearch is the longest text that is kept of a search, in bytes.
const maxSearch = 800

// search keeps the text under a token and shows what it finds.
func search(v *visit) {
	q := query{Event: v.r.PostFormValue("event")}
	text := strings.TrimSpace(v.r.PostFormValue("text"))
	text = strings.ToValidUTF8(text[:min(len(text), maxSearch)], "")
	if text != "" && !v.opts.Redact {
		q.Search = v.shelf.put(v.owner(), text)
	}
	redirect(v.w, v.base()+q.address())
}

// selection returns the filter that a form asks for: that of a group as it was shown, or the
// leads that were ticked. It answers itself where there is none.
func (v *visit) selection() (filter store.Filter, ok bool) {
	if picked := v.r.PostForm["lead"]; len(picked) > 0 {
		return v.picked(picked)
	}
	text := v.r.PostFormValue("filter")
	if text == "" {
		v.backTo(v.page(), note{key: "nothing"})
		return filter, false
	}
	if json.Unmarshal([]byte(text), &filter) != nil {
		v.failWith(v.w, v.r, http.StatusBadRequest, "The form is out of date. Go back, reload the page and try again.")
		return filter, false
	}
	return filter, true
}

// picked returns the filter of leads by their sequences.
func (v *visit) picked(sequences []string) (filter store.Filter, ok bool) {
	filter.Leads = []leadtype.LeadID{}
	for _, text := range sequences {
		sequence, err := strconv.ParseInt(text, 10, 64)
		if err != nil || len(filter.Leads) > pageSize {
			v.fail(v.w, v.r, http.StatusNotFound)
			return filter, false
		}
		entry, err := v.org.entry(v.ctx(), sequence)
		if v.failed(err) {
			return filter, false
		}
		if entry != nil {
			filter.Leads = append(filter.Leads, entry.Lead.ID)
		}
	}
	return filter, true
}

// page is where a form of the reconciliation page returns to: the same view, of which the form says
// the address. Nothing but a query is taken from it.
func (v *visit) page() string {
	_, text, _ := strings.Cut(v.r.PostFormValue("view"), "?")
	values, err := url.ParseQuery(text)
	if err != nil {
		return query{}.address()
	}
	return readQuery(values).address()
}

func retry(v *visit) {
	filter, ok := v.selection()
	if !ok {
		return
	}
	n, err := v.org.syncer.Push(v.ctx(), filter)
	if v.failed(err) {
		return
	}
	v.schemas.forget(v.org.schemaKey()) // the org may have been repaired
	done := note{"retried", n}
	if v.r.PostFormValue("release") != "" {
		done.key = "released"
	}
	v.backTo(v.page(), done)
}

func dismiss(v *visit) {
	filter, ok := v.selection()
	if ok {
		v.dismiss(filter, v.page())
	}
}

func (v *visit) dismiss(filter store.Filter, page string) {
	reason := strings.TrimSpace(v.r.PostFormValue("reason"))
	switch {
	case reason == "":
		v.backTo(page, note{key: "unsaid"})
		return
	case v.opts.user(v.r) == "":
		v.backTo(page, note{key: "nobody"})
		return
	}
	n, err := v.org.syncer.Dismiss(v.ctx(), filter, reason)
	if !v.failed(err) {
		v.backTo(page, note{"dismissed", n})
	}
}

func export(v *visit) {
	filter, ok := v.selection()
	if !ok {
		return
	}
	v.w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	v.w.Header().Set("Content-Disposition", `attachment; filename="leads.csv"`)
	opts := &review.CSVOptions{Raw: v.r.PostFormValue("raw") != ""}
	if err := v.org.syncer.ExportCSV(v.ctx(), v.w, filter, opts); err != nil {
		// The file has begun: only a broken reply tells that it is not whole.
		v.opts.Logger.WarnContext(v.ctx(), "dashboard: an export was cut")
		panic(http.ErrAbortHandler)
	}
}

// only is the filter of one lead.
func only(e *store.Entry) store.Filter { return store.Filter{Leads: []leadtype.LeadID{e.Lead.ID}} }

func leadPage(e *store.Entry) string { return "leads/" + strconv.FormatInt(e.Sequence, 10) }

func retryLead(v *visit) {
	entry := v.lead()
	if entry == nil {
		return
	}
	var ask leadtype.Ask
	if over := v.r.PostForm["over"]; len(over) > 0 {
		ask.Over = over
	}
	n, err := v.org.syncer.Push(v.ctx(), only(entry), ask)
	if !v.failed(err) {
		v.schemas.forget(v.org.schemaKey()) // the org may have been repaired
		v.backTo(leadPage(entry), note{"retried", n})
	}
}

func dismissLead(v *visit) {
	if entry := v.lead(); entry != nil {
		v.dismiss(only(entry), leadPage(entry))
	}
}

func choose(v *visit) {
	entry := v.lead()
	if entry == nil {
		return
	}
	record := salesforce.ID(v.r.PostFormValue("record"))
	if !v.failed(v.org.syncer.Choose(v.ctx(), entry.Lead.ID, record)) {
		v.backTo(leadPage(entry), note{key: "chosen"})
	}
}

// An undoView asks whether to take a lead back, and shows what came of it.
type undoView struct {
	Sequence int64
	Name     string
	Restores []recordView // records that were there
	Created  []recordView
	Stopped  *leadtype.Advice // why it did not come to its end
	Restored []recordView
	Deleted  []recordView
	Kept     []recordView
	Left     []recordView
}

func askUndo(v *visit) {
	entry := v.lead()
	if entry == nil {
		return
	}
	b := &undoView{Sequence: entry.Sequence, Name: v.nameOfLead(entry)}
	for _, o := range written(entry) {
		for i := range o.Parts {
			p := &o.Parts[i]
			switch r := v.recordView(p, nil, nil, nil); {
			case p.Action == leadtype.Created:
				b.Created = append(b.Created, r)
			case len(p.Changes) > 0:
				b.Restores = append(b.Restores, r)
			}
		}
	}
	v.show("undo", "reconciliation", "Undo in Salesforce", b)
}

// written are the outcomes of what was done for a lead.
func written(e *store.Entry) []*leadtype.Outcome {
	if e.Last == nil {
		return nil
	}
	all := append([]*leadtype.Outcome{e.Last}, e.Last.Earlier...)
	return append(all, e.Last.Left...)
}

func undo(v *visit) {
	entry := v.lead()
	if entry == nil {
		return
	}
	if entry.Last == nil {
		v.backTo(leadPage(entry), note{key: "nothing"})
		return
	}
	opts := revert.Options{Delete: v.r.PostFormValue("delete") != ""}
	report, err := v.org.syncer.Revert(v.ctx(), written(entry), opts)
	if report == nil && v.failed(err) {
		return
	}
	b := &undoView{Sequence: entry.Sequence, Name: v.nameOfLead(entry)}
	var stopped *leadsync.Error
	if errors.As(err, &stopped) {
		advice := v.advise(stopped)
		b.Stopped = &advice
	}
	b.Restored, b.Deleted = v.reversals(report.Restored), v.reversals(report.Deleted)
	b.Kept, b.Left = v.reversals(report.Kept), v.reversals(report.Left)
	v.show("undone", "reconciliation", "Undone in Salesforce", b)
}

func (v *visit) reversals(all []revert.Reversal) []recordView {
	var views []recordView
	for i := range all {
		r := &all[i]
		part := leadtype.Part{Kind: r.Kind, Object: r.Object, ID: r.ID, Changes: r.Fields, Err: r.Err}
		views = append(views, v.recordView(&part, nil, nil, nil))
	}
	return views
}

// A forgetView asks whether to forget a lead.
type forgetView struct {
	Sequence int64
	Name     string
}

func askForget(v *visit) {
	if entry := v.lead(); entry != nil {
		v.show("forget", "reconciliation", "Forget this lead", &forgetView{entry.Sequence, v.nameOfLead(entry)})
	}
}

func forget(v *visit) {
	entry := v.lead()
	if entry == nil {
		return
	}
	var options []store.ForgetOption
	if v.r.PostFormValue("suppress") != "" {
		options = append(options, store.Suppress)
	}
	err := v.org.syncer.Forget(v.ctx(), entry.Lead.ID, options...)
	if errors.Is(err, store.ErrInFlight) {
		err = &leadsync.Error{Op: "forget", Code: leadsync.RowContention, Reason: "the lead is being synced", Err: err}
	}
	if !v.failed(err) {
		v.backTo("reconciliation", note{key: "forgotten"})
	}
}
