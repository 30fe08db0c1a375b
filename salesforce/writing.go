// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/leadsync/leadsync/salesforce/internal/limit"
	"github.com/leadsync/leadsync/salesforce/internal/schedule"
	"github.com/leadsync/leadsync/salesforce/internal/scratch"
)

// Write carries out writes, packed into as few API calls as the composite limits
// and the dependencies among them allow. Result i is write i's. The error names the
// write that is malformed, and then nothing was sent; every other failure is in the
// Err of the writes that it affects. After the context is done, what was not yet
// sent has ErrNotSent.
//
// When Salesforce refuses a collection or a call as a whole, its rows are sent again in
// halves, until the row that causes the refusal is alone.
//
// When automation of the org, such as a trigger, fails for all rows of an object in a
// collection, they go again in smaller ones, down to single rows. The Client remembers how
// many rows of the object went through, and tries more only now and then.
//
// A write that was refused goes again without the fields that its Write.Without names.
//
// Two writes of one record, by the same id or the same key, go one after the other
// in their order; a failure of the first does not stop the second.
//
// A write goes behind those that its Refs name, in the same call where that takes fewer
// calls: see Ref.
//
// When Salesforce rejects the token, closes the API to the user, or the day's calls
// are used up, nothing more is sent: what is left gets the same error.
// Source: docs/salesforce.md, Collections.
func (c *Client) Write(ctx context.Context, writes ...Write) ([]WriteResult, error) {
	if err := checkWrites(writes); err != nil {
		return nil, err
	}
	w := newWriting(c, writes)
	w.space = c.spaces.Take()
	defer c.spaces.Return(w.space)
	for len(w.pending) > 0 {
		if ctx.Err() != nil {
			w.giveUp(fmt.Errorf("%w: %w", ErrNotSent, ctx.Err()))
			break
		}
		halved := w.round(ctx, w.next())
		if w.dropOrphans() || halved {
			w.rounds = nil
		}
		if w.stop != nil {
			w.giveUp(w.stop)
		}
	}
	return w.results, nil
}

// A writing is the progress of one Client.Write.
type writing struct {
	writeSet
	client   *Client
	schedule *schedule.Schedule
	pending  []int // writes without a result, in order
	rounds   [][]schedule.Batch
	// halvings counts the rounds that halved a batch or a call; suspects are the rows of
	// those with the refusal. search has the parts of refused calls, the next one last.
	halvings int
	suspects map[int]*Error
	search   []part
	first    bool  // the call under way is the first half of one that was refused
	own      bool  // the writes are a copy
	landed   []int // what was written and is to be read back
	sizer    *schedule.Sizer
	space    *scratch.Space // of its calls, one after the other
	// unchained: a call that held writes with those that they refer to was refused; doubted:
	// it is not yet known whether that was why.
	unchained, doubted bool
	orphans            []orphan // of the call under way
	// stop, if set, is why every other request would fail too.
	stop *Error
}

// maxHalvings bounds the calls spent on finding rows that get their collection
// refused. One row among 200 is alone after 8.
const maxHalvings = 16

// compositeLimits are those of a call that writes.
var compositeLimits = schedule.Limits{
	Subrequests: limit.Subrequests, Heavy: limit.Heavy, Rows: limit.Rows, Types: limit.Types,
}

func newWriting(c *Client, writes []Write) *writing {
	w := &writing{
		writeSet: newWriteSet(writes),
		client:   c,
		pending:  make([]int, len(writes)),
		suspects: make(map[int]*Error),
	}
	w.schedule = newSchedule(writes, c.assigns)
	w.sizer = schedule.NewSizer(w.schedule, c.pace.size)
	for i := range writes {
		w.pending[i] = i
	}
	return w
}

// A part is a half of a call that was refused as a whole.
type part struct {
	batches []schedule.Batch
	first   bool // the other half comes next
	// refused means that it holds the row that causes the refusal, as the other half was
	// accepted.
	refused bool
}

// divide lets the batches of a refused call be sent again in halves.
func (w *writing) divide(batches []schedule.Batch, err *Error) {
	for _, b := range batches {
		for _, i := range b.Rows {
			w.suspects[i] = err
		}
	}
	first, second := batches[:len(batches)/2], batches[len(batches)/2:]
	if len(batches) == 1 {
		front, back := batches[0].Split()
		first, second = []schedule.Batch{front}, []schedule.Batch{back}
	}
	w.search = append(w.search, part{batches: second}, part{batches: first, first: true})
}

// next returns the batches of the next call: a part of a refused call, else what the
// schedule says.
func (w *writing) next() []schedule.Batch {
	w.first = false
	if len(w.search) > 0 {
		w.rounds = nil
		next := w.nextPart()
		w.first = next.first
		return next.batches
	}
	if len(w.rounds) == 0 || w.client.pace.rows() != w.schedule.RowLimit() || w.tooLong(w.rounds[0]) > 0 {
		w.plan()
	}
	next := w.rounds[0]
	w.rounds = w.rounds[1:]
	return next
}

// plan plans the calls that are left, with smaller collections while the next one would take
// too long.
func (w *writing) plan() {
	w.schedule.SetChain(w.chain())
	rows := w.client.pace.rows()
	for {
		w.schedule.SetRowLimit(rows)
		pending, bound := w.sizer.Arrange(w.pending)
		w.rounds = w.schedule.Rounds(pending)
		if bound {
			w.rounds = w.rounds[:1] // what this call shows decides about the next
		}
		expected := w.tooLong(w.rounds[0])
		if expected == 0 || rows == 1 {
			return
		}
		rows = schedule.Fewer(rows, expected)
	}
}

// nextPart takes the next part of the search. One that is known to be refused is divided
// without being sent, unless it is one row.
func (w *writing) nextPart() part {
	for {
		last := len(w.search) - 1
		next := w.search[last]
		w.search = w.search[:last]
		if !next.refused || rowsOf(next.batches) == 1 {
			return next
		}
		w.divide(next.batches, w.suspects[next.batches[0].Rows[0]])
	}
}

func rowsOf(batches []schedule.Batch) (rows int) {
	for _, b := range batches {
		rows += len(b.Rows)
	}
	return rows
}

// round makes one call. It reports whether rows of it go again, which are still pending.
func (w *writing) round(ctx context.Context, batches []schedule.Batch) (again bool) {
	queries, responses, took, failure := w.send(ctx, batches)
	w.learnTime(batches, responses, took, failure)
	if failure != nil && failure.ofConnection() && ctx.Err() == nil {
		w.stop = failure.certain()
	}
	if w.doubtChain(failure) {
		w.rounds = nil
		return true
	}
	if failure != nil && rowsOf(batches) > 1 && w.mayHalve(failure) {
		w.divide(batches, failure)
		w.halvings++
		w.endSearch()
		return true
	}
	if w.first && failure == nil {
		w.search[len(w.search)-1].refused = true
	}
	done := w.take(ctx, batches, responses, failure)
	if failure == nil {
		w.takeBack(queries, responses[len(batches):])
	}
	w.client.pace.adjust(done.locked)
	again = w.learn(batches, done.sent)
	again = w.leaveOut(ctx, batches, done.sent) || again
	w.pending = slices.DeleteFunc(w.pending, func(i int) bool { return done.sent[i] })
	if done.halved {
		w.halvings++
		w.endSearch()
	}
	return done.halved || again || done.waits
}

// A taken is what a call settled.
type taken struct {
	sent   []bool // by write: whether it has a result
	halved bool   // a batch goes again in halves
	waits  bool   // rows go again because of what they refer to
	locked bool   // a row met a lock
}

// take enters the results of a call.
func (w *writing) take(
	ctx context.Context, batches []schedule.Batch, responses []subresponse, failure *Error,
) (done taken) {
	done.sent = make([]bool, len(w.writes))
	for k, b := range batches {
		err := failure
		if err == nil {
			err = responses[k].err()
		}
		if err != nil && failure == nil && w.halted(b, err) {
			done.waits = true
			continue
		}
		if err != nil && len(b.Rows) > 1 && w.mayHalve(err) {
			w.halve(b, err)
			done.halved = true
			continue
		}
		for n, result := range w.resultsOf(ctx, b, responses, k, err) {
			i := b.Rows[n]
			if w.misread(i, &result) {
				done.waits = true
				continue
			}
			result.Without, result.Refusal = w.results[i].Without, w.results[i].Refusal
			w.results[i] = result
			done.sent[i] = true
			done.locked = done.locked || isLocked(result.Err)
			if result.Err == nil && len(w.writes[i].ReadBack) > 0 {
				w.landed = append(w.landed, i)
			}
		}
	}
	w.takeAway(ctx, done.sent)
	return done
}

// learn takes in how automation of the org took the rows of a call, and reports whether
// some of them go again.
func (w *writing) learn(batches []schedule.Batch, sent []bool) (again bool) {
	for _, i := range w.sizer.Learn(batches, func(i int) schedule.Fate {
		switch err := w.results[i].Err; {
		case !sent[i]:
			return schedule.Refused
		case err == nil:
			return schedule.Went
		default:
			return fateOf(err)
		}
	}) {
		again = true
		sent[i] = false
		w.results[i].Err, w.results[i].codes = nil, nil // what refers to the row waits for it
	}
	w.client.pace.keep(w.sizer.Found())
	return again
}

// leaveOut lets rows go again without the fields that they were refused for, once each, and
// reports whether there are any.
func (w *writing) leaveOut(ctx context.Context, batches []schedule.Batch, sent []bool) (again bool) {
	var resent []int
	for _, b := range batches {
		for _, i := range b.Rows {
			refusal := w.results[i].Err
			if !sent[i] || refusal == nil || w.writes[i].Without == nil || !w.without(ctx, i) {
				continue
			}
			if left := &w.writes[i]; left.Op == OpUpdate && len(left.Fields)+len(left.Refs) == 0 {
				w.results[i].ID = left.ID.ID18()
				continue
			}
			resent = append(resent, i)
		}
	}
	for _, i := range resent {
		if before := w.writes[i].Again; before != nil {
			if err := before(ctx); err != nil {
				w.results[i] = WriteResult{Err: fmt.Errorf("%w: %w", ErrNotSent, err)}
				continue
			}
		}
		sent[i] = false
		again = true
	}
	return again
}

// without takes the fields away that a row was refused for, and reports whether there are
// any.
func (w *writing) without(ctx context.Context, i int) bool {
	var refusal *Error
	result := &w.results[i]
	if !errors.As(result.Err, &refusal) || refusal.Uncertain || result.Refusal != nil {
		return false
	}
	codes := result.codes
	if len(codes) == 0 {
		codes = []StatusCode{refusal.Code}
	}
	left := maps.Clone(w.writes[i].Fields)
	for _, field := range w.writes[i].Without(ctx, refusal, codes) {
		delete(left, field)
	}
	if len(left) == len(w.writes[i].Fields) {
		return false
	}
	for _, field := range slices.Sorted(maps.Keys(w.writes[i].Fields)) {
		if _, stays := left[field]; !stays {
			result.Without = append(result.Without, field)
		}
	}
	if !w.own {
		w.writes, w.own = slices.Clone(w.writes), true
	}
	w.writes[i].Fields = left
	result.Refusal, result.Err, result.codes = refusal, nil, nil
	return true
}

// send makes the call of a round, with queries of what landed, and returns how long it took.
func (w *writing) send(
	ctx context.Context, batches []schedule.Batch,
) (queries []*reading, responses []subresponse, took time.Duration, failure *Error) {
	subrequests := make([]subrequest, len(batches))
	repeatable := true
	w.inCall = nil
	chained := w.isChained(batches)
	for k, b := range batches {
		w.arrange(b.Rows, w.schedule.CompareObjects)
		subrequests[k] = w.subrequest(w.client, b.Rows, b.Alone())
		if chained {
			w.name(k, b)
		}
		for _, i := range b.Rows {
			repeatable = repeatable && w.writes[i].repeatable()
		}
	}
	queries = w.readBack(batches)
	for _, q := range queries {
		subrequests = append(subrequests, subrequest{Method: http.MethodGet, URL: q.url})
	}
	responses, took, failure = w.client.write(ctx, w.space, subrequests, repeatable, batches[0].Direct())
	return queries, responses, took, failure
}

// resultsOf returns the results of batch k of a call. err is why it failed, if it did.
func (w *writing) resultsOf(
	ctx context.Context, b schedule.Batch, responses []subresponse, k int, err *Error,
) []WriteResult {
	if err == nil {
		return w.read(b.Rows, b.Alone(), &responses[k])
	}
	refused := WriteResult{Err: refusal(ctx, err)}
	if k < len(responses) {
		var problems []problem
		decodeLoosely(responses[k].Body, &problems)
		refused.codes = codesOf(problems)
	}
	return slices.Repeat([]WriteResult{refused}, len(b.Rows))
}

// halve sends the rows of a batch again in halves.
func (w *writing) halve(b schedule.Batch, err *Error) {
	w.schedule.Halve(b)
	for _, i := range b.Rows {
		w.suspects[i] = err
	}
}

// endSearch ends the search for the row that causes refusals when it takes too many
// calls: the refusal is then the answer to all remaining suspects.
func (w *writing) endSearch() {
	if w.halvings < maxHalvings {
		return
	}
	w.search = nil
	w.pending = slices.DeleteFunc(w.pending, func(i int) bool {
		if err := w.suspects[i]; err != nil {
			w.results[i].Err = err
			return true
		}
		return false
	})
}

// mayHalve reports whether some row may have caused a refusal of several, and nothing of
// them was written. A rejected token has a cause in Err, and no row causes it.
func (w *writing) mayHalve(err *Error) bool {
	return err.HTTPStatus == http.StatusBadRequest && err.Err == nil && !err.Uncertain &&
		w.halvings < maxHalvings
}

// write makes one call, when no other write of the client is in flight, and returns how long
// it took.
func (c *Client) write(
	ctx context.Context, space *scratch.Space, subrequests []subrequest, repeatable, direct bool,
) (responses []subresponse, took time.Duration, failure *Error) {
	release, failure := c.holdWrites(ctx)
	if failure != nil {
		return nil, 0, failure
	}
	defer release()
	start := time.Now()
	if direct {
		responses, failure = c.direct(ctx, space, subrequests[0], repeatable)
	} else {
		responses, failure = c.composite(ctx, space, subrequests, repeatable)
	}
	return responses, time.Since(start), failure
}

// holdWrites waits until no other write of the client is in flight.
func (c *Client) holdWrites(ctx context.Context) (release func(), failure *Error) {
	select {
	case c.writing <- struct{}{}:
		return func() { <-c.writing }, nil
	case <-ctx.Done():
		return nil, &Error{Err: ctx.Err()}
	}
}

// dropOrphans gives up the writes that refer to a failed one, and reports whether
// there were any.
func (w *writing) dropOrphans() (dropped bool) {
	// An earlier write comes first, so one pass drops a whole chain.
	w.pending = slices.DeleteFunc(w.pending, func(i int) bool {
		for _, ref := range w.writes[i].Refs {
			if w.results[ref.Write].Err != nil {
				w.results[i].Err = fmt.Errorf("%w: write %d, which it refers to, failed", ErrNotSent, ref.Write)
				dropped = true
				return true
			}
		}
		return false
	})
	return dropped
}

// giveUp gives all that is pending one error.
func (w *writing) giveUp(why error) {
	for _, i := range w.pending {
		w.results[i].Err = why
	}
	w.pending, w.search = nil, nil
}

// refusal is the failure of a call, or ErrNotSent if it was not made because the
// context is done.
func refusal(ctx context.Context, failure *Error) error {
	if ctx.Err() != nil && failure.HTTPStatus == 0 && !failure.Uncertain {
		return fmt.Errorf("%w: %w", ErrNotSent, ctx.Err())
	}
	return failure
}
