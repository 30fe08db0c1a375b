// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/salesforce"
)

// A Plan is what a sync of some leads would write, field by field. It is a
// value: print it for a dry run, or give it to leadsync.Syncer.Apply. It holds personal
// data.
type Plan struct {
	// ID identifies the plan: leadsync.Syncer.Apply carries it out once. A plan of an
	// earlier version has none and is identified by its content.
	ID string    `json:"id,omitempty"`
	At time.Time `json:"at"`
	// Leads has one entry for each lead, in the order they were given.
	Leads []*LeadPlan `json:"leads"`
	// Changes are the records to write. A change comes after those it refers to.
	Changes []Change `json:"changes"`
	// Calls is how many API calls the writes will take when nothing fails.
	Calls int `json:"calls"`
	// LookupCalls is how many API calls it took to find out, which a sync takes too;
	// further pages of long answers, and what the session knew, are not counted.
	LookupCalls int `json:"lookupCalls"`
}

// A LeadPlan is what a Plan holds for one lead.
type LeadPlan struct {
	LeadID  LeadID `json:"leadId"`
	EventID string `json:"eventId,omitempty"`
	// Object is what the person is, or becomes; ID is empty for one to be created.
	Object    salesforce.Object `json:"object,omitempty"`
	ID        salesforce.ID     `json:"id,omitempty"`
	AccountID salesforce.ID     `json:"accountId,omitempty"`
	Parts     []PlannedPart     `json:"parts,omitempty"`
	// Adopted says that an earlier sync created the record for this lead, and that no
	// probe found it.
	Adopted  bool       `json:"adopted,omitempty"`
	Trace    MatchTrace `json:"trace"`
	Warnings []Warning  `json:"warnings,omitempty"`
	// After is the lead of the plan whose record has to be written before this one can be
	// matched, set beside an Err. It is empty for none.
	After LeadID `json:"after,omitempty"`
	// Owed are what Outcome.Owed will be, but for what Salesforce refuses.
	Owed []OwedValue `json:"owed,omitempty"`
	// Err is why nothing will be written for this lead.
	Err *Error `json:"error,omitempty"`
	// RetryAt is when the lead can be planned again, set beside an Err that passes with
	// time.
	RetryAt time.Time `json:"retryAt,omitzero"`

	// Memory is what was found out about the values of the lead's records, to be
	// remembered.
	Memory []RecordMemory `json:"memory,omitempty"`
	// Keys identify the lead's person and company, so that a create whose response is lost
	// is not repeated for another lead of theirs. They hold personal data.
	Keys IdentityKeys `json:"keys,omitzero"`
}

// A PlannedPart is one record of a lead's plan.
type PlannedPart struct {
	Kind   PartKind          `json:"kind"`
	Object salesforce.Object `json:"object"`
	Key    string            `json:"key,omitempty"`
	ID     salesforce.ID     `json:"id,omitempty"`
	// Change is the index of the plan's change, and Unplanned where Salesforce
	// already holds everything or Err is why nothing is written.
	Change int `json:"change"`
	// Digest is Part.Digest, and Owner Part.Owner.
	Digest string `json:"digest,omitempty"`
	Owner  string `json:"owner,omitempty"`
	// Err is why this part will not be written; the others may be. RetryAt is as in
	// LeadPlan.
	Err     *Error    `json:"error,omitempty"`
	RetryAt time.Time `json:"retryAt,omitzero"`
}

// Unplanned is the Change of a part for which nothing is written.
const Unplanned = -1

// A Change is one record to create or update.
type Change struct {
	Kind   PartKind          `json:"kind"`
	Object salesforce.Object `json:"object"`
	// Create says that the record is created, not updated; ID names the record of an
	// update.
	Create bool          `json:"create,omitempty"`
	ID     salesforce.ID `json:"id,omitempty"`
	Fields []FieldChange `json:"fields,omitempty"`
	// Refs are fields that take the id of an earlier change's record.
	Refs []salesforce.Ref `json:"refs,omitempty"`
	// Replaced holds what the Refs of an update take the place of, by field.
	Replaced salesforce.Fields `json:"replaced,omitempty"`
	// UniqueField is the key field that makes a create safe to repeat. With Upsert
	// a record that already has the key is updated.
	UniqueField string `json:"uniqueField,omitempty"`
	Upsert      bool   `json:"upsert,omitempty"`
	// AllowDuplicate writes the record although a duplicate rule alerts: a person chose it.
	AllowDuplicate bool `json:"allowDuplicate,omitempty"`
	// PersonAccount is the Account that is written in place of a Contact, because the two are
	// a person account: Object, ID and the names of Fields are the Contact's, and
	// FieldChange.PersonField is the Account's. It is empty for any other record.
	PersonAccount salesforce.ID `json:"personAccount,omitempty"`
	// AutoAssign lets an assignment rule of the org decide who owns the new record; see
	// leadsync.Config.AutoAssign.
	AutoAssign bool `json:"autoAssign,omitempty"`
	// Leads are those that this change is for.
	Leads []LeadID `json:"leads"`
	// Modified is the record's SystemModstamp when it was read.
	Modified string `json:"modified,omitempty"`
}

// Written is the object of the record that the change writes: the Account where that is a
// person account, else Object.
func (c *Change) Written() salesforce.Object {
	if c.PersonAccount != "" {
		return salesforce.ObjectAccount
	}
	return c.Object
}

// String prints the plan for a person: what each lead matched and each change
// with its values before and after.
func (p *Plan) String() string {
	var b strings.Builder
	for _, lead := range p.Leads {
		fmt.Fprintf(&b, "lead %s: %s\n", lead.LeadID, cmp.Or(lead.Trace.summary(), "no record was chosen"))
		if lead.Err != nil {
			fmt.Fprintf(&b, "  nothing is written: %s\n",
				value.FailureText(string(lead.Err.Code), lead.Err.Fields, lead.Err.Reason))
		}
		for _, part := range lead.Parts {
			p.printPart(&b, &part, lead.LeadID)
		}
		for _, w := range lead.Warnings {
			fmt.Fprintf(&b, "  %s: %s\n", strings.ToLower(w.label()), w.String())
		}
	}
	fmt.Fprintf(&b, "%s to write in %s\n", value.Counted(len(p.Changes), "record"), value.Counted(p.Calls, "API call"))
	return b.String()
}

func (p *Plan) printPart(b *strings.Builder, part *PlannedPart, lead LeadID) {
	switch {
	case part.Err != nil:
		fmt.Fprintf(b, "  %s: %s\n", part.Object, value.FailureText(string(part.Err.Code), part.Err.Fields, part.Err.Reason))
		return
	case part.Change == Unplanned:
		fmt.Fprintf(b, "  %s %s: unchanged\n", part.Object, part.ID)
		return
	}
	change := &p.Changes[part.Change]
	if change.Leads[0] != lead {
		fmt.Fprintf(b, "  %s: shared with lead %s\n", part.Object, change.Leads[0])
		return
	}
	switch {
	case change.Create:
		fmt.Fprintf(b, "  create %s\n", change.Object)
	case change.PersonAccount != "":
		fmt.Fprintf(b, "  update %s %s through person account %s\n", change.Object, change.ID, change.PersonAccount)
	default:
		fmt.Fprintf(b, "  update %s %s\n", change.Object, change.ID)
	}
	for _, f := range change.Fields {
		fmt.Fprintf(b, "    %s: ", cmp.Or(f.By, f.Field))
		if !change.Create {
			fmt.Fprintf(b, "%s -> ", value.Shown(f.Before))
		}
		b.WriteString(value.Shown(f.After))
		if f.Reason != "" {
			fmt.Fprintf(b, " (%s)", f.Reason)
		}
		fmt.Fprintln(b)
	}
	for _, ref := range change.Refs {
		fmt.Fprintf(b, "    %s: the new %s\n", ref.Field, p.Changes[ref.Write].Object)
	}
}
