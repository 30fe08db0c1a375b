package salesforce

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Write carries out writes, packed into as few API calls as the composite
// limits and the dependencies among them allow. Result i is write i's. The
// error says which write is malformed, and then nothing was sent; every other
// failure is in the Err of the writes it struck. A cancelled context leaves
// what was not yet sent with ErrNotSent.
//
// When Salesforce refuses a collection as a whole, its rows are sent again in
// halves, until the row that is to blame is alone.
//
// Two writes of one record, by the same id or the same key, go one after the
// other in their order; a failure of the first does not stop the second.
//
// When Salesforce takes no token, closes the API to the user, or has no calls left
// for the day, no more is sent: what is left gets the same error.
// Source: SALESFORCE.md 0 and 1, Collections.
func (c *Client) Write(ctx context.Context, writes ...Write) ([]WriteResult, error) {
	if err := checkWrites(writes); err != nil {
		return nil, err
	}
	w := &writing{
		client:   c,
		writes:   writes,
		results:  make([]WriteResult, len(writes)),
		schedule: newSchedule(writes, platformLimits),
		pending:  make([]int, len(writes)),
		suspects: make(map[int]*Error),
	}
	for i := range writes {
		w.pending[i] = i
	}
	var rounds [][]batch
	for len(w.pending) > 0 {
		if ctx.Err() != nil {
			w.leave(fmt.Errorf("%w: %w", ErrNotSent, ctx.Err()))
			break
		}
		if rows := c.rowsPerCollection(); rounds == nil || rows != w.schedule.limits.rows {
			w.schedule.limits.rows = rows
			rounds = w.schedule.rounds(w.pending)
		}
		halved := w.round(ctx, rounds[0])
		rounds = rounds[1:]
		if w.dropOrphans() || halved {
			rounds = nil
		}
		if w.stop != nil {
			w.leave(w.stop)
		}
	}
	return w.results, nil
}

// A writing is the progress of one Client.Write.
type writing struct {
	client   *Client
	writes   []Write
	results  []WriteResult
	schedule *schedule
	pending  []int // writes without a result, in order
	// halvings counts the rounds that halved a batch, suspects are the rows of
	// those batches with the refusal.
	halvings int
	suspects map[int]*Error
	// stop, if set, is why no other request would fare better.
	stop *Error
}

// maxHalvings bounds the calls spent on finding rows that get their collection
// refused. One row among 200 is alone after 8.
const maxHalvings = 16

// round makes one call. It reports whether it halved a batch, whose rows are
// still pending.
func (w *writing) round(ctx context.Context, batches []batch) (halved bool) {
	subrequests := make([]subrequest, len(batches))
	repeatable := true
	for k, b := range batches {
		w.arrange(b)
		subrequests[k] = w.subrequest(b)
		for _, i := range b.rows {
			repeatable = repeatable && w.writes[i].repeatable()
		}
	}
	responses, slow, failure := w.client.write(ctx, subrequests, repeatable, batches[0].kind.direct)
	if failure != nil && failure.ofConnection() && ctx.Err() == nil {
		w.stop = failure.certain()
	}
	sent := make(map[int]bool)
	for k, b := range batches {
		err := failure
		if err == nil {
			err = responses[k].err()
		}
		var results []WriteResult
		switch {
		case err == nil:
			results = w.read(b, &responses[k])
		case w.mayHalve(b, err):
			w.halve(b, err)
			halved = true
			continue
		default:
			results = refused(ctx, b, err)
		}
		for n, i := range b.rows {
			w.results[i] = results[n]
			sent[i] = true
			slow = slow || isLocked(results[n].Err)
		}
	}
	w.client.pace(slow)
	w.pending = slices.DeleteFunc(w.pending, func(i int) bool { return sent[i] })
	if halved {
		w.halvings++
		w.giveUpSearch()
	}
	return halved
}

// halve has the rows of a batch sent again in halves.
func (w *writing) halve(b batch, err *Error) {
	w.schedule.halve(b)
	for _, i := range b.rows {
		w.suspects[i] = err
	}
}

// giveUpSearch ends the search when it has taken too long: the refusal is then the
// answer to all rows that are still under suspicion.
func (w *writing) giveUpSearch() {
	if w.halvings < maxHalvings {
		return
	}
	w.pending = slices.DeleteFunc(w.pending, func(i int) bool {
		if err := w.suspects[i]; err != nil {
			w.results[i].Err = err
			return true
		}
		return false
	})
}

// mayHalve reports whether some row of a batch may be to blame for the refusal
// of the whole, and nothing of it was written. A refusal of the token has a cause,
// and no row a part in it.
func (w *writing) mayHalve(b batch, err *Error) bool {
	return len(b.rows) > 1 && err.HTTPStatus == http.StatusBadRequest && err.Err == nil && !err.Uncertain && w.halvings < maxHalvings
}

// write makes one call, when no other write of the client is in flight. It
// reports whether that was slow.
func (c *Client) write(ctx context.Context, subrequests []subrequest, repeatable, direct bool) (responses []subresponse, slow bool, failure *Error) {
	release, failure := c.holdWrites(ctx)
	if failure != nil {
		return nil, false, failure
	}
	defer release()
	start := time.Now()
	if direct {
		responses, failure = c.direct(ctx, subrequests[0], repeatable)
	} else {
		responses, failure = c.composite(ctx, subrequests, repeatable)
	}
	return responses, time.Since(start) >= slowCall, failure
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

// dropOrphans gives up the writes that refer to one that failed, and reports
// whether there were any.
func (w *writing) dropOrphans() (dropped bool) {
	// An earlier write comes first, so a chain falls in one pass.
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

// leave gives up what is pending.
func (w *writing) leave(why error) {
	for _, i := range w.pending {
		w.results[i].Err = why
	}
	w.pending = nil
}

// refused returns the results of a batch that failed as a whole.
func refused(ctx context.Context, b batch, failure *Error) []WriteResult {
	return slices.Repeat([]WriteResult{{Err: refusal(ctx, failure)}}, len(b.rows))
}

// refusal is the failure of a call, or that it was not made.
func refusal(ctx context.Context, failure *Error) error {
	if ctx.Err() != nil && failure.HTTPStatus == 0 && !failure.Uncertain {
		return fmt.Errorf("%w: %w", ErrNotSent, ctx.Err())
	}
	return failure
}
