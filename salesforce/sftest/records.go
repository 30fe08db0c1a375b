package sftest

import "github.com/leadsync/leadsync/salesforce/sftest/internal/db"

// Insert puts a row into the org past all its rules but the types of fields,
// and returns its 18-character id. Fields that the API cannot write (CreatedDate,
// IsConverted, a formula) may be set; Id fixes the row's id. What is not given is
// as on a create through the API: defaults, owner, audit fields.
//
// A Campaign gets the statuses Sent (the default) and Responded. A
// CampaignMemberStatus whose Label its campaign already has replaces that one,
// and a default takes the place of the default before it.
//
// Values are string, bool, an int or float type, json.Number, time.Time, a
// fmt.Stringer, or nil. Insert panics, saying why, when the object or a field is
// unknown or a value does not fit its type.
func (o *Org) Insert(object string, fields map[string]any) string {
	o.db.Lock()
	defer o.db.Unlock()
	return o.db.Insert(object, fields)
}

// Update changes a row past all rules but the types of fields, as another user
// of the org would, and stamps it. It panics like Insert, and when there is no
// such row.
func (o *Org) Update(object, id string, fields map[string]any) {
	o.db.Lock()
	defer o.db.Unlock()
	o.db.Update(object, id, fields)
}

// Delete moves a row, and what goes with it, to the recycle bin. Lookups at it are
// emptied, also those that would keep the API from deleting the row.
func (o *Org) Delete(object, id string) {
	o.db.Lock()
	defer o.db.Unlock()
	o.db.Delete(object, id)
}

// Undelete brings a row back from the recycle bin, with what went there along
// with it and the lookups at it that are still empty. A row that lost a merge becomes one of its own again.
func (o *Org) Undelete(object, id string) {
	o.db.Lock()
	defer o.db.Unlock()
	o.db.Undelete(object, id)
}

// Row returns a row by its id of 15 or 18 characters, deleted ones too, or nil.
// Text, ids, picklists, dates and times are string, checkboxes bool, int fields
// int, other numbers float64, and datetimes time.Time in UTC. Null fields are
// absent.
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
// MasterRecordId naming the winner, and what hung on them moves over
// (SALESFORCE.md 7, Merged). The winner keeps its own values. It panics when one
// of the rows is not there, or is deleted.
func (o *Org) Merge(object, winner string, losers ...string) {
	o.db.Lock()
	defer o.db.Unlock()
	o.db.Merge(object, winner, losers...)
}

// A Conversion says what a Lead becomes: see Org.ConvertInto.
type Conversion struct {
	// ContactID names the Contact to convert into; empty makes a new one.
	ContactID string
	// AccountID names the Account. Empty is the Contact's own, else the one that
	// is named as the Lead's company, else a new one.
	AccountID string
	// Opportunity is the name of an Opportunity to make; empty makes none.
	Opportunity string
}

// Convert is ConvertInto with the zero Conversion: into a new Contact, in the
// Account that is named as the Lead's company, or a new one.
func (o *Org) Convert(leadID string) (contactID, accountID string) {
	contactID, accountID, _ = o.ConvertInto(leadID, Conversion{})
	return contactID, accountID
}

// ConvertInto converts a Lead and returns the ids of what it became; without an
// Opportunity the third is empty. The Lead's values fill what is empty in rows that
// were there (Salesforce Help, Considerations for Converting Leads). Its activities
// move to the Contact, and its memberships show the Contact too, unless the Contact
// has one of the same campaign. An Opportunity closes on the last day of the quarter
// (memory), and the Contact has a role in it.
//
// ConvertInto panics when there is no such Lead, or it is deleted or converted
// already, and when the Contact or the Account is not there, or the Contact is of
// another Account.
func (o *Org) ConvertInto(leadID string, into Conversion) (contactID, accountID, opportunityID string) {
	o.db.Lock()
	defer o.db.Unlock()
	return o.db.ConvertInto(leadID, db.Conversion(into))
}
