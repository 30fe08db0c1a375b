// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

var filterTests = map[string]func(*env){
	"ListSelectsByEveryField":              listFilters,
	"ListPages":                            listPages,
	"ListPagesTheNewestFirst":              listNewest,
	"ListHasWhatTheDetailAsksFor":          listDetails,
	"SearchFindsWhatListDoes":              searchFilters,
	"FiltersFollowTheLastOutcome":          filterOutcome,
	"FiltersByTimeFollowTheStage":          filterTime,
	"PushQueuesWhatMatches":                pushFilters,
	"PushStartsLeadsAgain":                 pushAgain,
	"FiltersKnowWhatHasChangedSinceACount": filterVersion,
}

// fill captures one lead for every stage and state, with sequences 1 to 6.
func (e *env) fill() {
	e.t.Helper()
	fair := lead("flying")
	fair.EventID = "fair"
	e.queue("cleared", "failed", "retried")
	e.capture(store.StateQueued, fair)
	e.capture(store.StateFrozen, lead("frozen"))
	e.capture(store.StateWaiting, lead("waiting"))
	lease := e.acquire("a")
	claimed := e.claim(lease, 10)
	e.settle(lease, claimed[0], cleared("cleared"))
	warned := failed("failed", leadtype.DataValueValidation)
	warned.Parts = []leadtype.Part{{Kind: leadtype.PartMember, ID: "701000000000001"}}
	warned.Warnings = []leadtype.Warning{{Kind: leadtype.Unfit, Field: "Title", Reason: "r"},
		{Kind: leadtype.KeptExisting, Field: "Phone"}, {Kind: leadtype.Unfit, Field: "Phone", Reason: "r"}}
	e.settle(lease, claimed[1], warned)
	again := retry("retried", start.Add(time.Hour))
	again.Warnings = []leadtype.Warning{{Kind: leadtype.Locked, Code: leadtype.ConnectionPermission, Reason: "r"}}
	again.Parts = []leadtype.Part{{Kind: leadtype.PartMember, ID: "701000000000001AAA"}}
	again.Warnings[0].Kind = "" // as an earlier version stored it
	e.settleWith(lease, store.Settlement{LeadID: "retried", Generation: claimed[2].Generation,
		Outcome: again, Intents: []leadtype.Intent{intent("k")}})
}

// filterCases list the leads of fill that each filter selects.
var filterCases = []struct {
	name   string
	filter store.Filter
	want   []leadtype.LeadID
}{
	{"all", store.Filter{}, []leadtype.LeadID{"cleared", "failed", "retried", "flying", "frozen", "waiting"}},
	{"event", store.Filter{Event: "expo"}, []leadtype.LeadID{"cleared", "failed", "retried", "frozen", "waiting"}},
	{"another event", store.Filter{Event: "fair"}, []leadtype.LeadID{"flying"}},
	{"an event of none", store.Filter{Event: "gala"}, nil},
	{"leads", store.Filter{Leads: []leadtype.LeadID{"frozen", "cleared", "stranger"}},
		[]leadtype.LeadID{"cleared", "frozen"}},
	{"no leads", store.Filter{Leads: []leadtype.LeadID{}}, nil},
	{"stage", store.Filter{Stages: []leadtype.Stage{leadtype.Failed}}, []leadtype.LeadID{"failed"}},
	{"stages", store.Filter{Stages: []leadtype.Stage{leadtype.Failed, leadtype.Cleared}},
		[]leadtype.LeadID{"cleared", "failed"}},
	{"no stages", store.Filter{Stages: []leadtype.Stage{}}, nil},
	{"state", store.Filter{States: []store.State{store.StateFrozen}}, []leadtype.LeadID{"frozen"}},
	{"states", store.Filter{States: []store.State{store.StateQueued, store.StateInFlight}},
		[]leadtype.LeadID{"retried", "flying"}},
	{"no states", store.Filter{States: []store.State{}}, nil},
	{"code", store.Filter{Codes: []leadtype.Code{leadtype.DataValueValidation}}, []leadtype.LeadID{"failed"}},
	{"codes", store.Filter{Codes: []leadtype.Code{leadtype.DataValueValidation, leadtype.RowContention}},
		[]leadtype.LeadID{"failed", "retried"}},
	{"no codes", store.Filter{Codes: []leadtype.Code{}}, nil},
	{"cause", store.Filter{Causes: []leadtype.CauseKey{failed("", leadtype.DataValueValidation).CauseKey()}},
		[]leadtype.LeadID{"failed"}},
	{"cause of none", store.Filter{Causes: []leadtype.CauseKey{"other"}}, nil},
	{"no causes", store.Filter{Causes: []leadtype.CauseKey{}}, nil},
	{"warning", store.Filter{Warnings: []leadtype.WarningKind{leadtype.Unfit}}, []leadtype.LeadID{"failed"}},
	{"warnings", store.Filter{Warnings: []leadtype.WarningKind{leadtype.KeptExisting, leadtype.Stale, leadtype.Locked}},
		[]leadtype.LeadID{"failed", "retried"}},
	{"warning of none", store.Filter{Warnings: []leadtype.WarningKind{leadtype.Chosen}}, nil},
	{"warning and stage", store.Filter{Warnings: []leadtype.WarningKind{leadtype.Unfit, leadtype.Locked},
		Stages: []leadtype.Stage{leadtype.PreSync}}, []leadtype.LeadID{"retried"}},
	{"no warnings", store.Filter{Warnings: []leadtype.WarningKind{}}, nil},
	{"warning cause", store.Filter{WarningCauses: []leadtype.CauseKey{
		(&leadtype.Warning{Kind: leadtype.Unfit, Field: "Phone", Reason: "r"}).CauseKey()}}, []leadtype.LeadID{"failed"}},
	{"warning causes", store.Filter{WarningCauses: []leadtype.CauseKey{"other",
		(&leadtype.Warning{Kind: leadtype.Unfit, Field: "Title", Reason: "r"}).CauseKey(),
		(&leadtype.Warning{Kind: leadtype.Locked, Code: leadtype.ConnectionPermission, Reason: "r"}).CauseKey()}},
		[]leadtype.LeadID{"failed", "retried"}},
	{"warning cause of none", store.Filter{WarningCauses: []leadtype.CauseKey{
		(&leadtype.Warning{Kind: leadtype.Unfit, Field: "Name", Reason: "r"}).CauseKey()}}, nil},
	{"a kind is no cause", store.Filter{WarningCauses: []leadtype.CauseKey{"unfit"}}, nil},
	{"warning cause and kind", store.Filter{Warnings: []leadtype.WarningKind{leadtype.KeptExisting},
		WarningCauses: []leadtype.CauseKey{
			(&leadtype.Warning{Kind: leadtype.Unfit, Field: "Phone", Reason: "r"}).CauseKey(),
			(&leadtype.Warning{Kind: leadtype.Locked, Code: leadtype.ConnectionPermission, Reason: "r"}).CauseKey()}},
		[]leadtype.LeadID{"failed"}},
	{"no warning causes", store.Filter{WarningCauses: []leadtype.CauseKey{}}, nil},
	{"record", store.Filter{Record: "00Q000000000001AAA"}, []leadtype.LeadID{"cleared"}},
	{"record by 15 characters", store.Filter{Record: "701000000000001"}, []leadtype.LeadID{"failed", "retried"}},
	{"record of a part", store.Filter{Record: "701000000000001AAA"}, []leadtype.LeadID{"failed", "retried"}},
	{"record and event of none", store.Filter{Record: "00Q000000000001AAA", Event: "fair"}, nil},
	{"record among leads", store.Filter{Record: "701000000000001AAA",
		Leads: []leadtype.LeadID{"frozen", "retried", "cleared"}}, []leadtype.LeadID{"retried"}},
	{"text", store.Filter{Text: "fr"}, []leadtype.LeadID{"frozen"}},
	{"text of an e-mail address", store.Filter{Text: "A@Exam"},
		[]leadtype.LeadID{"cleared", "failed", "retried", "flying", "frozen", "waiting"}},
	{"text and more", store.Filter{Text: "f", Stages: []leadtype.Stage{leadtype.PreSync}, Newest: true, Limit: 2},
		[]leadtype.LeadID{"frozen", "flying"}},
	{"text among leads", store.Filter{Text: "f", Leads: []leadtype.LeadID{"failed", "retried"}},
		[]leadtype.LeadID{"failed"}},
	{"text within a word", store.Filter{Text: "rozen"}, nil},
	{"text without words", store.Filter{Text: " - "}, nil},
	{"unanswered", store.Filter{Unanswered: true}, []leadtype.LeadID{"retried"}},
	{"unanswered of none", store.Filter{Unanswered: true, Event: "fair"}, nil},
	{"two fields", store.Filter{Stages: []leadtype.Stage{leadtype.PreSync},
		Codes: []leadtype.Code{leadtype.RowContention}}, []leadtype.LeadID{"retried"}},
	{"two fields of none", store.Filter{Event: "fair", Stages: []leadtype.Stage{leadtype.Cleared}}, nil},
	{"after", store.Filter{After: 4}, []leadtype.LeadID{"frozen", "waiting"}},
	{"limit", store.Filter{Limit: 2}, []leadtype.LeadID{"cleared", "failed"}},
	{"page", store.Filter{After: 1, Limit: 2, Stages: []leadtype.Stage{leadtype.PreSync}},
		[]leadtype.LeadID{"retried", "flying"}},
	{"newest", store.Filter{Newest: true},
		[]leadtype.LeadID{"waiting", "frozen", "flying", "retried", "failed", "cleared"}},
	{"newest after", store.Filter{Newest: true, After: 3}, []leadtype.LeadID{"failed", "cleared"}},
	{"newest after the first", store.Filter{Newest: true, After: 1}, nil},
	{"newest limit", store.Filter{Newest: true, Limit: 2}, []leadtype.LeadID{"waiting", "frozen"}},
	{"newest page of a record", store.Filter{Newest: true, After: 3, Limit: 1, Record: "701000000000001AAA"},
		[]leadtype.LeadID{"failed"}},
	{"newest leads", store.Filter{Newest: true, Leads: []leadtype.LeadID{"cleared", "waiting", "failed"}, Limit: 2},
		[]leadtype.LeadID{"waiting", "failed"}},
	{"from", store.Filter{From: start}, []leadtype.LeadID{"cleared", "failed", "retried", "flying", "frozen", "waiting"}},
	{"from later", store.Filter{From: start.Add(time.Microsecond)}, nil},
	{"until", store.Filter{Until: start.Add(time.Microsecond), Stages: []leadtype.Stage{leadtype.Failed}},
		[]leadtype.LeadID{"failed"}},
	{"until before", store.Filter{Until: start}, nil},
}

func listFilters(e *env) {
	e.fill()
	for _, c := range filterCases {
		e.equal(c.name, append([]leadtype.LeadID(nil), entryIDs(e.list(c.filter))...), c.want)
	}
}

func listPages(e *env) {
	e.queue("L1", "L2", "L3", "L4", "L5")
	e.equal("pages", e.pages(store.Filter{Limit: 2}), [][]leadtype.LeadID{{"L1", "L2"}, {"L3", "L4"}, {"L5"}})
}

// listNewest requires that leads captured while pages are read move nothing.
func listNewest(e *env) {
	e.queue("L1", "L2", "L3", "L4", "L5")
	first := e.list(store.Filter{Newest: true, Limit: 2})
	e.equal("first page", entryIDs(first), []leadtype.LeadID{"L5", "L4"})
	e.queue("L6")
	e.equal("pages", e.pages(store.Filter{Newest: true, Limit: 2, After: first[1].Sequence}),
		[][]leadtype.LeadID{{"L3", "L2"}, {"L1"}})
	e.noError(e.store.Forget(e.ctx(), connection, "L4", ""))
	e.equal("pages", e.pages(store.Filter{Newest: true, Limit: 2}),
		[][]leadtype.LeadID{{"L6", "L5"}, {"L3", "L2"}, {"L1"}})
	e.equal("pages after a lead that is gone", e.pages(store.Filter{Newest: true, Limit: 2, After: first[1].Sequence}),
		[][]leadtype.LeadID{{"L3", "L2"}, {"L1"}})
}

// pages lists the pages of a filter.
func (e *env) pages(filter store.Filter) [][]leadtype.LeadID {
	e.t.Helper()
	var pages [][]leadtype.LeadID
	for {
		page := e.list(filter)
		if len(page) == 0 {
			return pages
		}
		pages = append(pages, entryIDs(page))
		filter.After = page[len(page)-1].Sequence
	}
}

// searchFilters requires that the pages of a search have together what List returns, each further on than the
// one before.
func searchFilters(e *env) {
	e.fill()
	for _, c := range filterCases {
		for _, limit := range []int{0, 1, 2, 6, 7} {
			filter, want := c.filter, entryIDs(e.list(c.filter))
			if filter.Limit > 0 { // of what List returns from there
				filter.Limit = 0
				want = entryIDs(e.list(filter))
			}
			filter.Limit = limit
			e.equal(c.name, e.searched(filter), append([]leadtype.LeadID(nil), want...))
		}
	}
}

// searched returns the leads of the pages of a search.
func (e *env) searched(filter store.Filter) []leadtype.LeadID {
	e.t.Helper()
	var found []leadtype.LeadID
	for {
		page, err := store.Search(e.ctx(), e.store, connection, filter)
		e.noError(err)
		for _, entry := range page.Entries {
			found = append(found, entry.Lead.ID)
		}
		if page.Next == 0 {
			return found
		}
		if filter.Limit == 0 || len(page.Entries) > filter.Limit ||
			filter.After != 0 && filter.Newest == (page.Next >= filter.After) {
			e.t.Fatalf("a page of %d leads after %d continues at %d", len(page.Entries), filter.After, page.Next)
		}
		filter.After = page.Next
	}
}

// listDetails requires that a list with a detail has what that names. It may have more.
func listDetails(e *env) {
	e.fill()
	want := e.list(store.Filter{})
	for _, detail := range []store.Detail{store.DetailPrinted, store.DetailLead} {
		got := e.list(store.Filter{Detail: detail})
		e.equal("the number of leads", len(got), len(want))
		for i := range got {
			e.equal("a lead with less detail", lessDetailed(got[i], detail), lessDetailed(want[i], detail))
		}
	}
}

// lessDetailed returns of an entry what a detail has.
func lessDetailed(entry store.Entry, detail store.Detail) store.Entry {
	entry.Intents = nil
	last := entry.Last
	if entry.Last = nil; last != nil && detail == store.DetailPrinted {
		entry.Last = &leadtype.Outcome{LeadID: last.LeadID, EventID: last.EventID, Stage: last.Stage, Action: last.Action,
			Object: last.Object, ID: last.ID, AccountID: last.AccountID, Warnings: last.Warnings, Err: last.Err,
			RetryAt: last.RetryAt, At: last.At}
	}
	return entry
}

// filterOutcome requires that a lead is found by the warnings and records of its last
// outcome only, whichever method wrote that.
func filterOutcome(e *env) {
	const first, second = salesforce.ID("00Q000000000001AAA"), salesforce.ID("00Q000000000002AAA")
	outcome := func(record salesforce.ID, kind leadtype.WarningKind) *leadtype.Outcome {
		o := failed("L1", leadtype.OwnerInvalid)
		o.ID, o.Warnings = record, []leadtype.Warning{{Kind: kind, Reason: "r"}}
		return o
	}
	found := func(what string, want ...any) {
		e.t.Helper()
		var got []any
		for _, record := range []salesforce.ID{first, second} {
			if len(e.list(store.Filter{Record: record})) > 0 {
				got = append(got, record)
			}
		}
		for _, kind := range []leadtype.WarningKind{leadtype.Unfit, leadtype.Locked, leadtype.Dropped} {
			w := leadtype.Warning{Kind: kind, Reason: "r"}
			kinds := len(e.list(store.Filter{Warnings: []leadtype.WarningKind{kind}}))
			causes := len(e.list(store.Filter{WarningCauses: []leadtype.CauseKey{w.CauseKey()}}))
			if kind != leadtype.Dropped { // of a reason that is the library's
				e.equal(what+": by cause as by kind", causes, kinds)
			}
			if kinds > 0 {
				got = append(got, kind)
			}
		}
		e.equal(what, got, want)
	}
	e.queue("L1", "other")
	lease := e.acquire("a")
	c := e.claim(lease, 1)[0]
	found("before the first outcome")
	e.settle(lease, c, outcome(first, leadtype.Unfit))
	found("settled", first, leadtype.Unfit)
	e.push(store.Filter{})
	c = e.claim(lease, 1)[0]
	e.settle(lease, c, nil)
	found("returned", first, leadtype.Unfit)
	c = e.claim(lease, 1)[0]
	e.settle(lease, c, outcome(second, leadtype.Locked))
	found("settled again", second, leadtype.Locked)
	resolved := outcome(first, leadtype.Unfit)
	resolved.Stage, resolved.Err = leadtype.Cleared, nil
	e.resolve("L1", c.Generation, resolved)
	found("resolved", first, leadtype.Unfit)
	e.noError(e.store.Rebind(e.ctx(), lease, "00D000000000002AAA", ""))
	found("bound to another org", leadtype.Unfit, leadtype.Dropped)
	e.noError(e.store.Forget(e.ctx(), connection, "L1", ""))
	found("forgotten")
	e.queue("L1")
	found("captured anew")
}

// filterTime requires that leads are found by their Since, which moves with them.
func filterTime(e *env) {
	hour := func(n time.Duration) store.Filter {
		return store.Filter{From: start.Add(n * time.Hour), Until: start.Add((n + 1) * time.Hour)}
	}
	hours := func(what string, want ...[]leadtype.LeadID) {
		e.t.Helper()
		for n, ids := range want {
			e.equal(what, append([]leadtype.LeadID{}, entryIDs(e.list(hour(time.Duration(n))))...), ids)
		}
	}
	none := []leadtype.LeadID{}
	e.queue("L1", "L2")
	e.clock.turn(time.Hour)
	e.queue("L3")
	hours("captured", []leadtype.LeadID{"L1", "L2"}, []leadtype.LeadID{"L3"}, none)
	e.clock.turn(time.Hour)
	lease := e.acquire("a")
	e.settle(lease, e.claim(lease, 1)[0], cleared("L1"))
	hours("settled", []leadtype.LeadID{"L2"}, []leadtype.LeadID{"L3"}, []leadtype.LeadID{"L1"})
	e.clock.turn(59 * time.Minute)
	e.push(store.Filter{Leads: []leadtype.LeadID{"L3"}})
	hours("pushed", []leadtype.LeadID{"L2"}, none, []leadtype.LeadID{"L1", "L3"})
	e.equal("newest", entryIDs(e.list(store.Filter{From: start.Add(time.Hour), Newest: true})),
		[]leadtype.LeadID{"L3", "L1"})
	e.equal("counted", e.count(store.Filter{Until: start.Add(time.Hour)}).Groups[0].Leads, 1)
}

// pushFilters requires that each filter pushes the leads that it lists, except
// those in flight.
func pushFilters(e *env) {
	e.fill()
	e.equal("intents", e.entry("retried").Intents, []leadtype.Intent{intent("k")})
	for _, c := range filterCases {
		e.clock.turn(time.Second)
		selected := e.list(c.filter)
		before := e.list(store.Filter{})
		movable := 0
		for _, entry := range selected {
			if entry.State != store.StateInFlight {
				movable++
			}
		}
		e.equal(c.name, e.push(c.filter), movable)
		after := e.list(store.Filter{})
		pushed := make(map[leadtype.LeadID]bool)
		for _, id := range entryIDs(selected) {
			pushed[id] = true
		}
		for i, entry := range after {
			want := before[i]
			if pushed[entry.Lead.ID] && want.State != store.StateInFlight {
				want.Stage, want.State, want.Attempts, want.RetryAt = leadtype.PreSync, store.StateQueued, 0, time.Time{}
				want.Since = e.clock.now()
			}
			e.equal(c.name, entry, want)
		}
	}
}

func pushAgain(e *env) {
	e.fill()
	e.equal("pushed", e.push(store.Filter{Stages: []leadtype.Stage{leadtype.Cleared, leadtype.Failed}}), 2)
	e.equal("pushed", e.push(store.Filter{States: []store.State{store.StateFrozen, store.StateQueued}}), 4)
	claimed := e.claim(e.acquire("a"), 10)
	e.equal("claimed", claimedIDs(claimed), []leadtype.LeadID{"cleared", "failed", "retried", "frozen"})
	for _, c := range claimed {
		e.equal("attempts", c.Attempts, 1)
	}
	e.equal("last outcome", claimed[0].Last, cleared("cleared"))
}

// filterVersion requires that a filter with a count's version selects the leads
// that have not changed since, for every kind of change.
func filterVersion(e *env) {
	e.queue("settled", "pushed", "replaced", "unclaimed", "resolved", "still", "still too")
	lease := e.acquire("a")
	claimed := e.claim(lease, 10)
	for _, c := range claimed {
		if c.Lead.ID != "settled" && c.Lead.ID != "unclaimed" {
			e.settle(lease, c, failed(c.Lead.ID, leadtype.OwnerInvalid))
		}
	}
	version := e.count(store.Filter{}).Version
	e.equal("unchanged", len(e.list(store.Filter{Version: version})), 7)

	e.settle(lease, claimed[0], failed("settled", leadtype.OwnerInvalid))
	e.push(store.Filter{Leads: []leadtype.LeadID{"pushed"}})
	e.capture(store.StateQueued, changed("replaced"))
	e.capture(store.StateQueued, lead("still")) // unchanged data
	e.resolve("resolved", 1, cleared("resolved"))
	e.queue("new")
	e.noError(e.store.Release(e.ctx(), lease)) // unclaims
	filter := store.Filter{Version: version}
	e.equal("unchanged", entryIDs(e.list(filter)), []leadtype.LeadID{"still", "still too"})
	e.equal("counted", e.count(filter).Groups[0].Leads, 2)
	filter.Limit = 1
	e.equal("pushed", e.push(filter), 1)
	e.equal("pushed again", e.push(filter), 1)
	e.equal("pushed a third time", e.push(filter), 0)
	e.at("still too", leadtype.PreSync, store.StateQueued)
	e.at("settled", leadtype.Failed, "")
}
