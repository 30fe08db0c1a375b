// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"maps"
	"slices"

	"github.com/leadsync/leadsync/internal/address"
	"github.com/leadsync/leadsync/internal/personaccount"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// accountOf returns the id of a Contact's Account.
func accountOf(contact *salesforce.Record) salesforce.ID {
	return salesforce.ID(contact.Text("AccountId")).ID18()
}

// leftOfPerson returns the changes of a Contact that its Account does not take, where the
// two are a person account, each with its warning. Other fields of want, which lead to no
// change, are left out with the rest of their address.
func leftOfPerson(account *salesforce.Describe, contact *salesforce.Record, changes []leadtype.FieldChange,
	want salesforce.Fields) []leadtype.Warning {
	left := make(map[string]leadtype.Warning)
	for i := range changes {
		if kind, code, reason := whyLeft(account, contact, &changes[i]); kind != "" {
			left[changes[i].Field] = leadtype.Warning{Kind: kind, Code: code, Object: contact.Object,
				Field: changes[i].Field, Reason: reason}
		}
	}
	for _, of := range slices.Collect(maps.Values(left)) {
		at, ok := address.Of(of.Field)
		for name := range want {
			if other, found := address.Of(name); ok && found && other.Same(at) && left[name].Kind == "" {
				w := of
				w.Field = name
				left[name] = w
			}
		}
	}
	var warnings []leadtype.Warning
	for _, name := range slices.Sorted(maps.Keys(left)) {
		warnings = append(warnings, left[name])
	}
	return warnings
}

// whyLeft says why the Account of a person account does not take a change of its Contact:
// the kind is "" where it takes it.
func whyLeft(account *salesforce.Describe, contact *salesforce.Record,
	change *leadtype.FieldChange) (leadtype.WarningKind, leadtype.Code, string) {
	field, ok := personaccount.Field(account, change.Field)
	switch {
	case personaccount.IsFixed(change.Field):
		return leadtype.Dropped, "", "was left out: the Contact is a person account, which keeps it"
	case accountOf(contact) == "":
		return leadtype.Missing, leadtype.MissingRemoteField,
			"the Contact is a person account, and its Account is hidden from the connected user"
	case !ok:
		return leadtype.Missing, leadtype.MissingRemoteField, "the Contact is a person account, and its Account has no " +
			"field for it, or hides it from the connected user"
	case change.By != "" && field.RelationshipName == "":
		return leadtype.Dropped, "", "was left out: the Contact is a person account, whose field is no reference"
	case !field.Updateable:
		return leadtype.Locked, leadtype.ConnectionPermission, fmt.Sprintf(
			"the Contact is a person account, and the connected user may not write %s of its Account", field.Name)
	}
	return "", "", ""
}

// nameOfPerson enters into the changes of a person account which fields of its Account they
// are written to.
func nameOfPerson(account *salesforce.Describe, c *leadtype.Change) {
	for i := range c.Fields {
		f := &c.Fields[i]
		field, ok := personaccount.Field(account, f.Field)
		switch {
		case !ok:
		case f.By != "":
			f.PersonField = field.RelationshipName
		default:
			f.PersonField = field.Name
		}
	}
}

// lacksCompany reports whether a change is a new Lead without a company: where person
// accounts are on, it would become one.
func lacksCompany(c *leadtype.Change) bool {
	return c.Object == salesforce.ObjectLead && !slices.ContainsFunc(c.Fields, func(f leadtype.FieldChange) bool {
		return f.Field == "Company"
	})
}
