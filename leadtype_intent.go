package leadsync

import (
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// An Intent is a create that was about to be sent and that Salesforce would
// carry out twice if it were sent twice; or one of a person or an account with
// the unique key Key, which it would carry out twice under two keys.
type Intent struct {
	Kind   PartKind          `json:"kind"`
	Object salesforce.Object `json:"object"`
	Key    string            `json:"key,omitempty"`
	// Person is what the record of a person without a key was to hold. The lead may
	// say otherwise by now.
	Person SentPerson `json:"person,omitzero"`
	// Company is what told the company of an account, as the lead had it then.
	Company []string `json:"company,omitempty"`
	// SentAt is the last time at which it may have been sent, from which
	// Config.VerifyAfter counts. That is the time of the plan when it is journalled;
	// of the answer, or of its absence, once the call has returned; and of the end
	// of the claim where nobody came back to tell: see Store.Acquire.
	SentAt time.Time `json:"sentAt"`
	// PlannedAt is when nothing had been sent yet: what the create left is not
	// older.
	PlannedAt time.Time `json:"plannedAt,omitzero"`
}

// A SentPerson tells the record of a person by fields of it. It is personal data.
type SentPerson struct {
	Email     string `json:"email,omitempty"`
	FirstName string `json:"firstName,omitempty"`
	LastName  string `json:"lastName,omitempty"`
	Company   string `json:"company,omitempty"`
}
