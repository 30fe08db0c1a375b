// SPDX-License-Identifier: Apache-2.0

// Package drain is the first stage of a lead's way, and records the last: it claims due
// leads from the Store under the connection's lease, batch by batch, and settles them
// there. In between it waits for what is due, backs off while Salesforce or the Store
// fails, and tries leads alone that may make a batch fail.
package drain

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/leadsync/leadsync/internal/load"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

// A Runner drains a connection of its captured leads, batch by batch. Its fields
// come from Config.
type Runner struct {
	Store      store.Store
	Connection string
	BatchSize  int
	LeaseTTL   time.Duration
	Poll       time.Duration
	// VerifyAfter is how long after a create whose response was lost the absence of the
	// record proves that it was not carried out.
	VerifyAfter time.Duration
	Expiry      *Expiry // nil: before-images do not expire
	// WaitForEnrichment says that leads are to be enriched before they are synced.
	WaitForEnrichment bool
	Trace             *leadtype.Trace // with every hook set
	Logger            *slog.Logger
	Now               func() time.Time
	NewID             func() string
	State             *RunState
	Budget            Budget

	// Turn takes one batch the whole way, and returns false when no lead could be
	// claimed.
	Turn func(ctx context.Context, d *Drainer) (bool, error)
	// Look reads what is to be known of the org before leads are synced, and reports
	// whether that took a call.
	Look func(ctx context.Context) (asked bool, err error)
	// Schema tells changes of the org and the mapping by which owed values may fit. Nil: they
	// are tried when their leads are synced.
	Schema SchemaFunc
	// Recall restores the pending creates after the lease was taken over.
	Recall func(ctx context.Context) error
	// Jobs are those through which large batches are written. Nil: all go in calls.
	Jobs *Jobs
	// Told notes that the Store was told of records, or that it could not be; it may be nil.
	Told func(records []leadtype.RecordMemory, ok bool)
	// Record sends outcomes of leads that have waited so long to the Sink.
	Record func(ctx context.Context, outcomes []*leadtype.Outcome, waited []time.Duration)
}

// A Drainer is one call of Run or Drain.
type Drainer struct {
	Runner
	tenant
	random func() float64 // in [0,1)

	once     bool // Drain: end when nothing is left
	visits   bool // Visit: wait for nothing
	drained  bool
	released int // up to which turn of the mode the frozen leads were, under Automatic
	handover handover
	kept     []byte // of handover, in the Store
	looked   bool   // what the Store has was read
	heeds    bool   // the pause of another call is not over, or not looked at
	epoch    int64  // of the last lease
	jobLooks int    // at a job of an earlier batch
	jobWait  time.Duration
}

// NewDrainer returns a drainer that owns leases under an id of its own.
func (r *Runner) NewDrainer() *Drainer {
	d := &Drainer{Runner: *r, tenant: r.newTenant(), random: rand.Float64}
	d.runs = true
	return d
}

// newTenant returns a tenant with an id of its own.
func (r *Runner) newTenant() tenant {
	return tenant{store: r.Store, connection: r.Connection, ttl: r.LeaseTTL, newID: r.NewID, recall: r.Recall,
		last: &r.State.epoch, unreturned: &r.State.unreturned, log: r.Logger, owner: r.NewID()}
}

// Drain takes steps until nothing is left.
func (d *Drainer) Drain(ctx context.Context) error {
	d.once = true
	if err := d.Run(ctx); err != nil || d.drained {
		return err
	}
	return ctx.Err()
}

// Run takes steps until ctx ends, which is no error here.
func (d *Drainer) Run(ctx context.Context) error {
	defer func() {
		d.keep(ctx)
		d.release(ctx)
		d.State.paused.Store(nil)
	}()
	if err := d.takeOver(ctx); err != nil {
		if err := d.endure(ctx, err); err != nil {
			return err
		}
	}
	for ctx.Err() == nil && !d.drained {
		wait, err := d.step(ctx)
		if err == nil {
			if wait > 0 {
				d.release(ctx) // others may have use for the lease
			}
			d.wait(ctx, wait, d.State.hints)
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
func (d *Drainer) step(ctx context.Context) (time.Duration, error) {
	d.Expiry.pass(ctx)
	if err := d.giveBackLate(ctx); err != nil {
		return 0, err
	}
	mode, turn := d.State.Current()
	if mode == leadtype.Automatic && d.released != turn {
		if _, err := d.Store.Push(ctx, d.Connection, store.Filter{States: []store.State{store.StateFrozen}}, ""); err != nil {
			return 0, err
		}
		d.released = turn
	}
	if wait, err := d.due(ctx, mode); err != nil || wait > 0 {
		if err != nil || mode != leadtype.Automatic {
			return wait, err
		}
		more, err := d.searchOwed(ctx)
		if more {
			d.drained, wait = false, 0
		}
		return wait, err
	}
	h, now := &d.handover, d.Now()
	if left := h.remaining(now); d.heeds && left > 0 {
		d.State.paused.Store(&pause{why: h.Why, until: now.Add(left)})
		if d.visits {
			return left, nil
		}
		d.sit(ctx, left)
		return 0, nil
	}
	d.heeds = false
	h.notice(d.Budget.usage(), now)
	if spent := d.Budget.spent(h, now); spent != nil && !h.Probe {
		h.Probe = true
		d.fail(spent)
		return 0, spent
	}
	claimed, err := d.Turn(ctx, d)
	switch {
	case err != nil || claimed:
		return 0, err
	case d.wants:
		return askAgain, nil
	case d.jobWait > 0:
		defer func() { d.jobWait = 0 }()
		return d.jobWait, nil
	}
	return d.Poll, nil
}

// due returns how long it is until leads may be claimed, 0 for now. It ends a Drain
// that has nothing left.
func (d *Drainer) due(ctx context.Context, mode leadtype.Mode) (time.Duration, error) {
	wait, waits, err := d.Store.Due(ctx, d.Connection)
	switch {
	case err != nil:
		return 0, err
	case !waits:
		d.drained = d.once
		return d.Poll, nil
	case mode == leadtype.Disabled:
		return d.Poll, nil
	}
	if d.once && wait > 0 {
		// Drain does not wait for more leads to come.
		if hastened, err := d.Store.Hasten(ctx, d.Connection); err != nil || hastened > 0 {
			return 0, err
		}
	}
	return min(wait, d.Poll), nil
}

// enter takes the connection's lease, or renews it, and reads what others have handed on
// meanwhile.
func (d *Drainer) enter(ctx context.Context) error {
	if err := d.acquire(ctx); err != nil {
		return err
	}
	before := d.epoch
	d.epoch = d.lease.Epoch
	if before == d.epoch || before > 0 && before == d.epoch-1 {
		return nil // no one else has had it
	}
	return d.takeOver(ctx)
}

// takeOver reads what an earlier call has handed on.
func (d *Drainer) takeOver(ctx context.Context) error {
	data, err := d.Store.RunState(ctx, d.Connection)
	if err != nil {
		return err
	}
	if d.looked && bytes.Equal(data, d.kept) {
		return nil // no other call has handed on anything
	}
	known := d.handover
	d.kept, d.looked, d.handover, d.heeds = data, true, readHandover(data), true
	d.handover.recall(&known)
	return nil
}

// keepTimeout bounds how long a change waits for the lease to be handed on.
const keepTimeout = 5 * time.Second

// keep hands on what has changed. While another process has the lease, or has handed on
// what it knows, or the Store fails, nothing is handed on.
func (d *Drainer) keep(ctx context.Context) {
	data := d.handover.encode()
	if bytes.Equal(data, d.kept) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTimeout)
	defer cancel()
	if !d.hasLease() {
		before := d.kept
		if d.enter(ctx) != nil {
			d.release(ctx) // others may have their turn
			return
		}
		if !bytes.Equal(before, d.kept) {
			return
		}
	}
	if d.Store.SetRunState(ctx, d.lease, data) == nil {
		d.kept = data
	}
}

// endure waits after an error of a step, or returns it when waiting does not
// help.
func (d *Drainer) endure(ctx context.Context, err error) error {
	var failure *leadtype.Error
	ours := errors.As(err, &failure)
	switch {
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return nil
	case errors.Is(err, store.ErrLeaseLost):
		d.Logger.WarnContext(ctx, "leadsync: the lease on the connection was lost")
		d.lose(ctx)
		d.wait(ctx, d.Poll, nil)
		return nil
	case !ours && (d.once || d.visits):
		return verdict.StoreError(ctx, "drain", err)
	case !ours:
		failure = d.storeFailed(ctx, err)
	case verdict.Pauses(failure):
		d.Logger.ErrorContext(ctx, "leadsync: connection paused: manual action required",
			"code", failure.Code, "error", failure)
		d.Trace.Paused(ctx, failure)
		return failure
	}
	h := &d.handover
	if h.Why == nil { // one incident, however long it lasts
		d.Logger.ErrorContext(ctx, "leadsync: sync paused, will retry", "code", failure.Code, "pause", h.Pause,
			"error", err)
		d.Trace.Waits(ctx, failure)
	}
	h.Why, h.Until = failure, d.Now().Add(h.Pause)
	d.State.paused.Store(&pause{why: failure, until: h.Until})
	if ours {
		d.keep(ctx)
	}
	if !d.visits {
		d.sit(ctx, h.Pause)
	}
	return nil
}

// sit waits until a pause is over. If ctx ends before, the next call waits for the rest.
func (d *Drainer) sit(ctx context.Context, pause time.Duration) {
	d.rest(ctx, pause)
	if ctx.Err() == nil {
		d.heeds, d.handover.Until = false, time.Time{}
	}
}

// storeFailed counts a failure of the store, which may or may not have done what it
// was asked. Giving the lease back queues what is in flight; if that fails too, the new
// owner does it first, or the lease runs out.
func (d *Drainer) storeFailed(ctx context.Context, err error) *leadtype.Error {
	d.release(ctx)
	d.owner = d.newID()
	d.fail(err)
	return &leadtype.Error{Op: "run", Code: leadtype.Unknown, Reason: "the store failed", Err: err}
}

// mostProbed is the largest batch after a failure; two of its leads are tried.
const mostProbed = 20

// longestPause bounds what a reply may ask for: no limit of Salesforce's lasts
// longer.
const longestPause = 24 * time.Hour

// fail counts a failure and sets the pause after it: what Salesforce asks for,
// else longer each time, with jitter. The next batch is to find out whether syncs succeed
// again: it is one lead, or after a repeated failure that may be a lead's own a few, of
// which two are tried.
func (d *Drainer) fail(err error) {
	h := &d.handover
	h.notice(d.Budget.usage(), d.Now()) // the calls count from now, whenever the next step is
	h.Failures++
	h.Limit = 1
	if h.Failures > 1 && mayBeItsOwn(err) {
		h.Limit = min(h.Failures, mostProbed, d.BatchSize)
	}
	least, longest := time.Second, 5*time.Minute
	var failure *leadtype.Error
	switch {
	case !errors.As(err, &failure):
	case verdict.Pauses(failure):
		// A person ends it, and then the leads go in their order.
		*h = handover{Used: h.Used, Of: h.Of, At: h.At, Read: h.Read, Wrote: h.Wrote, Job: h.Job, Owed: h.Owed}
		return
	case verdict.Daily(failure):
		least, longest = 15*time.Minute, time.Hour
	}
	h.Pause = verdict.Backoff(h.Failures, least, longest, d.random())
	if errors.Is(err, leadtype.ErrBudget) {
		h.Pause = d.Budget.pause(h, h.Pause, d.Now())
	}
	var sf *salesforce.Error
	if errors.As(err, &sf) && sf.RetryAfter > 0 {
		h.Pause = min(sf.RetryAfter, longestPause)
	}
}

// limit is how many leads the next batch takes.
func (d *Drainer) limit() int { return min(cmp.Or(d.handover.Limit, d.BatchSize), d.BatchSize) }

// resume notes that a batch went well.
func (d *Drainer) resume(ctx context.Context) {
	h := &d.handover
	if h.Limit = 10 * d.limit(); h.Limit >= d.BatchSize {
		h.Limit = 0
	}
	h.notice(d.Budget.usage(), d.Now())
	if h.Failures == 0 || d.Budget.spent(h, d.Now()) != nil {
		return
	}
	h.Failures, h.Why, h.Until, h.Pause = 0, nil, time.Time{}, 0
	d.State.paused.Store(nil)
	d.keep(ctx)
	d.Logger.InfoContext(ctx, "leadsync: sync resumed")
	d.Trace.Resumes(ctx)
}

// rest waits out a pause. It keeps the lease for a short one, unless others wait for
// it: another Run can do no more, and after a longer one it may.
func (d *Drainer) rest(ctx context.Context, pause time.Duration) {
	start := time.Now()
	for left := pause; left > 0 && ctx.Err() == nil; left = pause - time.Since(start) {
		d.wait(ctx, min(left, max(d.Poll, time.Second)), nil)
		if d.hasLease() && (time.Since(start) >= patience || d.acquire(ctx) != nil || d.wanted()) {
			d.release(ctx)
		}
	}
}

// wait waits, until ctx ends or a hint comes.
func (d *Drainer) wait(ctx context.Context, how time.Duration, hint <-chan struct{}) {
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

// awaitsJob reports whether a job of an earlier batch may still be at work.
func (d *Drainer) awaitsJob(ctx context.Context) (bool, error) {
	if d.handover.Job == "" || d.Jobs == nil {
		return false, nil
	}
	ended, err := d.Jobs.Ended(ctx, d.handover.Job)
	switch {
	case err != nil && ctx.Err() != nil:
		return false, ctx.Err()
	case err != nil:
		failure := verdict.Classify("run", "", err)
		d.fail(failure)
		return false, failure
	case !ended:
		if d.jobLooks == 0 {
			d.Logger.InfoContext(ctx, "leadsync: waits for the end of an earlier bulk job", "job", d.handover.Job)
		}
		d.jobWait = lookAgain(d.jobLooks)
		d.jobLooks++
		return true, nil
	}
	d.jobLooks = 0
	return false, d.setJob(ctx, "")
}

// setJob keeps which job may be at work.
func (d *Drainer) setJob(ctx context.Context, job salesforce.ID) error {
	before := d.handover.Job
	d.handover.Job = job
	data := d.handover.encode()
	if err := d.Store.SetRunState(ctx, d.lease, data); err != nil {
		d.handover.Job = before
		return err
	}
	d.kept = data
	return nil
}

// Begin implements load.Journal.
func (d *Drainer) Begin(ctx context.Context, job salesforce.ID) error { return d.setJob(ctx, job) }

// End implements load.Journal.
func (d *Drainer) End(ctx context.Context, _ salesforce.ID) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTimeout)
	defer cancel()
	if err := d.setJob(ctx, ""); err != nil {
		d.Logger.WarnContext(ctx, "leadsync: the end of a bulk job was not kept", "error", err)
	}
}

// withJobs returns a context whose batch keeps its jobs in journal.
func (r *Runner) withJobs(ctx context.Context, journal load.Journal) context.Context {
	if r.Jobs == nil {
		return ctx
	}
	return load.WithJournal(ctx, journal)
}
