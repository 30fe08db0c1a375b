// SPDX-License-Identifier: Apache-2.0

// Package plan is the third stage of a lead's way: it decides what is written for the
// leads of a batch. It takes what package match found, folds leads that are the same
// person together, and compares what they want with what the records hold. The result
// is a Plan, which package write carries out. Planning is pure: it makes no call, reads
// no clock but the one that it is given, and writes nothing.
package plan

import (
	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// Plan plans what a batch writes: accounts and people, then the records that refer to
// them. How many calls that takes it leaves to package write.
func (p *Planner) Plan(found *match.Result) *leadtype.Plan {
	batch := &planning{Planner: p, session: found.Session, index: found.Index, records: found.Records,
		at: p.Now(), schemas: NewSchemas(p.Set, found.Session), given: make(map[*leadtype.LeadPlan]*givenWarnings),
		noted: make(map[salesforce.Object]memorable), formers: make(map[salesforce.ID][]leadtype.RecordMemory)}
	batch.result = &leadtype.Plan{At: batch.at}
	return batch.plan(found)
}

// plan plans the batch, each record after those that it refers to.
func (p *planning) plan(found *match.Result) *leadtype.Plan {
	for _, one := range found.Matches {
		lead := planOf(one)
		p.awaitLeft(one.Item, lead)
		p.warnPlaceholders(one, lead)
		p.warnGone(one, lead)
		p.result.Leads = append(p.result.Leads, lead)
	}
	p.inherit(found.Matches, found.Followed)
	people := foldPeople(found.Matches, p.result.Leads, p.OtherPerson)
	accounts := addOwing(foldAccounts(people), people)
	findColleagues(people)
	p.adoptTwins(people)
	for _, u := range people {
		p.checkPerson(u)
	}
	for _, a := range accounts {
		p.planAccount(a)
	}
	for _, u := range people {
		p.planPerson(u)
	}
	members, tasks := newMemberPlanning(p), newTaskPlanning(p, found.Matches)
	for _, u := range people {
		if !u.stopped() {
			members.planMembers(u)
			tasks.planTasks(u)
		}
	}
	p.planObjects(found.Matches, people)
	for i, one := range found.Matches {
		p.settleOwed(p.result.Leads[i], one)
	}
	p.addReasons(found.Matches)
	p.result.LookupCalls = found.Calls
	return p.result
}

// planOf returns the plan of a lead before anything is planned for it.
func planOf(one *match.Match) *leadtype.LeadPlan {
	return &leadtype.LeadPlan{
		LeadID:  one.Lead.ID,
		EventID: one.Lead.EventID,
		Object:  one.Object,
		Trace:   one.Trace,
		Err:     one.Err,
		RetryAt: one.RetryAt,
		Keys: leadtype.IdentityKeys{Person: append(one.IdentityKeys(), match.OwnKey(one.Lead)),
			Company: match.CompanyKeys(one.Lead)},
	}
}
