package leadsync

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

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
	sch     *schema
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

// maxHops bounds how far a chain of merged records is followed.
const maxHops = 5

// queriesPerCall is how many queries a composite call may carry
// (SALESFORCE.md 0).
const queriesPerCall = 5

// match finds the records of a batch: one call for everything that the leads
// themselves tell, and a second one only for what that one revealed.
func (s *Syncer) match(ctx context.Context, sch *schema, items []*item) (*matcher, error) {
	m := &matcher{s: s, sch: sch, lookup: newLookup(&s.cfg, sch), index: newIndex(), missing: make(set), asked: make(set),
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
	results, err := m.s.readAll(ctx, "match", reads)
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

// probes returns the strategy's probes, and after them one for the key that a
// record created for this lead carries.
func (m *matcher) probes(strategy Strategy, one *match) []ProbeTrace {
	var people, accounts []ProbeTrace
	for _, p := range strategy.Probes(one.lead) {
		if matchedObject(p.Object) == salesforce.ObjectAccount {
			accounts = append(accounts, ProbeTrace{Probe: p})
		} else {
			people = append(people, ProbeTrace{Probe: p})
		}
	}
	if key := m.sch.keyField(&m.s.cfg, one.object); key != "" {
		people = append(people, ProbeTrace{Probe: Probe{Object: one.object, Field: key, Value: personKey(one.lead.ID)}})
	}
	if key := m.sch.keyField(&m.s.cfg, salesforce.ObjectAccount); key != "" && len(accounts) > 0 {
		accounts = append(accounts, ProbeTrace{Probe: Probe{Object: salesforce.ObjectAccount, Field: key, Value: accountKey(one.lead)}})
	}
	return append(people, accounts...)
}

// ask puts a probe into the lookup, or says why it is skipped.
func (m *matcher) ask(one *match, p *ProbeTrace) {
	if strings.TrimSpace(p.Value) == "" {
		p.Skipped = "blank"
		return
	}
	field, err := m.probed(&p.Probe)
	if err != nil {
		one.err = err.forLead(one.lead.ID)
		return
	}
	if p.Object == salesforce.ObjectAccount && field.Name == "Name" {
		p.Value = m.stored(p.Object, field.Name, p.Value)
	}
	switch {
	case field.Type == salesforce.TypeID:
		m.askID(p)
	case !utf8.ValidString(p.Value), foldValue(p.Object, p.Field, p.Value) == "":
		p.Skipped = "nothing to compare"
	case field.Length > 0 && len([]rune(p.Value)) > field.Length:
		p.Skipped = "longer than the field"
	default:
		m.lookup.want(p.Object, field.Name, p.Value)
	}
}

func (m *matcher) askID(p *ProbeTrace) {
	id, err := salesforce.ParseID(p.Value)
	prefix := m.sch.describe(p.Object).KeyPrefix
	switch {
	case err != nil:
		p.Skipped = "not an id"
	case prefix != "" && id.Prefix() != prefix:
		p.Skipped = "the id of another object"
	default:
		m.asked.add(string(id))
		m.lookup.want(p.Object, p.Field, string(id))
	}
}

// probed returns the field that a probe looks in, and gives the probe the
// spelling of Salesforce. The error is for what could not be looked up: that
// must never pass for "no match", nor fail the leads beside it.
func (m *matcher) probed(p *Probe) (*salesforce.Field, *Error) {
	refuse := func(code Code, reason string) (*salesforce.Field, *Error) {
		return nil, &Error{Op: "match", Object: p.Object, Code: code, Fields: []string{p.Field}, Reason: reason}
	}
	object := matchedObject(p.Object)
	if object == "" {
		return refuse(DataValueValidation, "a strategy finds Contacts, Leads and Accounts only")
	}
	p.Object = object
	describe := m.sch.describe(p.Object)
	if describe == nil {
		return refuse(ConnectionPermission, "the connected user cannot see the object")
	}
	field, ok := describe.Field(p.Field)
	if !ok {
		return refuse(MissingRemoteField, "the field is deleted or hidden from the connected user")
	}
	p.Field = field.Name
	if !field.Filterable || !slices.Contains(textTypes, field.Type) {
		return refuse(DataValueValidation, "records cannot be found by the field: it does not hold text, or is not filterable")
	}
	return field, nil
}

// matchedObject returns an object that probes can find in its own spelling, "" for
// any other.
func matchedObject(name salesforce.Object) salesforce.Object {
	for _, o := range []salesforce.Object{salesforce.ObjectContact, salesforce.ObjectLead, salesforce.ObjectAccount} {
		if folded(o) == folded(name) {
			return o
		}
	}
	return ""
}

// textTypes are the types of field whose values SOQL compares as text.
var textTypes = []salesforce.FieldType{salesforce.TypeID, salesforce.TypeString, salesforce.TypeEmail, salesforce.TypePhone,
	salesforce.TypeURL, salesforce.TypePicklist, salesforce.TypeCombobox, salesforce.TypeTextarea}

// askAround asks for what is needed beside the record: namesakes where nothing
// else tells the person, memberships, tasks, reps.
func (m *matcher) askAround(one *match) {
	lead := one.lead
	m.lookup.emails.addEmail(lead.Email)
	if intent := one.item.intent(PartPerson, ""); intent != nil && intent.Person.LastName != "" {
		m.askSent(one, intent)
	} else if identity.Email(lead.Email) == "" && one.err == nil {
		m.askNamesakes(one)
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
	m.askObjects(one)
	m.askUsers(lead)
}

// askUsers asks for the Users that the rows for a lead name by e-mail address. A
// trial tells which: a Mapper asks its Target for them.
func (m *matcher) askUsers(lead *Lead) {
	try := func(mapper Mapper, object salesforce.Object) {
		describe := m.sch.describe(object)
		if !refersToUsers(describe, mapper.Fields(object)) {
			return
		}
		target := Target{Object: object, Describe: describe, Other: m.sch.describe, User: func(email string) (salesforce.ID, bool) {
			m.askRep(email)
			return m.sch.reps.user(email)
		}}
		_, _, _ = mapper.Map(lead, target) // planning the record will say what is wrong
	}
	for _, object := range m.s.cfg.Mapper.Objects() {
		try(m.s.cfg.Mapper, object)
	}
	for _, link := range m.s.linksOf(lead) {
		try(m.s.memberMappings[link], salesforce.ObjectCampaignMember)
	}
}

// refersToUsers reports whether one of the fields holds ids of Users.
func refersToUsers(describe *salesforce.Describe, fields []string) bool {
	return describe != nil && slices.ContainsFunc(fields, func(name string) bool {
		field, ok := describe.Field(name)
		return ok && field.Type == salesforce.TypeReference && slices.Contains(field.ReferenceTo, salesforce.ObjectUser)
	})
}

func (m *matcher) askRep(email string) {
	if !m.sch.reps.known(email) {
		m.lookup.newReps.addEmail(email)
	}
}

// followUp returns the statements for what the rows so far revealed: records
// that a merge leads to, and once all are decided the memberships and tasks of
// people whom no e-mail address covered.
func (m *matcher) followUp() []statement {
	if len(m.missing) > 0 && m.hops < maxHops {
		m.hops++
		next := newLookup(&m.s.cfg, m.sch)
		next.follow = m.lookup.follow
		for _, id := range m.missing.sorted() {
			m.asked.add(id)
			next.want(objectOfID(salesforce.ID(id)), "Id", id)
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
	var hits []hit
	for _, found := range m.index.find(p.Object, p.Field, p.Value) {
		record, note := m.lead(one, found, p.Field == "Id")
		if one.err != nil {
			return nil
		}
		p.Candidates = append(p.Candidates, Candidate{Object: found.Object, ID: found.ID, Note: note})
		if record != nil {
			hits = append(hits, hit{found, record})
		}
	}
	slices.SortFunc(p.Candidates, func(a, b Candidate) int { return cmp.Compare(a.ID, b.ID) })
	if len(hits) == 0 {
		return nil
	}
	slices.SortFunc(hits, better)
	best := hits[0]
	if m.s.cfg.Ambiguous == HoldAmbiguous {
		if n := records(hits); n > 1 {
			one.err = &Error{Op: "match", LeadID: one.lead.ID, Object: p.Object, Code: AmbiguousMatch, Fields: []string{p.Field},
				Reason: fmt.Sprintf("%d records fit; choose one", n)}
			return nil
		}
	}
	chosen := slices.IndexFunc(p.Candidates, func(c Candidate) bool { return c.ID == best.found.ID })
	first := p.Candidates[chosen]
	p.Candidates = slices.Insert(slices.Delete(p.Candidates, chosen, chosen+1), 0, first)
	return best.record
}

// A hit is a record found, and the one that stands for it now.
type hit struct{ found, record *salesforce.Record }

// records returns how many records the hits lead to.
func records(hits []hit) int {
	ids := make(set)
	for _, h := range hits {
		ids.add(string(h.record.ID))
	}
	return len(ids)
}

// better orders hits: unconverted before converted, then the last modified,
// then the smallest id.
func better(a, b hit) int {
	converted := func(h hit) int {
		if h.found.Bool("IsConverted") {
			return 1
		}
		return 0
	}
	return cmp.Or(
		cmp.Compare(converted(a), converted(b)),
		modified(b.record).Compare(modified(a.record)),
		cmp.Compare(a.record.ID, b.record.ID),
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
			return nil, noteDeleted
		case record.Bool("IsDeleted"):
			master := salesforce.ID(record.Text("MasterRecordId")).ID18()
			if master == "" {
				return nil, noteDeleted
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
				return nil, noteNoHit
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

// The notes on candidates that lead nowhere.
const (
	noteDeleted = "deleted"
	noteNoHit   = "converted, counts as no hit"
)

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
