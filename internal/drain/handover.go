// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"encoding/json"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// usageWindow is the time over which an org's API calls count.
const usageWindow = 24 * time.Hour

// A handover is what a call of Run or Drain knows of its connection and hands on to the
// next one, which may be in another process: what stops the connection does not end with
// the call. The Store keeps it as JSON. Its zero value is that of a connection that works.
type handover struct {
	Failures int  `json:"failures,omitempty"` // of the connection or the store, one after another
	Limit    int  `json:"limit,omitempty"`    // leads in the next batch; 0: a whole batch
	Probe    bool `json:"probe,omitempty"`    // the next batch is to find out whether the budget allows more
	// Why is why Run waits, Until until when, and Pause how long that is.
	Why   *leadtype.Error `json:"why,omitempty"`
	Until time.Time       `json:"until,omitzero"`
	Pause time.Duration   `json:"pause,omitempty"`
	// Used and Of are the org's API calls, as the last reply said that was noticed at At.
	Used int64     `json:"used,omitempty"`
	Of   int64     `json:"of,omitempty"`
	At   time.Time `json:"at,omitzero"`
	// Read and Wrote are when a look-up and a write got through last; Canary is when the
	// lead is due that shows whether an outage is over, of which only writes fail.
	Read   time.Time `json:"read,omitzero"`
	Wrote  time.Time `json:"wrote,omitzero"`
	Canary time.Time `json:"canary,omitzero"`
	// Job is the ingest job that may be at work: see Jobs.
	Job salesforce.ID `json:"job,omitempty"`
	// Owed is how far the search for owed values is that may fit now.
	Owed owedSearch `json:"owed,omitzero"`
}

// readHandover reads what an earlier call has handed on. What cannot be read counts as
// nothing.
func readHandover(data []byte) handover {
	var h handover
	if len(data) == 0 || json.Unmarshal(data, &h) != nil {
		return handover{}
	}
	return h
}

// recall takes in what was seen of the org before another call handed on what it knows.
func (h *handover) recall(known *handover) {
	if known.At.After(h.At) {
		h.Used, h.Of, h.At = known.Used, known.Of, known.At
	}
	later := func(a, b time.Time) time.Time {
		if a.After(b) {
			return a
		}
		return b
	}
	h.Read, h.Wrote = later(h.Read, known.Read), later(h.Wrote, known.Wrote)
	h.Canary = later(h.Canary, known.Canary)
}

// encode returns the handover as the Store keeps it, nil for the zero value. It holds no
// message of Salesforce's.
func (h handover) encode() []byte {
	if h.Why != nil {
		h.Why = (&leadtype.Outcome{Err: h.Why}).ForHistory().Err
	}
	if h == (handover{}) {
		return nil
	}
	data, err := json.Marshal(h)
	if err != nil {
		return nil // only an error of a host's Client could fail
	}
	return data
}

// remaining returns how long the pause still lasts. A clock that was set back does not
// make it longer than it was.
func (h *handover) remaining(now time.Time) time.Duration {
	return min(h.Until.Sub(now), h.Pause)
}

// notice takes in the org's usage of its API calls, if a reply has reported it since.
func (h *handover) notice(usage salesforce.Usage, now time.Time) {
	if usage.Limit > 0 && (usage.Used != h.Used || usage.Limit != h.Of) {
		h.Used, h.Of, h.At = usage.Used, usage.Limit, now
	}
}
