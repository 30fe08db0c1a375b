// SPDX-License-Identifier: Apache-2.0

package leadtype

import "github.com/leadsync/leadsync/salesforce"

// A Who says whose a record is that a lead found by its e-mail address, by the names. It is
// empty for the lead's own person.
type Who string

// Whose a record may be.
const (
	// WhoDoubt is for a record whose name agrees with the lead's in part, and for one whose
	// name cannot be compared. Names are not written, and other fields only where they are
	// blank.
	WhoDoubt Who = "doubt"
	// WhoOther is for a record of another person. Nothing is written to the record itself.
	WhoOther Who = "other"
)

// An OtherPersonPolicy says what happens to a lead whose e-mail address leads to a record
// that has the name of another person.
type OtherPersonPolicy string

// The policies for another person's record.
const (
	// HoldOther fails the lead with AMBIGUOUS_MATCH: a person chooses the record or
	// NewRecord, or dismisses the lead.
	HoldOther OtherPersonPolicy = "hold"
	// AttachOther leaves the record as it is, and adds the lead's membership, Tasks and
	// records of other objects to it.
	AttachOther OtherPersonPolicy = "attach"
	// CreateOther counts the record as no hit: other probes are tried, and then a record is
	// created.
	CreateOther OtherPersonPolicy = "create"
)

// NewRecord stands in leadsync.Syncer.Choose for none of the candidates: a record is
// created for the lead.
const NewRecord salesforce.ID = "new"
