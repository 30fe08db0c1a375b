package leadsync

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/salesforce"
)

// A planner turns the matches of a batch into a Plan. It does no I/O.
type planner struct {
	s     *Syncer
	sch   *schema
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
			personKeys: append(one.identityKeys(), ownKey(one.lead)), companyKeys: companyKeys(one.lead)})
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
	p.plan.Calls, p.plan.LookupCalls = estimateCalls(p.plan.Changes), m.calls
	return p.plan
}

// stopped reports whether no lead of the unit is left to be written.
func (u *unit) stopped() bool {
	return !slices.ContainsFunc(u.plans, func(l *LeadPlan) bool { return l.Err == nil })
}

// stop fails every lead of the unit that has not failed.
func (u *unit) stop(err Error, retryAt time.Time) {
	for _, lead := range u.plans {
		if lead.Err == nil {
			own := err
			own.LeadID = lead.LeadID
			lead.Err, lead.RetryAt = &own, retryAt
		}
	}
}

// emails are the folded e-mail addresses of the unit's leads.
func (u *unit) emails() []string {
	var emails []string
	for _, one := range u.matches {
		if email := identity.Email(one.lead.Email); email != "" && !slices.Contains(emails, email) {
			emails = append(emails, email)
		}
	}
	return emails
}

// intent returns a journalled create of the unit's leads that has no answer.
func (u *unit) intent(kind PartKind) *Intent {
	for _, one := range u.matches {
		if i := one.item.intent(kind, ""); i != nil {
			return i
		}
	}
	return nil
}

func (it *item) intent(kind PartKind, key string) *Intent {
	for i := range it.intents {
		if it.intents[i].Kind == kind && it.intents[i].Key == key {
			return &it.intents[i]
		}
	}
	return nil
}

// keyed returns a journalled create of a person or an account that carried a key.
func (it *item) keyed(kind PartKind) *Intent {
	for i := range it.intents {
		if it.intents[i].Kind == kind && kind != PartTask && it.intents[i].Key != "" {
			return &it.intents[i]
		}
	}
	return nil
}

// key returns the key for a new record of the unit: the one that an unanswered
// create carried, else the one given. Two keys could make two records.
func (u *unit) key(kind PartKind, fresh string) string {
	for _, one := range u.matches {
		if i := one.item.keyed(kind); i != nil {
			return i.Key
		}
	}
	return fresh
}

// lastCreate returns the latest create of the unit's person or account that got
// no answer, and that a create with key, "" for none, could double.
func (p *planner) lastCreate(u *unit, kind PartKind, key string) *Intent {
	last := u.intent(kind)
	for _, lead := range u.plans {
		last = p.s.unanswered.last(last, lead.tells(kind, ""), key)
	}
	return last
}

// mayStillCome returns until when a journalled create may yet be carried out by
// Salesforce, and when to look again; false once its absence proves that it was
// not.
func (p *planner) mayStillCome(i *Intent) (lookAgain time.Time, waits bool) {
	if i == nil {
		return time.Time{}, false
	}
	until := i.SentAt.Add(p.s.cfg.VerifyAfter)
	if !p.now.Before(until) {
		return time.Time{}, false
	}
	if next := p.now.Add(verifyEvery); next.Before(until) {
		return next, true
	}
	return until, true
}

// verifyEvery is how often a create without an answer is looked for.
const verifyEvery = time.Minute

func uncertain(object salesforce.Object) Error {
	return Error{Op: "plan", Object: object, Code: UncertainWrite,
		Reason: "a create got no answer and the record is not there; it may still come"}
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
	fields, warnings, err := p.s.cfg.mapLead(lead, target)
	if err == nil && p.sch.recordTypes[folded(target.Object)] != nil {
		// Only now the record type is known, and with it which options there are.
		target.Describe = p.sch.ofRecordType(&target, fields[recordTypeField])
		fields, warnings, err = p.s.cfg.mapLead(lead, target)
	}
	if err != nil {
		return nil, nil, err
	}
	answers, more, err := mapAnswers(p.s.cfg.Qualifiers, lead, target)
	if err != nil {
		return nil, nil, err
	}
	if target.Object == salesforce.ObjectLead || target.Object == salesforce.ObjectContact {
		more = append(more, p.s.cfg.unusedAnswers(lead)...)
	}
	fields = maps.Clone(fields)
	if fields == nil {
		fields = make(salesforce.Fields)
	}
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

// mapLead returns what the Mapper wants of a record. What a host's own Mapper
// returns is converted: a value that no field takes would fail the whole call for
// the other leads.
func (cfg *Config) mapLead(lead *Lead, target Target) (salesforce.Fields, []Warning, error) {
	fields, warnings, err := cfg.Mapper.Map(lead, target)
	if _, own := cfg.Mapper.(*Mapping); own || err != nil {
		return fields, warnings, err
	}
	if target.Describe == nil {
		return nil, nil, unseen(target.Object)
	}
	fit := make(salesforce.Fields, len(fields))
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		field, ok := target.Describe.Field(name)
		if !ok || field.Type == salesforce.TypeID {
			return nil, nil, &Error{Code: MissingRemoteField, Fields: []string{name}, Reason: "the object has no such field to write"}
		}
		value, more, err := Convert(field, fields[name], ConvertOptions{})
		if err != nil {
			return nil, nil, err
		}
		fit[field.Name] = value
		for _, w := range more {
			w.Object = target.Object
			warnings = append(warnings, w)
		}
	}
	return fit, warnings, nil
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
		lead.warn(warnings...)
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

// diff returns the fields of want that a record does not hold yet, by name.
func diff(describe *salesforce.Describe, record *salesforce.Record, want salesforce.Fields) []FieldChange {
	var changes []FieldChange
	for _, name := range slices.Sorted(maps.Keys(want)) {
		value := want[name]
		field, ok := describe.Field(name)
		if key, named := value.(salesforce.ExternalKey); named && ok {
			if change, differs := changeBy(field, key, record); differs {
				changes = append(changes, change)
			}
			continue
		}
		if record == nil {
			if value != nil {
				changes = append(changes, FieldChange{Field: name, After: value})
			}
			continue
		}
		before, _ := record.Value(name)
		if ok && sameValue(field, before, value) {
			continue
		}
		changes = append(changes, FieldChange{Field: name, Before: before, After: value})
	}
	return changes
}

// planAccount plans the account of people to be created in it.
func (p *planner) planAccount(a *account) {
	if len(a.units) == 0 {
		return // its people keep their own
	}
	var all unit // the leads of all people of the account, for its own fields
	all.object = salesforce.ObjectAccount
	for _, u := range a.units {
		all.matches, all.plans = append(all.matches, u.matches...), append(all.plans, u.plans...)
	}
	keyField, key := p.sch.keyField(&p.s.cfg, salesforce.ObjectAccount), ""
	if keyField != "" {
		key = all.key(PartAccount, accountKey(all.leads()...))
	}
	if a.record == nil {
		if at, waits := p.mayStillCome(p.lastCreate(&all, PartAccount, key)); waits {
			all.stop(uncertain(salesforce.ObjectAccount), at)
			return
		}
	}
	want := p.compose(&all, salesforce.ObjectAccount, a.record)
	if all.stopped() {
		return
	}
	change := Change{Kind: PartAccount, Object: salesforce.ObjectAccount}
	if key != "" && a.record == nil {
		want[keyField], change.UniqueField = key, keyField
	}
	var err *Error
	if a.change, err = p.change(change, a.record, want, all.live()); err != nil {
		all.stop(*err, time.Time{})
		return
	}
	for _, lead := range all.plans {
		if lead.Err != nil {
			continue
		}
		part := PlannedPart{Kind: PartAccount, Object: salesforce.ObjectAccount, Change: a.change}
		if a.record != nil {
			part.ID, lead.AccountID = a.record.ID, a.record.ID
		}
		lead.Parts = append(lead.Parts, part)
	}
}

// leads are the unit's leads that have not failed.
func (u *unit) leads() []*Lead {
	var leads []*Lead
	for i, one := range u.matches {
		if u.plans[i].Err == nil {
			leads = append(leads, one.lead)
		}
	}
	return leads
}

// live are the ids of the unit's leads that have not failed.
func (u *unit) live() []LeadID {
	var ids []LeadID
	for _, lead := range u.plans {
		if lead.Err == nil {
			ids = append(ids, lead.LeadID)
		}
	}
	return ids
}

// checkPerson fails the leads whose person cannot be written, before an account
// is written for them in vain.
func (p *planner) checkPerson(u *unit) {
	if u.record == nil && !u.stopped() {
		key := ""
		if p.sch.keyField(&p.s.cfg, u.object) != "" {
			key = u.key(PartPerson, personKey(u.live()[0]))
		}
		if at, waits := p.mayStillCome(p.lastCreate(u, PartPerson, key)); waits {
			u.stop(uncertain(u.object), at)
			return
		}
	}
	want := p.compose(u, u.object, u.record)
	if _, err := p.draft(Change{Object: u.object}, u.record, want, u.live()); err != nil {
		u.stop(*err, time.Time{})
	}
}

// planPerson plans the person's own record.
func (p *planner) planPerson(u *unit) {
	if u.stopped() {
		return
	}
	want := p.compose(u, u.object, u.record)
	change := Change{Kind: PartPerson, Object: u.object}
	if u.record == nil {
		if key := p.sch.keyField(&p.s.cfg, u.object); key != "" {
			want[key], change.UniqueField = p.freeKey(u.object, key, u.key(PartPerson, personKey(u.live()[0]))), key
		}
		p.placeInAccount(u, want, &change)
	}
	var err *Error
	if u.change, err = p.change(change, u.record, want, u.live()); err != nil {
		u.stop(*err, time.Time{})
		return
	}
	for _, lead := range u.plans {
		if lead.Err == nil {
			u.enter(lead)
		}
	}
}

// freeKey returns the key for a new record. A converted Lead that counts as no
// hit still holds its own: the one that replaces it is told by both.
func (p *planner) freeKey(object salesforce.Object, field, key string) string {
	for _, holder := range p.index.find(object, field, key) {
		if !holder.Bool("IsDeleted") {
			return boundKey(key + "/" + string(holder.ID))
		}
	}
	return key
}

// enter enters the person into the plan of one of its leads.
func (u *unit) enter(lead *LeadPlan) {
	part := PlannedPart{Kind: PartPerson, Object: u.object, Change: u.change}
	lead.Object = u.object
	if u.record != nil {
		part.ID, lead.ID = u.record.ID, u.record.ID
		if u.object == salesforce.ObjectContact {
			lead.AccountID = salesforce.ID(u.record.Text("AccountId")).ID18()
		}
	}
	lead.Parts = append(lead.Parts, part)
}

// placeInAccount fills the AccountId of a Contact to be created.
func (p *planner) placeInAccount(u *unit, want salesforce.Fields, change *Change) {
	switch {
	case u.account == nil:
	case u.account.record != nil:
		want["AccountId"] = string(u.account.record.ID)
	case u.account.change != Unplanned:
		change.Refs = append(change.Refs, salesforce.Ref{Field: "AccountId", Write: u.account.change})
	}
}

// change adds a change to the plan and returns its index: Unplanned when the
// record holds everything. The error is draft's.
func (p *planner) change(c Change, record *salesforce.Record, want salesforce.Fields, leads []LeadID) (int, *Error) {
	c, err := p.draft(c, record, want, leads)
	if err != nil || !c.Create && len(c.Fields)+len(c.Refs) == 0 {
		return Unplanned, err
	}
	p.plan.Changes = append(p.plan.Changes, c)
	return len(p.plan.Changes) - 1, nil
}

// draft fills a change in. The error says what a new record lacks, or that the
// connected user may not write the object.
func (p *planner) draft(c Change, record *salesforce.Record, want salesforce.Fields, leads []LeadID) (Change, *Error) {
	describe := p.sch.describe(c.Object)
	if describe == nil {
		return c, unseen(c.Object)
	}
	for _, ref := range c.Refs {
		delete(want, ref.Field) // a field has one value
	}
	c.Create, c.Leads = record == nil, leads
	c.Fields = diff(describe, record, want)
	if !c.Create {
		if len(c.Fields)+len(c.Refs) > 0 && !describe.Updateable {
			return c, forbidden(c.Object, "update")
		}
		c.ID, c.Modified = record.ID, record.Text("SystemModstamp")
		return c, nil
	}
	if !describe.Createable {
		return c, forbidden(c.Object, "create")
	}
	if missing := lacks(describe, &c); len(missing) > 0 {
		return c, &Error{Op: "plan", Object: c.Object, Code: RequiredFieldMissing, Fields: missing,
			Reason: "a new record needs a value, and nothing supplies one"}
	}
	return c, nil
}

func forbidden(object salesforce.Object, what string) *Error {
	return &Error{Op: "plan", Object: object, Code: ConnectionPermission, Reason: "the connected user may not " + what + " the object"}
}

// unseen says that the connected user does not see an object. A standard one is in
// every org; another may be deleted just as well.
func unseen(object salesforce.Object) *Error {
	if isOwn(object) {
		return &Error{Op: "plan", Object: object, Code: MissingRemoteField, Reason: "the object is not in the org, or is hidden from the connected user"}
	}
	return forbidden(object, "see")
}

// isOwn reports whether an object is not one of Salesforce's but the org's own.
func isOwn(object salesforce.Object) bool { return strings.Contains(string(object), "__") }

// lacks returns the fields that a new record needs and does not get.
func lacks(describe *salesforce.Describe, c *Change) []string {
	var missing []string
	for i := range describe.Fields {
		field := &describe.Fields[i]
		has := slices.ContainsFunc(c.Fields, func(f FieldChange) bool { return f.Field == field.Name }) ||
			slices.ContainsFunc(c.Refs, func(r salesforce.Ref) bool { return r.Field == field.Name })
		if field.RequiredOnCreate() && !has {
			missing = append(missing, field.Name)
		}
	}
	return missing
}
