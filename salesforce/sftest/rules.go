// SPDX-License-Identifier: Apache-2.0

package sftest

import (
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// A Rule is a validation rule.
type Rule struct {
	Name string
	// Message is the admin's text for the user.
	Message string
	// Field is the field that the message is shown at; empty means the top of the page, and
	// then the error names no field.
	Field string
	// Refuses reports whether the row, as it would be saved, violates the rule. Its values are
	// as in Org.Row.
	Refuses func(row map[string]any) bool
}

// AddRule adds a validation rule to an object. A row that it refuses gets
// FIELD_CUSTOM_VALIDATION_EXCEPTION with the rule's message; if several rules refuse a row,
// there is an error for each (docs/salesforce.md, Requests).
func (o *Org) AddRule(object string, r Rule) {
	o.db.Lock()
	defer o.db.Unlock()
	o.db.AddRule(object, db.Rule(r))
}

// A DuplicateRule refuses records that match others.
type DuplicateRule struct {
	// Name is the rule's API name; empty means Standard_<object>_Duplicate_Rule.
	Name string
	// Message is the alert text; empty means "Use one of these records?".
	Message string
	// MatchOn are the fields that must all be equal, ignoring case, and not blank. Empty means
	// Email.
	MatchOn []string
	// Against are the objects to search; empty means the rule's own. They are compared by
	// fields of the same names.
	Against []string
	// Block always refuses the record. Otherwise the rule alerts: allowSave=true saves the
	// record anyway (docs/salesforce.md, Headers).
	Block bool
}

// AddDuplicateRule adds an active duplicate rule to an object.
func (o *Org) AddDuplicateRule(object string, rule DuplicateRule) {
	o.db.Lock()
	defer o.db.Unlock()
	o.db.AddDuplicateRule(object, db.DuplicateRule(rule))
}

// AssignLeadsTo adds an active assignment rule for Leads that gives every Lead written to the
// owner, a user or a group, unless the request says Sforce-Auto-Assign: FALSE. A second call
// changes the owner.
func (o *Org) AssignLeadsTo(ownerID string) {
	o.db.Lock()
	defer o.db.Unlock()
	o.db.AssignLeadsTo(ownerID)
}

// OnRow adds a function that sees every row of an object before it is saved or deleted, as a
// trigger does, and may refuse it: op is create, update or delete, and row the row as it would
// be saved. It simulates locks, flows and Apex.
//
// Like a trigger, it may see a row more than once: when some rows of a collection or a bulk
// job fail, the others are saved again without them. If rows still fail in the third pass, all
// of them fail (docs/salesforce.md, Collections).
func (o *Org) OnRow(object string, refuse func(op string, row map[string]any) *RowError) {
	o.db.Lock()
	defer o.db.Unlock()
	o.db.OnRow(object, func(op string, row map[string]any) *wire.RowError { return refuse(op, row).internal() })
}

// OnBatch sets a function that sees, for every write, how many rows of an object arrive
// together: a run of rows of one type in a collection, or 1. If it refuses, all of them fail
// with its error, as they do when a trigger hits a governor limit or a lock.
func (o *Org) OnBatch(object string, refuse func(rows int) *RowError) {
	o.db.Lock()
	defer o.db.Unlock()
	if refuse == nil {
		o.db.OnBatch(object, nil)
		return
	}
	o.db.OnBatch(object, func(rows int) *wire.RowError { return refuse(rows).internal() })
}

// LockRow makes the next attempts to write a row fail with UNABLE_TO_LOCK_ROW, as if another
// process had locked it. Writing a Contact or an Opportunity needs the lock of its Account, a
// CampaignMember that of its Campaign. An attempt is one call or one subrequest of a
// composite, however many of its rows need the lock. LockRow panics if there is no such row; 0
// tries unlock it.
func (o *Org) LockRow(object, id string, tries int) {
	o.db.Lock()
	defer o.db.Unlock()
	o.db.LockRow(object, id, tries)
}

// SlowRows makes calls that write rows of an object take longer, by what slow returns for each
// row, like a slow trigger. The rows are written at once; the response is delayed. A request
// of 20 seconds counts towards WithLongRequests. slow must not call the org.
func (o *Org) SlowRows(object string, slow func(row map[string]any) time.Duration) {
	o.db.Lock()
	defer o.db.Unlock()
	o.db.SlowRows(object, slow)
}
