// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"context"
	"time"
)

const (
	// expireEvery is how often a process looks for outcomes whose before-images are too
	// old to be kept.
	expireEvery = time.Hour
	// expireAtOnce is how many leads one pass takes. When there are more, the next
	// pass comes with the next batch.
	expireAtOnce = 500
)

// expire has the Store remove before-images that are older than KeepBefore, now and then.
// A failure is not the leads': it is logged.
func (d *Drainer) expire(ctx context.Context) {
	now := d.Now()
	if d.KeepBefore <= 0 || !d.State.mayExpire(now) {
		return
	}
	n, err := d.Store.Expire(ctx, d.Connection, now.Add(-d.KeepBefore), expireAtOnce)
	switch {
	case err != nil && ctx.Err() == nil:
		d.Logger.WarnContext(ctx, "leadsync: before-images did not expire", "error", err)
	case n == expireAtOnce:
		d.State.expireAgain()
	}
}

// mayExpire reports whether a pass is due, and counts it. It does not wait for captures:
// a slow one must not stop Run.
func (s *RunState) mayExpire(now time.Time) bool {
	due := s.expires.Load()
	return now.UnixNano() >= due && s.expires.CompareAndSwap(due, now.Add(expireEvery).UnixNano())
}

// expireAgain makes the next pass due.
func (s *RunState) expireAgain() { s.expires.Store(0) }
