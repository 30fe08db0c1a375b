// SPDX-License-Identifier: Apache-2.0

package check

import (
	"github.com/leadsync/leadsync/internal/personaccount"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
)

// checkPersonAccounts says what is written to person accounts, where they are on, and what
// is not.
func (c *checker) checkPersonAccounts() {
	if !personaccount.AreOn(c.Session.Describe) {
		return
	}
	if c.written(salesforce.ObjectContact) {
		c.checkPersons()
	}
	if use, used := c.useOf(salesforce.ObjectLead); !used || !use.create {
		return
	}
	company := preflight.Finding{Severity: preflight.SeverityInfo, Object: salesforce.ObjectLead, Field: "Company",
		Reason: "person accounts are on, and personLeads is set: a Lead without a company is created, and becomes a person " +
			"account when it is converted"}
	switch filled := value.ContainsFold(c.Set.FilledFields(salesforce.ObjectLead), company.Field); {
	case c.PersonLeads:
	case !filled:
		company.Severity, company.Code = preflight.SeverityError, leadtype.RequiredFieldMissing
		company.Reason = "person accounts are on, and nothing fills the company of a new Lead, which would become one"
	default:
		company.Code = leadtype.RequiredFieldMissing
		company.Reason = "person accounts are on: a Lead without a company would become one, so that it is not created"
	}
	c.add(company)
}

// checkPersons says how Contacts that are person accounts are written.
func (c *checker) checkPersons() {
	const object = salesforce.ObjectContact
	contact, account := c.Session.Describe(object), c.Session.Describe(salesforce.ObjectAccount)
	for _, of := range []*salesforce.Describe{contact, account} {
		if of != nil && !personaccount.Has(of) {
			c.add(preflight.Finding{Severity: preflight.SeverityWarning, Code: leadtype.PersonAccount, Object: of.Name,
				Field:  personaccount.Marker,
				Reason: "person accounts are on, and the field is hidden from the connected user: they cannot be told from others"})
		}
	}
	if !personaccount.Has(contact) {
		return
	}
	c.add(preflight.Finding{Severity: preflight.SeverityInfo, Object: object, Field: personaccount.Marker,
		Reason: "person accounts are on: a Contact that is a person account is written through its Account, and gets no " +
			"fields of the company; no person account is created"})
	if account == nil || !account.Updateable {
		c.add(preflight.Finding{Severity: preflight.SeverityWarning, Code: leadtype.ConnectionPermission,
			Object: salesforce.ObjectAccount, Reason: "person accounts are on, and the connected user may not see or edit " +
				"Accounts: no person account is written"})
		return
	}
	for _, name := range c.Set.MapperFields(object) {
		field, ok := contact.Field(name)
		if ok && (c.mapping() == nil || c.fills(object, name) && !c.ruleFor(object, name).CreateOnly) {
			c.checkPersonField(field.Name, account)
		}
	}
}

// checkPersonField looks for what the Account has for a mapped field of Contact.
func (c *checker) checkPersonField(name string, account *salesforce.Describe) {
	f := preflight.Finding{Severity: preflight.SeverityWarning, Object: salesforce.ObjectContact, Field: name}
	field, ok := personaccount.Field(account, name)
	switch {
	case personaccount.IsFixed(name):
		f.Reason = "the field is never written to a person account"
		f.Fix = c.fix("person-account")
	case !ok:
		f.Code = leadtype.MissingRemoteField
		f.Reason = "the field is left out for a person account: its Account has no field for it, or hides it from the " +
			"connected user"
	case !field.Updateable:
		f.Code = leadtype.ConnectionPermission
		f.Reason = "the field is left out for a person account: the connected user may not write it"
		f.Fix = c.fix("person-account-field", "field", "Account."+field.Name)
	default:
		return
	}
	c.add(f)
}
