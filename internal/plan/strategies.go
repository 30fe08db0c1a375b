// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"slices"

	"github.com/leadsync/leadsync/leadtype"
)

// warnOfTwo warns of people who get a new record although they have, or get, one that a
// lead of another strategy does not find.
func warnOfTwo(people []*person) {
	if sameStrategy(people...) {
		return
	}
	groups := make(map[int][]*person)
	for _, u := range people {
		for _, other := range groups[u.group] {
			if (u.record == nil || other.record == nil) && !sameStrategy(u, other) && !areOthers(u, other) {
				warnBoth(other, u)
				break
			}
		}
		groups[u.group] = append(groups[u.group], u)
	}
}

// sameStrategy reports whether all leads of these people have the same strategy.
func sameStrategy(people ...*person) bool {
	for _, u := range people {
		for _, lead := range u.plans {
			if lead.Trace.Strategy != people[0].plans[0].Trace.Strategy {
				return false
			}
		}
	}
	return true
}

// warnBoth warns the leads of two records of both.
func warnBoth(a, b *person) {
	name := func(u *person) string {
		return fmt.Sprintf("a %s for lead %q (strategy %s)", u.object, u.plans[0].LeadID, u.plans[0].Trace.Strategy)
	}
	warning := leadtype.Warning{Kind: leadtype.TwoStrategies,
		Reason: "one person has two records: " + name(a) + " and " + name(b)}
	for _, lead := range slices.Concat(a.plans, b.plans) {
		if !slices.Contains(lead.Warnings, warning) {
			lead.Warnings = append(lead.Warnings, warning)
		}
	}
}
