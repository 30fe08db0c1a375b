// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/internal/value"
)

// An Activity is a touchpoint with a lead. It becomes a Task on the lead's
// record in Salesforce, logged once whatever is retried.
type Activity struct {
	// ID is the host's own key for the activity, unique within the lead. Empty
	// means a hash of the other fields.
	ID   string       `json:"id,omitempty"`
	Kind ActivityKind `json:"kind"`
	// At is when it happened; zero means the lead's CapturedAt, whose time zone says
	// which day that is.
	At time.Time `json:"at,omitzero"`
	// By is the e-mail address of the rep, who owns the Task.
	By string `json:"by,omitempty"`
	// Notes become the Task's description.
	Notes string `json:"notes,omitempty"`
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

// AddActivities appends the activities whose ID, or whose content where they have
// none, no activity of the lead has yet.
func (l *Lead) AddActivities(activities ...Activity) {
	if len(activities) == 0 {
		return // as for most leads, without the keys of those that it has
	}
	known := make(value.Set, len(l.Activities))
	for i := range l.Activities {
		known.Add(l.Activities[i].Key())
	}
	for i := range activities {
		if key := activities[i].Key(); !known.Has(key) {
			known.Add(key)
			l.Activities = append(l.Activities, activities[i])
		}
	}
}

// Key returns the key of the activity among those of its lead: its ID, or without one
// a hash of its content.
func (a *Activity) Key() string {
	if a.ID != "" {
		return a.ID
	}
	return a.hash()
}

func (k ActivityKind) valid() bool { return slices.Contains(activityKinds(), k) }

func activityKinds() []ActivityKind {
	return []ActivityKind{ActivityEmail, ActivityCall, ActivityMeeting, ActivityLinkedIn, ActivitySMS, ActivityNote}
}

// hash is the id of an activity that has none: the same for the same content.
func (a *Activity) hash() string {
	var some [512]byte
	var at [len(time.RFC3339Nano)]byte
	text := appendPart(some[:0], string(a.Kind))
	text = appendPart(text, a.At.UTC().AppendFormat(at[:0], time.RFC3339Nano))
	text = appendPart(text, identity.Email(a.By))
	text = appendPart(text, norm.NFC.String(a.Notes))
	sum := sha256.Sum256(text)
	return string(hex.AppendEncode(some[:0], sum[:16]))
}

// appendPart appends a part of what is hashed, behind its length.
func appendPart[T string | []byte](text []byte, part T) []byte {
	text = append(strconv.AppendInt(text, int64(len(part)), 10), ':')
	return append(text, part...)
}
