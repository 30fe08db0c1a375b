// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/salesforce"
)

// NewRecord stands in leadsync.Syncer.Choose for none of the candidates: a record is
// created for the lead.
const NewRecord salesforce.ID = "new"

// maxListed bounds the candidates that Listed names.
const maxListed = 10

// Listed names candidates, at most 10 of them, and NewRecord, which is always possible.
func Listed(candidates []Candidate) string {
	names := make([]string, min(len(candidates), maxListed))
	for i := range names {
		names[i] = string(candidates[i].Object) + " " + string(candidates[i].ID)
	}
	listed := strings.Join(names, ", ")
	if more := len(candidates) - len(names); more > 0 {
		listed += fmt.Sprintf(" and %d more", more)
	}
	return listed + ", or " + string(NewRecord)
}

// Candidates returns the records among which a person may choose for a lead that
// failed with AMBIGUOUS_MATCH: those that the probe found, or that a duplicate
// rule named, without those that cannot be the person's or the account's. A
// page reads what it shows of them with salesforce.Client.Retrieve. It returns nil
// for any other outcome, and for nil.
func Candidates(o *Outcome) []Candidate {
	if o == nil || o.Err == nil || o.Err.Code != AmbiguousMatch {
		return nil
	}
	var found []Candidate
	for _, p := range o.Trace.Probes {
		own := o.Err.Object == "" && p.Object != salesforce.ObjectAccount // of either object
		if (own || p.Object == o.Err.Object) && slices.Contains(o.Err.Fields, p.Field) {
			found = append(found, p.Candidates...)
		}
	}
	var sf *salesforce.Error
	if errors.As(o.Err.Err, &sf) {
		for _, d := range sf.Duplicates {
			found = append(found, Candidate{Object: cmp.Or(d.Object, value.ObjectOfID(d.ID)), ID: d.ID.ID18()})
		}
	}
	return slices.DeleteFunc(found, func(c Candidate) bool {
		return c.Note == NoteDeleted || c.Note == NoteNoHit || c.Note == NotePerson ||
			c.Object != salesforce.ObjectAccount && !o.Trace.Tried(c.Object)
	})
}
