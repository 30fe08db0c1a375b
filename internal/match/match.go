// SPDX-License-Identifier: Apache-2.0

// Package match is the second stage of a lead's way: it finds the records in Salesforce
// that the leads of a batch belong to. It asks for everything that all of them need in
// as few statements as SOQL allows, indexes the rows, and decides lead by lead. An Item
// is a lead on its way through all stages; a Match is what was found for it, which
// package plan takes.
package match

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// holdFor is how long a lead waits for a configuration that can sync it.
const holdFor = 15 * time.Minute

// Match finds the records of a batch. When a field is gone since the session described
// the org, it describes the org again and repeats the lookup.
func (m *Matcher) Match(ctx context.Context, items []*Item) (*Result, error) {
	session, err := m.Sessions.After(ctx, refusedAt(items))
	if err != nil {
		return nil, err
	}
	found, err := m.matchIn(ctx, session, items)
	if !errors.Is(err, leadtype.MissingRemoteField) {
		return found, err
	}
	if session, err = m.Sessions.Refresh(ctx); err != nil {
		return nil, err
	}
	return m.matchIn(ctx, session, items)
}

// refusedAt returns when leads last failed for what was known of the org, zero for never:
// they are tried again because the org may have been repaired since.
func refusedAt(items []*Item) (at time.Time) {
	for _, it := range items {
		if last := it.Last; last != nil && last.Err != nil && last.Stage == leadtype.Failed && last.At.After(at) &&
			verdict.OfSchema(last.Err) {
			at = last.At
		}
	}
	return at
}

// matchIn finds the records of a batch in an org as a session describes it.
func (m *Matcher) matchIn(ctx context.Context, session *org.Session, items []*Item) (*Result, error) {
	batch := &matching{Matcher: m, session: session, leads: len(items),
		questions: newQuestions(m.Set, session, len(items)), objects: m.Set.MapperObjects(), index: newIndex(),
		missing: make(value.Set), asked: make(value.Set), twins: make(map[string][]*salesforce.Record),
		written: make(map[string]value.Set), corrected: make(map[salesforce.ID]*Match),
		followed: make(map[salesforce.ID][]salesforce.ID), userTargets: make(map[salesforce.Object]mapping.Target)}
	return batch.match(ctx, items)
}

// match finds the records of the batch: with one call for everything that the leads
// themselves name, and more only for what the first revealed.
func (m *matching) match(ctx context.Context, items []*Item) (*Result, error) {
	matches := make([]Match, len(items))
	m.matches = make([]*Match, 0, len(items))
	for i, it := range items {
		one := &matches[i]
		one.Item = it
		m.begin(one)
		if m.matches = append(m.matches, one); one.Correction.Own() {
			m.corrected[one.Correction.Record] = one
		}
	}
	for _, one := range m.matches {
		if len(one.Trace.Probes) > 0 {
			m.askUsers(one)
		}
	}
	if err := m.readCovers(ctx); err != nil {
		return nil, err
	}
	// All records come first: whose members and tasks are still to be asked for
	// depends on them.
	statements := m.questions.records()
	first := max(len(statements), salesforce.QueriesPerCall)
	statements = append(statements, m.questions.around(m.asksMembersByPerson())...)
	statements = append(statements, m.questions.objects()...)
	first = min(first, len(statements))
	if err := m.read(ctx, statements[:first], m.statusReads(first)...); err != nil {
		return nil, err
	}
	if err := m.renew(ctx); err != nil {
		return nil, err
	}
	rest := statements[first:]
	for {
		m.followCorrected()
		for _, one := range m.matches {
			m.decide(one)
		}
		rest = append(rest, m.followUp()...)
		if len(rest) == 0 {
			for _, one := range m.matches {
				one.lapse()
				one.Item.confirmLanded(m.index, m.session.Describe)
				if one.Item.confirmSent(m.index, m.session.Describe); one.Err == nil {
					one.bind()
				}
			}
			records, err := m.remembered(ctx)
			return &Result{m.matches, m.index, m.session, records, m.followed, m.calls}, err
		}
		if err := m.read(ctx, rest); err != nil {
			return nil, err
		}
		rest = nil
	}
}

// read runs statements and indexes their rows. One failed query fails the batch: an
// incomplete lookup must not pass for "no match". statuses go in the same call.
func (m *matching) read(ctx context.Context, statements []statement, statuses ...salesforce.Read) error {
	if len(statements) == 0 {
		return nil
	}
	reads := make([]salesforce.Read, len(statements), len(statements)+len(statuses))
	for i, st := range statements {
		reads[i] = st.read
	}
	reads = append(reads, statuses...)
	m.calls += callsFor(len(reads))
	results, err := org.ReadAll(ctx, m.Reader, "match", reads)
	if err != nil {
		return err
	}
	m.takeStatuses(results[len(statements):])
	results = results[:len(statements)]
	rows := 0
	for i := range results {
		rows += len(results[i].Records)
	}
	m.index.expect(rows)
	for i, result := range results {
		if err := cmp.Or(result.Err, org.CheckRows(statements[i].object, result.Records)); err != nil {
			return verdict.Classify("match", statements[i].object, err)
		}
		statements[i].take(m.index, result.Records)
	}
	clear(m.twins)
	return nil
}

// begin starts the match of an item's lead and asks for everything that it can be found by.
func (m *matching) begin(one *Match) {
	it := one.Item
	m.recallOpen(it)
	it.clean(m.Set)
	it.leaveCompany()
	one.Lead, one.Correction = it.KnownLead()
	one.Trace.Choice = it.choice()
	strategy, name := m.strategyOf(one.Lead)
	one.Trace.Strategy = one.Lead.Strategy
	if strategy == nil {
		one.Err = &leadtype.Error{Op: "match", LeadID: one.Lead.ID, Code: leadtype.DataValueValidation,
			Fields: []string{"strategy"}, Reason: "no strategy of that name is configured, but " +
				value.Quoted(slices.Sorted(maps.Keys(m.Strategies)))}
		one.RetryAt = m.Now().Add(holdFor)
		return
	}
	one.Trace.Strategy = name
	var noHit leadtype.NoHit
	var probes []leadtype.Probe
	one.Err = m.call(name, one.Lead, func() {
		if noHit = strategy.NoHit(one.Lead); it.probes == nil || it.probed != one.Lead {
			it.probed, it.probes = one.Lead, strategy.Probes(one.Lead)
		}
		probes = it.probes
	})
	if one.Err != nil {
		return
	}
	one.Object = value.MatchedObject(noHit.Person)
	if one.Object != salesforce.ObjectContact && one.Object != salesforce.ObjectLead {
		one.Err = &leadtype.Error{Op: "match", LeadID: one.Lead.ID, Code: leadtype.DataValueValidation,
			Fields: []string{"strategy"}, Reason: "the strategy creates neither a Contact nor a Lead"}
		return
	}
	one.InAccount = noHit.Account && one.Object == salesforce.ObjectContact && (!it.NoCompany || one.Lead.AccountID != "")
	one.Trace.Probes = one.corrected(m.probes(probes, one))
	for i := range one.Trace.Probes {
		m.ask(one, &one.Trace.Probes[i])
	}
	m.questions.follow = m.questions.follow || one.followsConverted(m.Converted)
	m.noteWritten(one)
	m.askOwing(one)
	m.askAround(one)
}

// noteWritten records the objects that the lead's strategy can write.
func (m *matching) noteWritten(one *Match) {
	objects := m.written[one.Trace.Strategy]
	if objects == nil {
		objects = make(value.Set)
		m.written[one.Trace.Strategy] = objects
	}
	objects.Add(string(one.Object))
	if one.InAccount {
		objects.Add(string(salesforce.ObjectAccount))
	}
	for i := range one.Trace.Probes {
		if person := value.MatchedObject(one.Trace.Probes[i].Object); person != salesforce.ObjectAccount {
			objects.Add(string(person))
		}
	}
}

// decideBy tries one of a lead's probes. own is the record of its open create, nil for none.
func (m *matching) decideBy(one *Match, at int, own *salesforce.Record) {
	p := &one.Trace.Probes[at]
	isAccount := p.Object == salesforce.ObjectAccount
	if p.Skipped != "" || isAccount && (!one.InAccount || one.Account != nil) {
		return
	}
	p.Tried = leadtype.TriedYes
	record := m.try(one, p)
	if one.Err == nil && record == nil {
		one.noteGone(p)
	}
	if one.Err != nil || record == nil || own != nil && record != own && !isAccount || m.vacated(one, p, record) {
		return
	}
	if one.isKnown(*p) && !one.mayStay(record) {
		p.Skipped = "the lead was corrected, and the record has another name"
		return
	}
	if one.Err = doubtOldKey(one, p, record); one.Err != nil {
		return
	}
	who, taken := m.weigh(one, at, record)
	if one.Err != nil || !taken {
		return
	}
	p.Hit = true
	one.Trace.Rule = string(p.Object) + " by " + probeWord(p.Field)
	if isAccount {
		one.Account = record
		return
	}
	one.Person, one.Object, one.Who = record, record.Object, who
	one.left = m.isLeft(one, record)
}

// restart forgets what was decided of a lead with fewer records.
func (m *matching) restart(one *Match) {
	one.Person, one.Account, one.Trace.Rule, one.left = nil, nil, "", false
	one.Who, one.Reused, one.named, one.Owing = "", false, "", nil
	one.successors, one.Gone = nil, nil
	for _, record := range one.LeftRecords() {
		one.successors = append(one.successors, m.successorsOf(record)...)
	}
}

// decide tries a lead's probes with the records that were read so far. It is repeated
// when there are more.
func (m *matching) decide(one *Match) {
	if one.Err != nil {
		return
	}
	m.restart(one)
	own := m.leftBy(one)
	for i := range one.Trace.Probes {
		p := &one.Trace.Probes[i]
		p.Candidates, p.Hit, p.Tried = nil, false, leadtype.TriedNo
		if one.Person == nil && one.Err == nil {
			m.decideBy(one, i, own)
		}
	}
	one.recallProbes()
	if one.Err != nil {
		return
	}
	if one.Person != nil {
		m.checkTaken(one)
		m.findOwing(one)
		return
	}
	if m.findAdopted(one); one.Person != nil || one.Err != nil {
		return
	}
	if one.Trace.Rule == "" {
		one.Trace.Rule = "no hit"
	} else {
		one.Trace.Rule = "no hit; " + one.Trace.Rule
	}
	m.findTwins(one)
}
