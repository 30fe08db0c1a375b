// SPDX-License-Identifier: Apache-2.0

package check

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/store"
)

// How many waiting leads are read, oldest first, and how many at once.
const (
	maxWaiting  = 20_000
	waitingPage = 1000
)

// A captureKey is what waiting leads are counted by: their event, and the strategy
// that they were captured with.
type captureKey struct{ event, strategy string }

// checkWaiting checks the strategies that waiting leads were captured with. One that
// is unknown holds its leads; one that is not the current strategy can turn the people
// of one event into several kinds of record.
func (c *checker) checkWaiting(ctx context.Context) error {
	if c.Store == nil {
		return nil
	}
	counts, err := c.countWaiting(ctx)
	if err != nil {
		return err
	}
	order := func(a, b captureKey) int {
		return cmp.Or(cmp.Compare(a.event, b.event), cmp.Compare(a.strategy, b.strategy))
	}
	for _, as := range slices.SortedFunc(maps.Keys(counts), order) {
		if as.strategy == "" || as.strategy == c.Strategy {
			continue
		}
		found := fmt.Sprintf("%s of event %q: captured with the strategy %q",
			value.Counted(counts[as], "waiting lead"), as.event, as.strategy)
		if !slices.Contains(c.Strategies, as.strategy) {
			c.add(preflight.Finding{
				Severity: preflight.SeverityError, Code: leadtype.DataValueValidation, Path: "strategies",
				Reason: found + ", which is unknown; configured are " + value.Quoted(slices.Sorted(slices.Values(c.Strategies))),
			})
			continue
		}
		c.add(preflight.Finding{
			Severity: preflight.SeverityWarning, Path: "strategy",
			Reason: fmt.Sprintf("%s; the current strategy is %q", found, c.Strategy),
			Fix:    c.fix("strategy"),
		})
	}
	return nil
}

// countWaiting counts the leads in Pre-Sync.
func (c *checker) countWaiting(ctx context.Context) (map[captureKey]int, error) {
	counts := make(map[captureKey]int)
	var unreadable []*leadtype.Error
	filter := store.Filter{Stages: []leadtype.Stage{leadtype.PreSync}, Limit: waitingPage}
	for seen := 0; seen < maxWaiting; seen += waitingPage {
		entries, err := c.Store.List(ctx, c.Connection, filter)
		if err != nil {
			return nil, verdict.StoreError(ctx, "preflight", err)
		}
		for _, e := range entries {
			filter.After = e.Sequence
			if e.Unreadable != nil {
				unreadable = append(unreadable, e.Unreadable)
				continue
			}
			counts[captureKey{e.Lead.EventID, e.Lead.Strategy}]++
		}
		if len(entries) < waitingPage {
			break
		}
	}
	if len(unreadable) > 0 {
		c.add(preflight.Finding{Severity: preflight.SeverityError, Code: leadtype.DataValueValidation,
			Path: "store", Fix: c.Advisor.Error(unreadable[0]).Fix, Reason: fmt.Sprintf("%s, such as %q: %s",
				value.Counted(len(unreadable), "waiting lead"), string(unreadable[0].LeadID), unreadable[0].Reason)})
	}
	return counts, nil
}
