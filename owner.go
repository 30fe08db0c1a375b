package leadsync

import (
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
