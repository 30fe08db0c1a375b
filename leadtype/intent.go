// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// An Intent is a create that is journalled before it is sent, because sending it twice
// would make two records; or a create of a person or an account with the unique key Key,
// which would make two records under two keys; or an Update.
type Intent struct {
	Kind   PartKind          `json:"kind"`
	Object salesforce.Object `json:"object"`
	Key    string            `json:"key,omitempty"`
	// Person is what the record of a person was to hold. The lead may have changed since.
	Person SentPerson `json:"person,omitzero"`
	// Fields is, by field, a digest of what the record was to hold, which distinguishes it
	// from the records of namesakes: of a person without an e-mail address and a key, and of
	// the lead's Tasks while such a create is open.
	Fields map[string]string `json:"fields,omitempty"`
	// Content is of a Task without a key: a digest of what it was to hold, by which it is found
	// again when the rules or the activity have changed since. It is "" in the journals of
	// earlier versions.
	Content string `json:"content,omitempty"`
	// Company is what identified the company of an account, or of a Contact without a key
	// that was to be created in one, as the lead had it then.
	Company []string `json:"company,omitempty"`
	// Record is the record that a person's create turned out to have made, once it is about
	// to be updated: then it may not hold any more what it is recognized by. It is also that
	// of an Update.
	Record salesforce.ID `json:"record,omitempty"`
	// Update says that it is an update of Record with values by which the lead's later syncs
	// tell what they wrote from what others did. Without a response Record may hold them or
	// not. Fields has their digests, as RecordMemory.Note makes them.
	Update bool `json:"update,omitempty"`
	// Written is what the create of a person or an account was to write, with the lead's id
	// in the place of the record's.
	Written Written `json:"written,omitempty"`
	// SentAt is the last time at which it may have been sent, from which
	// leadsync.Config.VerifyAfter counts. It is the time of the plan when it is journalled,
	// the time at which the call returned, with or without a response, and the end of
	// the claim where the process did not report back: see store.Store.Acquire.
	SentAt time.Time `json:"sentAt"`
	// PlannedAt is when nothing had been sent yet: a record that the create made is
	// not older.
	PlannedAt time.Time `json:"plannedAt,omitzero"`
}

// A SentPerson identifies the record of a person by its fields. It is personal data.
type SentPerson struct {
	Email     string `json:"email,omitempty"`
	FirstName string `json:"firstName,omitempty"`
	LastName  string `json:"lastName,omitempty"`
	Company   string `json:"company,omitempty"`
}
