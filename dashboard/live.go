// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/review"
	"github.com/leadsync/leadsync/store"
)

const (
	liveEvery = time.Second
	// liveFor bounds a stream: the browser asks again, so that one whose page is gone without a
	// word, and a change of rights, is noticed.
	liveFor = 5 * time.Minute
	// rateOver is the time over which leads a minute are counted.
	rateOver = 30 * time.Second
)

// A progress is how far a sync has come.
type progress struct {
	Cleared int     `json:"cleared"`
	Failed  int     `json:"failed"`
	PreSync int     `json:"preSync"`
	Frozen  int     `json:"frozen"`
	ToGo    int     `json:"toGo"`    // queued and in flight
	Percent int     `json:"percent"` // of the leads that are not frozen
	Lag     int     `json:"lag"`     // of the one that waits longest, in seconds
	Rate    float64 `json:"rate"`    // leads a minute, 0 while it is not known
}

func progressOf(s review.Summary, health leadsync.Health, now time.Time) progress {
	p := progress{
		Cleared: s.Stages[leadtype.Cleared], Failed: s.Stages[leadtype.Failed], PreSync: s.Stages[leadtype.PreSync],
		Frozen: s.States[store.StateFrozen], ToGo: s.States[store.StateQueued] + s.States[store.StateInFlight],
		Percent: 100,
	}
	if all := s.Total - p.Frozen; all > 0 {
		p.Percent = (p.Cleared + p.Failed) * 100 / all
	}
	if !health.Since.IsZero() {
		p.Lag = int(now.Sub(health.Since).Seconds())
	}
	return p
}

// Waiting is Lag as a duration.
func (p progress) Waiting() time.Duration { return time.Duration(p.Lag) * time.Second }

// A pace measures leads a minute from counts of those that are done.
type pace struct {
	at   []time.Time
	done []int
}

func (p *pace) rate(now time.Time, done int) float64 {
	p.at, p.done = append(p.at, now), append(p.done, done)
	for len(p.at) > 2 && now.Sub(p.at[0]) > rateOver {
		p.at, p.done = p.at[1:], p.done[1:]
	}
	elapsed := now.Sub(p.at[0])
	if elapsed <= 0 {
		return 0
	}
	return float64(done-p.done[0]) / elapsed.Minutes()
}

// showLive streams the counts as server-sent events, one a second, while leads are to go.
func showLive(v *visit) {
	control := http.NewResponseController(v.w)
	v.w.Header().Set("Content-Type", "text/event-stream")
	v.w.WriteHeader(http.StatusOK)
	if control.Flush() != nil {
		return // the page falls back to reloading
	}
	tick := time.NewTicker(liveEvery)
	defer tick.Stop()
	filter := query{Event: v.r.URL.Query().Get("event")}.overview()
	var measured pace
	for end := v.now().Add(liveFor); v.now().Before(end); {
		p, err := v.progress(filter)
		if err != nil {
			return
		}
		p.Rate = measured.rate(v.now(), p.Cleared+p.Failed)
		data, _ := json.Marshal(p) // of numbers
		if _, err := fmt.Fprintf(v.w, "data: %s\n\n", data); err != nil || control.Flush() != nil {
			return
		}
		select {
		case <-v.ctx().Done():
			return
		case <-tick.C:
		}
	}
}

func (v *visit) progress(filter store.Filter) (progress, error) {
	summary, err := v.org.syncer.Counts(v.ctx(), filter)
	if err != nil {
		return progress{}, err
	}
	health, err := v.org.syncer.Health(v.ctx())
	if err != nil {
		return progress{}, err
	}
	return progressOf(summary, health, v.now()), nil
}
