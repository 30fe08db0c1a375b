package leadsync

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

// A runState is what Capture, Push and SetMode share with Run and Drain. Its
// zero value is ready.
type runState struct {
	// mu is held for reading while leads are captured under mode, so that
	// SetMode finds all of them in the store.
	mu   sync.RWMutex
	mode Mode // empty: Config.Mode
	// turns counts the calls of SetMode.
	turns int

	waiting atomic.Pointer[waiting] // nil while Run does not wait

	once  sync.Once
	hints chan struct{}
}

// hint returns a channel that gets a value when there may be something to do.
func (r *runState) hint() chan struct{} {
	r.once.Do(func() { r.hints = make(chan struct{}, 1) })
	return r.hints
}

// A waiting is why Run waits, and until when, for Health.
type waiting struct {
	why   *Error
	until time.Time
}

// wake says that there may be something to do. It is a hint only: Run looks for
// itself every Config.Poll.
func (s *Syncer) wake() {
	select {
	case s.state.hint() <- struct{}{}:
	default:
	}
}

// mode returns the mode of now. The caller holds s.state.mu.
func (s *Syncer) mode() Mode {
	if s.state.mode != "" {
		return s.state.mode
	}
	return s.cfg.Mode
}

// Capture stores leads, to be synced by Run or Drain. A lead is safe once
// Capture has returned, and capturing one again does no harm: data that is the
// same changes nothing, other data replaces the old and is synced anew.
//
// A lead without a Strategy is given the name of Config.Strategy, and keeps the
// strategy of its first capture for good; a name that is not known is kept too,
// and such a lead waits in Pre-Sync. The leads given are not changed.
//
// Leads that are unfit to be synced, or have the id of an earlier one in the
// call, are left out: the error is a *BatchError with a *Error for each by its
// index, and the others are stored. When the store fails, the error is a *Error
// around the store's, or the context's own, and none is stored as far as is
// known: capture them again.
func (s *Syncer) Capture(ctx context.Context, leads ...*Lead) (CaptureReport, error) {
	refused := make(map[int]error)
	taken := make(map[LeadID]bool, len(leads))
	good := make([]*Lead, 0, len(leads))
	for i, lead := range leads {
		if err := checkCapture(lead, taken); err != nil {
			refused[i] = err
			continue
		}
		taken[lead.ID] = true
		good = append(good, lead)
	}
	report, err := s.store(ctx, good)
	if err != nil {
		return CaptureReport{}, storeError(ctx, "capture", err)
	}
	s.wake()
	report.Warnings = strategyWarnings(report.Strategies)
	if len(refused) > 0 {
		return report, &BatchError{Failed: refused}
	}
	return report, nil
}

// CaptureActivities stores activities of a lead that was captured before. Each is
// logged once, however often it is given: one that the lead has already, by its ID
// or without one by its content, changes nothing. When the lead is cleared it is
// queued again, or frozen under Manual, and only what is new is written. A lead
// that is being synced is synced once more after that. The activities of any other
// lead wait with it, also when it failed or was dismissed. Capturing the lead
// again takes none of them away.
//
// The error is a *Error: one that names the activity that is unfit to be logged,
// or around ErrNoLead when the lead was never captured, or around the store's; or
// the context's own. Nothing is stored then, as far as is known.
func (s *Syncer) CaptureActivities(ctx context.Context, lead LeadID, activities ...Activity) error {
	for i := range activities {
		if reason := activities[i].unfit(); reason != "" {
			return &Error{Op: "capture activities", LeadID: lead, Code: DataValueValidation,
				Fields: []string{fmt.Sprintf("activities[%d]", i)}, Reason: reason}
		}
	}
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	state := StateQueued
	if s.mode() == Manual {
		state = StateFrozen
	}
	err := s.cfg.Store.AddActivities(ctx, s.cfg.Connection, lead, state, activities)
	if errors.Is(err, ErrNoLead) {
		return &Error{Op: "capture activities", LeadID: lead, Code: DataValueValidation, Fields: []string{"id"},
			Reason: "capture the lead first", Err: ErrNoLead}
	}
	s.wake()
	return storeError(ctx, "capture activities", err)
}

// unfit says why an activity cannot be logged, "" if it can.
func (a *Activity) unfit() string {
	switch {
	case !a.Kind.valid():
		return "is of no known kind"
	case !utf8.ValidString(a.ID + a.By + a.Notes):
		return "is not valid UTF-8"
	}
	if _, err := json.Marshal(a); err != nil {
		return "holds what JSON cannot carry"
	}
	return ""
}

// checkCapture says why a lead cannot be stored, nil if it can.
func checkCapture(lead *Lead, taken map[LeadID]bool) error {
	if err := lead.checkAmong(taken, "capture"); err != nil {
		return err
	}
	if _, err := json.Marshal(lead); err != nil {
		return &Error{Op: "capture", LeadID: lead.ID, Code: DataValueValidation, Fields: unencodable(lead),
			Reason: "holds what JSON cannot carry"}
	}
	return nil
}

// unencodable names the source fields that keep a lead from being stored.
func unencodable(lead *Lead) []string {
	var fields []string
	for name, value := range lead.Custom {
		if _, err := json.Marshal(value); err != nil {
			fields = append(fields, prefixCustom+name)
		}
	}
	for _, f := range sourceTable {
		if _, err := json.Marshal(f.get(lead)); err != nil {
			fields = append(fields, f.name)
		}
	}
	slices.Sort(fields)
	return fields
}

// store stores leads that are fit, in the state that the mode asks for.
func (s *Syncer) store(ctx context.Context, leads []*Lead) (CaptureReport, error) {
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	captured := make([]Captured, len(leads))
	for i, lead := range leads {
		own := *lead
		if own.Strategy == "" {
			own.Strategy = s.cfg.Strategy.Name()
		}
		captured[i] = Captured{Lead: &own, State: s.stateOf(lead)}
	}
	return s.cfg.Store.Capture(ctx, s.cfg.Connection, captured)
}

// stateOf returns the state to store a lead in.
func (s *Syncer) stateOf(lead *Lead) State {
	switch {
	case s.cfg.WaitForEnrichment && lead.EnrichedAt.IsZero():
		return StateWaiting
	case s.mode() == Manual:
		return StateFrozen
	}
	return StateQueued
}

// strategyWarnings warns of events whose leads would scatter over objects.
func strategyWarnings(strategies map[string][]string) []Warning {
	var warnings []Warning
	for _, event := range slices.Sorted(maps.Keys(strategies)) {
		if names := strategies[event]; event != "" && len(names) > 1 {
			warnings = append(warnings, Warning{Field: "strategy",
				Reason: fmt.Sprintf("event %q has leads of several strategies: %s", event, strings.Join(names, ", "))})
		}
	}
	return warnings
}

// Push queues the leads that match the filter, due at once and with all their
// attempts again, and returns how many: frozen ones, failed ones, and cleared
// ones too where the filter selects them, also those that were dismissed. So name
// States to release an event's frozen leads (StateFrozen), and Stages to try again
// what failed (Failed). Leads that are being synced or wait for enrichment are left
// alone. The Filter of a Group or a Cause of Summary takes exactly the leads that
// were counted, without those that changed since. The error is a *Error around the
// store's, or the context's own.
func (s *Syncer) Push(ctx context.Context, filter Filter) (int, error) {
	n, err := s.cfg.Store.Push(ctx, s.cfg.Connection, filter)
	if err != nil {
		return 0, storeError(ctx, "push", err)
	}
	s.wake()
	return n, nil
}

// Leads returns the captured leads that match the filter, in order of first
// capture. The error is a *Error around the store's, or the context's own.
func (s *Syncer) Leads(ctx context.Context, filter Filter) ([]Entry, error) {
	entries, err := s.cfg.Store.List(ctx, s.cfg.Connection, filter)
	return entries, storeError(ctx, "list", err)
}

// SetMode changes the mode until the Syncer ends; Config.Mode is where it
// starts. No Store keeps the mode: a host does, because the Run of the next Syncer
// releases all frozen leads if that starts as Automatic. So does switching to
// Automatic; if that fails, with a *Error or the context's own, call SetMode again.
// Under Manual, leads that are queued already are still synced. Disabled takes
// effect after the batch under way.
func (s *Syncer) SetMode(ctx context.Context, mode Mode) error {
	if !slices.Contains([]Mode{Automatic, Manual, Disabled}, mode) {
		return &Error{Op: "set mode", Code: DataValueValidation, Fields: []string{"mode"}, Reason: "is not automatic, manual or disabled"}
	}
	s.state.mu.Lock()
	s.state.mode = mode
	s.state.turns++
	s.state.mu.Unlock()
	if mode != Automatic {
		return nil
	}
	_, err := s.Push(ctx, Filter{States: []State{StateFrozen}})
	return err
}
