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

// fallbackOwner returns the owner of a new record that has no other, "" for the
// connected user, who owns the records of objects that do not take the configured one.
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
