// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"
	"time"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// A person is one person of a batch: the leads that are the same person, and the
// record that they share.
type person struct {
	matches []*match.Match
	plans   []*leadtype.LeadPlan // plans[i] is matches[i]'s
	match   [1]*match.Match      // where matches and plans are of most people, which have one lead
	plan    [1]*leadtype.LeadPlan
	group   int // of the leads that share a value by which a probe finds people

	object    salesforce.Object
	record    *salesforce.Record // nil: create one
	inAccount bool
	account   *account // nil where the person has none, or keeps its own
	change    int      // of the person
	// tried is what the first lead wants of the record that was last compared with it.
	tried *wish
	// held is what is known of the values of the record that was last composed for.
	held *heldRecord
	// digests[i] is of what matches[i] wants of that record; see leadtype.Part.
	digests []string
	digest  [1]string // where digests are as a rule
	// owing is how many leads, the last ones, get nothing of the record but what is owed to them.
	owing int
	// want is what the leads composed want of the record together.
	want     salesforce.Fields
	composed []leadtype.LeadID
	drafted  []leadtype.FieldChange // what want changes, nil where that is not known
	// colleagues are the accounts of Contacts found for leads of the same company.
	colleagues value.Set
	addresses  []string  // see emails
	address    [1]string // where addresses are as a rule
}

// A wish is what a lead wants of a record, nil for a new one.
type wish struct {
	record *salesforce.Record
	mapping.Mapped
	owed []leadtype.OwedValue // that Fields lack
}

// narrow leaves only these of the fields that a lead wants.
func (w *wish) narrow(fields salesforce.Fields) {
	all := w.Fields
	if w.Fields = fields; len(fields) == len(all) || len(w.Appended) == 0 {
		return
	}
	w.Appended = slices.DeleteFunc(slices.Clone(w.Appended), func(added mapping.AppendedText) bool {
		_, wanted := all[added.Field]
		_, left := fields[added.Field]
		return wanted && !left
	})
}

// An account is one company of a batch, for the people created in it.
type account struct {
	people []*person
	owing  person             // the leads to which values of it are owed, and whose people were found
	record *salesforce.Record // nil: create one
	change int
}

// begin makes u the person of a lead, which is yet to be added.
func (u *person) begin(one *match.Match) {
	u.object, u.record, u.change = one.Object, one.Person, leadtype.Unplanned
	u.inAccount = one.InAccount && one.Person == nil
	u.matches, u.plans = u.match[:0], u.plan[:0]
}

func (u *person) add(one *match.Match, plan *leadtype.LeadPlan) {
	u.matches, u.plans = append(u.matches, one), append(u.plans, plan)
}

// worksWith reports whether a Contact is in the account of the person: the one found,
// or one of a colleague. A namesake elsewhere is another person.
func (u *person) worksWith(contact *salesforce.Record) bool {
	id := salesforce.ID(contact.Text("AccountId")).ID18()
	return u.account.record != nil && u.account.record.ID == id || u.colleagues.Has(string(id))
}

// passes reports whether a person who chose a new account for one of the leads passed this
// one by.
func (u *person) passes(account *salesforce.Record) bool {
	return slices.ContainsFunc(u.matches, func(one *match.Match) bool { return one.Passes(account.ID) })
}

// wants reports whether a person chose something for one of the leads that have not failed.
func (u *person) wants(chosen func(*match.Match) bool) bool {
	for i, one := range u.matches {
		if u.plans[i].Err == nil && chosen(one) {
			return true
		}
	}
	return false
}

// accountFound returns the account that the first of the person's leads found.
func (u *person) accountFound() *salesforce.Record {
	for _, one := range u.matches {
		if one.Account != nil {
			return one.Account
		}
	}
	return nil
}

// companyKeys are the values that make two people's companies the same.
func (u *person) companyKeys() []string {
	var keys []string
	for i, one := range u.matches {
		if one.Who != "" {
			continue // it may be another's
		}
		keys = append(keys, u.plans[i].Keys.Company...)
		if one.Account != nil {
			keys = append(keys, "record\x00"+string(one.Account.ID))
		}
	}
	return keys
}

// adopt gives the person a record. An account that was to hold a new one is not needed.
func (u *person) adopt(record *salesforce.Record, rule string) {
	u.record, u.inAccount = record, false
	if u.account != nil {
		u.account.people = slices.DeleteFunc(u.account.people, func(other *person) bool { return other == u })
		u.account = nil
	}
	for _, lead := range u.plans {
		lead.Trace.Rule = rule
	}
	u.plans[0].Adopted = true
}

// stopped reports whether no lead of the person is left to be written.
func (u *person) stopped() bool {
	return !slices.ContainsFunc(u.plans, func(l *leadtype.LeadPlan) bool { return l.Err == nil })
}

// countLive returns how many leads of the person have not failed.
func (u *person) countLive() (n int) {
	for _, lead := range u.plans {
		if lead.Err == nil {
			n++
		}
	}
	return n
}

// stop fails every lead of the person that has not failed.
func (u *person) stop(err *leadtype.Error, retryAt time.Time) {
	for _, lead := range u.plans {
		if lead.Err == nil {
			lead.Err, lead.RetryAt = verdict.ForLead(err, lead.LeadID), retryAt
		}
	}
}

// emails are the folded e-mail addresses of the person's leads.
func (u *person) emails() []string {
	if u.addresses != nil {
		return u.addresses
	}
	u.addresses = u.address[:0]
	for _, one := range u.matches {
		if email := identity.Email(one.Lead.Email); email != "" && !slices.Contains(u.addresses, email) {
			u.addresses = append(u.addresses, email)
		}
	}
	return u.addresses
}

// leads are the person's leads that have not failed.
func (u *person) leads() []*leadtype.Lead {
	var leads []*leadtype.Lead
	for i, one := range u.matches {
		if u.plans[i].Err == nil {
			leads = append(leads, one.Lead)
		}
	}
	return leads
}

// lead is the first of the person's leads that has not failed.
func (u *person) lead() *leadtype.Lead {
	for i, one := range u.matches {
		if u.plans[i].Err == nil {
			return one.Lead
		}
	}
	return nil
}

// idOf returns the id of one of the person's leads, as a list of it.
func (u *person) idOf(plan *leadtype.LeadPlan) []leadtype.LeadID {
	if len(u.composed) == 1 && u.composed[0] == plan.LeadID {
		return u.composed
	}
	return []leadtype.LeadID{plan.LeadID}
}

// live are the ids of the person's leads that have not failed.
func (u *person) live(of *slab[leadtype.LeadID]) []leadtype.LeadID {
	ids := of.take(u.countLive())[:0]
	for _, lead := range u.plans {
		if lead.Err == nil {
			ids = append(ids, lead.LeadID)
		}
	}
	return ids
}
