// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"

	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// checkOwner takes out an owner that the org has refused already, with a warning.
func (p *planning) checkOwner(object salesforce.Object, fields salesforce.Fields,
	warnings []leadtype.Warning) []leadtype.Warning {
	id, _ := fields[value.OwnerField].(string)
	if id == "" || !p.session.Reps.Refused(salesforce.ID(id)) {
		return warnings
	}
	delete(fields, value.OwnerField)
	return append(warnings, refusedOwner(object))
}

// replacedOwner warns of an owner that a record does not get.
func replacedOwner(object salesforce.Object, reason string) leadtype.Warning {
	return leadtype.Warning{Kind: leadtype.OwnerReplaced, Code: leadtype.OwnerInvalid, Object: object,
		Field: value.OwnerField, Reason: reason}
}

func refusedOwner(object salesforce.Object) leadtype.Warning {
	return replacedOwner(object, "the org has refused the owner")
}

// fallbackOwner returns the owner of a new record that has no other, "" for the
// connected user, who owns the records of objects that do not take the configured one. Of
// a Lead an assignment rule may decide.
func (p *planning) fallbackOwner(object salesforce.Object) salesforce.ID {
	id, describe := p.Fallback.ID18(), p.session.Describe(object)
	if p.AutoAssign && object == salesforce.ObjectLead || id == "" || describe == nil || p.session.Reps.Refused(id) {
		return ""
	}
	field, ok := describe.Field(value.OwnerField)
	if !ok || !field.Createable || !slices.Contains(field.ReferenceTo, org.OwnerObject(id)) {
		return ""
	}
	return id
}

// letAssign lets an assignment rule of the org decide who owns a new Lead without an owner.
// No other write does: by default Salesforce applies the rule to updates too, over the
// owner that the record has.
func (p *planning) letAssign(c *leadtype.Change) {
	owned := slices.ContainsFunc(c.Fields, func(f leadtype.FieldChange) bool { return f.Field == value.OwnerField })
	c.AutoAssign = p.AutoAssign && c.Create && c.Object == salesforce.ObjectLead && !owned
}

// ownerOf returns the owner of a Lead that was found, where assignment rules may decide
// it and it was read.
func (p *planning) ownerOf(record *salesforce.Record) string {
	if !p.AutoAssign || record == nil || record.Object != salesforce.ObjectLead {
		return ""
	}
	return string(salesforce.ID(record.Text(value.OwnerField)).ID18())
}
