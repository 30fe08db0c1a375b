// SPDX-License-Identifier: Apache-2.0

package digest

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/leadsync/leadsync/review"
	"github.com/leadsync/leadsync/store"
)

const (
	// tick is how often digests may be due.
	tick = 15 * time.Minute
	// kept is how long the Store keeps when the next ones are due while no process runs.
	kept = 31 * 24 * time.Hour
	// clockSkew is how far the clocks of two processes may differ.
	clockSkew = 5 * time.Minute
	// lookAgain is when a process looks again for when digests are due that found nothing.
	lookAgain = time.Minute
	// dueKey is the key in the Store of when the next digests are due, unknownKey that of since when
	// there is none. stoppedKey with a connection's name says that its last digest had Stopped.
	dueKey     = "fleet digests"
	unknownKey = "fleet digests unknown"
	stoppedKey = "fleet digest stopped "
	// atOnce is how many connections are read at a time.
	atOnce = 256
)

// A Store is what a Sender needs of a store.Connections.
type Store interface {
	ListConnections(ctx context.Context, after string, limit int) ([]store.Connection, error)
	KeepOnce(ctx context.Context, key string, data []byte, ttl time.Duration) error
	TakeOnce(ctx context.Context, key string) ([]byte, error)
}

// A Sender sends the digests of a fleet, which makes one for its process. All fields are required.
type Sender struct {
	Config *Config
	Store  Store
	Now    func() time.Time
	Logger *slog.Logger
	// Leads counts the leads of a connection that a filter selects.
	Leads func(context.Context, *store.Connection, store.Filter) (review.Summary, []store.EventCount, error)
	// Stopped fills in why the connection needs a person.
	Stopped func(*store.Connection, *Digest)

	// What follows is of a Store that failed: it is sent once that works again.
	mu    sync.Mutex      // while it sends
	taken time.Time       // when digests were due that the Store does not know any more, zero for none
	rest  *span           // of all connections, which could not be listed
	owed  map[string]span // of connections whose leads could not be counted, or which were not reached
}

// A span is when digests became due that this process is to send.
type span struct{ from, until time.Time }

// with returns the span from the beginning of an earlier one on.
func (s span) with(earlier span, is bool) span {
	if is {
		s.from = earlier.from
	}
	return s
}

// Send sends the digests that are due, unless another process does, and returns when to call it again. The first
// call sends none. The error is the Store's: what was due then is sent by a later call.
func (s *Sender) Send(ctx context.Context) (next time.Time, err error) {
	now := s.Now()
	if !s.mu.TryLock() {
		return now.Add(lookAgain), nil // another call does
	}
	defer s.mu.Unlock()
	due, known, err := s.takeDue(ctx)
	if err != nil {
		return now.Add(lookAgain), err
	}
	if !s.taken.IsZero() && (!known || s.taken.Before(due)) {
		due, known = s.taken, true
	}
	switch {
	case !known:
		begins, err := s.begins(ctx, now)
		if err != nil || !begins {
			return now.Add(lookAgain), err
		}
		next = tickAfter(now.Add(clockSkew))
	case due.After(now):
		next = due
	default:
		next = tickAfter(now)
	}
	if err := s.keepDue(ctx, next); err != nil {
		if known {
			s.taken = due
		}
		return now.Add(lookAgain), err
	}
	s.taken = time.Time{}
	if known && !due.After(now) {
		all := span{due, now}
		if s.rest != nil {
			all = all.with(*s.rest, true)
		}
		s.rest = &all
	}
	if err := s.sendOwed(ctx); err != nil {
		return now.Add(lookAgain), err
	}
	return next, nil
}

// begins reports whether it has been unknown for a while when digests are due: there was none yet, or a process
// died that was to send some. Of those between taking and keeping it one would otherwise be overtaken.
func (s *Sender) begins(ctx context.Context, now time.Time) (bool, error) {
	data, err := s.Store.TakeOnce(ctx, unknownKey)
	if err != nil {
		return false, err
	}
	var since time.Time
	switch {
	case since.UnmarshalText(data) != nil:
		since = now
	case now.Sub(since) >= lookAgain/2:
		return true, nil
	}
	data, err = since.UTC().MarshalText()
	if err == nil {
		err = s.Store.KeepOnce(ctx, unknownKey, data, clockSkew)
	}
	return false, err
}

func tickAfter(t time.Time) time.Time { return t.Truncate(tick).Add(tick) }

// takeDue takes from the Store when digests are due, so that one process sends them.
func (s *Sender) takeDue(ctx context.Context) (due time.Time, known bool, err error) {
	data, err := s.Store.TakeOnce(ctx, dueKey)
	if err != nil || data == nil {
		return time.Time{}, false, err
	}
	err = due.UnmarshalText(data)
	return due, err == nil, nil
}

func (s *Sender) keepDue(ctx context.Context, due time.Time) error {
	data, err := due.UTC().MarshalText()
	if err != nil {
		return err
	}
	return s.Store.KeepOnce(ctx, dueKey, data, kept)
}

// sendOwed sends the digests that this process is to send.
func (s *Sender) sendOwed(ctx context.Context) error {
	if s.rest != nil {
		owed := maps.Clone(s.owed)
		if owed == nil {
			owed = make(map[string]span)
		}
		if err := s.each(ctx, func(c *store.Connection) {
			before, is := owed[c.Name]
			owed[c.Name] = s.rest.with(before, is)
		}); err != nil {
			return err
		}
		s.owed, s.rest = owed, nil
	}
	if len(s.owed) == 0 {
		return nil
	}
	again := make(map[string]span)
	err := s.each(ctx, func(c *store.Connection) {
		due, is := s.owed[c.Name]
		if !is {
			return
		}
		delete(s.owed, c.Name)
		err := s.send(ctx, c, due)
		if err != nil {
			s.Logger.ErrorContext(ctx, "leadsync: a digest was not sent", "connection", c.Name, "error", err)
		}
		if errors.As(err, new(*uncounted)) {
			again[c.Name] = due
		}
	})
	if err != nil {
		maps.Copy(again, s.owed) // those that were not reached
	}
	s.owed = again
	return err
}

// each calls do with each connection.
func (s *Sender) each(ctx context.Context, do func(*store.Connection)) error {
	for after := ""; ; {
		listed, err := s.Store.ListConnections(ctx, after, atOnce)
		if err != nil || len(listed) == 0 {
			return err
		}
		for i := range listed {
			if err := ctx.Err(); err != nil {
				return err
			}
			do(&listed[i])
		}
		after = listed[len(listed)-1].Name
	}
}

// An uncounted is why the digest of a connection could not be made.
type uncounted struct{ error }

func (u *uncounted) Unwrap() error { return u.error }

// errPanic is why a digest was not sent.
var errPanic = errors.New("leadsync: the host's function panicked")

// send sends the digest of a connection, if one became due.
func (s *Sender) send(ctx context.Context, c *store.Connection, due span) (err error) {
	defer func() {
		if recover() != nil {
			err = errPanic
		}
	}()
	every := Daily
	if s.Config.Every != nil {
		every = s.Config.Every(ctx, c.Name)
	}
	until, has := s.Config.lastDue(every, due.until)
	if !has || until.Before(due.from) {
		return nil
	}
	begin, _ := s.Config.lastDue(every, due.from.Add(-time.Nanosecond))
	d, err := s.digestOf(ctx, c, begin, until)
	switch {
	case err != nil:
		return &uncounted{err}
	case d.Summary.Total == 0 && d.Stopped == nil && !d.Resumed:
		return nil
	}
	return s.Config.Send(ctx, d)
}

// digestOf returns the digest of a connection.
func (s *Sender) digestOf(ctx context.Context, c *store.Connection, from, until time.Time) (d *Digest, err error) {
	d = &Digest{Connection: c.Name, From: from, Until: until}
	s.Stopped(c, d)
	if d.Summary, d.Events, err = s.Leads(ctx, c, store.Filter{From: from, Until: until}); err != nil {
		return nil, err
	}
	before, err := s.Store.TakeOnce(ctx, stoppedKey+c.Name)
	if err == nil && d.Stopped != nil {
		err = s.Store.KeepOnce(ctx, stoppedKey+c.Name, []byte{1}, kept)
	}
	d.Resumed = before != nil && d.Stopped == nil
	return d, err
}
