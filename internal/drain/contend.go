// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// A record may be locked because another process changes it or its parent, and then time
// helps; or because a batch is large and its own automation contends, and then smaller
// batches do. Leads that were locked twice are therefore tried in parts of half the size
// each time. When two parts are locked whole and none gets through, the others wait
// without a call.

// wasLocked reports whether another process held a lock at the last attempt with a lead.
func wasLocked(last *leadtype.Outcome) bool {
	return last != nil && last.Stage == leadtype.PreSync && last.Err != nil && last.Err.Code == leadtype.RowContention
}

// isLocked reports whether another process held a lock.
func isLocked(it *match.Item) bool {
	return it.Outcome != nil && it.Outcome.Err != nil && it.Outcome.Err.Code == leadtype.RowContention
}

// lockedWhole reports whether all leads of the part were locked.
func (t *trial) lockedWhole() bool {
	for _, it := range t.items {
		if !isLocked(it) {
			return false
		}
	}
	return true
}

// areLocked reports whether two parts of leads that were locked before are locked whole,
// and none got through.
func areLocked(tried []*trial) bool {
	locked := 0
	for _, t := range tried {
		switch {
		case !t.locked:
		case !t.lockedWhole():
			return false
		default:
			locked++
		}
	}
	return locked > 1
}

// waits reports whether the part waits without being tried. A part whose next failure would
// be its last is tried.
func (b *Batch) waits(t *trial, tried []*trial) bool {
	if !t.locked || !areLocked(tried) {
		return false
	}
	policy := verdict.RetryOf(leadtype.RowContention)
	for _, it := range t.items {
		if b.attempts[it] >= policy.Attempts {
			return false
		}
	}
	return true
}

// shrink notes the size of the parts in which locked leads are tried next.
func (b *Batch) shrink(tried []*trial) {
	for _, t := range tried {
		var again []*match.Item
		for _, it := range t.items {
			if isLocked(it) && wasLocked(it.Last) {
				again = append(again, it)
			}
		}
		for _, it := range again {
			b.together[it] = (len(again) + 1) / 2
		}
	}
}

// putOff settles a locked lead that was not tried because others of its group are locked
// still.
func (r *retrying) putOff(c *store.Claimed) store.Settlement {
	out := noted(c, r.at)
	out.Err, out.Together = c.Last.Err, c.Last.Together
	r.wait(out, verdict.RetryOf(leadtype.RowContention), c.Attempts)
	return store.Settlement{LeadID: c.Lead.ID, Generation: c.Generation, Outcome: out, Intents: c.Intents}
}
