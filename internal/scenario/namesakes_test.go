// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// A nameless is an org and a store in virtual time, and leads that share their names and
// company and have no e-mail address.
type nameless struct {
	t     *testing.T
	org   *sftest.Org
	store leadsync.Store // of all Syncers
	cfg   leadsync.Config
	ids   []leadsync.LeadID
}

// inNameless runs a test in a bubble of testing/synctest.
func inNameless(t *testing.T, test func(*nameless)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &nameless{t: t, org: sftest.NewOrg(nil, sftest.WithNow(time.Now)), store: memory.New(nil)}
		c.cfg.Store, c.cfg.Gather = c.store, leadsync.NoGather
		defer c.org.Close()
		test(c)
	})
}

// syncer returns a new Syncer: that of another process.
func (c *nameless) syncer() *leadsync.Syncer {
	c.t.Helper()
	client, err := salesforce.New("https://fake.my.salesforce.com",
		oauth2.StaticTokenSource(&oauth2.Token{AccessToken: c.org.Token()}),
		&salesforce.Config{HTTPClient: &http.Client{Transport: c.org.Transport()}})
	require.NoError(c.t, err)
	cfg := c.cfg
	syncer, err := leadsync.New(client, &cfg)
	require.NoError(c.t, err)
	return syncer
}

// namesake returns a lead that has only its id, notes and activity for itself.
func namesake(id leadsync.LeadID) *leadsync.Lead {
	return &leadsync.Lead{ID: id, LastName: "Visitor", Company: "Walk-ins",
		Activities: []leadsync.Activity{{Kind: leadsync.ActivityNote, Notes: "note of " + string(id)}}}
}

// titled returns a namesake whose title and notes are its own.
func titled(id leadsync.LeadID) *leadsync.Lead {
	lead := namesake(id)
	lead.Activities, lead.JobTitle, lead.Notes = nil, "Title of "+string(id), "notes of "+string(id)
	return lead
}

func (c *nameless) capture(syncer *leadsync.Syncer, leads ...*leadsync.Lead) {
	c.t.Helper()
	_, err := syncer.Capture(c.t.Context(), leads...)
	require.NoError(c.t, err)
	for _, lead := range leads {
		if !slices.Contains(c.ids, lead.ID) {
			c.ids = append(c.ids, lead.ID)
		}
	}
}

// run lets a Syncer run for some time.
func (c *nameless) run(syncer *leadsync.Syncer, long time.Duration) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), long)
	defer cancel()
	require.NoError(c.t, syncer.Run(ctx))
}

// die captures leads in a process that writes them and dies before it can settle them.
func (c *nameless) die(leads []*leadsync.Lead) {
	c.t.Helper()
	kept := c.cfg.Store
	c.cfg.Store = &failingSettle{Store: kept, left: 1000}
	dead := c.syncer()
	c.cfg.Store = kept
	c.capture(dead, leads...)
	c.run(dead, time.Second)
}

// check requires that there is no problem.
func (c *nameless) check() {
	c.t.Helper()
	require.NoError(c.t, c.problem())
}

// problem says which lead is not cleared, has no record of its own, or is lost, doubled or
// mixed with another: a record or a Task holds what only another lead said.
func (c *nameless) problem() error {
	entries, err := c.store.List(c.t.Context(), "default", leadsync.Filter{})
	if err != nil {
		return err
	}
	var outcomes []*leadsync.Outcome
	var want []string
	for _, e := range entries {
		if e.Last == nil || e.Stage != leadsync.Cleared {
			return fmt.Errorf("%s is %s: %v", e.Lead.ID, e.Stage, e.Last)
		}
		outcomes = append(outcomes, e.Last)
		for _, a := range e.Lead.Activities {
			want = append(want, a.Notes)
		}
	}
	if len(entries) != len(c.ids) {
		return fmt.Errorf("%d leads of %d", len(entries), len(c.ids))
	}
	return mixed(c.org, outcomes, want)
}

// mixed says where the records of cleared leads and their Tasks are not their own. want
// are the Tasks that there must be.
func mixed(org *sftest.Org, outcomes []*leadsync.Outcome, want []string) error {
	of := make(map[string]leadsync.LeadID)
	for _, out := range outcomes {
		if other := of[string(out.ID)]; other != "" {
			return fmt.Errorf("%s has the record of %s", out.LeadID, other)
		}
		of[string(out.ID)] = out.LeadID
	}
	people := slices.Concat(org.Rows("Lead"), org.Rows("Contact"))
	if len(people) != len(outcomes) {
		return fmt.Errorf("%d leads have %d records", len(outcomes), len(people))
	}
	for _, row := range people {
		own := of[fmt.Sprint(row["Id"])]
		for _, field := range []string{"Title", "Description"} {
			if text, _ := row[field].(string); text != "" && !strings.HasSuffix(text, " of "+string(own)) {
				return fmt.Errorf("the record of %s holds %q", own, text)
			}
		}
	}
	var logged []string
	for _, row := range org.Rows("Task") {
		text := fmt.Sprint(row["Description"])
		if own := of[fmt.Sprint(row["WhoId"])]; text != "note of "+string(own) {
			return fmt.Errorf("the record of %s has the Task %q", own, text)
		}
		logged = append(logged, text)
	}
	slices.Sort(logged)
	slices.Sort(want)
	if !slices.Equal(logged, want) {
		return fmt.Errorf("the Tasks are %q, and not %q", logged, want)
	}
	return nil
}

// losing loses the answers of some writes, by their numbers from 1, and after the last
// of them lets down requests fail.
func losing(fault sftest.Fault, down int, numbers ...int) func(*http.Request, int) *sftest.Fault {
	written := 0
	return func(r *http.Request, _ int) *sftest.Fault {
		last := numbers[len(numbers)-1]
		if written < last && scenario.WritesRecords(r) {
			if written++; slices.Contains(numbers, written) {
				lost := fault
				return &lost
			}
			return nil
		}
		if written >= last && down > 0 {
			down--
			return &sftest.Fault{Status: http.StatusServiceUnavailable, HTML: true, Body: "<html>"}
		}
		return nil
	}
}

// A failingSettle is a store whose next settlements fail.
type failingSettle struct {
	leadsync.Store
	left int
}

func (s *failingSettle) Settle(ctx context.Context, lease store.Lease,
	settlements []store.Settlement) ([]leadsync.LeadID, error) {
	if s.left > 0 {
		s.left--
		return nil, errors.New("the disk is full")
	}
	return s.Store.Settle(ctx, lease, settlements)
}

// drops are the ways in which the answer of a write is lost with its connection.
func drops() map[string]sftest.Fault {
	return map[string]sftest.Fault{"after commit": {DropAfter: true}, "before commit": {DropBefore: true}}
}

// orders are the orders in which three namesakes are captured.
func orders() [][]leadsync.LeadID {
	return [][]leadsync.LeadID{{"L0", "L1", "L2"}, {"L2", "L1", "L0"}, {"L1", "L2", "L0"}}
}

// kinds are the namesakes of the tests: with Tasks, with fields, or with nothing of their
// own.
func kinds() map[string]func(leadsync.LeadID) *leadsync.Lead {
	return map[string]func(leadsync.LeadID) *leadsync.Lead{
		"tasks": namesake, "fields": titled,
		"both": func(id leadsync.LeadID) *leadsync.Lead {
			lead := titled(id)
			lead.Activities = namesake(id).Activities
			return lead
		},
		"one has fields": func(id leadsync.LeadID) *leadsync.Lead {
			lead := titled(id)
			if id != "L1" {
				lead.JobTitle, lead.Notes = "", ""
			}
			return lead
		},
		"nothing": func(id leadsync.LeadID) *leadsync.Lead {
			return &leadsync.Lead{ID: id, LastName: "Visitor", Company: "Walk-ins"}
		},
	}
}

// eachNameless runs a test for kinds of namesakes, orders and two strategies: in the full
// size for every second of them, in the small one for a few, beginning with number first.
func eachNameless(t *testing.T, first int, test func(*nameless, []*leadsync.Lead)) {
	t.Helper()
	t.Parallel()
	number := 0
	for _, strategy := range []leadsync.Strategy{leadsync.LeadsAndContacts, leadsync.AccountsAndContacts} {
		for _, kind := range slices.Sorted(maps.Keys(kinds())) {
			lead := kinds()[kind]
			for n, ids := range orders() {
				if number++; (number+first)%sized(29, 2) != 0 {
					continue
				}
				t.Run(fmt.Sprintf("%s/%s/order %d", strategy.Name(), kind, n), func(t *testing.T) {
					inNameless(t, func(c *nameless) {
						c.cfg.Strategy = strategy
						var leads []*leadsync.Lead
						for _, id := range ids {
							leads = append(leads, lead(id))
						}
						test(c, leads)
					})
				})
			}
		}
	}
}

// TestNamesakesKeepTheirRecordsWhenASettlementFails: what was written is only in the
// process, which tries the leads again, one by one.
func TestNamesakesKeepTheirRecordsWhenASettlementFails(t *testing.T) {
	eachNameless(t, 1, func(c *nameless, leads []*leadsync.Lead) {
		c.cfg.Store = &failingSettle{Store: c.store, left: 1}
		syncer := c.syncer()
		c.capture(syncer, leads...)
		c.run(syncer, 3*time.Hour)
		c.check()
	})
}

// TestNamesakesKeepTheirRecordsWhenTheProcessDies: nothing but the journal is left of
// what was written.
func TestNamesakesKeepTheirRecordsWhenTheProcessDies(t *testing.T) {
	eachNameless(t, 4, func(c *nameless, leads []*leadsync.Lead) {
		c.die(leads)
		c.run(c.syncer(), 3*time.Hour)
		c.check()
	})
}

// TestNamesakesKeepTheirRecordsThroughAnOutage loses the answers of writes, before and
// after the commit, and what is asked next fails.
func TestNamesakesKeepTheirRecordsThroughAnOutage(t *testing.T) {
	for name, fault := range drops() {
		for _, numbers := range [][]int{{1}, {2}, {1, 2}} {
			for _, down := range []int{0, 6} {
				t.Run(fmt.Sprintf("%s/writes %v/down %d", name, numbers, down), func(t *testing.T) {
					eachNameless(t, 3*down+5*numbers[0]+len(name), func(c *nameless, leads []*leadsync.Lead) {
						c.org.Fail(losing(fault, down, numbers...))
						syncer := c.syncer()
						c.capture(syncer, leads...)
						c.run(syncer, 3*time.Hour)
						c.check()
					})
				})
			}
		}
	}
}

// TestNamesakeOfAMinuteAgoKeepsItsRecord: the second lead is sent while the record of the
// first is young enough to be what the lost create left, and no answer comes.
func TestNamesakeOfAMinuteAgoKeepsItsRecord(t *testing.T) {
	for name, fault := range drops() {
		for _, restarted := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/restarted %t", name, restarted), func(t *testing.T) {
				eachNameless(t, len(name), func(c *nameless, leads []*leadsync.Lead) {
					syncer := c.syncer()
					for _, lead := range leads {
						c.capture(syncer, lead)
						c.run(syncer, 30*time.Second)
						c.org.Fail(losing(fault, 0, 1))
						if restarted {
							syncer = c.syncer()
						}
					}
					c.run(syncer, 3*time.Hour)
					c.check()
				})
			})
		}
	}
}
