package leadsync

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// A runner drains a connection of its captured leads, batch by batch. Its fields
// come from Config.
type runner struct {
	store      Store
	connection string
	batchSize  int
	leaseTTL   time.Duration
	poll       time.Duration
	trace      *Trace // with every hook set
	logger     *slog.Logger
	now        func() time.Time
	newID      func() string
	state      *runState

	// turn takes one batch the whole way, and returns false when no lead could be
	// claimed.
	turn func(ctx context.Context, d *drainer) (bool, error)
	// recall restores the pending creates after the lease was taken over.
	recall func(ctx context.Context) error
	// record sends outcomes to the Sink.
	record func(ctx context.Context, outcomes []*Outcome)
	// overBudget returns the error of a spent budget, nil while calls are left.
	overBudget func() *Error
}

// A drainer is one call of Run or Drain.
type drainer struct {
	runner
	random func() float64 // in [0,1)

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

func (r *runner) newDrainer() *drainer {
	return &drainer{runner: *r, random: rand.Float64, owner: r.newID(), limit: r.batchSize}
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
		d.state.paused.Store(nil)
	}()
	for ctx.Err() == nil && !d.drained {
		wait, err := d.step(ctx)
		if err == nil {
			d.wait(ctx, wait, d.state.hints)
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
	mode, turn := d.state.current()
	if mode == Automatic && d.released != turn {
		if _, err := d.store.Push(ctx, d.connection, Filter{States: []State{StateFrozen}}); err != nil {
			return 0, err
		}
		d.released = turn
	}
	if wait, err := d.due(ctx, mode); err != nil || wait > 0 {
		return wait, err
	}
	if spent := d.overBudget(); spent != nil && !d.probe {
		d.probe = true
		d.fail(spent)
		return 0, spent
	}
	claimed, err := d.turn(ctx, d)
	if err != nil || claimed {
		return 0, err
	}
	return d.poll, nil
}

// due returns how long it is until leads may be claimed, 0 for now. It ends a Drain
// that has nothing left.
func (d *drainer) due(ctx context.Context, mode Mode) (time.Duration, error) {
	wait, waits, err := d.store.Due(ctx, d.connection)
	switch {
	case err != nil:
		return 0, err
	case !waits:
		d.drained = d.once
		return d.poll, nil
	case mode == Disabled:
		return d.poll, nil
	}
	return min(wait, d.poll), nil
}

// acquire takes the connection's lease, or renews it. What an earlier owner left
// without an answer is recalled.
func (d *drainer) acquire(ctx context.Context) error {
	asked := time.Now()
	lease, err := d.store.Acquire(ctx, d.connection, d.owner, d.leaseTTL)
	if err != nil {
		return err
	}
	fresh := lease.Epoch != d.lease.Epoch
	d.lease, d.leased = lease, asked
	if !fresh {
		return nil
	}
	return d.recall(ctx)
}

// release gives the lease back, if there is one, so that the next drainer need
// not wait for its end.
func (d *drainer) release(ctx context.Context) {
	if d.lease.Owner == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	err := d.store.Release(ctx, d.lease)
	if err != nil && !errors.Is(err, ErrLeaseLost) {
		d.logger.WarnContext(ctx, "leadsync: the lease was not given back", "error", err)
	}
	d.lease = Lease{}
}

// endure waits after an error of a step, or returns it when waiting does not
// help.
func (d *drainer) endure(ctx context.Context, err error) error {
	var failure *Error
	ours := errors.As(err, &failure)
	switch {
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return nil
	case errors.Is(err, ErrLeaseLost):
		d.logger.WarnContext(ctx, "leadsync: the lease on the connection was lost")
		d.lease = Lease{}
		d.wait(ctx, d.poll, nil)
		return nil
	case !ours && d.once:
		return storeError(ctx, "drain", err)
	case !ours:
		failure = d.storeFailed(ctx, err)
	case pauses(failure):
		d.logger.ErrorContext(ctx, "leadsync: connection paused: manual action required",
			"code", failure.Code, "error", failure)
		d.trace.Paused(ctx, failure)
		return failure
	}
	if !d.waits { // one incident, however long it lasts
		d.waits = true
		d.logger.ErrorContext(ctx, "leadsync: sync paused, will retry", "code", failure.Code, "error", err)
		d.trace.Waits(ctx, failure)
	}
	d.state.paused.Store(&pause{why: failure, until: d.now().Add(d.pause)})
	d.wait(ctx, d.pause, nil)
	return nil
}

// storeFailed counts a failure of the store, which may or may not have done what it
// was asked. Giving the lease back queues what is in flight; if that fails too, the
// lease runs out, as no one renews it under the new owner.
func (d *drainer) storeFailed(ctx context.Context, err error) *Error {
	d.release(ctx)
	d.owner = d.newID()
	d.fail(err)
	return &Error{Op: "run", Code: Unknown, Reason: "the store failed", Err: err}
}

// longestPause bounds what a reply may ask for: no limit of Salesforce's lasts
// longer.
const longestPause = 24 * time.Hour

// fail counts a failure and sets the pause after it: what Salesforce asks for,
// else longer each time, with jitter. The next batch is a single probe lead (two
// after a repeated failure that may be a lead's own).
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
	d.limit = min(10*d.limit, d.batchSize)
	if d.failures == 0 || d.overBudget() != nil {
		return
	}
	d.failures, d.waits = 0, false
	d.state.paused.Store(nil)
	d.logger.InfoContext(ctx, "leadsync: sync resumed")
	d.trace.Resumes(ctx)
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
