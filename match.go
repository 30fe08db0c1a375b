package leadsync

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/identity"
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
	// twins are records without an e-mail address that have the person's name.
	twins []*salesforce.Record
	err   *Error
	// retryAt is when a lead with an err that waits for the host is looked at again.
	retryAt time.Time
}

// holdFor is how long a lead waits that only another configuration can sync.
const holdFor = 15 * time.Minute

// A matcher finds the records of a batch.
type matcher struct {
	s       *Syncer
	sch     *schema
	lookup  *lookup
	index   *index
	matches []*match
	missing set  // ids that a decision waits for
	asked   set  // ids that were asked for: absent ones do not exist
	hops    int  // how often records were followed
	covered bool // members and tasks of people found by id were read
}

// maxHops bounds how far a chain of merged records is followed.
const maxHops = 5

// queriesPerCall is how many queries a composite call may carry
// (SALESFORCE.md 0).
const queriesPerCall = 5

// match finds the records of a batch: one call for everything that the leads
// themselves tell, and a second one only for what that one revealed.
func (s *Syncer) match(ctx context.Context, sch *schema, items []*item) (*matcher, error) {
	m := &matcher{s: s, sch: sch, lookup: newLookup(&s.cfg, sch, &s.reps), index: newIndex(), missing: make(set), asked: make(set)}
	for _, it := range items {
		m.matches = append(m.matches, m.begin(it))
	}
	statements := m.lookup.statements()
	first := min(len(statements), queriesPerCall)
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
	results, err := m.s.client.Read(ctx, reads...)
	if err != nil {
		return callError("match", err)
	}
	if len(results) != len(reads) {
		return &Error{Op: "match", Code: Unknown, Reason: fmt.Sprintf("the client answered %d of %d reads", len(results), len(reads))}
	}
	for i, result := range results {
		if result.Err != nil {
			return classify("match", statements[i].object, result.Err)
		}
		statements[i].take(m.index, result.Records)
	}
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
	one.trace.Probes = m.probes(strategy, one.lead)
	noHit := strategy.NoHit(one.lead)
	one.object, one.inAccount = noHit.Person, noHit.Account && noHit.Person == salesforce.ObjectContact
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
	lead.AccountID = cmp.Or(lead.AccountID, it.last.AccountID)
	return &lead
}

// probes returns the strategy's probes, and after them one for the key that a
// record created for this lead carries.
func (m *matcher) probes(strategy Strategy, lead *Lead) []ProbeTrace {
	var people, accounts []ProbeTrace
	for _, p := range strategy.Probes(lead) {
		if p.Object == salesforce.ObjectAccount {
			accounts = append(accounts, ProbeTrace{Probe: p})
		} else {
			people = append(people, ProbeTrace{Probe: p})
		}
	}
	person := strategy.NoHit(lead).Person
	if key := m.sch.keyField(&m.s.cfg, person); key != "" {
		people = append(people, ProbeTrace{Probe: Probe{Object: person, Field: key, Value: personKey(lead.ID)}})
	}
	if key := m.sch.keyField(&m.s.cfg, salesforce.ObjectAccount); key != "" && len(accounts) > 0 {
		accounts = append(accounts, ProbeTrace{Probe: Probe{Object: salesforce.ObjectAccount, Field: key, Value: accountKey(lead)}})
	}
	return append(people, accounts...)
}

// ask puts a probe into the lookup, or says why it is skipped.
func (m *matcher) ask(one *match, p *ProbeTrace) {
	describe := m.sch.describe(p.Object)
	switch {
	case strings.TrimSpace(p.Value) == "":
		p.Skipped = "blank"
		return
	case describe == nil:
		one.err = &Error{Op: "match", LeadID: one.lead.ID, Object: p.Object, Code: ConnectionPermission,
			Reason: "the connected user cannot see the object"}
		return
	}
	field, ok := describe.Field(p.Field)
	switch {
	case !ok:
		one.err = &Error{Op: "match", LeadID: one.lead.ID, Object: p.Object, Code: MissingRemoteField, Fields: []string{p.Field},
			Reason: "the field is deleted or hidden from the connected user"}
	case field.Type == salesforce.TypeID:
		id, err := salesforce.ParseID(p.Value)
		switch {
		case err != nil:
			p.Skipped = "not an id"
		case describe.KeyPrefix != "" && id.Prefix() != describe.KeyPrefix:
			p.Skipped = "the id of another object"
		default:
			m.asked.add(string(id))
			m.lookup.want(p.Object, field.Name, string(id))
		}
	case foldValue(p.Object, p.Field, p.Value) == "":
		p.Skipped = "nothing to compare"
	default:
		m.lookup.want(p.Object, field.Name, p.Value)
	}
}

// askAround asks for what is needed beside the record: namesakes where nothing
// else tells the person, memberships, tasks, reps.
func (m *matcher) askAround(one *match) {
	lead := one.lead
	email := identity.Email(lead.Email)
	m.lookup.emails.add(email)
	if email == "" && strings.TrimSpace(lead.LastName) != "" && m.sch.describe(one.object) != nil {
		m.lookup.wantNamesake(one.object, m.stored(one.object, "LastName", lead.LastName))
	}
	for _, link := range m.s.linksOf(lead) {
		m.lookup.campaigns.add(string(link.CampaignID.ID18()))
	}
	for _, task := range m.s.tasksOf(lead) {
		m.lookup.subjects.add(task.subject())
		m.lookup.taskKeys.add(task.key)
		if day, ok := task.day(); ok {
			m.lookup.days = append(m.lookup.days, day)
		} else {
			m.lookup.undated = true
		}
		m.askRep(task.By)
	}
	m.askRep(lead.CapturedBy)
}

func (m *matcher) askRep(email string) {
	if email = identity.Email(email); email != "" && !m.s.reps.known(email) {
		m.lookup.newReps.add(email)
	}
}

// followUp returns the statements for what the rows so far revealed: records
// that a merge leads to, and once all are decided the memberships and tasks of
// people whom no e-mail address covered.
func (m *matcher) followUp() []statement {
	if len(m.missing) > 0 && m.hops < maxHops {
		m.hops++
		next := newLookup(&m.s.cfg, m.sch, &m.s.reps)
		next.follow = m.lookup.follow
		for _, id := range m.missing.sorted() {
			m.asked.add(id)
			next.want(m.objectOf(salesforce.ID(id)), "Id", id)
		}
		clear(m.missing)
		return next.records()
	}
	if m.covered {
		return nil
	}
	m.covered = true
	people := make(set)
	for _, one := range m.matches {
		for _, record := range append([]*salesforce.Record{one.person}, one.twins...) {
			if record != nil && !m.lookup.emails.has(identity.Email(record.Text("Email"))) {
				people.add(string(record.ID))
			}
		}
	}
	ids := people.sorted()
	return append(m.lookup.members(ids, idOf), m.lookup.tasksOf(ids)...)
}

func (m *matcher) objectOf(id salesforce.ID) salesforce.Object {
	for _, object := range []salesforce.Object{salesforce.ObjectLead, salesforce.ObjectAccount} {
		if describe := m.sch.describe(object); describe != nil && describe.KeyPrefix == id.Prefix() {
			return object
		}
	}
	return salesforce.ObjectContact
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

func probeWord(field string) string {
	switch field {
	case "Email":
		return "e-mail"
	case "Id":
		return "id"
	}
	return field
}

// try returns the record that a probe finds, nil for none.
func (m *matcher) try(one *match, p *ProbeTrace) *salesforce.Record {
	var hits []*salesforce.Record
	for _, found := range m.index.find(p.Object, p.Field, p.Value) {
		record, note := m.lead(one, found, strings.EqualFold(p.Field, "Id"))
		if one.err != nil {
			return nil
		}
		p.Candidates = append(p.Candidates, Candidate{Object: found.Object, ID: found.ID, Note: note})
		if record != nil && !slices.ContainsFunc(hits, func(h *salesforce.Record) bool { return h.ID == record.ID }) {
			hits = append(hits, record)
		}
	}
	slices.SortFunc(p.Candidates, func(a, b Candidate) int { return cmp.Compare(a.ID, b.ID) })
	if len(hits) == 0 {
		return nil
	}
	slices.SortFunc(hits, better)
	if len(hits) > 1 && m.s.cfg.Ambiguous == HoldAmbiguous {
		one.err = &Error{Op: "match", LeadID: one.lead.ID, Object: p.Object, Code: AmbiguousMatch, Fields: []string{p.Field},
			Reason: fmt.Sprintf("%d records fit; choose one", len(hits))}
		return nil
	}
	slices.SortStableFunc(p.Candidates, func(a, b Candidate) int {
		return cmp.Compare(chosenLast(a, hits[0]), chosenLast(b, hits[0]))
	})
	return hits[0]
}

func chosenLast(c Candidate, chosen *salesforce.Record) int {
	if c.ID == chosen.ID {
		return 0
	}
	return 1
}

// better orders hits: unconverted before converted, then the last modified,
// then the smallest id.
func better(a, b *salesforce.Record) int {
	converted := func(r *salesforce.Record) int {
		if r.Bool("IsConverted") {
			return 1
		}
		return 0
	}
	return cmp.Or(
		cmp.Compare(converted(a), converted(b)),
		modified(b).Compare(modified(a)),
		cmp.Compare(a.ID, b.ID),
	)
}

// lead follows a record found to the one that stands for it now: a merged one
// to its survivor when it was found by id, a converted Lead to its Contact. It
// returns nil where that leads nowhere, and what happened in a word.
func (m *matcher) lead(one *match, record *salesforce.Record, byID bool) (*salesforce.Record, string) {
	note := ""
	for range maxHops {
		switch {
		case record.Bool("IsDeleted") && !byID:
			return nil, "deleted"
		case record.Bool("IsDeleted"):
			master := salesforce.ID(record.Text("MasterRecordId")).ID18()
			if master == "" {
				return nil, "deleted"
			}
			note = "merged"
			record = m.known(record.Parent("MasterRecord"), record.Object, master)
		case record.Bool("IsConverted"):
			if m.s.cfg.Converted == HoldConverted {
				one.err = &Error{Op: "match", LeadID: one.lead.ID, Object: record.Object, Code: StaleRemoteRecord,
					Reason: "the Lead is converted; decide what to do with it"}
				return nil, "converted"
			}
			contact := salesforce.ID(record.Text("ConvertedContactId")).ID18()
			if !one.followsConverted(m.s.cfg.Converted) || contact == "" {
				return nil, "converted, counts as no hit"
			}
			note, byID = "converted", true
			record = m.known(record.Parent("ConvertedContact"), salesforce.ObjectContact, contact)
		default:
			return record, note
		}
		if record == nil {
			return nil, note
		}
	}
	return nil, note
}

// known returns the record that another one points to: as it came with that
// one, from the index, or nil after asking for it.
func (m *matcher) known(parent *salesforce.Record, object salesforce.Object, id salesforce.ID) *salesforce.Record {
	if record := m.index.byID[id]; record != nil {
		return record
	}
	if parent != nil && parent.ID == id {
		parent.Object = object
		m.index.byID[id] = parent
		return parent
	}
	if !m.asked.has(string(id)) {
		m.missing.add(string(id))
	}
	return nil
}

// followsConverted reports whether a converted Lead leads to its Contact: where
// the strategy deals in Contacts.
func (one *match) followsConverted(policy ConvertedPolicy) bool {
	return policy == Follow && slices.ContainsFunc(one.trace.Probes, func(p ProbeTrace) bool {
		return p.Object == salesforce.ObjectContact
	})
}

// findTwins gathers, for a lead that nothing but its name tells, the records of
// that name: one of them may be what an earlier sync created.
func (m *matcher) findTwins(one *match) {
	one.twins = nil
	if identity.Email(one.lead.Email) != "" {
		return
	}
	same := func(record *salesforce.Record, field, value string) bool {
		return strings.EqualFold(record.Text(field), m.stored(one.object, field, value))
	}
	for _, record := range m.index.find(one.object, "LastName", m.stored(one.object, "LastName", one.lead.LastName)) {
		if record.Bool("IsDeleted") || record.Bool("IsConverted") || record.Text("Email") != "" || !same(record, "FirstName", one.lead.FirstName) {
			continue
		}
		if one.object == salesforce.ObjectLead && !same(record, "Company", one.lead.Company) {
			continue
		}
		if by := record.Text("CreatedById"); m.sch.user != "" && by != "" && !m.sch.user.Equal(salesforce.ID(by)) {
			continue
		}
		one.twins = append(one.twins, record)
	}
	slices.SortFunc(one.twins, func(a, b *salesforce.Record) int { return cmp.Compare(a.ID, b.ID) })
}

// stored returns text as a field of the object keeps it.
func (m *matcher) stored(object salesforce.Object, field, text string) string {
	describe := m.sch.describe(object)
	if describe == nil {
		return text
	}
	if f, ok := describe.Field(field); ok {
		if value, _, err := Convert(f, text, ConvertOptions{}); err == nil {
			kept, _ := value.(string)
			return kept
		}
	}
	return text
}
