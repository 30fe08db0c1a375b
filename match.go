package leadsync

import (
	"cmp"
	"context"
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// holdFor is how long a lead waits for a configuration that can sync it.
const holdFor = 15 * time.Minute

// queriesPerCall is how many queries one composite call may carry.
const queriesPerCall = 5

// match finds the records of a batch: with one call for everything that the leads
// themselves name, and more only for what the first revealed.
func (r *matcher) match(ctx context.Context, session *session, items []*item) (*matchResult, error) {
	m := &matching{matcher: r, session: session, questions: newQuestions(r.set, session), index: newIndex(),
		missing: make(set), asked: make(set), twins: make(map[string][]*salesforce.Record), written: make(map[string]set)}
	for _, it := range items {
		m.matches = append(m.matches, m.begin(it))
	}
	for _, one := range m.matches {
		if len(one.trace.Probes) > 0 {
			m.askUsers(one)
		}
	}
	// All records come first: whose members and tasks are still to be asked for
	// depends on them.
	statements := m.questions.records()
	first := max(len(statements), queriesPerCall)
	statements = append(statements, m.questions.around()...)
	statements = append(statements, m.questions.objects()...)
	first = min(first, len(statements))
	if err := m.read(ctx, statements[:first]); err != nil {
		return nil, err
	}
	rest := statements[first:]
	for {
		for _, one := range m.matches {
			m.decide(one)
		}
		rest = append(rest, m.followUp()...)
		if len(rest) == 0 {
			return &matchResult{m.matches, m.index, session, m.calls}, nil
		}
		if err := m.read(ctx, rest); err != nil {
			return nil, err
		}
		rest = nil
	}
}

// read runs statements and indexes their rows. One failed query fails the batch: an
// incomplete lookup must not pass for "no match".
func (m *matching) read(ctx context.Context, statements []statement) error {
	if len(statements) == 0 {
		return nil
	}
	reads := make([]salesforce.Read, len(statements))
	for i, st := range statements {
		reads[i] = st.read
	}
	m.calls += (len(reads) + queriesPerCall - 1) / queriesPerCall
	results, err := readAll(ctx, m.reader, "match", reads)
	if err != nil {
		return err
	}
	for i, result := range results {
		if result.Err != nil {
			return classify("match", statements[i].object, result.Err)
		}
		statements[i].take(m.index, result.Records)
	}
	clear(m.twins)
	return nil
}

// begin starts the match of a lead and asks for everything that it can be found by.
func (m *matching) begin(it *item) *match {
	it.leaveCompany()
	one := &match{item: it, lead: withKnownIDs(it)}
	strategy := m.strategies[cmp.Or(one.lead.Strategy, m.strategy)]
	one.trace.Strategy = one.lead.Strategy
	if strategy == nil {
		one.err = &Error{Op: "match", LeadID: one.lead.ID, Code: DataValueValidation, Fields: []string{"strategy"},
			Reason: "no strategy of that name is configured"}
		one.retryAt = m.now().Add(holdFor)
		return one
	}
	one.trace.Strategy = strategy.Name()
	noHit := strategy.NoHit(one.lead)
	one.object = matchedObject(noHit.Person)
	if one.object != salesforce.ObjectContact && one.object != salesforce.ObjectLead {
		one.err = &Error{Op: "match", LeadID: one.lead.ID, Code: DataValueValidation, Fields: []string{"strategy"},
			Reason: "the strategy creates neither a Contact nor a Lead"}
		return one
	}
	one.inAccount = noHit.Account && one.object == salesforce.ObjectContact
	one.trace.Probes = m.probes(strategy, one)
	for i := range one.trace.Probes {
		m.ask(one, &one.trace.Probes[i])
	}
	m.questions.follow = m.questions.follow || one.followsConverted(m.converted)
	m.noteWritten(one)
	m.askAround(one)
	return one
}

// noteWritten records the objects that the lead's strategy can write.
func (m *matching) noteWritten(one *match) {
	objects := m.written[one.trace.Strategy]
	if objects == nil {
		objects = make(set)
		m.written[one.trace.Strategy] = objects
	}
	objects.add(string(one.object))
	if one.inAccount {
		objects.add(string(salesforce.ObjectAccount))
	}
	for i := range one.trace.Probes {
		if person := matchedObject(one.trace.Probes[i].Object); person != salesforce.ObjectAccount {
			objects.add(string(person))
		}
	}
}

// withKnownIDs returns the item's lead with the ids of the records that its
// last sync ended with.
func withKnownIDs(it *item) *Lead {
	if it.last == nil {
		return it.lead
	}
	lead := *it.lead
	switch {
	case it.last.ID == "":
	case it.last.Object == salesforce.ObjectContact:
		lead.ContactID = it.last.ID
	case it.last.Object == salesforce.ObjectLead:
		lead.LeadID = it.last.ID
	}
	if chosen := it.last.Trace.Chosen; lead.AccountID == "" || chosen != "" && chosen == it.last.AccountID {
		lead.AccountID = it.last.AccountID
	}
	return &lead
}

// decide tries a lead's probes with the records that were read so far. It is repeated
// when there are more.
func (m *matching) decide(one *match) {
	if one.err != nil {
		return
	}
	one.person, one.account, one.trace.Rule = nil, nil, ""
	for i := range one.trace.Probes {
		p := &one.trace.Probes[i]
		p.Candidates, p.Hit = nil, false
		if p.Skipped != "" || (p.Object == salesforce.ObjectAccount && (!one.inAccount || one.account != nil)) {
			continue
		}
		record := m.try(one, p)
		if one.err != nil {
			return
		}
		if record == nil {
			continue
		}
		p.Hit = true
		one.trace.Rule = string(p.Object) + " by " + probeWord(p.Field)
		if p.Object == salesforce.ObjectAccount {
			one.account = record
			continue
		}
		one.person, one.object = record, record.Object
		return
	}
	if one.trace.Rule == "" {
		one.trace.Rule = "no hit"
	} else {
		one.trace.Rule = "no hit; " + one.trace.Rule
	}
	m.findTwins(one)
}
