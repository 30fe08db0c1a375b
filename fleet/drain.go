// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/store"
)

// A LeftState says what a Drain has left.
type LeftState string

// The states of Left.
const (
	LeftMore     LeftState = "more"     // more leads are due
	LeftNothing  LeftState = "nothing"  // no lead is queued
	LeftLater    LeftState = "later"    // leads are due later: they wait for others, or to be tried again
	LeftPaused   LeftState = "paused"   // Salesforce is down, a limit is reached or the like
	LeftHeld     LeftState = "held"     // another process syncs the connection
	LeftDisabled LeftState = "disabled" // the mode is Disabled
	LeftOffline  LeftState = "offline"  // it is not connected to an org
	LeftIncident LeftState = "incident" // it needs a person: see Health
	LeftSettings LeftState = "settings" // this process cannot use its settings (ErrSettings): another may
)

// Left is what a Drain has left to do.
type Left struct {
	State LeftState `json:"state"`
	// Code is why it pauses, or the code of its incident or of ErrSettings.
	Code leadsync.Code `json:"code,omitempty"`
	// Wait is how long a further Drain has nothing to do: 0 for LeftMore. For LeftNothing,
	// LeftHeld, LeftDisabled, LeftOffline and LeftSettings, which end in other ways, it is how soon to look again.
	Wait time.Duration `json:"-"`
}

// Drain syncs at most batches batches of the leads of a connection that are due, without waiting
// for others, and returns what is left. It is for a scheduler of the host's own, in place of Run: see
// module riversync. What needs a person is no error, but an incident (Health), as with Run. When ctx
// ends, the batch under way finishes, for up to 20 seconds. The error is the context's own, or a
// *leadsync.Error around the Store's.
func (f *Fleet) Drain(ctx context.Context, name string, batches int) (Left, error) {
	if err := checkName("drain", name); err != nil {
		return Left{}, err
	}
	left, m, err := f.drain(ctx, name, batches)
	if err != nil || left.State != "" {
		return left, err
	}
	if paused := f.pauseOf(m); paused.State != "" {
		return paused, nil
	}
	wait, waits, err := f.store.Due(ctx, name)
	switch {
	case err != nil:
		return Left{}, verdict.StoreError(ctx, "drain", err)
	case !waits:
		return Left{State: LeftNothing, Wait: left.Wait}, nil
	case m.mode == leadsync.Disabled:
		return Left{State: LeftDisabled, Wait: longestRest}, nil
	case wait > 0:
		return Left{State: LeftLater, Wait: wait}, nil
	}
	return Left{State: LeftHeld, Wait: left.Wait}, nil
}

// pauseOf returns what is left of a member that waits for Salesforce, a limit or the like, zero of another.
func (s *state) pauseOf(m *member) Left {
	why, until := m.syncer.Waiting()
	wait := until.Sub(s.cfg.Now())
	if why == nil || wait <= 0 {
		return Left{}
	}
	return Left{State: LeftPaused, Code: why.Code, Wait: wait}
}

// drain is Drain, but leaves the State empty where only the wait is known.
func (s *state) drain(ctx context.Context, name string, batches int) (Left, *member, error) {
	c, err := s.store.Connection(ctx, name)
	switch {
	case err != nil:
		return Left{}, nil, verdict.StoreError(ctx, "drain", err)
	case c.Token.Version == 0:
		return Left{State: LeftOffline, Wait: longestRest}, nil, nil
	case needsPerson(&c, s.cfg.Now()):
		return Left{State: LeftIncident, Code: incidentOf(&c).Err.Code, Wait: longestRest}, nil, nil
	}
	m, err := s.memberOf(&c)
	switch {
	case errors.Is(err, ErrSettings):
		s.logUnusable(ctx, &c, err)
		return Left{State: LeftSettings, Code: leadsync.CodeOf(err), Wait: longestRest}, nil, nil
	case err != nil:
		left, err := s.stop(ctx, &c, err)
		return left, nil, err
	}
	if err := m.giveBack(ctx); err != nil {
		return Left{}, nil, err
	}
	wait, err := m.syncer.DrainDue(ctx, batches)
	s.noteCalls(ctx, name, m)
	var failure *leadsync.Error
	switch {
	case ctx.Err() != nil:
		return Left{}, nil, ctx.Err()
	case errors.As(err, &failure) && failure.Code != leadsync.Unknown:
		left, err := s.stop(ctx, &c, err)
		return left, nil, err
	case err != nil:
		return Left{}, nil, err
	case c.Incident != nil && wait < longestRest: // and no pause: it is over
		_ = s.store.SetIncident(ctx, name, nil) // the next visit tries again
	}
	if wait == 0 {
		return Left{State: LeftMore}, m, nil
	}
	return Left{Wait: wait}, m, nil
}

// logUnusable logs, once for each revision, that this process cannot use the settings of a connection. It is no
// incident, which would keep the processes that can from syncing.
func (s *state) logUnusable(ctx context.Context, c *store.Connection, err error) {
	s.mu.Lock()
	logged := s.unusable[c.Name]
	s.unusable[c.Name] = c.Settings.Number
	s.mu.Unlock()
	if logged != c.Settings.Number {
		s.cfg.Logger.ErrorContext(ctx, "leadsync: this process leaves a connection to others", "connection", c.Name,
			"error", err)
	}
}

// stop keeps why a connection needs a person, unless one has connected it again, disconnected it or set other settings
// since it was read: then what failed says nothing of what is in force.
func (s *state) stop(ctx context.Context, c *store.Connection, err error) (Left, error) {
	now, readErr := s.store.Connection(ctx, c.Name)
	if readErr == nil && !sameMeans(&now, c) {
		return Left{State: LeftMore}, nil
	}
	var failure *leadsync.Error
	if !errors.As(err, &failure) {
		failure = &leadsync.Error{Op: "run", Code: leadsync.Unknown, Err: err}
	}
	failure = (&leadsync.Outcome{Err: failure}).ForHistory().Err // without Salesforce's own message
	data, err := json.Marshal(Incident{Err: failure, At: s.cfg.Now().UTC()})
	if err == nil {
		err = s.store.SetIncident(ctx, c.Name, data)
	}
	return Left{State: LeftIncident, Code: failure.Code, Wait: longestRest}, verdict.StoreError(ctx, "drain", err)
}

// sameMeans reports whether a connection still has the link and the settings that it had.
func sameMeans(now, before *store.Connection) bool {
	a, b := stampOf(now), stampOf(before)
	a.mode = b.mode
	return a == b
}

// Due returns the connections that a Drain has something to do for: of those that have due leads and
// are held by no process, all that are connected, whose mode is not Disabled, and that do not need
// a person. It asks the Store once for each 256 connections, and once for each that has due leads.
func (f *Fleet) Due(ctx context.Context) ([]string, error) {
	var names []string
	for after := ""; ; {
		due, err := f.store.DueConnections(ctx, after, dueAtOnce)
		if err != nil {
			return nil, verdict.StoreError(ctx, "list due connections", err)
		}
		for _, name := range due {
			c, err := f.store.Connection(ctx, name)
			if err != nil {
				return nil, verdict.StoreError(ctx, "list due connections", err)
			}
			if f.drains(&c) {
				names = append(names, name)
			}
		}
		if len(due) < dueAtOnce {
			return names, nil
		}
		after = due[len(due)-1]
	}
}

// drains reports whether a Drain of a connection with due leads may have something to do.
func (s *state) drains(c *store.Connection) bool {
	return c.Token.Version > 0 && c.Mode != leadsync.Disabled && !needsPerson(c, s.cfg.Now())
}
