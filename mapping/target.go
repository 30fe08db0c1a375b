// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// A Target is the record that a Mapper maps to.
type Target struct {
	// Object is the record's object.
	Object salesforce.Object
	// Describe is the object's, as the connected user sees it; nil when the user
	// does not see the object.
	Describe *salesforce.Describe
	// Record holds the current values, nil when the record is to be created. One
	// without an ID is to be created too: it holds what other leads of the same
	// person put into it, and what it lacks is blank.
	Record *salesforce.Record
	// User returns the id of the active User with an e-mail address, for fields
	// that refer to one. It is never nil. Addresses are looked up before: see
	// leadsync.Mapper.
	User func(email string) (salesforce.ID, bool)
	// Other returns the describe of another object, for Rule.By: nil when the
	// connected user does not see it. A nil Other sees none.
	Other func(salesforce.Object) *salesforce.Describe
	// RecordTypes are the describes of records of one type, by the type's 18-character
	// id, with only the options that the type offers. It is nil where the type makes no
	// difference.
	RecordTypes map[salesforce.ID]*salesforce.Describe
	// Currency is the ISO 4217 code of the org's currency, "" where it is not known. In an org
	// with several, the record's own counts.
	Currency string
	// Memory says what is remembered of the record, nil for nothing.
	Memory Memory
	// HadName reports whether the lead itself had a name that the record holds in FirstName
	// or LastName when it was synced before. A Mapping writes only the corrections of such a
	// name over it. Nil means that it had none of them.
	HadName func(field, name string) bool
	// Doubt says that the record was found by an address and its name agrees with the
	// lead's only in part: it may be another person's. Then a Mapping writes no names and no
	// fields of the company, and others only where the record has no value. Of a host's own
	// Mapper the rest is left out.
	Doubt bool
	// Over are fields that a person has asked to write over, with leadtype.Ask: UnlessEdited
	// keeps nothing there but what a lead gave that was captured later.
	Over []string
	// Only are the fields that a record which is done is looked at again for, with the rest of
	// their addresses; nil means all. A Mapping fails a lead for what is wrong with them alone, and
	// a host's own Mapper may return what it likes of the others: it is not written.
	Only []string

	activity *leadtype.Activity // of a Task, nil for other records
	users    *userRules         // of the Set's Mapping, nil before they are looked for; see Set.ForUsers
}

// A userRule is a rule whose field refers to Users, with the field.
type userRule struct {
	*Rule
	field *salesforce.Field
}

type userRules []userRule

// A Memory is what a connection remembers of the record of a Target.
type Memory interface {
	// Created reports whether a lead of the connection created the record.
	Created() bool
	// Holds reports whose the current value of a field is, and when the lead was captured
	// that the value which was last written came from: zero where that is not known.
	Holds(field *salesforce.Field, current any) (leadtype.Hold, time.Time)
	// Wrote reports whether the current value of a field that Overwrite fills is the very text
	// that the lead wrote there last.
	Wrote(field *salesforce.Field, current any, lead leadtype.LeadID) bool
	// Appended reports whether a text was appended to a field before.
	Appended(field *salesforce.Field, text string) bool
}

// Mapped is what one lead wants of one record, or why it cannot be written for the lead.
// Hosts do not need it.
type Mapped struct {
	Fields   salesforce.Fields
	Warnings []leadtype.Warning
	Err      *leadtype.Error
	// Equal are fields whose value is that which the lead would write: of a lead that was
	// captured earlier, or, in a record that the connection created, not known to be its own,
	// because the response of that write was lost, or the memory of it.
	Equal []string
	// Appended are the texts of the lead that Fields append, or that were appended before.
	Appended []AppendedText
}

// An AppendedText is a text that is appended to what a field has.
type AppendedText struct{ Field, Text string }

// Creates reports whether the record is not in Salesforce yet.
func (t *Target) Creates() bool { return t.Record == nil || t.Record.ID == "" }

// counts reports whether what is wrong with a field concerns what is looked for.
func (t *Target) counts(field string) bool { return t.Only == nil || value.ContainsFold(t.Only, field) }

// writeRule returns the rule's write rule for the target.
func (r *Rule) writeRule(target *Target) WriteRule {
	if r.Own != "" && (target.Creates() || target.Memory != nil && target.Memory.Created()) {
		return r.Own
	}
	return r.Write
}

// ofRecordType returns the describe for a record of a type: the one chosen, else the
// record's own, else the one that new records get.
func (t *Target) ofRecordType(chosen any) *salesforce.Describe {
	if len(t.RecordTypes) == 0 {
		return t.Describe
	}
	id, _ := chosen.(string)
	switch {
	case id != "":
	case t.Creates():
		for _, given := range t.Describe.RecordTypes {
			if given.Default {
				id = string(given.ID)
			}
		}
	default:
		id = t.Record.Text(value.RecordTypeField)
	}
	if d := t.RecordTypes[salesforce.ID(strings.TrimSpace(id)).ID18()]; d != nil {
		return d
	}
	return t.Describe
}

// current returns the plain current value of a field, and false when it was not
// read.
func (t *Target) current(field *salesforce.Field) (any, bool) {
	if t.Record == nil {
		return nil, true
	}
	v, ok := t.Record.Value(field.Name)
	if key, named := v.(salesforce.ExternalKey); named {
		v = key.Value
	}
	plain, _ := value.PlainValue(v)
	return plain, ok || t.Creates()
}

// numbers says how a rule's text becomes a number of a field of the record, where money
// returns what amounts are in.
func (t *Target) numbers(m *Mapping, rule *Rule, field *salesforce.Field, money func() currencies) *value.Numbers {
	n := &value.Numbers{Locale: m.NumberLocale, Range: value.Range(rule.Range),
		People: rule.Source == "companySize" || strings.EqualFold(field.Name, "NumberOfEmployees")}
	if n.Range == "" && slices.Contains(rule.Transforms, toNumber) {
		n.Range = value.RangeLow
	}
	if field.Type == salesforce.TypeCurrency {
		c := money()
		n.Currency, n.Foreign = c.record, c.lead != "" && c.lead != c.record
	}
	n.Current, _ = t.current(field)
	return n
}

// currencies are what amounts are in, as codes of ISO 4217.
type currencies struct {
	record string // those of the record, "" where it is not known
	lead   string // those of the lead, "" where it does not say so
}
