// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strconv"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/review"
	"github.com/leadsync/leadsync/store"
)

// pageSize is how many leads a page lists.
const pageSize = 50

// A query is what the address of the reconciliation page selects. It holds no value of a lead:
// a search is a token of the shelf, a cause the digest of its key.
type query struct {
	Event   string
	Stage   leadtype.Stage
	State   store.State
	Code    leadtype.Code
	Cause   string
	Warning leadtype.WarningKind
	Search  string
	From    string // a day, such as 2026-11-30
	Until   string // the last day
	After   int64
	Causes  int // how many causes are passed over
	Events  bool
	Named   string // what the ids of the events have in them
	Passed  int    // how many events are passed over
}

func readQuery(v url.Values) query {
	q := query{
		Event: v.Get("event"), Stage: leadtype.Stage(v.Get("stage")), State: store.State(v.Get("state")),
		Code: leadtype.Code(v.Get("code")), Cause: v.Get("cause"), Warning: leadtype.WarningKind(v.Get("warning")),
		Search: v.Get("search"), From: v.Get("from"), Until: v.Get("until"), Events: v.Get("view") == "events",
		Named: v.Get("named"),
	}
	q.After, _ = strconv.ParseInt(v.Get("after"), 10, 64)
	q.Causes, _ = strconv.Atoi(v.Get("causes"))
	q.Passed, _ = strconv.Atoi(v.Get("passed"))
	q.After, q.Causes, q.Passed = max(q.After, 0), max(q.Causes, 0), max(q.Passed, 0)
	return q
}

// address returns the page with the query, relative to the connection's.
func (q query) address() string {
	v := url.Values{}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	set("event", q.Event)
	set("stage", string(q.Stage))
	set("state", string(q.State))
	set("code", string(q.Code))
	set("cause", q.Cause)
	set("warning", string(q.Warning))
	set("search", q.Search)
	set("from", q.From)
	set("until", q.Until)
	if q.After > 0 {
		set("after", strconv.FormatInt(q.After, 10))
	}
	if q.Causes > 0 {
		set("causes", strconv.Itoa(q.Causes))
	}
	if q.Events {
		set("view", "events")
		set("named", q.Named)
	}
	if q.Passed > 0 {
		set("passed", strconv.Itoa(q.Passed))
	}
	if len(v) == 0 {
		return "reconciliation"
	}
	return "reconciliation?" + v.Encode()
}

// Narrow reports whether the query lists less than all leads of the event.
func (q query) Narrow() bool {
	q.Event = ""
	q = q.leads()
	return q != query{}
}

// only reports whether the query selects by nothing but what other selects by.
func (q query) only(other query) bool {
	return q.leads() == other
}

// leads is what the query selects leads by.
func (q query) leads() query {
	q.After, q.Causes, q.Events, q.Named, q.Passed = 0, 0, false, "", 0
	return q
}

// overview is the filter of the counts: the leads of the event.
func (q query) overview() store.Filter { return store.Filter{Event: q.Event} }

// filter is the filter of the list. text is what the search token stands for, and causes are
// those of the overview.
func (q query) filter(text string, groups []review.Group) store.Filter {
	f := store.Filter{Event: q.Event, Text: text}
	if q.Stage != "" {
		f.Stages = []leadtype.Stage{q.Stage}
	}
	if q.State != "" {
		f.States = []store.State{q.State}
	}
	if q.Code != "" {
		f.Codes = []leadtype.Code{q.Code}
		f.Stages = []leadtype.Stage{leadtype.Failed}
	}
	if q.Cause != "" {
		f.Causes = causesOf(groups, q.Cause)
		f.Stages = []leadtype.Stage{leadtype.Failed}
	}
	if q.Warning != "" {
		f.Warnings = []leadtype.WarningKind{q.Warning}
	}
	f.From, _ = time.Parse(time.DateOnly, q.From)
	if until, err := time.Parse(time.DateOnly, q.Until); err == nil {
		f.Until = until.AddDate(0, 0, 1)
	}
	return f
}

// causesOf returns the keys with a digest, none where the cause is gone.
func causesOf(groups []review.Group, digest string) []leadtype.CauseKey {
	keys := []leadtype.CauseKey{}
	for _, g := range groups {
		for _, c := range g.Causes {
			if causeDigest(c.Key) == digest {
				keys = append(keys, c.Key)
			}
		}
	}
	return keys
}

// causeDigest identifies a cause in an address: the key holds the text of the org's rule, which
// may quote a value.
func causeDigest(key leadtype.CauseKey) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:8])
}
