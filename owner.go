package leadsync

import (
	"slices"

	"github.com/leadsync/leadsync/salesforce"
)

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

// checkOwner takes out an owner that the org has refused already, with a warning.
func (p *planning) checkOwner(object salesforce.Object, fields salesforce.Fields, warnings []Warning) []Warning {
	id, _ := fields[ownerField].(string)
	if id == "" || !p.session.reps.refused(salesforce.ID(id)) {
		return warnings
	}
	delete(fields, ownerField)
	return append(warnings, refusedOwner(object))
}

func refusedOwner(object salesforce.Object) Warning {
	return Warning{Code: OwnerInvalid, Object: object, Field: ownerField, Reason: "the org has refused the owner"}
}

// fallbackOwner returns who owns a new record that nobody else does, "" for the
// connected user: whom the configured one gives way to where the object takes no
// such owner.
func (p *planning) fallbackOwner(object salesforce.Object) salesforce.ID {
	id, describe := p.fallback.ID18(), p.session.describe(object)
	if id == "" || describe == nil || p.session.reps.refused(id) {
		return ""
	}
	field, ok := describe.Field(ownerField)
	if !ok || !field.Createable || !slices.Contains(field.ReferenceTo, ownerObject(id)) {
		return ""
	}
	return id
}

// noSuchUser is why an e-mail address stands for no User.
const noSuchUser = "there is not exactly one active user with that e-mail address"
