package leadsync

// An OwnerPolicy says what happens to a record whose owner is not one active User,
// or is refused by Salesforce. Of several active Users with an e-mail address the
// one counts whose user name it is; else the address names nobody.
type OwnerPolicy string

// The policies for owners.
const (
	// ReplaceOwner gives a new record to Config.FallbackOwner and leaves an existing
	// one its owner, with a warning.
	ReplaceOwner OwnerPolicy = "replace"
	// HoldOwner fails the lead with OWNER_INVALID for a person to decide.
	HoldOwner OwnerPolicy = "hold"
)
