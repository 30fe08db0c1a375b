package leadsync

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// Run syncs captured leads, oldest first, until ctx ends, and then returns nil:
// to be stopped is what it is for. It lets the batch under way finish, for up to
// 20 seconds, and leaves no lead in flight: close the Store after Run has returned.
//
// Under Automatic it first releases all frozen leads. Several processes may Run
// on one Store: one at a time drains the connection, the others stand by. So do
// several Syncers of one process, as when new Settings take the place of old ones.
//
// When Salesforce cannot be reached or one of its limits is reached, Run waits,
// from a second up to 5 minutes, and so it does when the Store fails. When the
// calls of the last 24 hours are spent, or Config.APIBudget is, it waits from 15
// minutes up to an hour. Then it tries with one lead, or with two one by one, and with
// more each time that goes well. A lead that fails where another gets through is at
// fault itself and waits on its own. Health tells why Run waits. Only a failure
// that a person has to mend ends it, with a *Error: AUTHENTICATION, a
// CONNECTION_PERMISSION of the whole org, or STORAGE_LIMIT. The leads stay in
// Pre-Sync, and none is blamed. Once it is mended the host calls Run again: after a
// reconnect that of a Syncer with the new tokens and the same Store and Connection.
func (s *Syncer) Run(ctx context.Context) error {
	return s.newDrainer().run(ctx)
}

// Drain syncs captured leads like Run and returns nil when none is queued or in
// flight any more. It waits like Run does, for leads that are due later, and while
// the mode is Disabled. The error is the context's own when that ends first, the
// *Error that would end Run, or a *Error around the store's.
func (s *Syncer) Drain(ctx context.Context) error {
	return s.newDrainer().drain(ctx)
}

// A drainer is one call of Run or Drain.
type drainer struct {
	s *Syncer
	// sync is syncBatch, and random returns a number in [0,1).
	sync   func(ctx context.Context, items []*item, journal journalFunc) ([]result, error)
	random func() float64

	once     bool // Drain: end when nothing is left
	drained  bool
	released int // up to which turn of the mode the frozen leads were, under Automatic
	owner    string
	lease    Lease
	leased   time.Time // when it was asked for: no later than the Store gave it
	failures int       // of the connection or the store, one after another
	waits    bool      // because of them, as was reported
	pause    time.Duration
	limit    int  // leads in the next batch
	probe    bool // the next batch is to find out whether the budget allows more
}

func (s *Syncer) newDrainer() *drainer {
	return &drainer{s: s, sync: s.syncBatch, random: rand.Float64, owner: s.cfg.NewID(), limit: s.cfg.BatchSize}
}

// drain takes steps until nothing is left.
func (d *drainer) drain(ctx context.Context) error {
	d.once = true
	if err := d.run(ctx); err != nil || d.drained {
		return err
	}
	return ctx.Err()
}

// run takes steps until ctx ends, which is no error here.
func (d *drainer) run(ctx context.Context) error {
	defer func() {
		d.release(ctx)
		d.s.state.waiting.Store(nil)
	}()
	for ctx.Err() == nil && !d.drained {
		wait, err := d.step(ctx)
		if err == nil {
			d.wait(ctx, wait, d.s.state.hint())
			continue
		}
		if err := d.endure(ctx, err); err != nil {
			return err
		}
	}
	return nil
}

// step syncs one batch if one is due, and returns how long to wait after that,
// unless a hint comes.
func (d *drainer) step(ctx context.Context) (time.Duration, error) {
	cfg := &d.s.cfg
	mode, turn := d.mode()
	if mode == Automatic && d.released != turn {
		if _, err := cfg.Store.Push(ctx, cfg.Connection, Filter{States: []State{StateFrozen}}); err != nil {
			return 0, err
		}
		d.released = turn
	}
	wait, waits, err := cfg.Store.Due(ctx, cfg.Connection)
	switch {
	case err != nil:
		return 0, err
	case !waits:
		d.drained = d.once
		return cfg.Poll, nil
	case mode == Disabled:
		return cfg.Poll, nil
	case wait > 0:
		return min(wait, cfg.Poll), nil
	}
	if spent := d.s.overBudget(); spent != nil && !d.probe {
		d.probe = true
		d.fail(spent)
		return 0, spent
	}
	asked := time.Now()
	lease, err := cfg.Store.Acquire(ctx, cfg.Connection, d.owner, cfg.LeaseTTL)
	if errors.Is(err, ErrLeaseHeld) {
		return cfg.Poll, nil
	}
	if err != nil {
		return 0, err
	}
	fresh := lease.Epoch != d.lease.Epoch
	d.lease, d.leased = lease, asked
	if fresh {
		if err := d.s.recaller.recall(ctx); err != nil {
			return 0, err
		}
	}
	claimed, err := cfg.Store.Claim(ctx, d.lease, d.limit)
	if err != nil {
		return 0, err
	}
	if len(claimed) == 0 {
		return cfg.Poll, nil
	}
	d.probe = false
	return 0, d.batch(ctx, claimed)
}

// mode returns the mode and which one it is, counted from 1.
func (d *drainer) mode() (mode Mode, turn int) {
	d.s.state.mu.RLock()
	defer d.s.state.mu.RUnlock()
	return d.s.mode(), d.s.state.turns + 1
}

// endure waits after an error of a step, or returns it when waiting does not
// help.
func (d *drainer) endure(ctx context.Context, err error) error {
	log := d.s.cfg.Logger
	var failure *Error
	ours := errors.As(err, &failure)
	switch {
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return nil
	case errors.Is(err, ErrLeaseLost):
		log.WarnContext(ctx, "leadsync: the lease on the connection was lost")
		d.lease = Lease{}
		d.wait(ctx, d.s.cfg.Poll, nil)
		return nil
	case ours && pauses(failure):
		log.ErrorContext(ctx, "leadsync: the connection is stopped until somebody mends it", "code", failure.Code, "error", failure)
		d.s.cfg.Trace.Paused(ctx, failure)
		return failure
	case !ours && d.once:
		return storeError(ctx, "drain", err)
	case !ours:
		// The store may or may not have done what it was asked. To give the lease
		// back queues what is in flight; else it runs out, as nobody renews it.
		d.release(ctx)
		d.owner = d.s.cfg.NewID()
		d.fail(err)
	}
	if !ours {
		failure = &Error{Op: "run", Code: Unknown, Reason: "the store failed", Err: err}
	}
	if !d.waits { // one incident, however long it lasts
		d.waits = true
		log.ErrorContext(ctx, "leadsync: syncing waits", "code", failure.Code, "error", err)
		d.s.cfg.Trace.Waits(ctx, failure)
	}
	d.s.state.waiting.Store(&waiting{why: failure, until: d.s.cfg.Now().Add(d.pause)})
	d.wait(ctx, d.pause, nil)
	return nil
}

// longestPause bounds what a reply may ask for: no limit of Salesforce's lasts
// longer.
const longestPause = 24 * time.Hour

// fail counts a failure and sets the pause after it: what Salesforce asks for,
// else longer each time, with jitter. What comes after it is one lead, to try, or two
// in a row.
func (d *drainer) fail(err error) {
	d.failures++
	d.limit = 1
	if d.failures > 1 && mayBeItsOwn(err) {
		d.limit = 2 // one may be at fault
	}
	least, longest := time.Second, 5*time.Minute
	var failure *Error
	switch {
	case !errors.As(err, &failure):
	case pauses(failure):
		d.pause = 0 // a person ends it, and then the leads go in their order
		return
	case daily(failure):
		least, longest = 15*time.Minute, time.Hour
	}
	d.pause = backoff(d.failures, least, longest, d.random())
	var sf *salesforce.Error
	if errors.As(err, &sf) && sf.RetryAfter > 0 {
		d.pause = min(sf.RetryAfter, longestPause)
	}
}

// resume notes that a batch went well.
func (d *drainer) resume(ctx context.Context) {
	d.limit = min(10*d.limit, d.s.cfg.BatchSize)
	if d.failures == 0 || d.s.overBudget() != nil {
		return
	}
	d.failures, d.waits = 0, false
	d.s.state.waiting.Store(nil)
	d.s.cfg.Logger.InfoContext(ctx, "leadsync: syncing goes on")
	d.s.cfg.Trace.Resumes(ctx)
}

// wait waits, until ctx ends or a hint comes.
func (d *drainer) wait(ctx context.Context, how time.Duration, hint <-chan struct{}) {
	if how <= 0 || d.drained {
		return
	}
	timer := time.NewTimer(how)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-hint:
	case <-ctx.Done():
	}
}

// release gives the lease back, if there is one, so that the next drainer need
// not wait for its end.
func (d *drainer) release(ctx context.Context) {
	if d.lease.Owner == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	err := d.s.cfg.Store.Release(ctx, d.lease)
	if err != nil && !errors.Is(err, ErrLeaseLost) {
		d.s.cfg.Logger.WarnContext(ctx, "leadsync: the lease was not given back", "error", err)
	}
	d.lease = Lease{}
}
