// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"time"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// holdAfter holds a lead whose address an earlier lead of the batch has too, with another
// person's name. Once that one is written, a second look finds its record.
func holdAfter(one *match.Match, lead *leadtype.LeadPlan, first leadtype.LeadID) {
	lead.Err = &leadtype.Error{Op: "plan", LeadID: lead.LeadID, Object: one.Object, Code: leadtype.AmbiguousMatch,
		Fields: []string{"Email"},
		Reason: fmt.Sprintf("lead %q has the same e-mail address and another person's name", first)}
	lead.After = first
}

// stopOrphans holds the leads that were to share a new record which is not created: the
// lead that is its person's has failed.
func (u *person) stopOrphans() {
	if u.record != nil {
		return
	}
	first := leadtype.LeadID("")
	for i, lead := range u.plans {
		if u.matches[i].Who == "" && lead.Err == nil {
			return
		}
		if first == "" && lead.Err != nil {
			first = lead.LeadID
		}
	}
	for _, lead := range u.plans {
		if lead.Err == nil {
			lead.After = first
		}
	}
	u.stop(&leadtype.Error{Op: "plan", Object: u.object, Code: leadtype.BatchCollateral,
		Reason: "not written: the record it depends on failed"}, time.Time{})
}

// stopPerson fails the leads whose person cannot be written. Those of which it is in doubt
// whether they are that person's are held, where the record is a new one: they may have one
// of their own.
func (u *person) stopPerson(err *leadtype.Error) {
	if u.record == nil {
		for i, lead := range u.plans {
			if lead.Err == nil && u.matches[i].Who == "" {
				lead.Err = verdict.ForLead(err, lead.LeadID)
			}
		}
		u.stopOrphans()
	}
	u.stop(err, time.Time{})
}

// warnWho warns of leads whose record may be another person's, and of records that a
// duplicate rule named.
func (p *planning) warnWho(u *person) {
	for i, lead := range u.plans {
		switch one := u.matches[i]; {
		case lead.Err != nil:
		case one.Reused:
			p.warn(lead, leadtype.Warning{Kind: leadtype.RecordReused, Code: leadtype.DuplicateRecord, Object: u.object,
				Reason: fmt.Sprintf("%s named an existing %s of the same name, which was used in place of a new record",
					namer(one), u.object)})
		case one.Who == leadtype.WhoDoubt:
			p.warn(lead, leadtype.Warning{Kind: leadtype.Doubt, Object: u.object, Field: "Email",
				Reason: "the record with the lead's e-mail address has its name only in part: names and the company were not " +
					"written, and other fields only where they were blank"})
		case one.Who == leadtype.WhoOther:
			p.warn(lead, leadtype.Warning{Kind: leadtype.OtherPerson, Code: leadtype.AmbiguousMatch, Object: u.object,
				Field: "Email", Reason: "the record with the lead's e-mail address has another person's name: nothing was " +
					"written to the record itself"})
		}
	}
}

// namer says what named the record that is used in place of a new one.
func namer(one *match.Match) string {
	if one.IsUnique() {
		return "a unique field"
	}
	return "a duplicate rule"
}

// warnGone warns of records that a person chose and that are gone.
func (p *planning) warnGone(one *match.Match, lead *leadtype.LeadPlan) {
	for _, gone := range one.Gone {
		p.warn(lead, leadtype.Warning{Kind: leadtype.Chosen, Code: leadtype.StaleRemoteRecord, Object: gone.Object,
			Record: gone.ID, Reason: fmt.Sprintf("%s %s, which a person chose, was deleted, is hidden from the connected user, "+
				"or counts no more: the lead was matched as if nobody had chosen", gone.Object, gone.ID)})
	}
}

// warnPlaceholders warns of an address or a company that stands for none.
func (p *planning) warnPlaceholders(one *match.Match, lead *leadtype.LeadPlan) {
	if one.Item == nil || lead.Err != nil {
		return
	}
	if one.Item.NoEmail {
		p.warn(lead, leadtype.Warning{Kind: leadtype.Placeholder, Object: one.Object, Field: "Email",
			Reason: "the e-mail address is nobody's own: it was neither looked up nor written"})
	}
	if one.Item.NoCompany {
		p.warn(lead, leadtype.Warning{Kind: leadtype.Placeholder, Object: salesforce.ObjectAccount, Field: "Name",
			Reason: "the company stands for none: no Account was looked up or created"})
	}
}

// name returns the name of the person: of the record, else of the first lead.
func (u *person) name() identity.Name {
	if u.record != nil {
		return match.NameIn(u.record)
	}
	return match.NameOf(u.matches[0].Lead)
}

// areOthers reports whether two records of one address are two people's, by their names.
func areOthers(a, b *person) bool {
	return match.AreOthers(a.matches[0].Lead.Email, a.name(), b.name())
}
