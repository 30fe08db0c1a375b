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

// ownerObject is the object of an owner's id, "" for an id that owns nothing.
func ownerObject(id salesforce.ID) salesforce.Object {
	if _, err := salesforce.ParseID(string(id)); err != nil {
		return ""
	}
	object := objectOfID(id)
	if object != salesforce.ObjectUser && object != objectGroup {
		return ""
	}
	return object
}

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

// An ownerInfo is what the session knows of Config.FallbackOwner.
type ownerInfo struct {
	exists bool
	fit    bool // an active User, or a Queue
}

// ownerReads asks for the fallback owner.
func (s *schema) ownerReads(id salesforce.ID) []sessionRead {
	object := ownerObject(id)
	field := map[salesforce.Object]string{salesforce.ObjectUser: "IsActive", objectGroup: "Type"}[object]
	if field == "" {
		return nil
	}
	return []sessionRead{{salesforce.Get(object, id.ID18(), field), object, func(r salesforce.ReadResult) {
		for _, record := range r.Records {
			s.owner = ownerInfo{exists: true, fit: record.Bool("IsActive") || record.Text("Type") == "Queue"}
		}
	}}}
}

// checkOwner looks at the fallback owner.
func (p *preflight) checkOwner() {
	if p.cfg.FallbackOwner == "" || p.schema.owner.fit {
		return
	}
	reason := "the fallback owner is not in the org, or is hidden from the connected user"
	if p.schema.owner.exists {
		reason = "the fallback owner is an inactive user, or a group that is no queue"
	}
	p.add(Finding{Severity: SeverityWarning, Code: OwnerInvalid, Object: ownerObject(p.cfg.FallbackOwner), Path: "fallbackOwner",
		Reason: reason + "; the connected user would own the records"})
}
