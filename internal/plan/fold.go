// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/personaccount"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// A unionFind groups the numbers below a bound.
type unionFind []int

func newUnionFind(n int) unionFind {
	u := make(unionFind, n)
	for i := range u {
		u[i] = i
	}
	return u
}

// root returns the smallest number of i's group.
func (u unionFind) root(i int) int {
	for u[i] != i {
		u[i] = u[u[i]]
		i = u[i]
	}
	return i
}

func (u unionFind) join(i, j int) {
	a, b := u.root(i), u.root(j)
	u[max(a, b)] = min(a, b)
}

// sizes returns how many numbers the group of each root has.
func (u unionFind) sizes() []int {
	sizes := make([]int, len(u))
	for i := range u {
		sizes[u.root(i)]++
	}
	return sizes
}

// groupBy joins the numbers below n that share a key.
func groupBy(n int, keys func(i int) []string) unionFind {
	groups := newUnionFind(n)
	first := make(map[string]int, n)
	for i := range n {
		for _, key := range keys(i) {
			if j, ok := first[key]; ok {
				groups.join(i, j)
			} else {
				first[key] = i
			}
		}
	}
	return groups
}

// A groupKey identifies a person of a batch: by the record found, else by the lead whose
// record is created.
type groupKey struct {
	record salesforce.ID
	lead   leadtype.LeadID
	// after is another lead with the lead's address, and with another person's name: what is
	// done for it has to be known first.
	after leadtype.LeadID
}

// groupKeys returns the key of each lead's person. Leads are taken in their order, as if
// each were synced before the next: a lead that found nothing is a person whom another
// lead found or an earlier one creates, if its strategy would find that record and the
// names are not those of two people.
func groupKeys(matches []*match.Match, groups unionFind, sizes []int,
	policy leadtype.OtherPersonPolicy) []groupKey {
	keys := make([]groupKey, len(matches))
	known := make(map[int][]*candidate) // by group, of those with several leads
	enter := func(i int, key groupKey) {
		keys[i] = key
		if root := groups.root(i); sizes[root] > 1 {
			known[root] = enterCandidate(known[root], matches[i], key)
		}
	}
	for i, one := range matches {
		if hasRecord(one) {
			enter(i, groupKey{record: one.Person.ID})
		}
	}
	for i, one := range matches {
		if one.Err != nil || hasRecord(one) {
			continue
		}
		c, who := findCandidate(known[groups.root(i)], one, policy)
		switch {
		case c == nil:
			enter(i, groupKey{lead: one.Lead.ID})
		case who == leadtype.WhoOther && policy == leadtype.HoldOther:
			keys[i] = groupKey{lead: one.Lead.ID, after: c.first}
		default:
			one.Who = who
			enter(i, c.key)
		}
	}
	return keys
}

// A candidate is a person of a batch: a record that was found, or is to be created, and
// the values by which the leads so far identify it.
type candidate struct {
	key        groupKey
	first      leadtype.LeadID // the first lead of the person
	name       identity.Name
	object     salesforce.Object
	strategies value.Set
	values     value.Set
}

// enterCandidate enters a lead's person into the candidates of its group.
func enterCandidate(known []*candidate, one *match.Match, key groupKey) []*candidate {
	at := slices.IndexFunc(known, func(c *candidate) bool { return c.key == key })
	if at < 0 {
		at = len(known)
		known = append(known, &candidate{key: key, first: one.Lead.ID, name: nameFor(one), object: one.Object,
			strategies: make(value.Set), values: make(value.Set)})
	}
	if name := &known[at].name; one.Who == "" && (name.First == "" || identity.Extends(name.First, one.Lead.FirstName)) {
		name.First = one.Lead.FirstName // which the record gets
	}
	known[at].strategies.Add(one.Trace.Strategy)
	for _, v := range one.IdentityKeys() {
		known[at].values.Add(v)
	}
	return known
}

// nameFor returns the name of a lead's person: of its record, else the lead's.
func nameFor(one *match.Match) identity.Name {
	if one.Person != nil {
		return match.NameIn(one.Person)
	}
	return match.NameOf(one.Lead)
}

// findCandidate returns the person whom the lead's probes would find, in their order, or
// else one of another lead of its strategy, and whose that is by the names; nil for none.
func findCandidate(known []*candidate, one *match.Match, policy leadtype.OtherPersonPolicy) (*candidate, leadtype.Who) {
	if one.WantsNew() {
		// Of one who is none of those that there were, another lead may create the record.
		known = slices.DeleteFunc(slices.Clone(known), func(c *candidate) bool {
			return one.Passes(c.key.record) || match.WhoseName(one.Lead, c.name) != ""
		})
	}
	if len(known) == 0 {
		return nil, ""
	}
	for i := range one.Trace.Probes {
		p := &one.Trace.Probes[i]
		sought := match.IdentityKey(&p.Probe)
		if sought == "" || !one.Identifies(p) {
			continue
		}
		found := func(c *candidate) bool { return p.Object.Equal(c.object) && c.values.Has(sought) }
		if c, who := nearest(known, one, policy, match.ByEmail(p), found); c != nil {
			return c, who
		}
	}
	return nearest(known, one, policy, true, func(c *candidate) bool { return c.strategies.Has(one.Trace.Strategy) })
}

// nearest returns the person, among those that fit, whose name agrees best with the lead's.
// byName says that several people may fit.
func nearest(known []*candidate, one *match.Match, policy leadtype.OtherPersonPolicy, byName bool,
	fits func(*candidate) bool) (best *candidate, who leadtype.Who) {
	for _, c := range known {
		if !fits(c) {
			continue
		}
		var whose leadtype.Who
		if byName {
			whose = match.WhoseName(one.Lead, c.name)
		}
		switch {
		case whose == "":
			return c, ""
		case whose == leadtype.WhoOther && policy == leadtype.CreateOther:
		case best == nil || whose == leadtype.WhoDoubt && who == leadtype.WhoOther:
			best, who = c, whose
		}
	}
	return best, who
}

// hasRecord reports whether a record of the lead's person was found.
func hasRecord(one *match.Match) bool { return one.Err == nil && one.Person != nil }

// foldPeople gathers the leads of a batch into people. Leads that found a record
// come first among its leads.
func foldPeople(matches []*match.Match, plans []*leadtype.LeadPlan, policy leadtype.OtherPersonPolicy) []*person {
	groups := groupBy(len(matches), func(i int) []string {
		keys := plans[i].Keys.Person
		return keys[:len(keys)-1] // the last one is no other lead's
	})
	sizes := groups.sizes()
	keys := groupKeys(matches, groups, sizes, policy)
	people := make(map[groupKey]*person) // of several leads
	all := make([]person, len(matches))
	order := make([]*person, 0, len(matches))
	var late []int // found nothing themselves
	for i, one := range matches {
		switch {
		case one.Err != nil:
			continue
		case keys[i].after != "":
			holdAfter(one, plans[i], keys[i].after)
			continue
		case one.Person == nil && keys[i].record != "":
			late = append(late, i)
			continue
		case people[keys[i]] == nil:
			u := &all[len(order)]
			u.begin(one)
			u.add(one, plans[i])
			order = append(order, u)
			if u.group = groups.root(i); sizes[u.group] > 1 {
				people[keys[i]] = u
			}
			continue
		}
		people[keys[i]].add(one, plans[i])
	}
	for _, i := range late {
		people[keys[i]].add(matches[i], plans[i])
	}
	for _, u := range order {
		for i, plan := range u.plans[1:] {
			if u.matches[i+1].Who != leadtype.WhoOther {
				plan.Trace.FoldedInto = u.plans[0].LeadID
			} else {
				plan.Trace.AttachedTo = u.plans[0].LeadID
			}
			u.matches[i+1].Joins(u.matches[0])
		}
	}
	warnOfTwo(order)
	return order
}

// foldAccounts gathers the people to be created in accounts by company: those
// that found the same account, or have the same domain or name.
func foldAccounts(people []*person) []*account {
	var inside []*person
	for _, u := range people {
		if u.inAccount && u.record == nil {
			inside = append(inside, u)
		}
	}
	groups := groupBy(len(inside), func(i int) []string { return inside[i].companyKeys() })
	found := make(map[int]*salesforce.Record)
	for i, u := range inside {
		if record := u.accountFound(); record != nil && found[groups.root(i)] == nil {
			found[groups.root(i)] = record
		}
	}
	type place struct {
		group int
		found salesforce.ID
	}
	byPlace := make(map[place]*account)
	var order []*account
	for i, u := range inside {
		record := u.accountFound()
		if other := found[groups.root(i)]; record == nil && other != nil && !u.passes(other) {
			record = other
		}
		at := place{group: groups.root(i)}
		if record != nil {
			at = place{found: record.ID}
		}
		if byPlace[at] == nil {
			byPlace[at] = &account{record: record, change: leadtype.Unplanned}
			order = append(order, byPlace[at])
		}
		u.account = byPlace[at]
		u.account.people = append(u.account.people, u)
	}
	return order
}

// findColleagues fills in where the people of each company in the batch are.
func findColleagues(people []*person) {
	if !slices.ContainsFunc(people, func(u *person) bool { return u.account != nil }) {
		return
	}
	companies := groupBy(len(people), func(i int) []string { return people[i].companyKeys() })
	accounts := make(map[int]value.Set)
	for i, u := range people {
		root := companies.root(i)
		if accounts[root] == nil {
			accounts[root] = make(value.Set)
		}
		u.colleagues = accounts[root]
		if u.record != nil && u.object == salesforce.ObjectContact && !personaccount.Is(u.record) {
			accounts[root].Add(string(salesforce.ID(u.record.Text("AccountId")).ID18()))
		}
	}
}
