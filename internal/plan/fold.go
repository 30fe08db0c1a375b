// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"

	"github.com/leadsync/leadsync/internal/match"
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

// groupBy joins the numbers below n that share a key.
func groupBy(n int, keys func(i int) []string) unionFind {
	groups := newUnionFind(n)
	first := make(map[string]int)
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
}

// groupKeys returns the key of each lead's person. Leads are taken in their order, as if
// each were synced before the next: a lead that found nothing is a person whom another
// lead found or an earlier one creates, if its strategy would find that record.
func groupKeys(matches []*match.Match, groups unionFind) []groupKey {
	keys, sizes := make([]groupKey, len(matches)), make([]int, len(matches))
	for i := range matches {
		sizes[groups.root(i)]++
	}
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
		switch c := findCandidate(known[groups.root(i)], one); {
		case one.Err != nil || hasRecord(one):
		case c != nil:
			enter(i, c.key)
		default:
			enter(i, groupKey{lead: one.Lead.ID})
		}
	}
	return keys
}

// A candidate is a person of a batch: a record that was found, or is to be created, and
// the values by which the leads so far identify it.
type candidate struct {
	key        groupKey
	object     salesforce.Object
	strategies value.Set
	values     value.Set
}

// enterCandidate enters a lead's person into the candidates of its group.
func enterCandidate(known []*candidate, one *match.Match, key groupKey) []*candidate {
	at := slices.IndexFunc(known, func(c *candidate) bool { return c.key == key })
	if at < 0 {
		at = len(known)
		known = append(known, &candidate{key: key, object: one.Object, strategies: make(value.Set), values: make(value.Set)})
	}
	known[at].strategies.Add(one.Trace.Strategy)
	for _, v := range one.IdentityKeys() {
		known[at].values.Add(v)
	}
	return known
}

// findCandidate returns the person whom the lead's probes would find, in their order, or
// else one of another lead of its strategy; nil for none.
func findCandidate(known []*candidate, one *match.Match) *candidate {
	if len(known) == 0 {
		return nil
	}
	for i := range one.Trace.Probes {
		p := &one.Trace.Probes[i]
		sought := match.IdentityKey(&p.Probe)
		for _, c := range known {
			if p.Skipped == "" && sought != "" && p.Object.Equal(c.object) && c.values.Has(sought) {
				return c
			}
		}
	}
	for _, c := range known {
		if c.strategies.Has(one.Trace.Strategy) {
			return c
		}
	}
	return nil
}

// hasRecord reports whether a record of the lead's person was found.
func hasRecord(one *match.Match) bool { return one.Err == nil && one.Person != nil }

// foldPeople gathers the leads of a batch into people. Leads that found a record
// come first among its leads.
func foldPeople(matches []*match.Match, plans []*leadtype.LeadPlan) []*person {
	groups := groupBy(len(matches), func(i int) []string { return matches[i].IdentityKeys() })
	keys := groupKeys(matches, groups)
	people := make(map[groupKey]*person)
	var order []*person
	var late []int // found nothing themselves
	for i, one := range matches {
		switch {
		case one.Err != nil:
			continue
		case one.Person == nil && keys[i].record != "":
			late = append(late, i)
			continue
		case people[keys[i]] == nil:
			people[keys[i]] = newPerson(one)
			people[keys[i]].group = groups.root(i)
			order = append(order, people[keys[i]])
		}
		people[keys[i]].add(one, plans[i])
	}
	for _, i := range late {
		people[keys[i]].add(matches[i], plans[i])
	}
	for _, u := range order {
		for i, plan := range u.plans[1:] {
			plan.Trace.FoldedInto = u.plans[0].LeadID
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
		if record == nil {
			record = found[groups.root(i)]
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
	companies := groupBy(len(people), func(i int) []string { return people[i].companyKeys() })
	accounts := make(map[int]value.Set)
	for i, u := range people {
		root := companies.root(i)
		if accounts[root] == nil {
			accounts[root] = make(value.Set)
		}
		u.colleagues = accounts[root]
		if u.record != nil && u.object == salesforce.ObjectContact {
			accounts[root].Add(string(salesforce.ID(u.record.Text("AccountId")).ID18()))
		}
	}
}
