package leadsync

import (
	"slices"

	"github.com/leadsync/leadsync/salesforce"
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
