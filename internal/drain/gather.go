// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"sync"
	"time"

	"github.com/leadsync/leadsync/leadtype"
)

// The bounds of a gather time that is derived from the org's API calls.
const (
	leastGather = 5 * time.Second
	mostGather  = time.Minute
)

// gatherCalls is how many API calls the leads of a window usually take.
const gatherCalls = 3

// A Gatherer lets leads that are captured one after the other wait for each other, so that
// they are synced together. Those captured within a window are due at its end, unless a
// whole batch comes together before. It is safe for concurrent use.
type Gatherer struct {
	Window    time.Duration // negative: none; zero: by the org's API calls
	BatchSize int
	Meter     leadtype.Meter // nil: the org's API calls are not known
	Now       func() time.Time

	mu      sync.Mutex
	end     time.Time // of the current window
	waiting int       // leads that were captured in it
}

// Due returns when n leads that are captured now are due, zero for at once. full says that
// those that wait already are due too: a batch has come together.
func (g *Gatherer) Due(n int) (at time.Time, full bool) {
	window := g.window()
	if window <= 0 || n == 0 {
		return time.Time{}, false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.Now()
	if !now.Before(g.end) || g.end.Sub(now) > window { // or the clock was set back
		g.end, g.waiting = now.Add(window), 0
	}
	g.waiting += n
	if g.waiting < g.BatchSize {
		return g.end, false
	}
	full = g.waiting > n
	g.end, g.waiting = time.Time{}, 0
	return time.Time{}, full
}

// window returns how long leads wait at most. When it is derived, a day of captures takes
// no more than a quarter of the org's API calls, if a minute is enough for that.
func (g *Gatherer) window() time.Duration {
	if g.Window != 0 {
		return g.Window
	}
	var limit int64
	if g.Meter != nil {
		limit = g.Meter.Usage().Limit
	}
	if limit == 0 {
		return leastGather
	}
	return min(max(4*gatherCalls*usageWindow/time.Duration(limit), leastGather), mostGather)
}
