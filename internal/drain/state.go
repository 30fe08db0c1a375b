// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// A RunState is what Capture, Push and SetMode share with Run and Drain: the mode, why
// Run waits, and hints that there may be something to do.
type RunState struct {
	mu     sync.RWMutex // held by captures as long as the Store takes
	mode   leadtype.Mode
	turn   int // counts the modes, from 1
	paused atomic.Pointer[pause]
	hints  chan struct{}
	epoch  atomic.Int64 // the last one under which this Syncer worked
	// unreturned is a lease that could not be given back, nil for none.
	unreturned atomic.Pointer[store.Lease]
}

// A pause records why Run is waiting and until when; Health reports it.
type pause struct {
	why   *leadtype.Error
	until time.Time
}

// NewRunState returns the state before the first Run, with its mode.
func NewRunState(mode leadtype.Mode) *RunState {
	return &RunState{mode: mode, turn: 1, hints: make(chan struct{}, 1)}
}

// Wake hints that there may be something to do. Run does not depend on it: it looks
// for itself every Config.Poll.
func (s *RunState) Wake() {
	select {
	case s.hints <- struct{}{}:
	default:
	}
}

// Current returns the mode and its number.
func (s *RunState) Current() (mode leadtype.Mode, turn int) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.mode, s.turn
}

// Under calls f with the mode, which does not change until f returns: SetMode then
// finds every lead that was captured under the old mode in the Store.
func (s *RunState) Under(f func(mode leadtype.Mode) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return f(s.mode)
}

// SetMode changes the mode and numbers the change.
func (s *RunState) SetMode(mode leadtype.Mode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mode = mode
	s.turn++
}

// Waiting returns why Run waits and until when, nil when it does not.
func (s *RunState) Waiting() (why *leadtype.Error, until time.Time) {
	if p := s.paused.Load(); p != nil {
		return p.why, p.until
	}
	return nil, time.Time{}
}
