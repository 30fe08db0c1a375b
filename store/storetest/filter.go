package storetest

import (
	"time"

	"github.com/leadsync/leadsync"
)

var filterTests = map[string]func(*env){
	"ListSelectsByEveryField":              listFilters,
	"ListPages":                            listPages,
	"PushQueuesWhatMatches":                pushFilters,
	"PushStartsLeadsAgain":                 pushAgain,
	"FiltersKnowWhatHasChangedSinceACount": filterVersion,
}

// fill puts a lead into every stage and state. Their sequences are 1 to 6.
func (e *env) fill() {
	e.t.Helper()
	fair := lead("flying")
	fair.EventID = "fair"
	e.queue("cleared", "failed", "retried")
	e.capture(leadsync.StateQueued, fair)
	e.capture(leadsync.StateFrozen, lead("frozen"))
	e.capture(leadsync.StateWaiting, lead("waiting"))
	lease := e.acquire("a")
	claimed := e.claim(lease, 10)
	e.settle(lease, claimed[0], cleared("cleared"))
	e.settle(lease, claimed[1], failed("failed", leadsync.DataValueValidation))
	e.settleWith(lease, leadsync.Settlement{LeadID: "retried", Generation: claimed[2].Generation,
		Outcome: retry("retried", start.Add(time.Hour)), Intents: []leadsync.Intent{intent("k")}})
}

// filterCases say which leads of fill each filter selects.
var filterCases = []struct {
	name   string
	filter leadsync.Filter
	want   []leadsync.LeadID
}{
	{"all", leadsync.Filter{}, []leadsync.LeadID{"cleared", "failed", "retried", "flying", "frozen", "waiting"}},
	{"event", leadsync.Filter{Event: "expo"}, []leadsync.LeadID{"cleared", "failed", "retried", "frozen", "waiting"}},
	{"another event", leadsync.Filter{Event: "fair"}, []leadsync.LeadID{"flying"}},
	{"an event of none", leadsync.Filter{Event: "gala"}, nil},
	{"leads", leadsync.Filter{Leads: []leadsync.LeadID{"frozen", "cleared", "stranger"}}, []leadsync.LeadID{"cleared", "frozen"}},
	{"no leads", leadsync.Filter{Leads: []leadsync.LeadID{}}, nil},
	{"stage", leadsync.Filter{Stages: []leadsync.Stage{leadsync.Failed}}, []leadsync.LeadID{"failed"}},
	{"stages", leadsync.Filter{Stages: []leadsync.Stage{leadsync.Failed, leadsync.Cleared}}, []leadsync.LeadID{"cleared", "failed"}},
	{"no stages", leadsync.Filter{Stages: []leadsync.Stage{}}, nil},
	{"state", leadsync.Filter{States: []leadsync.State{leadsync.StateFrozen}}, []leadsync.LeadID{"frozen"}},
	{"states", leadsync.Filter{States: []leadsync.State{leadsync.StateQueued, leadsync.StateInFlight}}, []leadsync.LeadID{"retried", "flying"}},
	{"no states", leadsync.Filter{States: []leadsync.State{}}, nil},
	{"code", leadsync.Filter{Codes: []leadsync.Code{leadsync.DataValueValidation}}, []leadsync.LeadID{"failed"}},
	{"codes", leadsync.Filter{Codes: []leadsync.Code{leadsync.DataValueValidation, leadsync.RowContention}}, []leadsync.LeadID{"failed", "retried"}},
	{"no codes", leadsync.Filter{Codes: []leadsync.Code{}}, nil},
	{"cause", leadsync.Filter{Causes: []leadsync.CauseKey{failed("", leadsync.DataValueValidation).CauseKey()}}, []leadsync.LeadID{"failed"}},
	{"cause of none", leadsync.Filter{Causes: []leadsync.CauseKey{"other"}}, nil},
	{"no causes", leadsync.Filter{Causes: []leadsync.CauseKey{}}, nil},
	{"unanswered", leadsync.Filter{Unanswered: true}, []leadsync.LeadID{"retried"}},
	{"unanswered of none", leadsync.Filter{Unanswered: true, Event: "fair"}, nil},
	{"two fields", leadsync.Filter{Stages: []leadsync.Stage{leadsync.PreSync}, Codes: []leadsync.Code{leadsync.RowContention}}, []leadsync.LeadID{"retried"}},
	{"two fields of none", leadsync.Filter{Event: "fair", Stages: []leadsync.Stage{leadsync.Cleared}}, nil},
	{"after", leadsync.Filter{After: 4}, []leadsync.LeadID{"frozen", "waiting"}},
	{"limit", leadsync.Filter{Limit: 2}, []leadsync.LeadID{"cleared", "failed"}},
	{"page", leadsync.Filter{After: 1, Limit: 2, Stages: []leadsync.Stage{leadsync.PreSync}}, []leadsync.LeadID{"retried", "flying"}},
}

func listFilters(e *env) {
	e.fill()
	for _, c := range filterCases {
		e.equal(c.name, append([]leadsync.LeadID(nil), entryIDs(e.list(c.filter))...), c.want)
	}
}

func listPages(e *env) {
	e.queue("L1", "L2", "L3", "L4", "L5")
	var after int64
	var pages [][]leadsync.LeadID
	for {
		page := e.list(leadsync.Filter{After: after, Limit: 2})
		if len(page) == 0 {
			break
		}
		pages = append(pages, entryIDs(page))
		after = page[len(page)-1].Sequence
	}
	e.equal("pages", pages, [][]leadsync.LeadID{{"L1", "L2"}, {"L3", "L4"}, {"L5"}})
}

// pushFilters wants each filter to push the leads that it lists, but those in
// flight or waiting.
func pushFilters(e *env) {
	e.fill()
	e.equal("intents", e.entry("retried").Intents, []leadsync.Intent{intent("k")})
	for _, c := range filterCases {
		e.clock.turn(time.Second)
		selected := e.list(c.filter)
		before := e.list(leadsync.Filter{})
		movable := 0
		for _, entry := range selected {
			if entry.State != leadsync.StateInFlight && entry.State != leadsync.StateWaiting {
				movable++
			}
		}
		e.equal(c.name, e.push(c.filter), movable)
		after := e.list(leadsync.Filter{})
		pushed := make(map[leadsync.LeadID]bool)
		for _, id := range entryIDs(selected) {
			pushed[id] = true
		}
		for i, entry := range after {
			want := before[i]
			if pushed[entry.Lead.ID] && want.State != leadsync.StateInFlight && want.State != leadsync.StateWaiting {
				want.Stage, want.State, want.Attempts, want.RetryAt = leadsync.PreSync, leadsync.StateQueued, 0, time.Time{}
				want.Since = e.clock.now()
			}
			e.equal(c.name, entry, want)
		}
	}
}

func pushAgain(e *env) {
	e.fill()
	e.equal("pushed", e.push(leadsync.Filter{Stages: []leadsync.Stage{leadsync.Cleared, leadsync.Failed}}), 2)
	e.equal("pushed", e.push(leadsync.Filter{States: []leadsync.State{leadsync.StateFrozen, leadsync.StateQueued}}), 4)
	claimed := e.claim(e.acquire("a"), 10)
	e.equal("claimed", claimedIDs(claimed), []leadsync.LeadID{"cleared", "failed", "retried", "frozen"})
	for _, c := range claimed {
		e.equal("attempts", c.Attempts, 1)
	}
	e.equal("last outcome", claimed[0].Last, cleared("cleared"))
}

// filterVersion wants a filter with a count's version to select what has not
// changed since, whatever changed it.
func filterVersion(e *env) {
	e.queue("settled", "pushed", "replaced", "unclaimed", "resolved", "still", "still too")
	lease := e.acquire("a")
	claimed := e.claim(lease, 10)
	for _, c := range claimed {
		if c.Lead.ID != "settled" && c.Lead.ID != "unclaimed" {
			e.settle(lease, c, failed(c.Lead.ID, leadsync.OwnerInvalid))
		}
	}
	version := e.count(leadsync.Filter{}).Version
	e.equal("unchanged", len(e.list(leadsync.Filter{Version: version})), 7)

	e.settle(lease, claimed[0], failed("settled", leadsync.OwnerInvalid))
	e.push(leadsync.Filter{Leads: []leadsync.LeadID{"pushed"}})
	e.capture(leadsync.StateQueued, changed("replaced"))
	e.capture(leadsync.StateQueued, lead("still")) // nothing new
	e.resolve("resolved", 1, cleared("resolved"))
	e.queue("new")
	e.noError(e.store.Release(e.ctx(), lease)) // unclaims
	filter := leadsync.Filter{Version: version}
	e.equal("unchanged", entryIDs(e.list(filter)), []leadsync.LeadID{"still", "still too"})
	e.equal("counted", e.count(filter).Groups[0].Leads, 2)
	filter.Limit = 1
	e.equal("pushed", e.push(filter), 1)
	e.equal("pushed again", e.push(filter), 1)
	e.equal("pushed for good", e.push(filter), 0)
	e.at("still too", leadsync.PreSync, leadsync.StateQueued)
	e.at("settled", leadsync.Failed, "")
}
