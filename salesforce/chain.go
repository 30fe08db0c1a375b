// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/internal/schedule"
)

// A write may go in one call with those that it refers to, by a reference to what they
// make. That a reference finds a row of a collection follows from the documented syntax
// alone, so each reply is held against it, and the next call has the true ids
// (docs/salesforce.md, Composite).

// chain says which writes may go in one call with those that they refer to.
func (w *writing) chain() schedule.Chain {
	if w.unchained {
		return schedule.NoChain
	}
	return w.client.pace.chain()
}

// isChained reports whether a call holds writes with those that they refer to.
func (w *writing) isChained(batches []schedule.Batch) bool {
	return slices.ContainsFunc(batches, func(b schedule.Batch) bool {
		return slices.ContainsFunc(b.Rows, func(i int) bool {
			return slices.ContainsFunc(w.writes[i].Refs, func(ref Ref) bool { return w.results[ref.Write].ID == "" })
		})
	})
}

// name enters how later subrequests of a call refer to the rows of subrequest k.
func (w *writing) name(k int, b schedule.Batch) {
	if w.inCall == nil {
		w.inCall = make(map[int]ID)
	}
	for n, i := range b.Rows {
		index := "[" + strconv.Itoa(n) + "]"
		if b.Alone() {
			index = ""
		}
		w.inCall[i] = ID("@{r" + strconv.Itoa(k) + index + ".id}")
	}
}

// A bond is what became of the references of a write to others of its call.
type bond int

const (
	bondNone   bond = iota // there are none
	bondKept               // those writes went through
	bondUnsure             // the reply does not say whether one of them did
	bondBroken             // one of them did not
)

// bondOf returns the bond of a write, and whether one that it refers to is in a collection.
func (w *writing) bondOf(i int) (found bond, indexed bool) {
	for _, ref := range w.writes[i].Refs {
		name, ok := w.inCall[ref.Write]
		if !ok {
			continue
		}
		indexed = indexed || strings.Contains(string(name), "[")
		found = max(found, w.bondTo(ref.Write))
	}
	return found, indexed
}

// bondTo returns the bond of the writes that refer to write i of their call.
func (w *writing) bondTo(i int) bond {
	parent := &w.results[i]
	failure, failed := errors.AsType[*Error](parent.Err)
	switch {
	case failed && failure.Uncertain:
		return bondUnsure
	case parent.ID == "" || parent.Err != nil:
		return bondBroken
	}
	return bondKept
}

// halted reports whether a subrequest was not carried out because of a reference: a write
// that it refers to failed, or the org does not resolve the reference. Its rows go again, as
// far as what they refer to was written.
func (w *writing) halted(b schedule.Batch, err *Error) bool {
	if err.Uncertain || err.Err != nil || err.Code != ProcessingHalted && err.HTTPStatus != http.StatusBadRequest {
		return false
	}
	whole, byIndex := bondNone, false
	for _, i := range b.Rows {
		bond, indexed := w.bondOf(i)
		whole, byIndex = max(whole, bond), byIndex || indexed
	}
	if whole == bondKept && (err.Code == ProcessingHalted || isUnresolved(err)) {
		w.client.pace.refuseChain(!byIndex)
	}
	return whole != bondNone
}

// isUnresolved reports whether a row or a subrequest was refused because it held the text of
// a reference.
func isUnresolved(err *Error) bool {
	return err.Code == MalformedID || err.Code == JSONParserError || strings.Contains(err.Message, "@{")
}

// misread reports whether a row goes again because of a reference: it was refused together
// with a write that it refers to, or for the text of the reference. A row that was written
// although what it refers to was not is an orphan, for takeAway. Where it is not known
// whether that was written, the row is as uncertain as after a lost call: it is likely to
// refer to a record that is there.
func (w *writing) misread(i int, result *WriteResult) bool {
	bond, indexed := w.bondOf(i)
	refused, isRefused := errors.AsType[*Error](result.Err)
	switch {
	case bond == bondNone:
		return false
	case bond == bondUnsure && result.Err == nil:
		*result = apart(i)
		return false
	case bond == bondBroken && result.Err == nil:
		w.client.pace.refuseChain(true)
		if !result.Created {
			*result = apart(i)
			return false
		}
		w.orphans = append(w.orphans, orphan{i, result.ID})
		return true
	case !isRefused || refused.Uncertain || refused.Err != nil:
		return false
	case bond == bondUnsure, bond == bondBroken:
		return true
	case isUnresolved(refused):
		w.client.pace.refuseChain(!indexed)
		return true
	}
	return false
}

// An orphan is a record that write i made without the one that it refers to.
type orphan struct {
	i  int
	id ID
}

// takeAway deletes the orphans of a call, all at once, so that their writes can go again
// behind what they refer to. One that is still there then is uncertain.
func (w *writing) takeAway(ctx context.Context, sent []bool) {
	if len(w.orphans) == 0 {
		return
	}
	deletes := make([]Write, len(w.orphans))
	for n, o := range w.orphans {
		deletes[n] = Write{Op: OpDelete, Object: w.writes[o.i].Object, ID: o.id}
	}
	deleted, err := w.client.Write(ctx, deletes...)
	for n, o := range w.orphans {
		if err == nil && (deleted[n].Err == nil || isGone(deleted[n].Err)) {
			continue
		}
		w.results[o.i] = apart(o.i)
		sent[o.i] = true
	}
	w.orphans = nil
}

// apart is the result of a write that was carried out, but perhaps not what it refers to.
func apart(i int) WriteResult {
	why := fmt.Errorf("write %d was carried out, but what it refers to is not known to be", i)
	return WriteResult{Err: &Error{Err: why, Uncertain: true}}
}

// isGone reports whether a record could not be deleted because it was, such as with its parent.
func isGone(err error) bool {
	code := StatusOf(err)
	return code == EntityIsDeleted || code == NotFound || code == InvalidCrossReferenceKey
}

// doubtChain reports whether a call was refused as a whole, perhaps because of references:
// then it goes again without. When that goes through, the Client remembers it.
func (w *writing) doubtChain(failure *Error) bool {
	switch {
	case failure == nil && w.doubted:
		w.client.pace.refuseChain(true)
	case failure != nil && w.inCall != nil && w.mayHalve(failure):
		w.unchained, w.doubted = true, true
		return true
	}
	w.doubted = false
	return false
}

// EstimateCalls returns how many API calls Client.Write needs for writes when none of them
// fails, the org takes collections of full size, and it resolves references to their rows.
func EstimateCalls(writes []Write) int {
	s := newSchedule(writes, (*Write).assigns)
	s.SetChain(schedule.ChainAll)
	pending := make([]int, len(writes))
	for i := range writes {
		pending[i] = i
	}
	return len(s.Rounds(pending))
}

// tooLong returns how long a call is expected to take if that is too long, else 0. Until as
// many rows as Config.FirstRows went with a call, or some took long, more of them are.
func (w *writing) tooLong(batches []schedule.Batch) time.Duration {
	expected, most := w.client.pace.expect(w.schedule.Count(batches))
	if first := w.client.cfg.FirstRows; expected == 0 && most < first {
		expected = schedule.Longest * time.Duration(rowsOf(batches)) / time.Duration(first)
	}
	if expected > schedule.Longest {
		return expected
	}
	return 0
}

// learnTime takes in how long a call took, for the rows that it may have carried out.
func (w *writing) learnTime(
	batches []schedule.Batch, responses []subresponse, took time.Duration, failure *Error,
) {
	if failure != nil && (!failure.Uncertain || took < schedule.Longest) {
		return // which says nothing of the rows
	}
	done := batches
	if failure == nil {
		done = nil
		for k, b := range batches {
			if responses[k].err() == nil {
				done = append(done, b)
			}
		}
	}
	w.client.pace.learn(w.schedule.Count(done), took)
}

// fateOf says whether automation of the org failed a row of a request that succeeded, and
// whether because it exceeded a limit. Apex names those in English in any language.
// Source: docs/salesforce.md, Errors.
func fateOf(err error) schedule.Fate {
	var e *Error
	if !errors.As(err, &e) || e.Uncertain || e.locked() {
		return schedule.Refused
	}
	says := func(text string) bool { return strings.Contains(e.Message, text) }
	failed := e.Code == CannotExecuteFlowTrigger || e.Code == ApexError ||
		e.Code == CannotInsertUpdateActivateEntity && !says("entity type cannot be")
	switch {
	case !failed && !says("Too many batch retries"):
		return schedule.Refused
	case says("Too many") || says("LimitException") || says("CPU time") || says("heap size"):
		return schedule.Limit
	}
	return schedule.Automation
}

func isLocked(err error) bool {
	e, refused := errors.AsType[*Error](err)
	return refused && e.locked()
}
