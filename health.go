// SPDX-License-Identifier: Apache-2.0

package leadsync

import (
	"context"
	"time"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// A Health says how far behind a connection is, and why. Its JSON has every key.
type Health struct {
	Mode Mode `json:"mode"`
	// States counts the leads in Pre-Sync by state, Failed those that failed.
	States map[store.State]int `json:"states"`
	Failed int                 `json:"failed"`
	// Oldest is the lead that waits longest to be synced, of those queued and in
	// flight, and Since is when it was captured or pushed. They are empty when none
	// waits. Frozen leads wait for the host.
	Oldest LeadID    `json:"oldest"`
	Since  time.Time `json:"since"`
	// Lag is how long Oldest has been waiting, by Config.Now, in JSON in seconds; 0 when none
	// waits. A lead waits for others for as long as Config.Gather.
	Lag time.Duration `json:"lag"`
	// Unenriched is the lead that has waited longest for enrichment, since
	// UnenrichedSince. They are empty when none waits for it: see
	// Config.WaitForEnrichment.
	Unenriched      LeadID    `json:"unenriched"`
	UnenrichedSince time.Time `json:"unenrichedSince"`
	// Codes counts the leads in Pre-Sync that failed at their last attempt, and
	// are tried again.
	Codes map[Code]int `json:"codes"`
	// Paused is why Run stopped until a person acts: the last such failure that is
	// noted on a lead. It is nil when there is none, and again once those leads are
	// synced.
	Paused *Error `json:"paused"`
	// PausedAdvice and WaitingAdvice say what to do about Paused and Waiting.
	PausedAdvice  leadtype.Advice `json:"pausedAdvice"`
	WaitingAdvice leadtype.Advice `json:"waitingAdvice"`
	// Waiting is why Run waits now and tries again by itself: for Salesforce, for
	// the budget or for the Store. It is nil when Run does not wait, or does not run
	// on this Syncer. Until is when it tries again.
	Waiting *Error    `json:"waiting"`
	Until   time.Time `json:"until"`
	// Incidents are causes for which values of more than a fifth of the leads of a batch were
	// left out, in the order in which they began: see leadtype.Incident. One is over when a
	// later batch of this Syncer shows none of it.
	Incidents []leadtype.Incident `json:"incidents"`
	// Used and Limit are the org's API calls of 24 hours, all tools together, as the
	// last reply to this Syncer's Client said: see Meter. Both are 0 before the first.
	Used  int64 `json:"used"`
	Limit int64 `json:"limit"`
}

// MarshalJSON writes every key, also of what is empty.
func (h Health) MarshalJSON() ([]byte, error) { return value.PageJSON(h) }

// UnmarshalJSON reads what MarshalJSON wrote.
func (h *Health) UnmarshalJSON(data []byte) error { return value.ReadPageJSON(data, h) }

// Health reads from the Store how the connection is doing. It covers every process
// that shares the Store; only Mode, Waiting, Until, Incidents, Used and
// Limit are this Syncer's. The error is a *Error around the store's, or the context's own.
func (s *Syncer) Health(ctx context.Context) (Health, error) {
	counts, err := s.cfg.Store.Count(ctx, s.cfg.Connection, Filter{Stages: []Stage{PreSync, Failed}})
	if err != nil {
		return Health{}, verdict.StoreError(ctx, "read the health", err)
	}
	h := Health{States: make(map[store.State]int), Codes: make(map[Code]int)}
	h.Mode, _ = s.runner.State.Current()
	h.Waiting, h.Until = s.runner.State.Waiting()
	h.Incidents = s.recorder.Incidents.Open()
	if meter, ok := s.client.(Meter); ok {
		usage := meter.Usage()
		h.Used, h.Limit = usage.Used, usage.Limit
	}
	var pausedAt time.Time
	for _, c := range counts.Groups {
		if c.Stage == Failed {
			h.Failed += c.Leads
			continue
		}
		h.States[c.State] += c.Leads
		if c.Code != "" {
			h.Codes[c.Code] += c.Leads
		}
		waits := c.State == store.StateQueued || c.State == store.StateInFlight
		if waits && (h.Oldest == "" || c.Since.Before(h.Since)) {
			h.Oldest, h.Since = c.Oldest, c.Since
		}
		if c.State == store.StateWaiting && (h.Unenriched == "" || c.Since.Before(h.UnenrichedSince)) {
			h.Unenriched, h.UnenrichedSince = c.Oldest, c.Since
		}
		if o := c.Sample; o != nil && o.Err != nil && verdict.Pauses(o.Err) && !o.At.Before(pausedAt) {
			h.Paused, pausedAt = o.Err, o.At
		}
	}
	h.PausedAdvice, h.WaitingAdvice = s.cfg.Advisor.Error(h.Paused), s.cfg.Advisor.Error(h.Waiting)
	if h.Oldest != "" {
		h.Lag = max(0, s.cfg.Now().Sub(h.Since))
	}
	return h, nil
}
