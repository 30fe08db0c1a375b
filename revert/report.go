// SPDX-License-Identifier: Apache-2.0

package revert

import (
	"fmt"
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// Options say how far a Revert goes. The zero Options restore fields and delete
// nothing.
type Options struct {
	// Delete also deletes the records that the run created, children first. A
	// record is kept that was changed or converted since, that another one was merged
	// into, or that has been given records of others, its dependents: Contacts, Tasks,
	// memberships, Opportunities, Events, Cases, and whatever else Salesforce deletes with
	// it by the describe of its object. What the connected user does not see, or cannot
	// query, is not found, nor are shares, feeds, histories and the like. What is deleted
	// is in the recycle bin.
	Delete bool
	// WithDependents deletes a record although it has dependents, which Salesforce then
	// deletes with it, or detaches from it. Salesforce itself refuses to delete a record
	// with some, such as Cases. The report lists them all the same.
	WithDependents bool
}

// MaxDependents is how many dependents of a record a report lists.
const MaxDependents = 100

// A Dependent is a record of others that belongs to one that the run created.
type Dependent struct {
	Object salesforce.Object `json:"object"`
	ID     salesforce.ID     `json:"id"`
}

// A Report is what became of the records of a Revert. It holds personal data.
type Report struct {
	At time.Time `json:"at"`
	// Restored are the records with fields that were restored, Deleted those that
	// are gone.
	Restored []Reversal `json:"restored,omitempty"`
	Deleted  []Reversal `json:"deleted,omitempty"`
	// Kept are records that the run created and that still exist, because
	// Options.Delete was not set.
	Kept []Reversal `json:"kept,omitempty"`
	// Left is what could not be reverted, and why.
	Left []Reversal `json:"left,omitempty"`
}

// A Reversal is one record in a Report.
type Reversal struct {
	Kind   leadtype.PartKind `json:"kind"`
	Object salesforce.Object `json:"object"`
	// ID is empty for a create whose response was lost.
	ID salesforce.ID `json:"id,omitempty"`
	// Leads are those whose outcomes name the record.
	Leads []leadtype.LeadID `json:"leads"`
	// Fields are those restored: Before is the run's value, After the one from
	// before the run.
	Fields []leadtype.FieldChange `json:"fields,omitempty"`
	// Dependents are the records of others that kept this one from being deleted, or that
	// belonged to it when it was deleted by Options.WithDependents: the first MaxDependents
	// of them. MoreDependents counts the others.
	Dependents     []Dependent `json:"dependents,omitempty"`
	MoreDependents int         `json:"moreDependents,omitempty"`
	// Err is why the record, or those of its fields that Err names, were left as
	// they are: STALE_REMOTE_RECORD when they have been changed since.
	Err *leadtype.Error `json:"error,omitempty"`
}

// String prints the report for a person, a line for each record and field.
func (r *Report) String() string {
	var b strings.Builder
	for _, record := range r.Restored {
		fmt.Fprintf(&b, "restored %s %s\n", record.Object, record.ID)
		for _, f := range record.Fields {
			fmt.Fprintf(&b, "    %s: %s -> %s\n", f.Field, value.Shown(f.Before), value.Shown(f.After))
		}
	}
	for _, record := range r.Deleted {
		fmt.Fprintf(&b, "deleted %s %s\n", record.Object, record.ID)
		record.printDependents(&b)
	}
	for _, record := range r.Kept {
		fmt.Fprintf(&b, "kept %s %s, which the run created\n", record.Object, record.ID)
	}
	for _, record := range r.Left {
		why := ""
		if record.Err != nil { // only a report that was edited as JSON lacks it
			why = ": " + value.FailureText(string(record.Err.Code), record.Err.Fields, record.Err.Reason)
		}
		fmt.Fprintf(&b, "left %s%s\n", strings.TrimSpace(fmt.Sprintf("%s %s", record.Object, record.ID)), why)
		record.printDependents(&b)
	}
	fmt.Fprintf(&b, "%d restored, %d deleted, %d kept, %d left\n",
		len(r.Restored), len(r.Deleted), len(r.Kept), len(r.Left))
	return b.String()
}

func (r *Reversal) printDependents(b *strings.Builder) {
	for _, d := range r.Dependents {
		fmt.Fprintf(b, "    with %s %s\n", d.Object, d.ID)
	}
	if r.MoreDependents > 0 {
		fmt.Fprintf(b, "    with %d more\n", r.MoreDependents)
	}
}
