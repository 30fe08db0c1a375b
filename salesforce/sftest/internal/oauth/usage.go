package oauth

import (
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// longRequest is how long a request runs before it counts towards the limit on
// long ones (SALESFORCE.md 0).
const longRequest = 20 * time.Second

// usage is the API calls of the last 24 hours, counted by the minute, and the
// requests under way.
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
// (SALESFORCE.md 0).
func (u *usage) add(now time.Time, calls int) {
	minute := now.Truncate(time.Minute)
	if n := len(u.minutes); n > 0 && u.minutes[n-1].at.Equal(minute) {
		u.minutes[n-1].calls += calls
	} else {
		u.minutes = append(u.minutes, callMinute{minute, calls})
	}
	u.total += calls
}

// used is how many calls count towards the daily limit.
func (u *usage) used(now time.Time) int {
	for len(u.minutes) > 0 && now.Sub(u.minutes[0].at) >= 24*time.Hour {
		u.total -= u.minutes[0].calls
		u.minutes = u.minutes[1:]
	}
	return u.total
}

// begin notes that a request is under way.
func (u *usage) begin(n *wire.Note) {
	if u.began == nil {
		u.began = map[*wire.Note]time.Time{}
	}
	u.began[n] = n.Time
}

func (u *usage) end(n *wire.Note) { delete(u.began, n) }

// long is how many requests are under way for 20 seconds and more.
func (u *usage) long(now time.Time) int {
	n := 0
	for _, began := range u.began {
		if now.Sub(began) >= longRequest {
			n++
		}
	}
	return n
}

// Begin notes that a request is under way.
func (a *Access) Begin(n *wire.Note) { a.usage.begin(n) }

// End notes that a request is done.
func (a *Access) End(n *wire.Note) { a.usage.end(n) }

// Count counts API calls.
func (a *Access) Count(calls int) { a.usage.add(a.db.Now(), calls) }

// Used returns how many calls count towards the daily limit.
func (a *Access) Used() int { return a.usage.used(a.db.Now()) }
