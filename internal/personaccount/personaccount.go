// SPDX-License-Identifier: Apache-2.0

// Package personaccount knows person accounts: Accounts that are persons, each of which
// appears as a Contact too and is written through the Account
// (docs/salesforce.md, Person accounts).
package personaccount

import (
	"strings"

	"github.com/leadsync/leadsync/salesforce"
)

// Marker is the field of Accounts and Contacts that says which are persons.
const Marker = "IsPersonAccount"

// AreOn reports whether an org has person accounts.
func AreOn(describe func(salesforce.Object) *salesforce.Describe) bool {
	return Has(describe(salesforce.ObjectContact)) || Has(describe(salesforce.ObjectAccount))
}

// Has reports whether records of an object may be person accounts.
func Has(describe *salesforce.Describe) bool {
	if describe == nil {
		return false
	}
	_, ok := describe.Field(Marker)
	return ok
}

// Is reports whether a Contact or an Account is a person account. Leads are none.
func Is(record *salesforce.Record) bool {
	if record == nil || record.Object == salesforce.ObjectLead {
		return false
	}
	is, _ := record.Fields[Marker].(bool) // as queries spell it: few orgs have the field
	return is
}

// Field returns the Account's field for a field of the Contact; false where it has none, or
// none that the connected user sees. account may be nil.
func Field(account *salesforce.Describe, contactField string) (*salesforce.Field, bool) {
	if account == nil || IsFixed(contactField) {
		return nil, false
	}
	if base, ok := cutFold(contactField, "__c"); ok {
		return account.Field(base + "__pc") // the Account's own X__c is another field
	}
	if field, ok := account.Field("Person" + contactField); ok {
		return field, true
	}
	switch strings.ToLower(contactField) {
	case "firstname", "lastname", "middlename", "suffix", "salutation", "phone", "fax", "description", "ownerid":
		return account.Field(contactField)
	}
	return nil, false
}

// cutFold cuts a suffix off, ignoring case.
func cutFold(text, suffix string) (string, bool) {
	at := len(text) - len(suffix)
	if at < 0 || !strings.EqualFold(text[at:], suffix) {
		return text, false
	}
	return text[:at], true
}

// IsFixed reports whether a field of a person account's Contact is never written: its
// Account and its record type say what it is.
func IsFixed(contactField string) bool {
	switch strings.ToLower(contactField) {
	case "id", "accountid", "recordtypeid", "name", "ispersonaccount":
		return true
	}
	return false
}

const relationship = "Account"

// Paths returns the paths from a Contact to the Account's fields for its own ones: what is
// written there is read there.
func Paths(account *salesforce.Describe, contactFields []string) []string {
	var paths []string
	for _, name := range contactFields {
		if field, ok := Field(account, name); ok {
			paths = append(paths, relationship+"."+field.Name)
		}
	}
	return paths
}

// Fill puts into a Contact that is a person account what its Account has, as far as Paths
// were read.
func Fill(contact *salesforce.Record, account *salesforce.Describe) {
	if !Is(contact) || !contact.Object.Equal(salesforce.ObjectContact) {
		return
	}
	of := contact.Parent(relationship)
	if of == nil {
		return
	}
	for name := range contact.Fields {
		if field, ok := Field(account, name); ok {
			if v, read := of.Value(field.Name); read {
				contact.Fields[name] = v
			}
		}
	}
}
