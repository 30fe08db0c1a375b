// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"slices"
	"time"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/write"
	"github.com/leadsync/leadsync/store"
)

// divideUnreadable returns the claimed leads that can be read, and settlements that fail
// the others. What is known of their records, and of their creates without a response, is
// kept.
func divideUnreadable(claimed []store.Claimed, at time.Time) (readable []store.Claimed, failed []store.Settlement) {
	for _, c := range claimed {
		if c.Unreadable == nil {
			continue
		}
		it := match.NewItem(c.Lead, c.Intents, c.Last)
		write.Fail(it, c.Unreadable, at)
		failed = append(failed, store.Settlement{LeadID: c.Lead.ID, Generation: c.Generation, Outcome: it.Outcome,
			Intents: it.Journal()})
	}
	return slices.DeleteFunc(slices.Clone(claimed), func(c store.Claimed) bool { return c.Unreadable != nil }), failed
}
