package leadsync

import (
	"cmp"
	"maps"
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// A planner turns the matches of a batch into a Plan. It does no I/O.
type planner struct {
	s     *Syncer
	sch   *session
	index *index
	now   time.Time
	plan  *Plan

	adopted map[salesforce.ID]bool     // twins that a lead of this batch has taken
	done    map[donePart]salesforce.ID // tasks that earlier syncs logged
	logged  map[salesforce.ID]bool     // tasks in Salesforce that stand for an activity already
	joined  map[memberKey]joining      // members to be created, by e-mail address
	custom  map[ofLead]*customRecord   // of the leads that have one; nil where it failed
}

// planBatch plans what a batch writes: accounts, people, then what hangs on
// them.
func (s *Syncer) planBatch(m *matcher) *Plan {
	p := &planner{s: s, sch: m.sch, index: m.index, now: s.cfg.Now(),
		adopted: make(map[salesforce.ID]bool), done: make(map[donePart]salesforce.ID), logged: make(map[salesforce.ID]bool),
		joined: make(map[memberKey]joining), custom: make(map[ofLead]*customRecord)}
	p.plan = &Plan{At: p.now}
	for _, one := range m.matches {
		p.remember(one.item)
		p.plan.Leads = append(p.plan.Leads, &LeadPlan{
			LeadID: one.lead.ID, EventID: one.lead.EventID, Object: one.object, Trace: one.trace, Err: one.err, RetryAt: one.retryAt,
			Keys: IdentityKeys{append(one.identityKeys(), ownKey(one.lead)), companyKeys(one.lead)}})
		p.leaveCompany(one.item, p.plan.Leads[len(p.plan.Leads)-1])
	}
	units := foldPeople(m.matches, p.plan.Leads)
	accounts := foldAccounts(units)
	findColleagues(units)
	for _, u := range units {
		if u.record == nil {
			p.adoptTwin(u)
		}
	}
	for _, u := range units {
		p.checkPerson(u)
	}
	for _, a := range accounts {
		p.planAccount(a)
	}
	for _, u := range units {
		p.planPerson(u)
	}
	for _, u := range units {
		if !u.stopped() {
			p.planMembers(u)
			p.planTasks(u)
		}
	}
	p.planObjects(m.matches, units)
	p.addReasons(m.matches)
	p.plan.Calls, p.plan.LookupCalls = callsFor(p.plan.Changes), m.calls
	return p.plan
}

// dryRun returns what mapping the unit's first lead onto a record would change.
func (p *planner) dryRun(u *unit, record *salesforce.Record) ([]FieldChange, bool) {
	want, _, err := p.mapFields(u.matches[0].lead, p.target(u.object, record))
	if err != nil {
		return nil, false
	}
	return diff(p.sch.describe(u.object), record, want), true
}

func (p *planner) target(object salesforce.Object, record *salesforce.Record) Target {
	return Target{Object: object, Describe: p.sch.describe(object), Record: record, User: p.sch.reps.user, Other: p.sch.describe}
}

// mapFields returns what a lead wants of a record: by the mapping, and by the
// answers to qualifiers.
func (p *planner) mapFields(lead *Lead, target Target) (salesforce.Fields, []Warning, error) {
	fields, warnings, err := p.s.set.mapLead(lead, target)
	if err == nil && p.sch.recordTypes[folded(target.Object)] != nil {
		// Only now the record type is known, and with it which options there are.
		target.Describe = p.sch.ofRecordType(&target, fields[recordTypeField])
		fields, warnings, err = p.s.set.mapLead(lead, target)
	}
	if err != nil {
		return nil, nil, err
	}
	answers, more, err := mapAnswers(p.s.cfg.Qualifiers, lead, target)
	if err != nil {
		return nil, nil, err
	}
	if target.Object == salesforce.ObjectLead || target.Object == salesforce.ObjectContact {
		more = append(more, p.s.set.unusedAnswers(lead)...)
	}
	fields = maps.Clone(fields)
	maps.Copy(fields, answers)
	if err := cmp.Or(checkDependents(lead, target, fields), checkReferences(lead, target, fields)); err != nil {
		return nil, nil, err
	}
	warnings, invalid := p.checkOwner(target.Object, fields, append(warnings, more...))
	if invalid != nil {
		return nil, nil, invalid
	}
	return fields, warnings, nil
}

// compose maps the unit's leads onto a record one after the other, each seeing
// what those before it leave. A lead whose values do not fit fails alone.
func (p *planner) compose(u *unit, object salesforce.Object, record *salesforce.Record) salesforce.Fields {
	want := make(salesforce.Fields)
	current := record
	for i, one := range u.matches {
		lead := u.plans[i]
		if lead.Err != nil {
			continue
		}
		fields, warnings, err := p.mapFields(one.lead, p.target(object, current))
		if err != nil {
			lead.Err = mapError(one.lead.ID, object, err)
			continue
		}
		warn(lead, warnings...)
		maps.Copy(want, fields)
		current = overlay(object, record, want)
	}
	if record == nil {
		p.giveOwner(object, want)
	}
	return want
}

// giveOwner gives a new record that nobody owns to the fallback owner.
func (p *planner) giveOwner(object salesforce.Object, want salesforce.Fields) {
	if owner := p.fallbackOwner(object); want[ownerField] == nil && owner != "" {
		want[ownerField] = string(owner)
	}
}

// overlay returns a record as it will be with fields written.
func overlay(object salesforce.Object, record *salesforce.Record, fields salesforce.Fields) *salesforce.Record {
	next := &salesforce.Record{Object: object, Fields: make(salesforce.Fields)}
	if record != nil {
		next.ID = record.ID
		maps.Copy(next.Fields, record.Fields)
	}
	maps.Copy(next.Fields, fields)
	return next
}

func mapError(id LeadID, object salesforce.Object, err error) *Error {
	e := asOwn("map", err)
	e.LeadID, e.Object = id, cmp.Or(e.Object, object)
	return e
}
