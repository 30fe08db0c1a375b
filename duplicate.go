package leadsync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/leadsync/leadsync/salesforce"
)

// A DuplicatePolicy says what happens when a duplicate rule or a unique field of
// the org refuses a person or an account because the record exists already.
type DuplicatePolicy string

// The policies for duplicates.
const (
	// ReuseDuplicate takes the record that Salesforce names, if it is one alone
	// and of an object that the strategy deals in. Several are AMBIGUOUS_MATCH, a
	// record of another object is held.
	ReuseDuplicate DuplicatePolicy = "reuse"
	// AllowDuplicate writes all the same where the duplicate rule only alerts; one
	// that blocks is held.
	AllowDuplicate DuplicatePolicy = "allow-save"
	// HoldDuplicate fails the lead with DUPLICATE_RECORD for a person to decide.
	HoldDuplicate DuplicatePolicy = "hold"
)

// askDuplicates sends the creates that a duplicate rule refused once more, each
// alone: a collection does not name the records that a row resembles, a single
// create does (SALESFORCE.md 1). They were refused, so nothing is doubled; one
// that passes now is simply written.
func (w *writing) askDuplicates(ctx context.Context) {
	if w.s.cfg.Duplicates != ReuseDuplicate {
		return
	}
	var alone []salesforce.Write
	var at []int
	for i := range w.plan.Changes {
		change := &w.plan.Changes[i]
		var sf *salesforce.Error
		if !change.Create || change.Kind != PartPerson && change.Kind != PartAccount ||
			!errors.As(w.results[i].Err, &sf) || sf.Code != "DUPLICATES_DETECTED" || len(sf.Duplicates) > 0 {
			continue
		}
		write := w.s.writeOf(change)
		write.Alone, write.Refs = true, nil
		for _, ref := range change.Refs {
			write.Fields[ref.Field] = string(w.results[ref.Write].ID)
		}
		alone, at = append(alone, write), append(at, i)
	}
	if len(alone) == 0 {
		return
	}
	results, err := w.s.client.Write(ctx, alone...)
	if err != nil || len(results) != len(alone) {
		return // the refusals stand as they are
	}
	for k, i := range at {
		if !errors.Is(results[k].Err, salesforce.ErrNotSent) {
			w.results[i] = results[k]
		}
	}
}

// reuse turns a refusal that names one record into a second look at the lead
// with that record known: it enters the id in the outcome and returns true. One
// that names several becomes AMBIGUOUS_MATCH.
func (w *writing) reuse(out *Outcome, part *Part) bool {
	var sf *salesforce.Error
	if w.s.cfg.Duplicates != ReuseDuplicate || part.Err.Code != DuplicateRecord || !errors.As(part.Err.Err, &sf) {
		return false
	}
	ids := make(map[salesforce.ID]salesforce.Object)
	for _, d := range sf.Duplicates {
		ids[d.ID.ID18()] = cmp.Or(d.Object, objectOfID(d.ID))
	}
	if len(ids) > 1 {
		part.Err.Code = AmbiguousMatch
		part.Err.Reason = fmt.Sprintf("the org says that it is one of %d records; choose one", len(ids))
		return false
	}
	for id, object := range ids {
		switch {
		case part.Kind == PartAccount && object == salesforce.ObjectAccount:
			out.AccountID = id
			return true
		case part.Kind == PartPerson && (object == part.Object || out.Trace.probes(object)):
			out.Object, out.ID = object, id
			return true
		}
	}
	return false
}

// probes reports whether the strategy looked for a person among an object.
func (t *MatchTrace) probes(object salesforce.Object) bool {
	return object != salesforce.ObjectAccount && slices.ContainsFunc(t.Probes, func(p ProbeTrace) bool { return p.Object == object })
}
