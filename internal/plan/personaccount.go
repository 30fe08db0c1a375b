// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/address"
	"github.com/leadsync/leadsync/internal/personaccount"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// personChange returns the change of a person's own record, without fields. A Contact that
// is a person account is written through its Account: that is all that differs, so that
// rules, memory, before-images and outcomes know only the Contact and its fields.
func (p *planning) personChange(u *person) leadtype.Change {
	c := leadtype.Change{Kind: leadtype.PartPerson, Object: u.object}
	if u.object == salesforce.ObjectContact && personaccount.Is(u.record) {
		c.PersonAccount = accountOf(u.record)
	}
	return c
}

func accountOf(contact *salesforce.Record) salesforce.ID {
	return salesforce.ID(contact.Text("AccountId")).ID18()
}

// composePerson composes what the person's leads want of its record, without what its
// Account does not take where it is a person account.
func (p *planning) composePerson(u *person) {
	u.want = p.compose(u, u.object, u.record)
	if u.object != salesforce.ObjectContact || !personaccount.Is(u.record) {
		return
	}
	contact, account := p.session.Describe(salesforce.ObjectContact), p.session.Describe(salesforce.ObjectAccount)
	if contact == nil {
		return
	}
	left := make(map[string]leadtype.Warning)
	for _, change := range diff(contact, u.record, u.want) {
		if w := leftOfPerson(account, u.record, &change); w.Kind != "" {
			left[change.Field] = w
		}
	}
	withWholeAddresses(left, u.want)
	for _, name := range slices.Sorted(maps.Keys(left)) {
		delete(u.want, name)
		for _, lead := range u.plans {
			if lead.Err == nil {
				p.warn(lead, left[name])
			}
		}
	}
}

// leftOfPerson returns the warning for a change that the Account of a person does not take,
// the zero Warning for one that it takes.
func leftOfPerson(account *salesforce.Describe, contact *salesforce.Record, change *leadtype.FieldChange) leadtype.Warning {
	w := leadtype.Warning{Object: salesforce.ObjectContact, Field: change.Field}
	field, ok := personaccount.Field(account, change.Field)
	switch {
	case personaccount.IsFixed(change.Field):
		w.Kind, w.Reason = leadtype.Dropped, "was left out: the Contact is a person account, which keeps it"
	case accountOf(contact) == "":
		w.Kind, w.Code = leadtype.Missing, leadtype.MissingRemoteField
		w.Reason = "the Contact is a person account, and its Account is hidden from the connected user"
	case !ok:
		w.Kind, w.Code = leadtype.Missing, leadtype.MissingRemoteField
		w.Reason = "the Contact is a person account, and its Account has no field for it, or hides it from the connected user"
	case change.By != "" && field.RelationshipName == "":
		w.Kind, w.Reason = leadtype.Dropped, "was left out: the Contact is a person account, whose field is no reference"
	case !field.Updateable:
		w.Kind, w.Code = leadtype.Locked, leadtype.ConnectionPermission
		w.Reason = fmt.Sprintf("the Contact is a person account, and the connected user may not write %s of its Account",
			field.Name)
	}
	return w
}

// withWholeAddresses adds to the fields that are left out the rest of their addresses.
func withWholeAddresses(left map[string]leadtype.Warning, want salesforce.Fields) {
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
}

// nameOfPerson enters into the changes of a person account which fields of its Account they
// are written to.
func (p *planning) nameOfPerson(c *leadtype.Change) {
	if c.PersonAccount == "" {
		return
	}
	account := p.session.Describe(salesforce.ObjectAccount)
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

// mayBecomePerson reports whether a new Lead has no company in an org where it would become
// a person account, which the settings do not allow.
func (p *planning) mayBecomePerson(c *leadtype.Change) bool {
	const company = "Company"
	if p.PersonLeads || c.Object != salesforce.ObjectLead || !personaccount.AreOn(p.session.Describe) {
		return false
	}
	_, seen := p.session.Describe(c.Object).Field(company)
	return seen && !slices.ContainsFunc(c.Fields, func(f leadtype.FieldChange) bool {
		return strings.EqualFold(f.Field, company)
	})
}
