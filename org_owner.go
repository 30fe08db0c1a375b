package leadsync

import "github.com/leadsync/leadsync/salesforce"

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

// An ownerInfo is what the session knows of Config.FallbackOwner.
type ownerInfo struct {
	exists bool
	fit    bool // an active User, or a Queue
}

// ownerReads asks for the fallback owner.
func (s *session) ownerReads(id salesforce.ID) []sessionRead {
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
