// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"sync/atomic"
	"time"

	"github.com/leadsync/leadsync/internal/turn"
	"github.com/leadsync/leadsync/store"
)

// A tenant works under the lease of a connection, again and again: it is part of a Drainer,
// or of a Guest call. Tenants of one process and Store queue up for it; across processes
// the lease is the queue.
type tenant struct {
	store      store.Store
	connection string
	ttl        time.Duration
	newID      func() string
	recall     func(ctx context.Context) error
	last       *atomic.Int64 // the Syncer's last epoch, for which it recalled what others left
	unreturned *atomic.Pointer[store.Lease]
	log        *slog.Logger

	owner string
	runs  bool       // it is a Drainer's: one of the process at a time queues up
	seat  *turn.Turn // among those, while it has something to do
	stay
	wants bool      // waits for the lease that another process has
	since time.Time // when it was first refused, zero when it was not
}

// A stay begins when it is the tenant's turn in the process, with queueUp, and ends with
// giveBack. In between acquire takes the lease, and renews it; until then another process may
// have it. The zero value is no stay.
type stay struct {
	place  *turn.Turn
	lease  store.Lease // zero until it is acquired
	leased time.Time   // when it was asked for: no later than the Store gave it
	worked bool        // a batch was claimed
}

// hasLease reports whether the lease was acquired. It may have run out.
func (s *stay) hasLease() bool { return s.lease.Owner != "" }

// wanted reports whether others wait for the lease of the stay, in this process or in
// another.
func (s *stay) wanted() bool { return s.lease.Wanted || s.place != nil && s.place.Wanted() }

// askAgain is how often a Sync asks for a lease that another process has: well within
// store.WantFor.
const askAgain = 200 * time.Millisecond

// patience is how long a Run lets others work before it waits for the lease as a Sync
// does. Two Runs pass the lease to each other no more often than that.
const patience = 5 * time.Second

// refused notes that another process has the lease.
func (t *tenant) refused() {
	if t.since.IsZero() {
		t.since = time.Now()
	}
	t.wants = t.wants || time.Since(t.since) >= patience
}

// queue is the process's queue for the connection of a Store.
type queue struct {
	store      any
	connection string
}

func (t *tenant) queue() queue {
	if reflect.ValueOf(t.store).Comparable() {
		return queue{t.store, t.connection}
	}
	return queue{t.last, t.connection}
}

// acquire takes the connection's lease when it is the tenant's turn in the process, or
// renews it. What an earlier owner left without a response is recalled. After an error
// the caller calls release, or acquire again to keep its turn.
func (t *tenant) acquire(ctx context.Context) error {
	if err := t.queueUp(ctx); err != nil {
		return err
	}
	asked, take := time.Now(), t.store.Acquire
	if t.wants {
		take = t.store.Want
	}
	lease, err := take(ctx, t.connection, t.owner, t.ttl)
	if err != nil {
		return err
	}
	fresh := lease.Epoch != t.lease.Epoch
	t.lease, t.leased, t.wants, t.since = lease, asked, false, time.Time{}
	if !fresh {
		return nil
	}
	if t.last.Load() != lease.Epoch-1 {
		if err := t.recall(ctx); err != nil {
			return err
		}
	}
	t.last.Store(lease.Epoch)
	return nil
}

// queueUp waits for the tenant's turn in the process.
func (t *tenant) queueUp(ctx context.Context) (err error) {
	if t.runs && t.seat == nil {
		if t.seat, err = turn.Take(ctx, t.queue(), "run"); err != nil {
			return err
		}
	}
	if t.place == nil {
		t.place, err = turn.Take(ctx, t.queue(), "work")
	}
	return err
}

// settleTimeout bounds what is still done with the store after a stop.
const settleTimeout = 2 * time.Minute

// release ends the stay, and lets other Drainers of the process queue up.
func (t *tenant) release(ctx context.Context) {
	t.giveBack(ctx)
	t.seat.End()
	t.seat = nil
}

// giveBack ends the stay: it gives the lease back, if there is one, so that the next one need
// not wait for its end, and then the turn in the process.
func (t *tenant) giveBack(ctx context.Context) {
	was := t.stay
	t.stay = stay{}
	defer was.place.End()
	if !was.hasLease() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	err := t.store.Release(ctx, was.lease)
	if err != nil && !errors.Is(err, store.ErrLeaseLost) {
		t.unreturned.Store(&was.lease)
		t.log.WarnContext(ctx, "leadsync: the lease was not given back", "error", err)
	}
}

// giveBackLate gives back the lease of an earlier stay for which the Store failed, so that nobody waits for its end.
func (t *tenant) giveBackLate(ctx context.Context) error {
	lease := t.unreturned.Swap(nil)
	if lease == nil {
		return nil
	}
	err := t.store.Release(ctx, *lease)
	if err == nil || errors.Is(err, store.ErrLeaseLost) {
		return nil
	}
	t.unreturned.CompareAndSwap(nil, lease)
	return err
}

// lose ends the stay when the lease is another's.
func (t *tenant) lose(ctx context.Context) {
	t.lease = store.Lease{}
	t.release(ctx)
}

// stopGrace is how long a batch may continue after a stop.
const stopGrace = 20 * time.Second

// hold keeps the lease while a batch is under way. The context that it returns ends
// before the lease does, when another process took the lease, and a while after
// ctx: a stop lets the batch finish. The caller calls letGo.
func (t *tenant) hold(ctx context.Context) (held context.Context, letGo func()) {
	held, cancel := context.WithCancelCause(context.WithoutCancel(within(ctx, t.queue())))
	place, seat := t.place, t.seat
	keepTurn := context.AfterFunc(held, func() { // work that does not end must not block others
		place.End()
		seat.End()
	})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		t.renew(ctx, held, cancel)
	}()
	return held, func() {
		keepTurn()
		cancel(nil)
		<-ended // no renewal comes after this
	}
}

// renew renews the lease until held ends, and ends held when it must.
func (t *tenant) renew(ctx, held context.Context, cancel context.CancelCauseFunc) {
	tick := time.NewTicker(t.ttl / 4)
	defer tick.Stop()
	expiry := time.AfterFunc(t.ttl*3/4-time.Since(t.leased), func() { cancel(store.ErrLeaseLost) })
	defer expiry.Stop()
	stopped := ctx.Done()
	var grace <-chan time.Time
	for {
		select {
		case <-held.Done():
			return
		case <-stopped:
			stopped = nil
			grace = time.After(stopGrace)
		case <-grace:
			cancel(context.Cause(ctx))
			return
		case <-tick.C:
			switch err := t.renewOnce(held); {
			case errors.Is(err, store.ErrLeaseLost):
				cancel(err)
				return
			case err == nil:
				expiry.Reset(t.ttl * 3 / 4)
			case held.Err() == nil:
				t.log.WarnContext(ctx, "leadsync: the lease was not renewed", "error", err)
			}
		}
	}
}

// renewOnce renews the lease, in good time before it runs out.
func (t *tenant) renewOnce(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, t.ttl/4)
	defer cancel()
	lease, err := t.store.Acquire(ctx, t.lease.Connection, t.owner, t.ttl)
	if errors.Is(err, store.ErrLeaseHeld) || err == nil && lease.Epoch != t.lease.Epoch {
		return store.ErrLeaseLost
	}
	return err
}

// withinKey is the key of the queue whose lease a context is used under.
type withinKey struct{}

func within(ctx context.Context, q queue) context.Context {
	return context.WithValue(ctx, withinKey{}, q)
}

func isWithin(ctx context.Context, q queue) bool { return ctx.Value(withinKey{}) == q }
