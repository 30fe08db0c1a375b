package leadsync

import (
	"slices"
	"time"
)

// An Activity is a touchpoint with a lead. It becomes a Task on the lead's
// record in Salesforce, logged once whatever is retried.
type Activity struct {
	// ID is the host's own key for the activity, unique within the lead. Empty
	// means a hash of the rest.
	ID    string       `json:"id,omitempty"`
	Kind  ActivityKind `json:"kind"`
	At    time.Time    `json:"at,omitzero"`  // zero means the lead's CapturedAt
	By    string       `json:"by,omitempty"` // the rep's e-mail address
	Notes string       `json:"notes,omitempty"`
}

// An ActivityKind is what sort of touchpoint an Activity was.
type ActivityKind string

// The kinds of activity.
const (
	ActivityEmail    ActivityKind = "email"
	ActivityCall     ActivityKind = "call"
	ActivityMeeting  ActivityKind = "meeting"
	ActivityLinkedIn ActivityKind = "linkedin"
	ActivitySMS      ActivityKind = "sms"
	ActivityNote     ActivityKind = "note"
)

func (k ActivityKind) valid() bool {
	return slices.Contains([]ActivityKind{ActivityEmail, ActivityCall, ActivityMeeting, ActivityLinkedIn, ActivitySMS, ActivityNote}, k)
}
