// SPDX-License-Identifier: Apache-2.0

package write

import (
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/address"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// A leftOut is what a change goes again without, because Salesforce refused it.
type leftOut struct {
	fields  []leadtype.FieldChange
	refusal *salesforce.Error
	leads   []leadtype.LeadID // to which it is owed, once asked for
}

// refusedFields returns the fields of a change that are to be left out after a refusal,
// none where it stands: it does not name them, or has a code that is not of single values,
// or one of them has to be written. An address is left out whole, and amounts go with their
// currency.
func refusedFields(set *mapping.Set, describe *salesforce.Describe, change *leadtype.Change,
	refusal *salesforce.Error, codes []salesforce.StatusCode) []leadtype.FieldChange {
	r := refused{set: set, describe: describe, change: change}
	if describe == nil || set == nil || !r.take(codes) {
		return nil
	}
	for _, name := range refusal.Fields {
		if !r.add(name) {
			return nil
		}
	}
	return r.fields
}

// ofContact returns a refusal with the names that its fields have in the change: those of
// the Contact where a person account was written.
func ofContact(change *leadtype.Change, refusal *salesforce.Error) *salesforce.Error {
	if change.PersonAccount == "" {
		return refusal
	}
	named := *refusal
	named.Fields = slices.Clone(refusal.Fields)
	for i, name := range named.Fields {
		at := slices.IndexFunc(change.Fields, func(f leadtype.FieldChange) bool {
			return f.PersonField != "" && strings.EqualFold(f.PersonField, name)
		})
		if at >= 0 {
			named.Fields[i] = change.Fields[at].Field
		}
	}
	return &named
}

// A refused collects the fields of a change that Salesforce refused.
type refused struct {
	set             *mapping.Set
	change          *leadtype.Change
	describe        *salesforce.Describe
	unfit, locked   bool // by which of the policies they may be left out
	addressesAreOne bool // only an address may be left out
	fields          []leadtype.FieldChange
}

// take reports whether all codes are of values of single fields.
func (r *refused) take(codes []salesforce.StatusCode) bool {
	for _, code := range codes {
		switch code {
		case salesforce.StringTooLong, salesforce.InvalidEmailAddress, salesforce.NumberOutsideValidRange,
			salesforce.InvalidOrNullForRestrictedPicklist, salesforce.InvalidTypeOnFieldInRecord:
			r.unfit = true
		case salesforce.FieldIntegrityException:
			r.unfit, r.addressesAreOne = true, true
		case salesforce.InvalidFieldForInsertUpdate:
			r.locked = true
		default:
			return false
		}
	}
	return true
}

// add adds a field that the refusal names, with the rest of its address, and reports
// whether they may be left out.
func (r *refused) add(name string) bool {
	field, ok := r.describe.Field(name)
	if !ok {
		return false
	}
	place, ofAddress := address.Described(r.describe.Name, field)
	if !ofAddress {
		return !r.addressesAreOne && r.addField(field.Name) && r.addDependents(field.Name)
	}
	found := false
	for i := range r.change.Fields {
		other, _ := r.describe.Field(r.change.Fields[i].Field)
		if other == nil {
			continue
		}
		if at, ok := address.Described(r.describe.Name, other); !ok || !at.Same(place) {
			continue
		}
		if found = r.addField(other.Name); !found {
			return false
		}
	}
	return found
}

// addDependents adds the fields of the change whose values mean something else, or are none,
// without that of another: the amounts of a currency, and the options of a controlling value.
func (r *refused) addDependents(of string) bool {
	for i := range r.change.Fields {
		field, ok := r.describe.Field(r.change.Fields[i].Field)
		if !ok || r.has(field.Name) {
			continue
		}
		isAmount := of == value.CurrencyField && field.Type == salesforce.TypeCurrency
		isDependent := field.DependentPicklist && strings.EqualFold(field.ControllerName, of)
		if (isAmount || isDependent) && (!r.addField(field.Name) || !r.addDependents(field.Name)) {
			return false
		}
	}
	return true
}

// addField adds a field of the change, once.
func (r *refused) addField(name string) bool {
	if r.has(name) {
		return true
	}
	at := slices.IndexFunc(r.change.Fields, func(f leadtype.FieldChange) bool { return f.Field == name })
	if at < 0 || r.isNeeded(name) || !r.set.MayLeaveOut(r.change.Object, name, r.unfit, r.locked) {
		return false
	}
	r.fields = append(r.fields, r.change.Fields[at])
	return true
}

func (r *refused) has(name string) bool {
	return slices.ContainsFunc(r.fields, func(f leadtype.FieldChange) bool { return f.Field == name })
}

// isNeeded reports whether a record is not written without a field: it is required, or
// finds the record again.
func (r *refused) isNeeded(name string) bool {
	field, ok := r.describe.Field(name)
	return !ok || field.RequiredOnCreate() || strings.EqualFold(name, r.change.UniqueField) ||
		r.change.Create && r.change.Kind == leadtype.PartPerson && (name == "Email" || r.makesPerson(name))
}

// makesPerson reports whether a Lead without the field would become a person account, where
// those are on: Salesforce does not require it there.
func (r *refused) makesPerson(name string) bool {
	return r.change.Object == salesforce.ObjectLead && name == "Company"
}
