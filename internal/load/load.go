// SPDX-License-Identifier: Apache-2.0

package load

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// A Client is what of *salesforce.Client a load uses.
type Client interface {
	Read(ctx context.Context, reads ...salesforce.Read) ([]salesforce.ReadResult, error)
	Write(ctx context.Context, writes ...salesforce.Write) ([]salesforce.WriteResult, error)
	Ingest(ctx context.Context, spec salesforce.IngestSpec,
		rows iter.Seq2[salesforce.Fields, error]) iter.Seq2[salesforce.RowResult, error]
	AbortIngest(ctx context.Context, id salesforce.ID) error
}

// A Journal keeps which jobs may be at work, so that a later process can wait for their end.
type Journal interface {
	// Begin is called with each job before its data is sent. With an error nothing more is
	// sent.
	Begin(ctx context.Context, job salesforce.ID) error
	// End is called once the job has ended, or can never begin. A failure does no harm: the
	// job is looked at once more.
	End(ctx context.Context, job salesforce.ID)
}

// Options are how a load is carried out.
type Options struct {
	// Least is how many rows a job must have, but for one of parents of such a job.
	Least   int
	Journal Journal // nil: no process waits for the end of a job
	// Differs reports whether a record holds something else than a write has written, for those
	// fields of Write.ReadBack that it has written. Nil means always.
	Differs func(write int, landed salesforce.Fields) bool
}

// Write carries out writes, as Client.Write does and with the same results. The error is that of
// Client.Write where nothing was sent. What rows of jobs have of Write.ReadBack is read once all
// is written, in a call for 10,000 of them: for the first 10,000, which are spread over all, and
// where Differs is true of one of these, for the others.
//
// When ctx ends during a job, or Salesforce does not say what became of it, its rows without a
// result are Uncertain, as those of a call whose response was lost. With a Journal the job goes
// on, and the Journal does not get its end; otherwise it is aborted. There is no other job then:
// what is left goes in calls, or has the same failure where they would fail too, as in an outage.
// So it does where the org has no Bulk API.
func Write(ctx context.Context, client Client, opts Options,
	writes ...salesforce.Write) ([]salesforce.WriteResult, error) {
	l := &load{client: client, journal: opts.Journal, least: opts.Least, differs: opts.Differs, writes: writes,
		division: divide(writes, opts.Least),
		results:  make([]salesforce.WriteResult, len(writes)), fates: make([]fate, len(writes))}
	for _, g := range l.groups {
		l.run(ctx, g)
	}
	err := l.finish(ctx)
	l.readBack(ctx)
	return l.results, err
}

// A fate is what became of a write in the jobs.
type fate int8

const (
	left    fate = iota // it goes in a call of Client.Write
	done                // its job carried it out
	unknown             // its job may have
)

// A load is the progress of one Write.
type load struct {
	client  Client
	journal Journal
	least   int
	differs func(write int, landed salesforce.Fields) bool
	writes  []salesforce.Write
	*division
	results []salesforce.WriteResult
	fates   []fate
	noJobs  bool  // a job failed: what is left goes in calls
	stop    error // why nothing more is sent
}

// run carries out what it can of a group in a job.
func (l *load) run(ctx context.Context, g *group) {
	rows := l.ready(g)
	if l.noJobs || ctx.Err() != nil || len(rows) == 0 || len(rows) < l.least && !g.needed {
		return
	}
	run := &groupRun{load: l, group: g, rows: rows, byKey: make(map[string]int, len(rows)),
		answered: make(map[int]bool, len(rows))}
	run.do(ctx)
}

// ready returns the writes of a group whose parents have ids. An earlier write of the same
// record that is left keeps the later ones behind it.
func (l *load) ready(g *group) []int {
	var rows []int
	behind := make(map[target]bool)
	for _, i := range g.rows {
		at, has := targetOf(&l.writes[i])
		fits := !has || !behind[at] && !l.behind[at]
		for _, ref := range l.writes[i].Refs {
			fits = fits && l.fates[ref.Write] == done
		}
		if fits {
			rows = append(rows, i)
		} else if has {
			behind[at] = true
		}
	}
	return rows
}

// finish sends what is left, in calls.
func (l *load) finish(ctx context.Context) error {
	var rest []salesforce.Write
	var places []int
	place := make(map[int]int)
	for i := range l.writes {
		if l.fates[i] != left {
			continue
		}
		w, err := l.restOf(i, place)
		if err != nil {
			l.results[i] = salesforce.WriteResult{Err: err}
			continue
		}
		place[i] = len(rest)
		rest, places = append(rest, w), append(places, i)
	}
	if len(rest) == 0 {
		return nil
	}
	results, err := l.client.Write(ctx, rest...)
	switch {
	case err != nil && len(rest) == len(l.writes):
		return err
	case err != nil:
		err = fmt.Errorf("%w: %w", salesforce.ErrNotSent, err)
	case len(results) != len(rest):
		err = &salesforce.Error{Uncertain: true,
			Err: fmt.Errorf("the client returned %d results for %d writes", len(results), len(rest))}
	}
	for k, i := range places {
		if l.results[i].Err = err; err == nil {
			l.results[i] = results[k]
		}
	}
	return nil
}

// restOf returns a write as it goes in a call: with the ids of the parents that jobs have
// written. place has the places of the other parents among the writes that are left. The error
// wraps ErrNotSent.
func (l *load) restOf(i int, place map[int]int) (salesforce.Write, error) {
	w := l.writes[i]
	refs := w.Refs
	w.Refs = nil
	for _, ref := range refs {
		at, isLeft := place[ref.Write]
		switch {
		case l.fates[ref.Write] == done:
			if len(w.Fields) == len(l.writes[i].Fields) {
				w.Fields = maps.Clone(w.Fields)
			}
			w.Fields = with(w.Fields, ref.Field, l.results[ref.Write].ID)
		case isLeft:
			w.Refs = append(w.Refs, salesforce.Ref{Field: ref.Field, Write: at})
		default:
			return w, fmt.Errorf("%w: write %d, which it refers to, failed", salesforce.ErrNotSent, ref.Write)
		}
	}
	return w, l.stop
}

func with(fields salesforce.Fields, name string, value any) salesforce.Fields {
	if fields == nil {
		fields = make(salesforce.Fields)
	}
	fields[name] = value
	return fields
}

// A groupRun is the progress of the jobs of one group: one, or several where the data is more
// than a job takes.
type groupRun struct {
	*load
	*group
	rows     []int          // of the writes
	byKey    map[string]int // the write of a salesforce.RowResult.Key
	answered map[int]bool   // the writes with a result, or that are left
	taken    int            // of rows: those that may have been sent
	job      salesforce.ID  // the last one, "" once it has ended
}

// do writes the rows and takes the results.
func (r *groupRun) do(ctx context.Context) {
	spec := r.spec(r.load, r.rows)
	spec.OnJob = r.begin
	var failure error
	for result, err := range r.client.Ingest(ctx, spec, r.fields(spec.RowKey)) {
		if err != nil {
			failure = err
			break
		}
		r.take(result)
	}
	switch {
	case failure == nil:
		r.end(ctx)
		r.takeSilent(spec.FailuresOnly)
		return
	case r.wroteNothing(failure):
		r.end(ctx) // what has no result is left
		r.noJobs = true
	default:
		r.abandon(ctx, failure)
	}
	if isOutage(failure) && ctx.Err() == nil {
		r.stop = cmp.Or(r.stop, certain(failure))
	}
}

// begin is the IngestSpec.OnJob.
func (r *groupRun) begin(ctx context.Context, job salesforce.Job) error {
	r.end(ctx) // the job before it has ended
	if r.journal != nil {
		if err := r.journal.Begin(ctx, job.ID); err != nil {
			r.stop = fmt.Errorf("%w: %w", salesforce.ErrNotSent, err)
			return err
		}
	}
	r.job = job.ID
	return nil
}

// end notes that the last job has ended.
func (r *groupRun) end(ctx context.Context) {
	if r.job != "" && r.journal != nil {
		r.journal.End(ctx, r.job)
	}
	r.job = ""
}

// fields yields the rows as jobs take them.
func (r *groupRun) fields(rowKey string) iter.Seq2[salesforce.Fields, error] {
	return func(yield func(salesforce.Fields, error) bool) {
		for _, i := range r.rows {
			r.taken++
			row := r.rowOf(r.load, i)
			key := keyOf(row, rowKey)
			if _, twice := r.byKey[key]; twice {
				r.answered[i] = true // it is left: results could not tell the two apart
				continue
			}
			r.byKey[key] = i
			if !yield(row, nil) {
				return
			}
		}
	}
}

// take enters the result of a row. What its job refused, or did not reach, is left: it changed
// nothing.
func (r *groupRun) take(result salesforce.RowResult) {
	i, known := r.byKey[result.Key]
	if !known {
		return // it was refused before it was sent, with a key that cannot be
	}
	if r.answered[i] = true; result.Err != nil {
		return
	}
	r.fates[i] = done
	r.results[i] = salesforce.WriteResult{ID: result.ID.ID18(), Created: result.Created}
}

// takeSilent enters the results of updates that were carried out, of jobs without failures.
func (r *groupRun) takeSilent(failuresOnly bool) {
	for _, i := range r.rows[:r.taken] {
		if failuresOnly && !r.answered[i] {
			r.fates[i] = done
			r.results[i] = salesforce.WriteResult{ID: r.writes[i].ID.ID18()}
		}
	}
}

// wroteNothing reports whether a failure leaves no row without a result that may have been
// written: there was no job, its data was never complete, or it has ended.
func (r *groupRun) wroteNothing(failure error) bool {
	var job *salesforce.JobError
	if !errors.As(failure, &job) {
		return true // of the spec
	}
	var sf *salesforce.Error
	if job.Job.ID == "" || r.job == "" {
		return true
	}
	if job.Job.State == salesforce.JobOpen {
		return !errors.As(job.Err, &sf) || !sf.Uncertain
	}
	return false
}

// isOutage reports whether calls would fail as the requests of a job did.
func isOutage(failure error) bool {
	var sf *salesforce.Error
	return errors.As(failure, &sf) && (sf.HTTPStatus == 0 || sf.HTTPStatus >= http.StatusInternalServerError)
}

// certain returns the failure of a job as that of a write which was not sent.
func certain(failure error) error {
	var sf *salesforce.Error
	if !errors.As(failure, &sf) {
		return fmt.Errorf("%w: %w", salesforce.ErrNotSent, failure)
	}
	sent := *sf
	sent.Uncertain = false
	return &sent
}

// abortTime bounds the request that aborts a job of which the results cannot be waited for.
const abortTime = 10 * time.Second

// abandon gives up a job whose results are not known. Its rows without a result may have been
// written, and unless it has ended they may still be.
func (r *groupRun) abandon(ctx context.Context, failure error) {
	for _, i := range r.rows[:r.taken] {
		if !r.answered[i] {
			r.fates[i] = unknown
			r.results[i] = salesforce.WriteResult{Err: &salesforce.Error{Uncertain: true, Err: failure}}
		}
	}
	var job *salesforce.JobError
	if errors.As(failure, &job) && job.Job.State.Ended() {
		r.end(ctx)
		return
	}
	r.noJobs = true
	if r.journal == nil {
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortTime)
		defer cancel()
		_ = r.client.AbortIngest(after, r.job) // then it runs to its end
	}
}

// journalKey is the key of the Journal of a context.
type journalKey struct{}

// WithJournal returns a context with the Journal of the connection whose lease is held.
func WithJournal(ctx context.Context, journal Journal) context.Context {
	return context.WithValue(ctx, journalKey{}, journal)
}

// JournalOf returns the Journal of a context, nil for none.
func JournalOf(ctx context.Context) Journal {
	journal, _ := ctx.Value(journalKey{}).(Journal)
	return journal
}
