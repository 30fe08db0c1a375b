// SPDX-License-Identifier: Apache-2.0

package write

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/address"
	"github.com/leadsync/leadsync/internal/plan"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// A leftOut is what a change goes again without, because Salesforce refused it.
type leftOut struct {
	fields  []leadtype.FieldChange
	refusal *salesforce.Error
}

// without returns the salesforce.Write.Without of a change: it takes the fields out of the
// change that Salesforce refuses the record for, where their rules say so. The journal
// has the creates as they are sent.
func (x *Execution) without(at int) func(context.Context, *salesforce.Error, []salesforce.StatusCode) []string {
	return func(ctx context.Context, refusal *salesforce.Error, codes []salesforce.StatusCode) []string {
		change := &x.plan.Changes[at]
		left := x.refusedFields(change, refusal, codes)
		if x.left[at] != nil || len(left) == 0 {
			return nil
		}
		before, intents := change.Fields, x.intentsOf(change)
		change.Fields = slices.DeleteFunc(slices.Clone(before), func(f leadtype.FieldChange) bool {
			return slices.ContainsFunc(left, func(out leadtype.FieldChange) bool { return out.Field == f.Field })
		})
		if now := x.intentsOf(change); x.journal != nil && !reflect.DeepEqual(now, intents) {
			if err := x.journal(ctx, now); err != nil {
				change.Fields = before
				return nil
			}
		}
		if x.left == nil {
			x.left = make(map[int]*leftOut)
		}
		x.left[at] = &leftOut{left, refusal}
		sent := make(salesforce.Fields)
		for i := range left {
			putField(sent, &left[i])
		}
		return sortedNames(sent)
	}
}

func sortedNames(fields salesforce.Fields) []string {
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// intentsOf returns the creates to journal of the leads of a change.
func (x *Execution) intentsOf(change *leadtype.Change) map[leadtype.LeadID][]leadtype.Intent {
	if !isJournalled(change) {
		return nil
	}
	of := &leadtype.Plan{At: x.plan.At, Changes: x.plan.Changes}
	var items = x.items[:0:0]
	for i, lead := range x.plan.Leads {
		if slices.Contains(change.Leads, lead.LeadID) {
			of.Leads, items = append(of.Leads, lead), append(items, x.items[i])
		}
	}
	return intentsOf(of, items)
}

// refusedFields returns the fields of a change that are to be left out after a refusal,
// none where it stands: it does not name them, or has a code that is not of single values,
// or one of them has to be written. An address is left out whole.
func (x *Execution) refusedFields(change *leadtype.Change, refusal *salesforce.Error,
	codes []salesforce.StatusCode) []leadtype.FieldChange {
	r := refused{Execution: x, change: change}
	if session := x.Session(); session != nil {
		r.describe = session.Describe(change.Object)
	}
	if r.describe == nil || x.Set == nil || !r.take(codes) {
		return nil
	}
	for _, name := range refusal.Fields {
		if !r.add(name) {
			return nil
		}
	}
	return r.fields
}

// A refused collects the fields of a change that Salesforce refused.
type refused struct {
	*Execution
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
		return !r.addressesAreOne && r.addField(field.Name)
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

// addField adds a field of the change, once.
func (r *refused) addField(name string) bool {
	named := func(f leadtype.FieldChange) bool { return f.Field == name }
	if slices.ContainsFunc(r.fields, named) {
		return true
	}
	at := slices.IndexFunc(r.change.Fields, named)
	if at < 0 || r.isNeeded(name) || !r.Set.MayLeaveOut(r.change.Object, name, r.unfit, r.locked) {
		return false
	}
	r.fields = append(r.fields, r.change.Fields[at])
	return true
}

// isNeeded reports whether a record is not written without a field: it is required, or
// finds the record again.
func (r *refused) isNeeded(name string) bool {
	field, ok := r.describe.Field(name)
	return !ok || field.RequiredOnCreate() || strings.EqualFold(name, r.change.UniqueField) ||
		r.change.Create && r.change.Kind == leadtype.PartPerson && name == "Email"
}

// owe enters into the outcome of a lead what a part of it was written without.
func (x *Execution) owe(out *leadtype.Outcome, planned *leadtype.PlannedPart) {
	if planned.Change == leadtype.Unplanned || x.left[planned.Change] == nil || x.results[planned.Change].Err != nil {
		return
	}
	left, change := x.left[planned.Change], &x.plan.Changes[planned.Change]
	session := x.Session()
	if session == nil {
		return
	}
	owed := leadtype.OwedValue{Kind: leadtype.Owed, Code: x.classify(change, left.refusal).Code, Object: change.Object,
		Reason: fmt.Sprintf("was left out because Salesforce refused it with %s", left.refusal.Code)}
	values := make(salesforce.Fields)
	for _, f := range left.fields {
		owed.Fields = append(owed.Fields, f.Field)
		values[f.Field] = f.After
	}
	schema := x.Set.SchemaDigest(session.Describe(change.Object), owed.Fields)
	owed.Digest = plan.OwedDigest(out.LeadID, schema, owed.Fields, values)
	if !slices.ContainsFunc(out.Owed, func(o leadtype.OwedValue) bool { return reflect.DeepEqual(o, owed) }) {
		out.Owe(owed)
	}
}
