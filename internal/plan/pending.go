// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"time"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// intent returns a pending create of the person's leads.
func (u *person) intent(kind leadtype.PartKind) *leadtype.Intent {
	for _, one := range u.matches {
		if i := one.Item.Intent(kind, ""); i != nil {
			return i
		}
	}
	return nil
}

// key returns the key for a new record of the person: that of a pending create, else
// the one given. Two keys could make two records. A create that was for another person's
// lead had that lead's key.
func (u *person) key(kind leadtype.PartKind, fresh string) string {
	for _, one := range u.matches {
		if i := one.Item.Keyed(kind); i != nil && i.Who == "" && i.Object.Equal(u.object) {
			return i.Key
		}
	}
	return fresh
}

// lastCreate returns the latest pending create of the person or the account that a
// create with key, "" for none, could duplicate.
func (p *planning) lastCreate(u *person, kind leadtype.PartKind, key string) *leadtype.Intent {
	last := u.intent(kind)
	for _, lead := range u.plans {
		last = p.Pending.Last(last, lead, kind, "", key)
	}
	return last
}

// lookAgain returns when to look again for the record of a create whose response was
// lost. It returns false when its absence proves that Salesforce did not apply it.
func (p *planning) lookAgain(i *leadtype.Intent) (at time.Time, waits bool) {
	if i == nil {
		return time.Time{}, false
	}
	until := i.SentAt.Add(p.VerifyAfter)
	if !p.at.Before(until) {
		return time.Time{}, false
	}
	if next := p.at.Add(max(VerifyEvery, p.at.Sub(i.SentAt))); next.Before(until) {
		return next, true
	}
	return until, true
}

// awaitLeft holds a lead until the pending create of an account for its earlier company
// is resolved, or warns of it.
func (p *planning) awaitLeft(it *match.Item, lead *leadtype.LeadPlan) {
	for i := range it.Left {
		at, waits := p.lookAgain(&it.Left[i])
		switch {
		case lead.Err != nil:
		case waits:
			lead.Err, lead.RetryAt = verdict.ForLead(uncertain(salesforce.ObjectAccount), lead.LeadID), at
		default:
			p.warn(lead, leadtype.Warning{Kind: leadtype.Rebound, Code: leadtype.UncertainWrite,
				Object: salesforce.ObjectAccount,
				Reason: "a create of an account for the lead's earlier company timed out: the account may exist"})
		}
	}
}

// VerifyEvery is how soon the record of a pending create is looked for, and how long it
// is at least until that is done again: the waits double.
const VerifyEvery = time.Minute

func uncertain(object salesforce.Object) *leadtype.Error {
	return &leadtype.Error{Op: "plan", Object: object, Code: leadtype.UncertainWrite,
		Reason: "an earlier create timed out; waiting to see whether Salesforce still applies it"}
}
