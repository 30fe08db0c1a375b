package leadsync

import "github.com/leadsync/leadsync/salesforce"

// Why an object or a field cannot be written. Salesforce does not tell a deleted
// field from a hidden one.
const (
	unseenObject = "the connected user cannot see the object"
	unseenField  = "is not there: deleted, or hidden from the connected user"
	lockedField  = "may not be written by the connected user"
)

// noSuchUser is why an e-mail address stands for no User.
const noSuchUser = "there is not exactly one active user with that e-mail address"

// pathTo is how SOQL reaches the key of the record that field refers to.
func pathTo(field, key *salesforce.Field) string { return field.RelationshipName + "." + key.Name }
