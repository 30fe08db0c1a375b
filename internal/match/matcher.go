// SPDX-License-Identifier: Apache-2.0

package match

import (
	"cmp"
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/hook"
	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// A Matcher finds the records in Salesforce that leads belong to.
type Matcher struct {
	Set        *mapping.Set
	Strategies map[string]Strategy // by name
	Default    string              // the strategy of leads that name none
	Converted  leadtype.ConvertedPolicy
	Ambiguous  leadtype.AmbiguityPolicy
	// OtherPerson is for a record that was found by an e-mail address and has another name.
	OtherPerson leadtype.OtherPersonPolicy
	Reader      org.Reader
	Sessions    Sessions
	Memory      Memory  // nil: nothing is remembered
	Pending     Pending // nil: no create is open but those of the items
	Now         func() time.Time
	Logger      *slog.Logger // gets the stack of a strategy that panics; nil logs nothing
}

// A Pending knows the creates and updates whose response was lost.
type Pending interface {
	// Of returns those of a lead.
	Of(lead leadtype.LeadID) []leadtype.Intent
}

// recallOpen gives an item whose lead no Store keeps the journal of earlier syncs.
func (m *Matcher) recallOpen(it *Item) {
	if it.Intents == nil && it.Updates == nil && m.Pending != nil {
		it.recall(m.Pending.Of(it.Lead.ID))
	}
}

// A Memory knows whose records are.
type Memory interface {
	// Records returns what is remembered of the records with these ids.
	Records(ctx context.Context, ids []salesforce.ID) (map[salesforce.ID]leadtype.RecordMemory, error)
}

// strategyOf returns the strategy of a lead and its name, nil when no known one has it.
func (m *Matcher) strategyOf(lead *leadtype.Lead) (Strategy, string) {
	name := cmp.Or(lead.Strategy, m.Default)
	return m.Strategies[name], name
}

// Probes returns what the strategy of a lead looks for, nil when it is not known or
// panics.
func (m *Matcher) Probes(lead *leadtype.Lead) (probes []leadtype.Probe) {
	if strategy, name := m.strategyOf(lead); strategy != nil {
		_ = m.call(name, lead, func() { probes = strategy.Probes(lead) })
	}
	return probes
}

// noHit returns what the strategy of a lead creates, the zero NoHit when it is not known
// or panics.
func (m *Matcher) noHit(lead *leadtype.Lead) (noHit leadtype.NoHit) {
	if strategy, name := m.strategyOf(lead); strategy != nil {
		_ = m.call(name, lead, func() { noHit = strategy.NoHit(lead) })
	}
	return noHit
}

// call calls a strategy for a lead. The error is that of one that panicked.
func (m *Matcher) call(strategy string, lead *leadtype.Lead, f func()) *leadtype.Error {
	p := hook.Call(m.Logger, hook.Hook{Kind: "strategy", Name: strategy, For: string(lead.ID)}, f)
	if p == nil {
		return nil
	}
	return verdict.Panicked("match", lead.ID, "", p)
}

// Sessions is the part of org.Sessions that a Matcher uses.
type Sessions interface {
	After(ctx context.Context, failed time.Time) (*org.Session, error)
	Refresh(ctx context.Context) (*org.Session, error)
}

// A Strategy is the part of a host's Strategy that a Matcher uses.
type Strategy interface {
	Name() string
	Probes(lead *leadtype.Lead) []leadtype.Probe
	NoHit(lead *leadtype.Lead) leadtype.NoHit
}

// A Result is what was found for the leads of a batch.
type Result struct {
	Matches []*Match // in the order of the leads
	Index   *Index
	Session *org.Session
	// Records is what is remembered of the records that may be a lead's by its name, and
	// where rules need it, of those that were found.
	Records map[salesforce.ID]leadtype.RecordMemory
	// Followed are the records, in order, that were merged or converted and led to one.
	Followed map[salesforce.ID][]salesforce.ID
	Calls    int // API calls that the reads took, without further pages
}

// A matching is the matching of one batch.
type matching struct {
	*Matcher
	session   *org.Session
	questions *questions
	index     *Index
	objects   []salesforce.Object // that the Mapper fills
	matches   []*Match
	missing   value.Set                         // ids that a decision waits for
	asked     value.Set                         // ids that were asked for: absent ones do not exist
	twins     map[string][]*salesforce.Record   // by TwinKey, of the rows so far
	written   map[string]value.Set              // the objects of people and accounts that a strategy can write
	corrected map[salesforce.ID]*Match          // the leads that were, by the record that is their own
	followed  map[salesforce.ID][]salesforce.ID // the records that led to one
	anyTarget mapping.Target                    // what target returns, of no object
	// userTargets is what userTarget has returned.
	userTargets map[salesforce.Object]mapping.Target
	hops        int  // how often records were followed
	leads       int  // in the batch
	covered     bool // members and tasks of people found by id were read
	// tasksKnown says that the Tasks with a key of a lead of whom asksByPerson is true were read.
	tasksKnown bool
	calls      int
	outdated   bool // campaigns have other statuses than the session says
}

// largeBatch is above how many leads a batch asks for Tasks by the people that it found.
const largeBatch = 2000

// asksByPerson reports whether the Tasks of a lead with keys are asked for by its person rather
// than by their keys, which are long. The lead is one of many, and not known to have Tasks
// elsewhere: where it has them all the same, Salesforce refuses their keys a second time.
func (m *matching) asksByPerson(one *Match) bool {
	return m.leads > largeBatch && one.Item.Last == nil && len(one.Item.Intents) == 0
}

// A Match is what was found for one lead of a batch.
type Match struct {
	Lead *leadtype.Lead // with the ids that earlier syncs found
	Item *Item
	// Correction is what the lead's new data means for the record of its last sync.
	Correction Correction

	Trace leadtype.MatchTrace
	// Object is the person's: of the record found, or to be created.
	Object salesforce.Object
	Person *salesforce.Record // nil: create one
	Who    leadtype.Who       // whose the person is that was found, or that another lead of the batch creates
	Reused bool               // a duplicate rule named the record
	// Gone are records that a person chose and that are no more.
	Gone []leadtype.Candidate
	// InAccount says that a person is created in an account: the one found, else a
	// new one.
	InAccount bool
	Account   *salesforce.Record
	// Owing is the Account of a Contact that was found, where values of it are owed to the lead
	// or asked for.
	Owing *salesforce.Record
	// fresh holds the fields by which to recognize a record that an earlier sync created:
	// those of a new record for a lead without an e-mail address, or those of a create
	// whose response was lost. twins are the records that match them.
	fresh *salesforce.Record
	// left says that the person's record was made by a create of the lead whose response was
	// lost, whichever probe found it.
	left     bool
	namesake namesake
	// named is the record that a duplicate rule, or a unique field, named for the lead.
	named salesforce.ID
	// successors are the records that took the places of those that a corrected lead has
	// left: its Tasks are there now.
	successors []salesforce.ID
	Draft      *Draft // of a new person, nil where the lookups need none
	Twins      []*salesforce.Record
	Keys       map[*mapping.Section]ObjectKey // of its records of other objects
	tasks      []Task                         // see Tasks
	Err        *leadtype.Error
	// RetryAt is when a lead with an Err that waits for the host is looked at again.
	RetryAt time.Time
}

// Captured is the lead that rules read: Lead with the texts that it had when it was
// captured. Which of them stand for no value is up to the rule.
func (m *Match) Captured() *leadtype.Lead {
	if m.Item == nil || m.Item.Given == nil {
		return m.Lead
	}
	captured := *m.Item.Given
	captured.ContactID, captured.LeadID, captured.AccountID = m.Lead.ContactID, m.Lead.LeadID, m.Lead.AccountID
	return &captured
}

// Tasks returns TasksOf the lead.
func (m *Match) Tasks(set *mapping.Set) []Task {
	if m.tasks == nil {
		m.tasks = TasksOf(set, m.Lead)
	}
	return m.tasks
}

// A Draft is a lead mapped onto a new record before the lookups.
type Draft struct {
	Object salesforce.Object
	mapping.Mapped
	Final bool // mapping the lead again, after the lookups, would make no difference
}

// OwnKey is that of the lead.
func (m *Match) OwnKey() string {
	if made := m.turnKeys(); len(made) > 0 {
		return made[0]
	}
	return OwnKey(m.Lead)
}

func (m *Match) turnKeys() []string {
	if m.Item == nil {
		return nil
	}
	return m.Item.turnKeys
}

// IdentityKeys are the values that make two leads of a batch the same person.
func (m *Match) IdentityKeys() []string {
	if m.Err != nil {
		return nil
	}
	keys := make([]string, 0, 3)
	for i := range m.Trace.Probes {
		if p := &m.Trace.Probes[i]; m.Identifies(p) { // the key of a lead alone is OwnKey
			keys = appendIdentityKey(keys, m.turnKeys(), &p.Probe)
		}
	}
	if m.Person != nil {
		keys = append(keys, "record\x00"+string(m.Person.ID))
	}
	return keys
}

// Identifies reports whether what a probe looks for identifies the person of the lead, so that
// another lead with the same value is the same person. A key is one lead's, and a record that
// an earlier sync matched with the lead, although it is or may be another person's, identifies
// that one: the names decide once it is gone.
func (m *Match) Identifies(p *leadtype.ProbeTrace) bool {
	if p.Key != "" || p.Skipped != "" {
		return false
	}
	return m.Item == nil || !strings.EqualFold(p.Field, "Id") || m.knownAs(p, salesforce.ID(p.Value)) == ""
}

// knownAs returns what an earlier sync said of a record that it matched with the lead, also
// one that was merged into this record since, "" where the host gives the record itself.
func (m *Match) knownAs(p *leadtype.ProbeTrace, record salesforce.ID) leadtype.Who {
	last, given := m.Item.Last, m.Item.Lead
	if last == nil || last.Trace.Bond == nil || p.Key != "" || last.ID == "" ||
		!last.ID.Equal(record) && !last.ID.Equal(salesforce.ID(p.Value)) ||
		given.ContactID.Equal(record) || given.LeadID.Equal(record) {
		return ""
	}
	return last.Trace.Bond.Who
}

// An ObjectKey is the key of a lead's record of one object, or the error why there is none.
type ObjectKey struct {
	Value string // "" for a blank key
	Err   *leadtype.Error
}

// WantsNew reports whether a person chose that a record is created for the lead.
func (m *Match) WantsNew() bool { return m.Trace.Chosen == leadtype.NewRecord }

// WantsNewAccount reports whether a person chose that an account is created.
func (m *Match) WantsNewAccount() bool { return m.Trace.ChosenAccount == leadtype.NewRecord }

// passed reports whether a person, who chose that a record is created, passed this one by: it
// was among the candidates.
func (m *Match) passed(record *salesforce.Record) bool {
	switch {
	case record == nil:
		return false
	case record.Object == salesforce.ObjectAccount:
		return m.WantsNewAccount() && m.Trace.Passes(record.ID)
	}
	return m.WantsNew() && m.Trace.Passes(record.ID)
}

// Passes reports whether a person, who chose that a record is created, passed one by that
// another lead found: it was among the candidates, as far as they are known.
func (m *Match) Passes(record salesforce.ID) bool {
	switch {
	case record == "":
		return false
	case value.ObjectOfID(record) == salesforce.ObjectAccount:
		return m.WantsNewAccount() && m.Trace.Passes(record)
	}
	return m.WantsNew() && (m.Trace.Passes(record) || !m.Trace.PassesPeople())
}
