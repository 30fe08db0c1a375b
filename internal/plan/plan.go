// SPDX-License-Identifier: Apache-2.0

// Package plan is the third stage of a lead's way: it decides what is written for the
// leads of a batch. It takes what package match found, folds leads that are the same
// person together, and compares what they want with what the records hold. The result
// is a Plan, which package write carries out. Planning is pure: it makes no call, reads
// no clock but the one that it is given, and writes nothing.
package plan

import (
	"slices"

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
	withCompany := slices.ContainsFunc(found.Matches, mayHaveAccount)
	leads := make([]leadtype.LeadPlan, len(found.Matches))
	p.result.Leads = make([]*leadtype.LeadPlan, 0, len(leads))
	p.result.Changes = make([]leadtype.Change, 0, changesOfLead*len(leads))
	for i, one := range found.Matches {
		lead := &leads[i]
		begin(lead, one, withCompany)
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
	members, tasks := newMemberPlanning(p, len(people)), newTaskPlanning(p, found.Matches)
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

// changesOfLead is about how many changes a lead has: its person, a membership and a Task.
const changesOfLead = 3

// mayHaveAccount reports whether the company of a lead matters.
func mayHaveAccount(one *match.Match) bool {
	return one.InAccount || one.Account != nil || one.Owing != nil ||
		one.Object == salesforce.ObjectContact && one.Person == nil
}

// begin begins the plan of a lead, for which nothing is planned yet.
func begin(lead *leadtype.LeadPlan, one *match.Match, withCompany bool) {
	lead.LeadID, lead.EventID, lead.Object = one.Lead.ID, one.Lead.EventID, one.Object
	lead.Trace, lead.Err, lead.RetryAt = one.Trace, one.Err, one.RetryAt
	lead.Keys.Person = append(one.IdentityKeys(), one.OwnKey())
	if withCompany {
		lead.Keys.Company = match.CompanyKeys(one.Lead)
	}
	if one.Err == nil {
		lead.Parts = make([]leadtype.PlannedPart, 0, changesOfLead)
	}
}
