// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"context"
	"log/slog"
	"sync"
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

// An Expiry has a Store remove before-images that are older than KeepBefore, now and then.
type Expiry struct {
	Store interface {
		Expire(ctx context.Context, connection string, before time.Time, limit int) (int, error)
	}
	Connection string
	KeepBefore time.Duration
	Logger     *slog.Logger
	Now        func() time.Time

	mu   sync.Mutex
	next time.Time // when the next pass is due
}

// pass makes a pass if one is due. A failure is only logged, because it concerns no lead. A
// nil Expiry does nothing.
func (e *Expiry) pass(ctx context.Context) {
	if e == nil || !e.due() {
		return
	}
	n, err := e.Store.Expire(ctx, e.Connection, e.Now().Add(-e.KeepBefore), expireAtOnce)
	switch {
	case err != nil && ctx.Err() == nil:
		e.Logger.WarnContext(ctx, "leadsync: before-images did not expire", "error", err)
	case n == expireAtOnce:
		e.mu.Lock()
		defer e.mu.Unlock()
		e.next = time.Time{}
	}
}

// due reports whether a pass is due, and counts it.
func (e *Expiry) due() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := e.Now()
	if now.Before(e.next) {
		return false
	}
	e.next = now.Add(expireEvery)
	return true
}
