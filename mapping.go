package leadsync

import "github.com/leadsync/leadsync/salesforce"

// A Mapper says which of a lead's values go into which fields of a record. It
// must be pure and safe for concurrent use; *Mapping is the one that hosts
// usually need.
type Mapper interface {
	// Objects returns the objects it has rows for.
	Objects() []salesforce.Object
	// Fields returns the API names of the fields that Map may write on object.
	// They are read with the record, so that Map knows their current values.
	Fields(object salesforce.Object) []string
	// Map returns the values that the record should hold: converted to what
	// the field takes (see Convert), current values included where a row
	// leaves them as they are or not, as it likes; the caller sends only what
	// differs. The error is a *Error naming the fields at fault.
	Map(lead *Lead, target Target) (salesforce.Fields, []Warning, error)
}

// A Target is the record that a Mapper maps to.
type Target struct {
	Object salesforce.Object
	// Describe is the object's, as the connected user sees it.
	Describe *salesforce.Describe
	// Record holds the current values, nil when the record is to be created.
	Record *salesforce.Record
	// User returns the id of the active User with an e-mail address, for fields
	// that refer to one. It is never nil.
	User func(email string) (salesforce.ID, bool)
}

// A Mapping is a Mapper that is plain data.
type Mapping struct{}

// A Rule is one row of a Mapping.
type Rule struct{}

// A TransformFunc is a named transform of a Mapping's rows.
type TransformFunc func(value any) (any, error)
