package leadsync

import (
	"slices"
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// intent returns a journalled create of the unit's leads that has no answer.
func (u *unit) intent(kind PartKind) *Intent {
	for _, one := range u.matches {
		if i := one.item.intent(kind, ""); i != nil {
			return i
		}
	}
	return nil
}

func (it *item) intent(kind PartKind, key string) *Intent {
	for i := range it.intents {
		if it.intents[i].Kind == kind && it.intents[i].Key == key {
			return &it.intents[i]
		}
	}
	return nil
}

// keyed returns a journalled create of a person or an account that carried a key.
func (it *item) keyed(kind PartKind) *Intent {
	for i := range it.intents {
		if it.intents[i].Kind == kind && kind != PartTask && it.intents[i].Key != "" {
			return &it.intents[i]
		}
	}
	return nil
}

// key returns the key for a new record of the unit: the one that an unanswered
// create carried, else the one given. Two keys could make two records.
func (u *unit) key(kind PartKind, fresh string) string {
	for _, one := range u.matches {
		if i := one.item.keyed(kind); i != nil {
			return i.Key
		}
	}
	return fresh
}

// lastCreate returns the latest create of the unit's person or account that got
// no answer, and that a create with key, "" for none, could double.
func (p *planning) lastCreate(u *unit, kind PartKind, key string) *Intent {
	last := u.intent(kind)
	for _, lead := range u.plans {
		last = p.pending.Last(last, partKeys(lead, kind, ""), key)
	}
	return last
}

// mayStillCome returns until when a journalled create may yet be carried out by
// Salesforce, and when to look again; false once its absence proves that it was
// not.
func (p *planning) mayStillCome(i *Intent) (lookAgain time.Time, waits bool) {
	if i == nil {
		return time.Time{}, false
	}
	until := i.SentAt.Add(p.verifyAfter)
	if !p.at.Before(until) {
		return time.Time{}, false
	}
	if next := p.at.Add(verifyEvery); next.Before(until) {
		return next, true
	}
	return until, true
}

// leaveCompany sets an account without an answer apart when the lead is of another
// company by now: its key, or its place, is not for this one. As long as it may still
// come the lead waits, so that nobody forgets it; then it is reported.
func (p *planning) leaveCompany(it *item, lead *LeadPlan) {
	left := slices.IndexFunc(it.intents, func(i Intent) bool {
		return i.Kind == PartAccount && i.Company != nil &&
			!slices.ContainsFunc(i.Company, func(key string) bool { return slices.Contains(lead.Keys.Company, key) })
	})
	if left < 0 {
		return
	}
	intent := it.intents[left]
	it.intents, it.left = slices.Delete(slices.Clone(it.intents), left, left+1), []Intent{intent}
	at, waits := p.mayStillCome(&intent)
	switch {
	case lead.Err != nil:
	case waits:
		err := uncertain(salesforce.ObjectAccount)
		lead.Err, lead.RetryAt = err.forLead(lead.LeadID), at
	default:
		warn(lead, Warning{Code: UncertainWrite, Object: salesforce.ObjectAccount,
			Reason: "the create of an account for the company that the lead had before got no answer: it may be there"})
	}
}

// open returns all creates without an answer, for a lead that nothing came of.
func (it *item) open() []Intent { return slices.Concat(it.intents, it.left) }

// verifyEvery is how often a create without an answer is looked for.
const verifyEvery = time.Minute

func uncertain(object salesforce.Object) Error {
	return Error{Op: "plan", Object: object, Code: UncertainWrite,
		Reason: "a create got no answer and the record is not there; it may still come"}
}
