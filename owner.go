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

const ownerField = "OwnerId"

// The prefixes of the ids that may own records (SALESFORCE.md 7).
const (
	prefixUser  = "005"
	prefixGroup = "00G"
)

// objectGroup holds the queues.
const objectGroup salesforce.Object = "Group"

// checkOwner holds the owner that a lead's rows chose against the policy and
// what the session learnt. One that the org has refused already is taken out.
func (p *planning) checkOwner(object salesforce.Object, fields salesforce.Fields, warnings []Warning) ([]Warning, *Error) {
	if id, _ := fields[ownerField].(string); id != "" && p.session.reps.refused(salesforce.ID(id)) {
		delete(fields, ownerField)
		return append(warnings, refusedOwner(object)), nil
	}
	named := func(w Warning) bool { return w.Code == OwnerInvalid && w.Field == ownerField }
	if i := slices.IndexFunc(warnings, named); i >= 0 && p.owners == HoldOwner {
		return nil, &Error{Code: OwnerInvalid, Object: object, Fields: []string{ownerField}, Reason: warnings[i].Reason}
	}
	return warnings, nil
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

// taskOwner returns the owner of a new Task: the rep, else the fallback owner.
func (p *planning) taskOwner(t *task) (salesforce.ID, []Warning, *Error) {
	rep, ok := p.session.reps.user(t.By)
	if ok && !p.session.reps.refused(rep) {
		return rep, nil, nil
	}
	var warnings []Warning
	switch {
	case ok:
		warnings = []Warning{refusedOwner(salesforce.ObjectTask)}
	case !blankText(t.By) && p.owners == HoldOwner:
		return "", nil, &Error{Op: "plan", Object: salesforce.ObjectTask, Code: OwnerInvalid, Fields: []string{ownerField}, Reason: noSuchUser}
	case !blankText(t.By):
		warnings = []Warning{{Code: OwnerInvalid, Object: salesforce.ObjectTask, Field: ownerField, Reason: noSuchUser}}
	}
	return p.fallbackOwner(salesforce.ObjectTask), warnings, nil
}

// noSuchUser is why an e-mail address stands for no User.
const noSuchUser = "there is not exactly one active user with that e-mail address"
