package leadsync

import (
	"sync"
	"sync/atomic"
	"time"
)

// A runState is what a Syncer's methods share with its Run and Drain: the mode, why
// Run waits, and hints that there may be something to do.
type runState struct {
	mu     sync.RWMutex
	mode   Mode
	turn   int // counts the modes, from 1
	paused atomic.Pointer[pause]
	hints  chan struct{}
}

// A pause records why Run is waiting and until when; Health reports it.
type pause struct {
	why   *Error
	until time.Time
}

func newRunState(mode Mode) *runState {
	return &runState{mode: mode, turn: 1, hints: make(chan struct{}, 1)}
}

// wake hints that there may be something to do. Run does not depend on it: it looks
// for itself every Config.Poll.
func (s *runState) wake() {
	select {
	case s.hints <- struct{}{}:
	default:
	}
}

// current returns the mode and its number.
func (s *runState) current() (mode Mode, turn int) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.mode, s.turn
}

// under calls f with the mode, which does not change until f returns: setMode then
// finds every lead that was captured under the old mode in the Store.
func (s *runState) under(f func(mode Mode) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return f(s.mode)
}

func (s *runState) setMode(mode Mode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mode = mode
	s.turn++
}

// waiting returns why Run waits and until when, nil when it does not.
func (s *runState) waiting() (why *Error, until time.Time) {
	if p := s.paused.Load(); p != nil {
		return p.why, p.until
	}
	return nil, time.Time{}
}
