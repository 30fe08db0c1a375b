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

// A twinning gives people without a record the one that an earlier sync created for them,
// each record to one person. Their twins are the records with the same match.TwinKey; one
// that is another lead's is never given.
type twinning struct {
	*planning
	taken  map[salesforce.ID]bool
	open   map[string][]*openCreate           // of namesakes, by match.NameKey
	fields map[string]value.Set               // that these were to write, by match.NameKey
	own    map[leadtype.LeadID]*openCreate    // of the batch's leads
	kinds  map[string]int                     // of open creates, by their content
	lefts  map[*salesforce.Record]*left       // what was looked at
	views  map[[2]*salesforce.Record]*twinsOf // by the first and the last of a lead's twins
}

// twinsOf are the twins of people of one name: those that are no lead's, as far as is
// known, and by lead those that it is remembered to have created.
type twinsOf struct {
	unknown []*salesforce.Record
	created map[leadtype.LeadID][]*salesforce.Record
}

// adoptTwins gives people without a record the one that an earlier sync created.
func (p *planning) adoptTwins(people []*person) {
	rest := slices.DeleteFunc(slices.Clone(people), func(u *person) bool { return u.record != nil || !u.hasTwins() })
	if len(rest) == 0 {
		return
	}
	t := &twinning{p, make(map[salesforce.ID]bool), make(map[string][]*openCreate), make(map[string]value.Set),
		make(map[leadtype.LeadID]*openCreate), make(map[string]int), make(map[*salesforce.Record]*left),
		make(map[[2]*salesforce.Record]*twinsOf)}
	for _, u := range people {
		if u.record != nil {
			t.taken[u.record.ID] = true
		}
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
	for _, lead := range u.live(&t.ids) {
		if o := t.own[lead]; o != nil {
			t.open[o.name] = slices.DeleteFunc(t.open[o.name], func(other *openCreate) bool { return other == o })
		}
	}
	u.adopt(record, rule)
}

// takeOwn gives a person the record that one of its leads is remembered to have created.
func (t *twinning) takeOwn(u *person) bool {
	if own := t.free(u, (*twinsOf).createdBy); len(own) > 0 {
		t.give(u, own[0], ruleOwn)
		return true
	}
	return false
}

// takeIdentical gives a person without an e-mail address a record that holds all that it
// would.
func (t *twinning) takeIdentical(u *person) {
	if len(u.emails()) > 0 || u.stopped() {
		return
	}
	for _, twin := range t.free(u, (*twinsOf).notKnown) {
		if t.mayBeLeft(u, twin) {
			continue // another lead's create is open that may have made it
		}
		if changes, ok := t.dryRun(u, twin); ok && len(changes) == 0 {
			t.give(u, twin, ruleIdentical)
			return
		}
	}
}

// view sorts the twins of a lead by whose they are remembered to be. Those that are another
// lead's are in no list. Leads of one name share a view.
func (t *twinning) view(twins []*salesforce.Record) *twinsOf {
	if len(twins) == 0 {
		return new(twinsOf)
	}
	key := [2]*salesforce.Record{twins[0], twins[len(twins)-1]}
	v := t.views[key]
	if v != nil {
		return v
	}
	v = &twinsOf{created: make(map[leadtype.LeadID][]*salesforce.Record)}
	t.views[key] = v
	for _, twin := range twins {
		switch known, ok := t.records[twin.ID.ID18()]; {
		case !ok:
			v.unknown = append(v.unknown, twin)
		case known.Lead != "":
			v.created[known.Lead] = append(v.created[known.Lead], twin)
		}
	}
	return v
}

func (v *twinsOf) notKnown(leadtype.LeadID) []*salesforce.Record { return v.unknown }

func (v *twinsOf) createdBy(lead leadtype.LeadID) []*salesforce.Record { return v.created[lead] }

// free returns the twins of a person, of those that list gives for a lead, that are no
// other's: neither taken in this batch, nor with a key, by which they would have been
// found.
func (t *twinning) free(u *person,
	list func(*twinsOf, leadtype.LeadID) []*salesforce.Record) []*salesforce.Record {
	var free []*salesforce.Record
	key := t.session.KeyField(t.Set, u.object)
	for i, one := range u.matches {
		for _, twin := range list(t.view(one.Twins), one.Lead.ID) {
			switch {
			case t.taken[twin.ID] || !twin.Object.Equal(u.object) || i > 0 && slices.Contains(free, twin):
			case u.account != nil && !u.worksWith(twin) && !t.mayHaveLeft(u, twin):
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
	l := t.left(twin)
	for field := range own.person.Fields {
		if !l.holds(own, field) {
			return false
		}
	}
	return true
}

// ClockSkew is how far Salesforce's clock and ours may differ.
const ClockSkew = match.ClockSkew

// lateCommit is how long after it was sent a create may still be carried out: the 10
// minutes that Salesforce may work on a request, and a minute for the clocks.
const lateCommit = 11 * time.Minute
