// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"time"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// A Planner turns what was found for a batch into a Plan. It does no I/O.
type Planner struct {
	Set         *mapping.Set
	Owners      leadtype.OwnerPolicy
	OtherPerson leadtype.OtherPersonPolicy
	PersonLeads bool          // Leads may be created without a company where person accounts are on
	Fallback    salesforce.ID // owns the new records without another owner
	AutoAssign  bool          // assignment rules decide who owns new Leads without one
	VerifyAfter time.Duration
	Pending     Pending
	Now         func() time.Time
}

// A Pending knows the creates, of all leads, whose response was lost.
type Pending interface {
	// Last returns the latest create among own and those of the same part, of whichever lead,
	// nil for none. One that carried the unique key does not count.
	Last(own *leadtype.Intent, lead *leadtype.LeadPlan, kind leadtype.PartKind, part, unique string) *leadtype.Intent
	// Namesakes returns the open creates of the leads whose person has this match.NameKey,
	// and neither an e-mail address nor a key, by lead.
	Namesakes(name string) map[leadtype.LeadID][]leadtype.Intent
}

// A planning is the planning of one batch.
type planning struct {
	*Planner
	session *org.Session
	index   *match.Index
	records map[salesforce.ID]leadtype.RecordMemory   // of the leads, and that may be theirs by their name
	noted   map[salesforce.Object]memorable           // by folded object
	formers map[salesforce.ID][]leadtype.RecordMemory // of records, those whose place they took
	at      time.Time
	result  *leadtype.Plan
	schemas *Schemas
	// anyTarget is what target returns, of no record.
	anyTarget mapping.Target
	given     map[*leadtype.LeadPlan]*givenWarnings // of leads with many

	fields slab[leadtype.FieldChange]
	refs   slab[salesforce.Ref]
	ids    slab[leadtype.LeadID]
	helds  slab[heldRecord]
	wishes slab[wish]
}
