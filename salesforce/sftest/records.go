// SPDX-License-Identifier: Apache-2.0

package sftest

import "github.com/leadsync/leadsync/salesforce/sftest/internal/db"

// Insert adds a row and returns its 18-character id. Only the types of fields are
// checked, no rules. Fields that the API cannot write (CreatedDate, IsConverted, a
// formula) may be set; Id sets the row's id. Other fields get the values of a create
// through the API: defaults, owner, audit fields.
//
// A Campaign gets the statuses Sent (the default) and Responded. A
// CampaignMemberStatus replaces the one of its campaign with the same Label, and a
// default replaces the default before it. A ContentVersion without a ContentDocumentId
// makes its ContentDocument and the ContentDocumentLinks to its owner and to what its
// FirstPublishLocationId names (docs/salesforce.md, Files).
//
// Values are string, bool, an int or float type, json.Number, time.Time, a
// fmt.Stringer, or nil; that of VersionData is a []byte, or base64 in a string. Insert
// panics if the object or a field is unknown or a value does not fit its type.
func (o *Org) Insert(object string, fields map[string]any) string {
	o.db.Lock()
	defer o.db.Unlock()
	return o.db.Insert(object, fields)
}

// Update changes a row as another user of the org would. Only the types of fields are checked.
// It panics like Insert, and if there is no such row.
func (o *Org) Update(object, id string, fields map[string]any) {
	o.db.Lock()
	defer o.db.Unlock()
	o.db.Update(object, id, fields)
}

// Delete moves a row, and the rows deleted with it, to the recycle bin. Lookups to it are
// cleared, even those that would keep the API from deleting the row.
func (o *Org) Delete(object, id string) {
	o.db.Lock()
	defer o.db.Unlock()
	o.db.Delete(object, id)
}

// Undelete restores a row from the recycle bin, with the rows deleted along with it and the
// lookups to it that are still empty. A row that was merged into another becomes a separate
// row again.
func (o *Org) Undelete(object, id string) {
	o.db.Lock()
	defer o.db.Unlock()
	o.db.Undelete(object, id)
}

// Row returns a row by its id of 15 or 18 characters, deleted ones too, or nil.
// Text, ids, picklists, dates and times are string, checkboxes bool, int fields
// int, other numbers float64, datetimes time.Time in UTC, and VersionData []byte.
// Null fields are absent.
func (o *Org) Row(object, id string) map[string]any {
	o.db.Lock()
	defer o.db.Unlock()
	return o.db.Row(object, id)
}

// Rows returns the rows of an object that are not deleted, in the order of
// their creation, each as Row gives it.
func (o *Org) Rows(object string) []map[string]any {
	o.db.Lock()
	defer o.db.Unlock()
	return o.db.Rows(object)
}

// Count returns how many rows of an object are not deleted.
func (o *Org) Count(object string) int {
	o.db.Lock()
	defer o.db.Unlock()
	return o.db.Count(object)
}

// Merge merges rows of an object into the winner: the losers are deleted, with
// MasterRecordId set to the winner, and the rows that refer to them move to the winner
// (docs/salesforce.md, Records). The winner keeps its own values. It panics if one of the
// rows does not exist or is deleted.
func (o *Org) Merge(object, winner string, losers ...string) {
	o.db.Lock()
	defer o.db.Unlock()
	o.db.Merge(object, winner, losers...)
}

// A Conversion describes what a Lead is converted into: see Org.ConvertInto.
type Conversion struct {
	// ContactID names the Contact to convert into; empty creates one.
	ContactID string
	// AccountID names the Account. Empty means the Contact's Account, else the one with the
	// name of the Lead's company, else a new one.
	AccountID string
	// Opportunity is the name of an Opportunity to create; empty creates none.
	Opportunity string
}

// Convert is ConvertInto with the zero Conversion: into a new Contact, in the Account with the
// name of the Lead's company or a new one.
func (o *Org) Convert(leadID string) (contactID, accountID string) {
	contactID, accountID, _ = o.ConvertInto(leadID, Conversion{})
	return contactID, accountID
}

// ConvertInto converts a Lead and returns the ids of the records; without an Opportunity the
// third is empty. The Lead's values fill the empty fields of existing rows (Salesforce Help,
// Considerations for Converting Leads). Its activities move to the Contact, and its
// memberships also refer to the Contact, unless the Contact is already a member of the
// campaign. An Opportunity closes on the last day of the quarter (unverified), and the Contact
// gets a role in it.
//
// ConvertInto panics if there is no such Lead, if it is deleted or converted already, if the
// Contact or the Account does not exist, or if the Contact belongs to another Account.
func (o *Org) ConvertInto(leadID string, into Conversion) (contactID, accountID, opportunityID string) {
	o.db.Lock()
	defer o.db.Unlock()
	return o.db.ConvertInto(leadID, db.Conversion(into))
}

// A Snapshot holds the records of an org as they were: see Org.Snapshot.
type Snapshot struct {
	of   *Org
	rows *db.Snapshot
}

// Snapshot returns the records of the org as they are, deleted ones too, for Restore.
func (o *Org) Snapshot() *Snapshot {
	o.db.Lock()
	defer o.db.Unlock()
	return &Snapshot{of: o, rows: o.db.Snapshot()}
}

// Restore makes the records of the org again what they were when the snapshot was taken; it
// may be called any number of times. Everything else stays: fields and rules, sessions, limits,
// bulk jobs, the log, the clock. Ids that were given out since are not given out again. It
// panics if the snapshot is of another org.
func (o *Org) Restore(s *Snapshot) {
	if s == nil || s.of != o {
		panic("sftest: the snapshot is not of this org")
	}
	o.db.Lock()
	defer o.db.Unlock()
	o.db.Restore(s.rows)
}
