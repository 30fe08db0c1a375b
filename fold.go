package leadsync

import (
	"github.com/leadsync/leadsync/internal/identity"
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

// foldPeople gathers the leads of a batch into people. Leads that found the
// same record share it. Leads that share a probe's value are the same person:
// one that found nothing joins the others of its strategy, found or not.
func foldPeople(matches []*match, plans []*LeadPlan) []*unit {
	groups := groupBy(len(matches), func(i int) []string { return matches[i].identityKeys() })
	type place struct {
		group int
		of    string
	}
	units := make(map[place]*unit)
	found := make(map[place]*unit) // the first found unit of a group and strategy
	var order []*unit
	join := func(at place, i int) *unit {
		u := units[at]
		if u == nil {
			one := matches[i]
			u = &unit{object: one.object, record: one.person, inAccount: one.inAccount && one.person == nil, change: Unplanned}
			units[at] = u
			order = append(order, u)
		}
		u.matches, u.plans = append(u.matches, matches[i]), append(u.plans, plans[i])
		return u
	}
	sharers := make(map[place]bool)
	for i, one := range matches {
		if one.err == nil && one.person != nil {
			sharers[place{groups.root(i), one.trace.Strategy}] = true
		}
	}
	var late []int // found nothing, while others of their group found something
	for i, one := range matches {
		byStrategy := place{groups.root(i), one.trace.Strategy}
		switch {
		case one.err != nil:
		case one.person != nil:
			u := join(place{-1, string(one.person.ID)}, i)
			if found[byStrategy] == nil {
				found[byStrategy] = u
			}
		case sharers[byStrategy]:
			late = append(late, i)
		default:
			join(byStrategy, i)
		}
	}
	for _, i := range late {
		u := found[place{groups.root(i), matches[i].trace.Strategy}]
		u.matches, u.plans = append(u.matches, matches[i]), append(u.plans, plans[i])
	}
	for _, u := range order {
		for _, plan := range u.plans[1:] {
			plan.Trace.FoldedInto = u.plans[0].LeadID
		}
	}
	return order
}

// identityKeys are the values that make two leads of a batch the same person.
func (one *match) identityKeys() []string {
	if one.err != nil {
		return nil
	}
	var keys []string
	for _, p := range one.trace.Probes {
		if key := identityKey(&p.Probe); key != "" && p.Skipped == "" {
			keys = append(keys, key)
		}
	}
	if one.person != nil {
		keys = append(keys, "record\x00"+string(one.person.ID))
	}
	return keys
}

// foldAccounts gathers the people to be created in accounts by company: those
// that found the same account, or have the same domain or name.
func foldAccounts(units []*unit) []*account {
	var inside []*unit
	for _, u := range units {
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
			byPlace[at] = &account{record: record, change: Unplanned}
			order = append(order, byPlace[at])
		}
		u.account = byPlace[at]
		u.account.units = append(u.account.units, u)
	}
	return order
}

// findColleagues fills in where the people of each company in the batch are.
func findColleagues(units []*unit) {
	companies := groupBy(len(units), func(i int) []string { return units[i].companyKeys() })
	accounts := make(map[int]set)
	for i, u := range units {
		root := companies.root(i)
		if accounts[root] == nil {
			accounts[root] = make(set)
		}
		u.colleagues = accounts[root]
		if u.record != nil && u.object == salesforce.ObjectContact {
			accounts[root].add(string(salesforce.ID(u.record.Text("AccountId")).ID18()))
		}
	}
}

// companyKeys are the domain and the name of a lead's company.
func companyKeys(lead *Lead) []string {
	var keys []string
	if domain := companyDomain(lead); domain != "" {
		keys = append(keys, "domain\x00"+domain)
	}
	if name := identity.Company(lead.Company); name != "" {
		keys = append(keys, "name\x00"+name)
	}
	return keys
}
