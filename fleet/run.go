// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/store"
)

const (
	// dueAtOnce is how many due connections are read at a time.
	dueAtOnce = 256
	// longestRest is how long a connection is left alone that has due leads and nothing to do: it
	// may have been connected, or its pause ended, by another process.
	longestRest = 15 * time.Second
	// incidentRest is after how long a connection is tried again that needs a person.
	incidentRest = 15 * time.Minute
)

// Run syncs whatever is due of all connections, at most Config.Workers orgs at once, and one batch
// of each in turn, so that a customer with many leads does not hold up the others. It blocks until ctx is
// done and then returns nil: each batch under way finishes, for up to 20 seconds. Several processes may
// Run on one Store: an org is written to by one of them at a time.
//
// What a process that died was syncing waits until its lease has run out (leadsync.Config.LeaseTTL of Config.Base),
// and is then the next that a free worker of any other process takes, before what is due all the time, where the Store
// can name it, as that of store/postgres does.
//
// Connections pause as leadsync.Syncer.Run says, each by itself. One that needs a person has an incident
// (Health), and is tried again after a quarter of an hour, when it is connected again, or after Resume. One whose
// settings this process cannot use (ErrSettings) is left to the processes that can. When the Store fails, Run
// tries again after Config.Poll. Run also sends Config.Digests.
func (f *Fleet) Run(ctx context.Context) error {
	r := &run{Fleet: f, free: make(chan struct{}, f.cfg.Workers), active: make(map[string]bool),
		failed: make(map[string]bool)}
	defer r.visits.Wait()
	if f.cfg.Digests != nil {
		r.visits.Go(func() { r.sendDigests(ctx) })
	}
	if h, is := f.store.(hinter); is {
		r.visits.Go(func() { r.listen(ctx, h) })
	}
	for after := ""; ctx.Err() == nil; {
		due, err := f.store.DueConnections(ctx, after, dueAtOnce)
		if err != nil && ctx.Err() == nil {
			f.cfg.Logger.ErrorContext(ctx, "leadsync: the due connections could not be read", "error", err)
		}
		for _, name := range due {
			r.begin(ctx, name)
		}
		if err == nil {
			r.beginAgain(ctx)
		}
		if after = ""; len(due) == dueAtOnce {
			after = due[len(due)-1]
			continue
		}
		r.wait(ctx)
	}
	return nil
}

// A run is one call of Run.
type run struct {
	*Fleet
	free   chan struct{} // holds a value for each visit under way
	visits sync.WaitGroup

	abandoned []string  // connections that other processes have left, still to be visited
	askedAt   time.Time // when abandoned was asked for last

	mu     sync.Mutex
	active map[string]bool
	failed map[string]bool // the Store failed during the last visit
}

// begin begins to visit a connection as soon as a worker is free, unless it is being visited or left alone.
// Those that a process which died has left go first: they have waited for the end of its lease.
func (r *run) begin(ctx context.Context, name string) {
	if r.leaves(name) {
		return
	}
	for ctx.Err() == nil {
		select {
		case r.free <- struct{}{}:
		case <-ctx.Done():
			return
		}
		first := r.nextAbandoned(ctx)
		if first == "" || first == name {
			r.start(ctx, name)
			return
		}
		r.start(ctx, first)
	}
}

// beginAgain visits the connections for which the Store failed: it does not name those whose lease could not be given
// back.
func (r *run) beginAgain(ctx context.Context) {
	r.mu.Lock()
	failed := slices.Collect(maps.Keys(r.failed))
	r.mu.Unlock()
	for _, name := range failed {
		r.begin(ctx, name)
	}
}

// start begins to visit a connection, for which a worker is taken.
func (r *run) start(ctx context.Context, name string) {
	r.mu.Lock()
	r.active[name] = true
	delete(r.failed, name)
	r.mu.Unlock()
	r.visits.Go(func() {
		rest, more := r.visit(ctx, name)
		r.leave(name, rest)
		<-r.free
		if more {
			r.wake()
		}
	})
}

// An abandoner is a Store that names the connections with work to resume whose lease has run out without being
// given back, as that of store/postgres does.
type abandoner interface {
	Abandoned(ctx context.Context, limit int) ([]string, error)
}

// nextAbandoned returns a connection that a process which died has left, "" for none. It asks the Store
// once for each Config.Poll, and only while there is work.
func (r *run) nextAbandoned(ctx context.Context) string {
	kept, is := r.store.(abandoner)
	if now := r.cfg.Now(); is && now.Sub(r.askedAt) >= r.cfg.Poll {
		r.askedAt = now
		r.abandoned, _ = kept.Abandoned(ctx, dueAtOnce) // they are due, too, so that they have their turn anyway
	}
	for len(r.abandoned) > 0 {
		name := r.abandoned[0]
		r.abandoned = r.abandoned[1:]
		if !r.leaves(name) {
			return name
		}
	}
	return ""
}

// leaves reports whether a connection is being visited, or left alone.
func (r *run) leaves(name string) bool {
	r.mu.Lock()
	active := r.active[name]
	r.mu.Unlock()
	r.state.mu.Lock()
	defer r.state.mu.Unlock()
	return active || r.cfg.Now().Before(r.rests[name])
}

// leave ends a visit and leaves the connection alone for a while.
func (r *run) leave(name string, rest time.Duration) {
	r.state.mu.Lock()
	delete(r.rests, name)
	if rest > 0 {
		r.rests[name] = r.cfg.Now().Add(min(rest, longestRest))
	}
	r.state.mu.Unlock()
	r.mu.Lock()
	delete(r.active, name)
	r.mu.Unlock()
}

// listen looks after connections that other processes tell of, until ctx is done.
func (r *run) listen(ctx context.Context, h hinter) {
	for ctx.Err() == nil {
		_ = h.Hints(ctx, r.attendHere) // Run polls meanwhile
		pause(ctx, longestRest)
	}
}

// pause waits, or until ctx is done.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// wait waits until there may be something to do.
func (r *run) wait(ctx context.Context) {
	timer := time.NewTimer(r.cfg.Poll)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-r.hints:
	}
}

// visit syncs one batch of a connection, and returns how long to leave it alone, and whether more is due. A
// connection without due leads need not be left alone: the Store names those that have some, such as those
// that a process which died has left.
func (r *run) visit(ctx context.Context, name string) (rest time.Duration, more bool) {
	left, m, err := r.drain(ctx, name, 1)
	switch {
	case err != nil && ctx.Err() == nil:
		r.cfg.Logger.ErrorContext(ctx, "leadsync: a connection could not be synced", "connection", name, "error", err)
		r.mu.Lock()
		r.failed[name] = true
		r.mu.Unlock()
		return r.cfg.Poll, false
	case err != nil:
		return r.cfg.Poll, false
	case left.State == LeftMore:
		return 0, true
	case left.State == "" && m.mode != leadsync.Disabled && r.pauseOf(m).State == "":
		return 0, false
	}
	return left.Wait, false
}

// Resume ends the incident of a connection, so that it is tried again at once: what a person was to do is done.
func (f *Fleet) Resume(ctx context.Context, name string) error {
	if err := checkName("resume", name); err != nil {
		return err
	}
	err := f.store.SetIncident(ctx, name, nil)
	f.attend(ctx, name)
	return verdict.StoreError(ctx, "resume", err)
}

// needsPerson reports whether a connection is left alone at a time because of its incident. A clock that was set back
// does not make that longer.
func needsPerson(c *store.Connection, now time.Time) bool {
	i := incidentOf(c)
	return i != nil && now.Sub(i.At).Abs() < incidentRest
}
