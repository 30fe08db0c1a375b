// SPDX-License-Identifier: Apache-2.0

package write

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// resendDuplicates sends the creates that a duplicate rule refused once more, each
// alone: a collection does not name the records that a row resembles, a single
// create does (docs/salesforce.md, Collections). They were refused, so nothing is
// doubled; one that passes now is simply written.
func (x *Execution) resendDuplicates(ctx context.Context) {
	var alone []salesforce.Write
	var at []int
	for i := range x.plan.Changes {
		change := &x.plan.Changes[i]
		if !refusedUnnamed(change, x.results[i].Err) {
			continue
		}
		again := ForChange(change, x.Duplicates)
		again.Alone, again.Refs, again.Without, again.Again = true, nil, x.without(i), x.rejournal
		for _, ref := range change.Refs {
			again.Fields[ref.Field] = string(x.results[ref.Write].ID)
		}
		alone, at = append(alone, again), append(at, i)
	}
	if len(alone) == 0 {
		return
	}
	results, err := x.Client.Write(ctx, alone...)
	if verdict.Failure(err) != nil {
		return // the refusals stay as they are
	}
	results = answersTo(alone, results)
	for k, i := range at {
		if !errors.Is(results[k].Err, salesforce.ErrNotSent) {
			x.results[i] = results[k]
		}
	}
}

// refusedUnnamed reports whether a duplicate rule refused the create of a person or
// an account without naming the records that it resembles.
func refusedUnnamed(c *leadtype.Change, err error) bool {
	sf, answered := errors.AsType[*salesforce.Error](err)
	return answered && c.Create && (c.Kind == leadtype.PartPerson || c.Kind == leadtype.PartAccount) &&
		sf.Code == "DUPLICATES_DETECTED" && len(sf.Duplicates) == 0
}

// reuseDuplicate turns a refusal that names one record into a second look with that
// record known: it enters the id in the outcome and returns true. A refusal that
// names several becomes AMBIGUOUS_MATCH, and so does one that names the record which a
// corrected lead has left: it resembles the lead because of what we wrote there.
func (x *Execution) reuseDuplicate(out *leadtype.Outcome, part *leadtype.Part) bool {
	var sf *salesforce.Error
	chosen := out.Trace.Chosen // which a person knows better
	if part.Kind == leadtype.PartAccount {
		chosen = out.Trace.ChosenAccount
	}
	if x.Duplicates != leadtype.ReuseDuplicate || chosen != "" ||
		part.Err.Code != leadtype.DuplicateRecord || !errors.As(part.Err.Err, &sf) {
		return false
	}
	ids := make(map[salesforce.ID]salesforce.Object)
	for _, d := range sf.Duplicates {
		ids[d.ID.ID18()] = cmp.Or(d.Object, value.ObjectOfID(d.ID))
	}
	if len(ids) > 1 {
		part.Err.Code = leadtype.AmbiguousMatch
		part.Err.Reason = fmt.Sprintf("a duplicate rule reports %d matching records; choose one", len(ids))
		return false
	}
	for id, object := range ids {
		switch {
		case part.Kind == leadtype.PartAccount && object == salesforce.ObjectAccount:
			out.AccountID = id
			return true
		case part.Kind == leadtype.PartPerson && hasLeft(out, id):
			part.Err.Code = leadtype.AmbiguousMatch
			part.Err.Reason = "the org reports the record that the lead had before it was corrected: revert what was " +
				"written there, or choose it"
			return false
		case part.Kind == leadtype.PartPerson && (object == part.Object || out.Trace.Tried(object)):
			out.Object, out.ID = object, id // matching compares the names
			return true
		}
	}
	return false
}

// hasLeft reports whether a record was the lead's before it was corrected.
func hasLeft(out *leadtype.Outcome, record salesforce.ID) bool {
	instead := insteadOf(out)
	return instead != "" && instead.Equal(record) ||
		slices.ContainsFunc(out.Left, func(o *leadtype.Outcome) bool { return o.ID.Equal(record) })
}
