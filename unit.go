package leadsync

import (
	"slices"
	"time"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/salesforce"
)

// A unit is one person of a batch: the leads that are the same person, and the
// record that they share.
type unit struct {
	matches []*match
	plans   []*LeadPlan // plans[i] is matches[i]'s

	object    salesforce.Object
	record    *salesforce.Record // nil: create one
	inAccount bool
	account   *account // nil where the person has none, or keeps its own
	change    int      // of the person
	// colleagues are the accounts of Contacts found for leads of the same company.
	colleagues set
}

// An account is one company of a batch, for the people created in it.
type account struct {
	units  []*unit
	record *salesforce.Record // nil: create one
	change int
}

func (u *unit) add(one *match, plan *LeadPlan) {
	u.matches, u.plans = append(u.matches, one), append(u.plans, plan)
}

// worksWith reports whether a Contact is where the unit's person is to be: in the
// account found, or in that of somebody of the same company. A namesake elsewhere
// is another person.
func (u *unit) worksWith(contact *salesforce.Record) bool {
	id := salesforce.ID(contact.Text("AccountId")).ID18()
	return u.account.record != nil && u.account.record.ID == id || u.colleagues.has(string(id))
}

// accountFound returns the account that the first of the unit's leads found.
func (u *unit) accountFound() *salesforce.Record {
	for _, one := range u.matches {
		if one.account != nil {
			return one.account
		}
	}
	return nil
}

// companyKeys are the values that make two people's companies the same.
func (u *unit) companyKeys() []string {
	var keys []string
	for _, one := range u.matches {
		keys = append(keys, companyKeys(one.lead)...)
		if one.account != nil {
			keys = append(keys, "record\x00"+string(one.account.ID))
		}
	}
	return keys
}

// stopped reports whether no lead of the unit is left to be written.
func (u *unit) stopped() bool {
	return !slices.ContainsFunc(u.plans, func(l *LeadPlan) bool { return l.Err == nil })
}

// stop fails every lead of the unit that has not failed.
func (u *unit) stop(err Error, retryAt time.Time) {
	for _, lead := range u.plans {
		if lead.Err == nil {
			own := err
			own.LeadID = lead.LeadID
			lead.Err, lead.RetryAt = &own, retryAt
		}
	}
}

// emails are the folded e-mail addresses of the unit's leads.
func (u *unit) emails() []string {
	var emails []string
	for _, one := range u.matches {
		if email := identity.Email(one.lead.Email); email != "" && !slices.Contains(emails, email) {
			emails = append(emails, email)
		}
	}
	return emails
}

// leads are the unit's leads that have not failed.
func (u *unit) leads() []*Lead {
	var leads []*Lead
	for i, one := range u.matches {
		if u.plans[i].Err == nil {
			leads = append(leads, one.lead)
		}
	}
	return leads
}

// live are the ids of the unit's leads that have not failed.
func (u *unit) live() []LeadID {
	var ids []LeadID
	for _, lead := range u.plans {
		if lead.Err == nil {
			ids = append(ids, lead.LeadID)
		}
	}
	return ids
}
