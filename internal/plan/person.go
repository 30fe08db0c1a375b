// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"slices"
	"time"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/personaccount"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// planAccount plans the account of people to be created in it.
func (p *planning) planAccount(a *account) {
	if len(a.people)+len(a.owing.matches) == 0 {
		return // its people keep their own
	}
	// The leads of all people of the account, for its own fields.
	all := person{object: salesforce.ObjectAccount, owing: len(a.owing.matches)}
	for _, u := range append(slices.Clone(a.people), &a.owing) {
		all.matches, all.plans = append(all.matches, u.matches...), append(all.plans, u.plans...)
	}
	keyField, key := match.KeyFieldOf(p.session, p.Set, salesforce.ObjectAccount), ""
	if keyField.Name != "" {
		key = all.key(leadtype.PartAccount, keyField.Account(all.leads()...))
	}
	if a.record == nil {
		if at, waits := p.lookAgain(p.lastCreate(&all, leadtype.PartAccount, key)); waits {
			all.stop(uncertain(salesforce.ObjectAccount), at)
			return
		}
	}
	if a.record == nil && !p.Set.HasSection(salesforce.ObjectAccount) {
		all.stop(noSection(salesforce.ObjectAccount), time.Time{})
		return
	}
	want := p.compose(&all, salesforce.ObjectAccount, a.record)
	if all.stopped() {
		return
	}
	change := leadtype.Change{Kind: leadtype.PartAccount, Object: salesforce.ObjectAccount}
	change.AllowDuplicate = a.record == nil && all.wants((*match.Match).WantsNewAccount)
	if key != "" && a.record == nil {
		want[keyField.Name], change.UniqueField = p.freeKey(all.object, keyField, key), keyField.Name
	}
	var err *leadtype.Error
	if a.change, err = p.change(change, a.record, want, all.live(&p.ids)); err != nil {
		all.stop(err, time.Time{})
		return
	}
	p.note(a.change, all.held, all.lead())
	for i, lead := range all.plans {
		if lead.Err != nil {
			continue
		}
		part := leadtype.PlannedPart{Kind: leadtype.PartAccount, Object: salesforce.ObjectAccount, Change: a.change,
			Digest: all.digests[i]}
		if a.record != nil {
			part.ID, lead.AccountID = a.record.ID, a.record.ID
		}
		lead.Parts = append(lead.Parts, part)
	}
}

// checkPerson fails the leads whose person cannot be written, before an account
// is written for them in vain.
func (p *planning) checkPerson(u *person) {
	if u.record == nil && !u.stopped() {
		key := ""
		if field := match.KeyFieldOf(p.session, p.Set, u.object); field.Name != "" {
			key = u.key(leadtype.PartPerson, field.Person(u.lead().ID))
		}
		if at, waits := p.lookAgain(p.lastCreate(u, leadtype.PartPerson, key)); waits {
			u.stop(uncertain(u.object), at)
			return
		}
	}
	if !u.stopped() && !p.Set.HasSection(u.object) {
		p.withoutSection(u)
	}
	p.warnWho(u)
	p.composePerson(u)
	u.stopOrphans()
	u.composed = u.live(&p.ids)
	drafted, err := p.draft(p.personChange(u), u.record, u.want, u.composed)
	if err != nil {
		u.stopPerson(err)
	}
	if u.drafted = nil; drafted.PersonAccount == "" {
		u.drafted = drafted.Fields
	}
}

// personChange returns the change of a person's own record, without fields. A Contact that
// is a person account is written through its Account: that is all that differs, so that
// rules, memory, before-images and outcomes know only the Contact and its fields.
func (p *planning) personChange(u *person) leadtype.Change {
	c := leadtype.Change{Kind: leadtype.PartPerson, Object: u.object}
	c.AllowDuplicate = u.record != nil && u.wants((*match.Match).Chose)
	if u.isPersonAccount() {
		c.PersonAccount = accountOf(u.record)
	}
	return c
}

// composePerson composes what the person's leads want of its record, without what its
// Account does not take where it is a person account.
func (p *planning) composePerson(u *person) {
	u.want = p.compose(u, u.object, u.record)
	if !u.isPersonAccount() || len(u.want) == 0 {
		return
	}
	changes := p.diff(p.session.Describe(u.object), u.record, u.want)
	for _, w := range leftOfPerson(p.session.Describe(salesforce.ObjectAccount), u.record, changes, u.want) {
		delete(u.want, w.Field)
		for _, lead := range u.plans {
			if lead.Err == nil {
				p.warn(lead, w)
				p.oweSkipped(lead, []leadtype.Warning{w})
			}
		}
	}
}

// isPersonAccount reports whether the person's record is a Contact that is a person account.
func (u *person) isPersonAccount() bool {
	return u.object == salesforce.ObjectContact && personaccount.Is(u.record)
}

// withoutSection fails the leads of a person that is to be created, and that the mapping
// has no section for. A person that was found stays as it is: what refers to it is
// written.
func (p *planning) withoutSection(u *person) {
	if u.record == nil {
		u.stop(noSection(u.object), time.Time{})
		return
	}
	reason := fmt.Sprintf(value.NoSection+" %s: nothing of the lead", u.object)
	if p.Set.TakesAnswers(u.object) {
		reason += " but answers to qualifiers"
	}
	for _, lead := range u.plans {
		if lead.Err == nil {
			p.warn(lead, leadtype.Warning{Kind: leadtype.NoSection, Object: u.object,
				Reason: reason + " was written to the record itself"})
		}
	}
}

func noSection(object salesforce.Object) *leadtype.Error {
	return &leadtype.Error{Op: "plan", Object: object, Code: leadtype.RequiredFieldMissing,
		Reason: fmt.Sprintf(value.NoSection+" %s, so none can be created", object)}
}

// planPerson plans the person's own record.
func (p *planning) planPerson(u *person) {
	if u.stopped() {
		return
	}
	if u.countLive() != len(u.composed) { // their account failed some
		p.composePerson(u)
		u.composed, u.drafted = u.live(&p.ids), nil
	}
	want, change := u.want, p.personChange(u)
	if u.record == nil {
		change.AllowDuplicate = u.wants((*match.Match).WantsNew)
		if field := match.KeyFieldOf(p.session, p.Set, u.object); field.Name != "" {
			key := u.key(leadtype.PartPerson, field.Person(u.lead().ID))
			want[field.Name], change.UniqueField = p.freeKey(u.object, field, key), field.Name
		}
		p.placeInAccount(u, want, &change)
	}
	if change.UniqueField == "" && (u.record != nil || u.account == nil) { // nothing was added
		change.Fields = u.drafted
	}
	var err *leadtype.Error
	if u.change, err = p.change(change, u.record, want, u.composed); err != nil {
		u.stop(err, time.Time{})
		return
	}
	p.note(u.change, u.held, u.lead())
	for i, lead := range u.plans {
		if lead.Err == nil {
			u.enter(lead, u.digests[i], p.ownerOf(u.record))
		}
	}
}

// freeKey returns the key for a new record. A converted Lead that counts as no hit, and a
// record that a person passed by, still hold their key: the key of the record that replaces it
// names both.
func (p *planning) freeKey(object salesforce.Object, field match.KeyField, key string) string {
	for _, holder := range p.index.Holders(object, field.Name, key) {
		if !holder.Bool("IsDeleted") {
			return field.Replacing(key, holder.ID)
		}
	}
	return key
}

// enter enters the person into the plan of one of its leads.
func (u *person) enter(lead *leadtype.LeadPlan, digest, owner string) {
	part := leadtype.PlannedPart{Kind: leadtype.PartPerson, Object: u.object, Change: u.change, Digest: digest,
		Owner: owner}
	lead.Object = u.object
	if u.record != nil {
		part.ID, lead.ID = u.record.ID, u.record.ID
		if u.object == salesforce.ObjectContact {
			lead.AccountID = salesforce.ID(u.record.Text("AccountId")).ID18()
		}
	}
	lead.Parts = append(lead.Parts, part)
}

// placeInAccount fills the AccountId of a Contact to be created.
func (p *planning) placeInAccount(u *person, want salesforce.Fields, change *leadtype.Change) {
	switch {
	case u.account == nil:
	case u.account.record != nil:
		want["AccountId"] = string(u.account.record.ID)
	case u.account.change != leadtype.Unplanned:
		change.Refs = append(change.Refs, salesforce.Ref{Field: "AccountId", Write: u.account.change})
	}
}
