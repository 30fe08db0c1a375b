// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

var filterTests = map[string]func(*env){
	"ListSelectsByEveryField":              listFilters,
	"ListPages":                            listPages,
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
	warned.Warnings = []leadtype.Warning{{Kind: leadtype.Unfit, Field: "Title", Reason: "r"},
		{Kind: leadtype.KeptExisting, Field: "Phone"}, {Kind: leadtype.Unfit, Field: "Phone", Reason: "r"}}
	e.settle(lease, claimed[1], warned)
	again := retry("retried", start.Add(time.Hour))
	again.Warnings = []leadtype.Warning{{Kind: leadtype.Locked, Code: leadtype.ConnectionPermission, Reason: "r"}}
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
	{"unanswered", store.Filter{Unanswered: true}, []leadtype.LeadID{"retried"}},
	{"unanswered of none", store.Filter{Unanswered: true, Event: "fair"}, nil},
	{"two fields", store.Filter{Stages: []leadtype.Stage{leadtype.PreSync},
		Codes: []leadtype.Code{leadtype.RowContention}}, []leadtype.LeadID{"retried"}},
	{"two fields of none", store.Filter{Event: "fair", Stages: []leadtype.Stage{leadtype.Cleared}}, nil},
	{"after", store.Filter{After: 4}, []leadtype.LeadID{"frozen", "waiting"}},
	{"limit", store.Filter{Limit: 2}, []leadtype.LeadID{"cleared", "failed"}},
	{"page", store.Filter{After: 1, Limit: 2, Stages: []leadtype.Stage{leadtype.PreSync}},
		[]leadtype.LeadID{"retried", "flying"}},
}

func listFilters(e *env) {
	e.fill()
	for _, c := range filterCases {
		e.equal(c.name, append([]leadtype.LeadID(nil), entryIDs(e.list(c.filter))...), c.want)
	}
}

func listPages(e *env) {
	e.queue("L1", "L2", "L3", "L4", "L5")
	var after int64
	var pages [][]leadtype.LeadID
	for {
		page := e.list(store.Filter{After: after, Limit: 2})
		if len(page) == 0 {
			break
		}
		pages = append(pages, entryIDs(page))
		after = page[len(page)-1].Sequence
	}
	e.equal("pages", pages, [][]leadtype.LeadID{{"L1", "L2"}, {"L3", "L4"}, {"L5"}})
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
