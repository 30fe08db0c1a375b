package leadsync

// plan plans what a batch writes: accounts and people, then the records that refer to
// them.
func (r *planner) plan(found *matchResult) *Plan {
	p := &planning{planner: r, session: found.session, index: found.index, at: r.now()}
	p.result = &Plan{At: p.at}
	for _, one := range found.matches {
		lead := planOf(one)
		p.awaitLeft(one.item, lead)
		p.result.Leads = append(p.result.Leads, lead)
	}
	people := foldPeople(found.matches, p.result.Leads)
	accounts := foldAccounts(people)
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
	members, tasks := newMemberPlanning(p), newTaskPlanning(p, found.matches)
	for _, u := range people {
		if !u.stopped() {
			members.planMembers(u)
			tasks.planTasks(u)
		}
	}
	p.planObjects(found.matches, people)
	p.addReasons(found.matches)
	p.result.Calls, p.result.LookupCalls = callsFor(p.result.Changes), found.calls
	return p.result
}

// planOf returns the plan of a lead before anything is planned for it.
func planOf(one *match) *LeadPlan {
	return &LeadPlan{
		LeadID:  one.lead.ID,
		EventID: one.lead.EventID,
		Object:  one.object,
		Trace:   one.trace,
		Err:     one.err,
		RetryAt: one.retryAt,
		Keys:    IdentityKeys{append(one.identityKeys(), ownKey(one.lead)), companyKeys(one.lead)},
	}
}
