package leadsync

import (
	"cmp"
	"context"
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// A match is what was found for one lead.
type match struct {
	lead *Lead // with the ids that earlier syncs learnt
	item *item

	trace MatchTrace
	// object is the person's: of the record found, or to be created.
	object salesforce.Object
	person *salesforce.Record // nil: create one
	// inAccount says that a person to be created goes into an account: the
	// one found, else a new one.
	inAccount bool
	account   *salesforce.Record
	// fresh is what a record created for a lead without an e-mail address would
	// hold, or what one held that was sent and not answered; twins are the records
	// with its name and address.
	fresh *salesforce.Record
	twins []*salesforce.Record
	keys  map[*ObjectMapping]objectKey // of its records of other objects
	err   *Error
	// retryAt is when a lead with an err that waits for the host is looked at again.
	retryAt time.Time
}

// holdFor is how long a lead waits that only another configuration can sync.
const holdFor = 15 * time.Minute

// A matcher finds the records of a batch.
type matcher struct {
	s       *Syncer
	sch     *session
	lookup  *lookup
	index   *index
	matches []*match
	missing set                             // ids that a decision waits for
	asked   set                             // ids that were asked for: absent ones do not exist
	twins   map[string][]*salesforce.Record // by twinKey, of the rows so far
	hops    int                             // how often records were followed
	covered bool                            // members and tasks of people found by id were read
	calls   int                             // that the reads took at least
}

// queriesPerCall is how many queries a composite call may carry
// (SALESFORCE.md 0).
const queriesPerCall = 5

// match finds the records of a batch: one call for everything that the leads
// themselves tell, and a second one only for what that one revealed.
func (s *Syncer) match(ctx context.Context, sch *session, items []*item) (*matcher, error) {
	m := &matcher{s: s, sch: sch, lookup: newLookup(s.set, sch), index: newIndex(), missing: make(set), asked: make(set),
		twins: make(map[string][]*salesforce.Record)}
	for _, it := range items {
		m.matches = append(m.matches, m.begin(it))
	}
	// All records come first: whose members and tasks are still to be asked for
	// depends on them.
	statements := m.lookup.records()
	first := max(len(statements), queriesPerCall)
	statements = append(statements, m.lookup.around()...)
	statements = append(statements, m.lookup.objects()...)
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
			return m, nil
		}
		if err := m.read(ctx, rest); err != nil {
			return nil, err
		}
		rest = nil
	}
}

// read runs statements and takes in their rows. One failed query fails the
// batch: an incomplete lookup must never pass for "no match".
func (m *matcher) read(ctx context.Context, statements []statement) error {
	if len(statements) == 0 {
		return nil
	}
	reads := make([]salesforce.Read, len(statements))
	for i, st := range statements {
		reads[i] = st.read
	}
	m.calls += (len(reads) + queriesPerCall - 1) / queriesPerCall
	results, err := readAll(ctx, m.s.client, "match", reads)
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

// begin prepares a lead's match and asks for all that it can be found by.
func (m *matcher) begin(it *item) *match {
	one := &match{item: it, lead: withKnownIDs(it)}
	strategy := m.s.strategies[cmp.Or(one.lead.Strategy, m.s.cfg.Strategy.Name())]
	one.trace.Strategy = one.lead.Strategy
	if strategy == nil {
		one.err = &Error{Op: "match", LeadID: one.lead.ID, Code: DataValueValidation, Fields: []string{"strategy"},
			Reason: "no strategy of that name is configured, and no other may stand in"}
		one.retryAt = m.s.cfg.Now().Add(holdFor)
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
	m.lookup.follow = m.lookup.follow || one.followsConverted(m.s.cfg.Converted)
	m.askAround(one)
	return one
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

// decide goes through a lead's probes with what is known now. It is repeated
// when more is known.
func (m *matcher) decide(one *match) {
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
