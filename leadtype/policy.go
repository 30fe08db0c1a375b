// SPDX-License-Identifier: Apache-2.0

package leadtype

// A Mode says when captured leads are synced.
type Mode string

// The modes.
const (
	// Automatic syncs leads as soon as they are captured and enriched.
	Automatic Mode = "automatic"
	// Manual holds captured leads as frozen until they are pushed.
	Manual Mode = "manual"
	// Disabled pauses everything; leads are still captured.
	Disabled Mode = "disabled"
)

// A ConvertedPolicy says what a hit on a converted Lead means.
type ConvertedPolicy string

// The policies for converted Leads.
const (
	// Follow continues with the Contact that the Lead became when the strategy looks
	// for Contacts; otherwise the hit counts as none.
	Follow ConvertedPolicy = "follow"
	// NewLead counts a converted hit as none, with every strategy.
	NewLead ConvertedPolicy = "new-lead"
	// HoldConverted fails the lead with STALE_REMOTE_RECORD for a person to choose.
	HoldConverted ConvertedPolicy = "hold"
)

// An AmbiguityPolicy says what several hits of one probe mean.
type AmbiguityPolicy string

// The policies for several hits.
const (
	// TakeBest takes the unconverted, then the one that has the lead's name, then the last
	// modified, then the smallest id.
	TakeBest AmbiguityPolicy = "take-best"
	// HoldAmbiguous fails the lead with AMBIGUOUS_MATCH for a person to choose.
	HoldAmbiguous AmbiguityPolicy = "hold"
)

// A DuplicatePolicy says what happens when a duplicate rule or a unique field of
// the org refuses a person or an account because the record exists already.
type DuplicatePolicy string

// The policies for duplicates.
const (
	// ReuseDuplicate takes the record that Salesforce names, if it is the only one
	// and of an object that the strategy looks for. Several are AMBIGUOUS_MATCH, a
	// record of another object is held.
	ReuseDuplicate DuplicatePolicy = "reuse"
	// AllowDuplicate writes the record where the duplicate rule only alerts; one that
	// blocks is held.
	AllowDuplicate DuplicatePolicy = "allow-save"
	// HoldDuplicate fails the lead with DUPLICATE_RECORD for a person to choose.
	HoldDuplicate DuplicatePolicy = "hold"
)

// An OwnerPolicy says what happens to a record whose owner is not one active User,
// or is refused by Salesforce. Of several active Users with an e-mail address the
// one counts whose user name it is; else the address identifies no User.
type OwnerPolicy string

// The policies for owners.
const (
	// ReplaceOwner gives a new record to leadsync.Config.FallbackOwner and leaves an existing
	// one its owner, with a warning.
	ReplaceOwner OwnerPolicy = "replace"
	// HoldOwner fails the lead with OWNER_INVALID for a person to decide.
	HoldOwner OwnerPolicy = "hold"
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
