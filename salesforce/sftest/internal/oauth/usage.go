// SPDX-License-Identifier: Apache-2.0

package oauth

import (
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// longRequest is the duration from which a request counts towards the limit on long ones
// (docs/salesforce.md, Limits).
const longRequest = 20 * time.Second

// usage counts the API calls of the last 24 hours, by the minute, and the requests in flight.
type usage struct {
	minutes []callMinute // oldest first
	total   int
	began   map[*wire.Note]time.Time
}

type callMinute struct {
	at    time.Time
	calls int
}

// add counts calls. The limit rolls: a call is forgotten after 24 hours
// (docs/salesforce.md, Limits).
func (u *usage) add(now time.Time, calls int) {
	minute := now.Truncate(time.Minute)
	if n := len(u.minutes); n > 0 && u.minutes[n-1].at.Equal(minute) {
		u.minutes[n-1].calls += calls
	} else {
		u.minutes = append(u.minutes, callMinute{minute, calls})
	}
	u.total += calls
}

// used returns how many calls count towards the daily limit.
func (u *usage) used(now time.Time) int {
	for len(u.minutes) > 0 && now.Sub(u.minutes[0].at) >= 24*time.Hour {
		u.total -= u.minutes[0].calls
		u.minutes = u.minutes[1:]
	}
	return u.total
}

// begin records that a request is in flight.
func (u *usage) begin(n *wire.Note) {
	if u.began == nil {
		u.began = map[*wire.Note]time.Time{}
	}
	u.began[n] = n.Time
}

func (u *usage) end(n *wire.Note) { delete(u.began, n) }

// long returns how many requests are in flight for 20 seconds or more.
func (u *usage) long(now time.Time) int {
	n := 0
	for _, began := range u.began {
		if now.Sub(began) >= longRequest {
			n++
		}
	}
	return n
}

// SetLimits implements Org.SetLimits.
func (a *Access) SetLimits(calls, long int, session time.Duration) {
	for token := range a.sessions {
		a.live(token) // so that one that has ended does not come back
	}
	a.opts.APILimit, a.opts.LongLimit, a.opts.Session = calls, long, session
}

// Begin records that a request is in flight.
func (a *Access) Begin(n *wire.Note) { a.usage.begin(n) }

// End records that a request is done.
func (a *Access) End(n *wire.Note) { a.usage.end(n) }

// Count counts API calls.
func (a *Access) Count(calls int) { a.usage.add(a.db.Now(), calls) }

// Used returns how many calls count towards the daily limit.
func (a *Access) Used() int { return a.usage.used(a.db.Now()) }
