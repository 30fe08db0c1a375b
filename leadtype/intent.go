// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"slices"
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// An Intent is a create that is journalled before it is sent, because sending it twice
// would make two records; or a create of a person or an account with the unique key Key,
// which would make two records under two keys; or an Update, whose before-image would be lost
// with the process; or a create of a membership or of a record of another object, which makes
// no second one, for its Written.
type Intent struct {
	Kind   PartKind          `json:"kind"`
	Object salesforce.Object `json:"object"`
	Key    string            `json:"key,omitempty"`
	// Person is what the record of a person was to hold. The lead may have changed since.
	Person SentPerson `json:"person,omitzero"`
	// Who says whose that record was to be, by the names, where it was to be created for
	// another lead too. It is empty for the lead's own.
	Who Who `json:"who,omitempty"`
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
	// Update says that it is an update of Record. Without a response Record may hold its values
	// or not. Fields has the digests of those by which the lead's later syncs tell what they
	// wrote from what others did, as RecordMemory.Note makes them.
	Update bool `json:"update,omitempty"`
	// Changes is the before-image of an Update, as Part.Changes will be once it is settled:
	// where nobody learns of the response, it tells what Record held. It is personal data, and
	// empty where an outcome has it.
	Changes []FieldChange `json:"changes,omitempty"`
	// Replaced is, by field, what Record held in the references that an Update was to give the
	// id of a record which was yet to be created.
	Replaced salesforce.Fields `json:"replaced,omitempty"`
	// Written is what the create of a record was to write, with the lead's id
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

// HoldsValues reports whether the intent has values of its record.
func (t *Intent) HoldsValues() bool { return len(t.Changes)+len(t.Replaced) > 0 }

// UpdatedBy returns the ids, of 18 characters, of the records that updates are of.
func UpdatedBy(intents []Intent) []salesforce.ID {
	var records []salesforce.ID
	for i := range intents {
		if intents[i].Update {
			records = addID(records, intents[i].Record)
		}
	}
	return records
}

// WithoutValues returns the intents without the values of the records, of all records where
// none is named, and whether any had such values. Updates that say nothing else are left out.
func WithoutValues(intents []Intent, records ...salesforce.ID) (bare []Intent, had bool) {
	for _, intent := range intents {
		if !intent.HoldsValues() || len(records) > 0 && !slices.Contains(records, intent.Record.ID18()) {
			bare = append(bare, intent)
			continue
		}
		had = true
		if intent.Changes, intent.Replaced = nil, nil; len(intent.Fields) > 0 {
			bare = append(bare, intent)
		}
	}
	return bare, had
}

// ExpireIntents returns the intents without the values of those that were sent before a time,
// and since when values of the others are kept, zero where there are none.
func ExpireIntents(intents []Intent, before time.Time) (kept []Intent, since time.Time) {
	for _, intent := range intents {
		if intent.HoldsValues() && intent.SentAt.Before(before) {
			bare, _ := WithoutValues([]Intent{intent})
			kept = append(kept, bare...)
			continue
		}
		if intent.HoldsValues() && (since.IsZero() || intent.SentAt.Before(since)) {
			since = intent.SentAt
		}
		kept = append(kept, intent)
	}
	return kept, since
}

// A SentPerson identifies the record of a person by its fields. It is personal data.
type SentPerson struct {
	Email     string `json:"email,omitempty"`
	FirstName string `json:"firstName,omitempty"`
	LastName  string `json:"lastName,omitempty"`
	Company   string `json:"company,omitempty"`
}
