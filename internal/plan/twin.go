// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"
	"time"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// The rules by which a person gets a record that no probe found.
const (
	ruleOwn       = "record that an earlier sync of this lead created"
	ruleLost      = match.RuleLost
	ruleIdentical = "existing record with identical values"
)

// A twinning gives people without a record the one that an earlier sync created for
// them, each record to one person. A look-alike that is another lead's is never given.
type twinning struct {
	*planning
	taken map[salesforce.ID]bool
	open  map[string][]*openCreate // of namesakes, by match.NameKey
}

// adoptTwins gives people without a record the one that an earlier sync created.
func (p *planning) adoptTwins(people []*person) {
	t := &twinning{p, make(map[salesforce.ID]bool), make(map[string][]*openCreate)}
	var rest []*person
	for _, u := range people {
		switch {
		case u.record != nil:
			t.taken[u.record.ID] = true
		case u.hasTwins():
			rest = append(rest, u)
		}
	}
	if len(rest) == 0 {
		return
	}
	t.gather(people)
	rest = slices.DeleteFunc(rest, t.takeOwn)
	rest = t.takeLeft(rest)
	for _, u := range rest {
		t.takeIdentical(u)
	}
}

func (u *person) hasTwins() bool {
	return slices.ContainsFunc(u.matches, func(one *match.Match) bool { return len(one.Twins) > 0 })
}

// give gives a person a record. It is taken then, and no create of the person is open.
func (t *twinning) give(u *person, record *salesforce.Record, rule string) {
	t.taken[record.ID] = true
	for name, open := range t.open {
		t.open[name] = slices.DeleteFunc(open, func(o *openCreate) bool { return slices.Contains(u.live(), o.lead) })
	}
	u.adopt(record, rule)
}

// takeOwn gives a person the record that one of its leads is remembered to have created.
func (t *twinning) takeOwn(u *person) bool {
	for _, twin := range t.free(u) {
		if creator := t.records[twin.ID.ID18()].Lead; creator != "" && slices.Contains(u.live(), creator) {
			t.give(u, twin, ruleOwn)
			return true
		}
	}
	return false
}

// takeIdentical gives a person without an e-mail address a record that holds all that it
// would.
func (t *twinning) takeIdentical(u *person) {
	if len(u.emails()) > 0 || u.stopped() {
		return
	}
	for _, twin := range t.free(u) {
		if t.mayBeLeft(u, twin) {
			continue // another lead's create is open that may have made it
		}
		if changes, ok := t.dryRun(u, twin); ok && len(changes) == 0 {
			t.give(u, twin, ruleIdentical)
			return
		}
	}
}

// free returns the look-alikes of a person that are no other lead's: neither remembered
// as one's, nor taken in this batch, nor with a key, by which it would have been found.
func (t *twinning) free(u *person) []*salesforce.Record {
	var free []*salesforce.Record
	key := t.session.KeyField(t.Set, u.object)
	for _, one := range u.matches {
		for _, twin := range one.Twins {
			switch {
			case t.taken[twin.ID] || !twin.Object.Equal(u.object) || slices.Contains(free, twin):
			case u.account != nil && !u.worksWith(twin) && !t.mayHaveLeft(u, twin):
			case t.isAnothers(u, twin):
			case key != "" && !value.BlankText(twin.Text(key)):
			default:
				free = append(free, twin)
			}
		}
	}
	return free
}

// mayHaveLeft reports whether a Contact of another account holds all that the open create
// of a person was to write, for a company that the lead no longer has.
func (t *twinning) mayHaveLeft(u *person, twin *salesforce.Record) bool {
	own := t.openOf(u)
	if own == nil || own.person.Company == nil || slices.ContainsFunc(own.person.Company, func(key string) bool {
		return slices.Contains(u.companyKeys(), key)
	}) {
		return false
	}
	l := t.newLeft(twin)
	for field := range own.person.Fields {
		if !l.holds(own, field) {
			return false
		}
	}
	return true
}

// isAnothers reports whether a record is remembered as that of another lead.
func (t *twinning) isAnothers(u *person, twin *salesforce.Record) bool {
	known, ok := t.records[twin.ID.ID18()]
	return ok && (known.Lead == "" || !slices.Contains(u.live(), known.Lead))
}

// ClockSkew is how far Salesforce's clock and ours may differ.
const ClockSkew = match.ClockSkew

// lateCommit is how long after it was sent a create may still be carried out: the 10
// minutes that Salesforce may work on a request, and a minute for the clocks.
const lateCommit = 11 * time.Minute

// made reports whether a create may have made a record, by the time of it. A record of
// the future shows that the clocks differ: then it may be any.
func (p *planning) made(intent *leadtype.Intent, record *salesforce.Record) bool {
	created, ok := record.Time("CreatedDate")
	late := created.After(intent.SentAt.Add(lateCommit)) && !created.After(p.at.Add(ClockSkew))
	return !ok || !late && !created.Before(intent.PlannedAt.Add(-ClockSkew))
}
