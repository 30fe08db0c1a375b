// SPDX-License-Identifier: Apache-2.0

package db

import (
	"maps"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

const isPerson = "IsPersonAccount"

// definePersonAccounts adds the fields of an org with person accounts, and lets Leads be
// without a Company (docs/salesforce.md, Person accounts).
func (d *DB) definePersonAccounts() {
	if !d.opts.PersonAccounts {
		return
	}
	account, contact := d.object("Account"), d.object("Contact")
	for _, obj := range []*Object{account, contact} {
		obj.addField(newField(FieldSpec{Name: isPerson, Label: "Is Person Account", Type: "boolean", ReadOnly: true}))
	}
	account.addField(newField(FieldSpec{
		Name: "PersonContactId", Label: "Contact ID", Type: "reference", ReferenceTo: []string{"Contact"}, ReadOnly: true,
	}))
	for _, f := range contact.Fields {
		name := personName(f.Name)
		kept := f.Type == "address" || f.Name == "IndividualId" ||
			f.Createable && f.Type != "reference" && f.Name != "Jigsaw"
		if !kept || account.Field(name) != nil {
			continue
		}
		own := *f
		own.Name, own.Nillable, own.IDLookup, own.compute = name, true, false, nil
		if f.Relationship != "" {
			own.Relationship, own.ChildRelationship = "Person"+f.Relationship, ""
		}
		if f.Compound != "" && f.Compound != "Name" {
			own.Compound = "Person" + f.Compound
		}
		if f.Type == "address" {
			own.compute = compoundAddress(strings.TrimSuffix(name, "Address"))
		}
		account.addField(&own)
	}
	d.object("Lead").Field("Company").Nillable = true
}

// personName returns the name in an Account of a Contact's field.
func personName(field string) string {
	if base, ok := strings.CutSuffix(field, "__c"); ok {
		return base + "__pc"
	}
	switch field {
	case "FirstName", "LastName", "Salutation", "Phone", "Fax", "Description", "OwnerId":
		return field
	}
	return "Person" + field
}

// defineForPersons adds the Account's side of a custom field of Contact.
func (d *DB) defineForPersons(f FieldSpec) {
	if !d.opts.PersonAccounts || !strings.HasSuffix(f.Name, "__c") {
		return
	}
	f.Name, f.Required, f.ExternalID, f.Unique, f.MasterDetail = personName(f.Name), false, false, false, false
	if f.Type == "reference" {
		f.Relationship = strings.TrimSuffix(f.Name, "__pc") + "__pr"
	}
	own := newField(f)
	own.Custom = true
	d.object("Account").addField(own)
}

// shared returns what the other side of a person account has of the values of a row.
func (d *DB) shared(r *Row) map[string]any {
	values := map[string]any{}
	account := d.object("Account")
	for _, f := range d.object("Contact").Fields {
		own := account.Field(personName(f.Name))
		switch {
		case own == nil || own.compute != nil:
		case r.Obj == account:
			values[f.Name] = r.Get(own.Name)
		default:
			values[own.Name] = r.Get(f.Name)
		}
	}
	for _, name := range []string{"Name", "LastModifiedDate", "LastModifiedById", "SystemModstamp"} {
		values[name] = r.Get(name)
	}
	return values
}

// prepareAccount computes the name of a person account, and refuses what only the other kind
// of Account has (docs/salesforce.md, Person accounts, texts unverified).
func prepareAccount(d *DB, s *Save) []*wire.RowError {
	if !d.opts.PersonAccounts {
		return nil
	}
	person := s.after[isPerson] == true || s.Row == nil && s.after["LastName"] != nil
	var bad []string
	for _, name := range slices.Sorted(maps.Keys(s.given)) {
		ofPerson := strings.HasPrefix(name, "Person") || strings.HasSuffix(name, "__pc") ||
			slices.Contains([]string{"FirstName", "LastName", "Salutation"}, name)
		if s.given[name] != nil && (person && name == "Name" || !person && ofPerson) {
			bad = append(bad, name)
		}
	}
	switch {
	case len(bad) > 0:
		return []*wire.RowError{wire.NewRowError("INVALID_FIELD_FOR_INSERT_UPDATE",
			"Account: bad field names on insert/update call: "+wire.Join(bad), bad...)}
	case person && s.after["LastName"] == nil:
		return []*wire.RowError{wire.NewRowError("REQUIRED_FIELD_MISSING",
			"Required fields are missing: [LastName]", "LastName")}
	case person:
		s.after[isPerson] = true
		setName(s.after)
	}
	return nil
}

// accountSaved creates the Contact of a new person account, and keeps that of another.
func accountSaved(d *DB, r *Row, created bool) {
	if r.Get(isPerson) != true {
		return
	}
	values := d.shared(r)
	if contact := d.personContact(r); contact != nil {
		d.Change(contact, values)
		return
	}
	values["AccountId"], values[isPerson] = r.ID, true
	contact := d.seed("Contact", values)
	d.Change(r, map[string]any{"PersonContactId": contact.ID})
}

// personContact returns the Contact of a person account, nil for none.
func (d *DB) personContact(account *Row) *Row { return d.Find(account.Text("PersonContactId")) }

// prepareContact computes the name. It refuses every write of a person account's Contact,
// and an Account that is one's (docs/salesforce.md, Person accounts, unverified).
func prepareContact(d *DB, s *Save) []*wire.RowError {
	setName(s.after)
	if !d.opts.PersonAccounts {
		return nil
	}
	if s.Row != nil && s.Row.Get(isPerson) == true {
		return []*wire.RowError{refusesPerson(s)}
	}
	id, given := s.given["AccountId"].(string)
	if account := d.Find(id); given && account != nil && account.Get(isPerson) == true {
		return []*wire.RowError{wire.NewRowError("FIELD_INTEGRITY_EXCEPTION",
			"Account ID: a contact cannot be related to a person account", "AccountId")}
	}
	return nil
}

func refusesPerson(s *Save) *wire.RowError {
	for _, name := range []string{"AccountId", "FirstName", "LastName", "Salutation"} {
		if _, given := s.given[name]; given {
			return wire.NewRowError("INVALID_FIELD_FOR_INSERT_UPDATE",
				"Contact: bad field names on insert/update call: "+name, name)
		}
	}
	if s.after["RecordTypeId"] != s.Row.Get("RecordTypeId") {
		return wire.NewRowError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
	}
	return invalidPersonOperation()
}

func invalidPersonOperation() *wire.RowError {
	return wire.NewRowError("INVALID_PERSON_ACCOUNT_OPERATION", "cannot reference person contact")
}

// contactSaved keeps the Account of a person.
func contactSaved(d *DB, r *Row, _ bool) {
	if account := d.Find(r.Text("AccountId")); r.Get(isPerson) == true && account != nil && d.opts.PersonAccounts {
		d.Change(account, d.shared(r))
	}
}

// mergePersons merges the Contacts of person accounts that are merged.
func (d *DB) mergePersons(from, to *Row) {
	if from.Get(isPerson) != to.Get(isPerson) {
		panic("sftest: a person account can be merged only with another")
	}
	loser, winner := d.personContact(from), d.personContact(to)
	if from.Get(isPerson) != true || loser == nil || winner == nil {
		return
	}
	d.moveChildren(loser, winner)
	d.Change(loser, map[string]any{"MasterRecordId": winner.ID})
	d.deleteRow(loser)
	d.Change(winner, map[string]any{"LastModifiedDate": d.SaveTime(), "SystemModstamp": d.SaveTime()})
}

// convertToPerson creates the person account that a Lead without a company is converted to.
func (d *DB) convertToPerson(lead *Row, owner string) (contact, account *Row) {
	fields := map[string]any{"OwnerId": owner}
	for from, to := range convertedFields("Contact") {
		fields[personName(to)] = lead.Get(from)
	}
	account = d.seed("Account", fields)
	return d.personContact(account), account
}
