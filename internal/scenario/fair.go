// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A Tape decides what happens at a Fair: each number makes the next decision. At its end
// everything is 0.
type Tape []int

func (t *Tape) draw(n int) int {
	if len(*t) == 0 || n < 2 {
		return 0
	}
	next := (*t)[0]
	*t = (*t)[1:]
	return next % n
}

func (t *Tape) bool() bool { return t.draw(2) == 1 }

// A FairConfig says how a Fair takes place.
type FairConfig struct {
	// Open opens the store as another process does. Nil means Sync without a store.
	Open func() leadsync.Store
	// Change takes a mechanism away, for a control. Nil changes nothing.
	Change func(cfg *leadsync.Config, m *leadsync.Mapping)
	// Quiet leaves warnings alone, for a control.
	Quiet bool
	// Met counts the moves and the kinds of warnings that were met. Nil counts none.
	Met map[string]int
}

// A Fair is an org with leads that are synced into it, the reps and the automation that
// change what becomes of them, and a model that knows by itself, without the code under
// test, who wrote what. It belongs into a bubble of package synctest.
type Fair struct {
	FairConfig
	t       testing.TB
	tape    Tape
	org     *sftest.Org
	cfg     leadsync.Config
	slots   []*slot
	procs   []*leadsync.Syncer
	leads   map[leadsync.LeadID]*attendee
	records map[string]*known // by id
	places  bool              // State and Country picklists are on
	first   int               // of the three guests who come
	n       int               // counts what is new
	failed  int               // leads of the last sync
	wrong   []error
	story   []string // what has happened, for whoever reads why it went wrong
}

// An attendee is a lead as it was captured last.
type attendee struct {
	*leadsync.Lead
	who     int
	said    map[string]said // by the name of the slot
	address place
	out, in said // the opt-out and the consent
	// unchanged says that it has the data of the capture before.
	unchanged bool
}

// NewFair returns a Fair. How it goes is on the tape.
func NewFair(t testing.TB, tape Tape, cfg FairConfig) *Fair {
	t.Helper()
	f := &Fair{FairConfig: cfg, t: t, tape: tape, slots: slots(), leads: make(map[leadsync.LeadID]*attendee),
		records: make(map[string]*known)}
	if f.Met == nil {
		f.Met = make(map[string]int)
	}
	<-time.After(26 * 365 * 24 * time.Hour) // a bubble begins in 2000
	options := []sftest.Option{sftest.WithNow(time.Now)}
	if f.places = f.tape.bool(); f.places {
		options = append(options, sftest.WithCountries())
	}
	f.org = sftest.NewOrg(nil, options...)
	f.define()
	m := f.mapping()
	f.cfg = leadsync.Config{Gather: leadsync.NoGather, Mapper: m}
	f.cfg.OtherPerson = []leadtype.OtherPersonPolicy{"", "", leadtype.AttachOther, leadtype.CreateOther}[f.tape.draw(4)]
	if f.Change != nil {
		f.Change(&f.cfg, m)
	}
	f.first = f.tape.draw(len(guests))
	f.populate()
	f.start()
	if f.Open != nil && f.tape.bool() {
		f.Met["two processes"]++
		f.start()
	}
	return f
}

// define defines the fields that the mapping has beside standard ones.
func (f *Fair) define() {
	industries, sectors := make(map[string]string), []string{"Sector 0", "Sector 1", "Sector 2", "Sector 3"}
	tiers := []string{"r0", "r1", "r2", "r3"}
	for who := range guests {
		industries[fmt.Sprintf("Industry %d", who)] = fmt.Sprintf("Branch %d", who)
		tiers = append(tiers, fmt.Sprintf("t%d", who))
	}
	f.org.DefineField("Lead", sftest.Field{Name: "Industry", Type: "picklist", Restricted: true, Labels: industries,
		Options: append(sectors, slices.Sorted(maps.Keys(industries))...)})
	for _, object := range []string{"Lead", "Contact"} {
		f.org.DefineField(object, sftest.Field{Name: "Day__c", Type: "date"})
		f.org.DefineField(object, sftest.Field{Name: "Budget__c", Type: "double", Precision: 12, Scale: 2})
		f.org.DefineField(object, sftest.Field{Name: "Tier__c", Type: "picklist", Restricted: true, Options: tiers})
		f.org.DefineField(object, sftest.Field{Name: "HasOptedOutOfEmail", Type: "boolean"})
		f.org.DefineField(object, sftest.Field{Name: "Newsletter__c", Type: "boolean"})
	}
	AddVisits(f.org)
}

// mapping is the default mapping with rows of other kinds.
func (f *Fair) mapping() *leadsync.Mapping {
	m := leadsync.DefaultMapping()
	tiers := make(map[string]string)
	for who := range guests {
		tiers[fmt.Sprintf("Tier %d", who)] = fmt.Sprintf("t%d", who)
	}
	for i := range 2 {
		m.Sections[i].Rules = append(m.Sections[i].Rules,
			leadsync.Rule{Source: "custom.day", Field: "Day__c", Write: mapping.UnlessEdited, Unfit: mapping.Skip},
			leadsync.Rule{Source: "custom.budget", Field: "Budget__c", Write: mapping.UnlessEdited, Unfit: mapping.Skip,
				Range: mapping.RangeMid},
			leadsync.Rule{Source: "custom.tier", Field: "Tier__c", Write: mapping.UnlessEdited, Unfit: mapping.Skip,
				Values: tiers, Unmapped: mapping.DropUnmapped},
			leadsync.Rule{Source: "custom.out", Field: "HasOptedOutOfEmail", Write: mapping.Raise},
			leadsync.Rule{Source: "custom.in", Field: "Newsletter__c", Write: mapping.Lower})
	}
	m.Sections = append(m.Sections, mapping.Section{Object: "Visit__c", Key: "VisitKey__c",
		Lookups: []mapping.Lookup{{Field: "Lead__c", To: mapping.ToLead}, {Field: "Contact__c", To: mapping.ToContact}},
		Rules:   []leadsync.Rule{{Source: "custom.booth", Field: "Booth__c", Write: mapping.UnlessEdited}}})
	return m
}

// populate puts people into the org who are known before.
func (f *Fair) populate() {
	account := f.org.Insert("Account", map[string]any{"Name": "Elsewhere"})
	for who := range guests {
		object := []string{"", "", "Lead", "Contact"}[f.tape.draw(4)]
		if object == "" || guests[who].emails[0].means == nil {
			continue
		}
		row := map[string]any{"FirstName": guests[who].first[0], "LastName": guests[who].last[0],
			"Email": guests[who].emails[0].means}
		if object == "Lead" {
			row["Company"] = []any{"[not provided]", "[[unknown]]", guests[who].company}[f.tape.draw(3)]
		} else {
			row["AccountId"] = account
		}
		for _, s := range f.slots {
			if name := s.field(object); row[name] == nil && name != "" && f.tape.bool() {
				f.n++
				row[name] = s.edit(f.n)
			}
		}
		row["HasOptedOutOfEmail"], row["Newsletter__c"] = f.tape.bool(), f.tape.bool()
		if f.tape.bool() {
			maps.Copy(row, f.drawPlace(who).row(object, f.places))
		}
		f.adopt(object, f.org.Insert(object, row), who)
	}
}

// start begins a process.
func (f *Fair) start() {
	cfg := f.cfg
	if f.Open != nil {
		cfg.Store = f.Open()
	}
	s, err := leadsync.New(bubbleClient(f.t, f.org), &cfg)
	fatal(f.t, err)
	f.procs = append(f.procs, s)
}

// Live lets everything happen and returns what is wrong in the end: each error begins with
// the rule that was broken.
func (f *Fair) Live() error {
	defer f.org.Close()
	all := moves()
	for range 3 + f.tape.draw(12) {
		next := all[f.tape.draw(len(all))]
		f.Met[next.name]++
		f.tell("%s:", next.name)
		next.do(f)
		if len(f.wrong) > 0 {
			return f.result()
		}
	}
	f.again()
	f.settle()
	return f.result()
}

// settle syncs all leads until nothing is written. That takes another round only where a lead
// that a person had to choose for finds its record by what others have written.
func (f *Fair) settle() {
	for {
		f.org.ResetLog()
		before, failed := f.look(), f.failed
		f.again()
		if WritesOf(f.org) == 0 {
			return
		}
		if f.failed >= failed {
			f.fail("twice: rows are written again: %s", differ(before, f.look()))
			return
		}
	}
}

func (f *Fair) fail(format string, args ...any) {
	f.wrong = append(f.wrong, fmt.Errorf(format, args...))
}

func (f *Fair) tell(format string, args ...any) {
	f.story = append(f.story, fmt.Sprintf(format, args...))
}

// result returns what is wrong, and how it came to be.
func (f *Fair) result() error {
	if len(f.wrong) == 0 {
		return nil
	}
	return fmt.Errorf("%w\n%s", errors.Join(f.wrong...), strings.Join(f.story, "\n"))
}

// capture captures some leads, with other data than before, and syncs them.
func (f *Fair) capture() {
	var batch []*attendee
	for range 1 + f.tape.draw(3) {
		who := (f.first + f.tape.draw(3)) % len(guests)
		id := leadsync.LeadID(fmt.Sprintf("L%d-%d", who, f.tape.draw(2)))
		if slices.ContainsFunc(batch, func(a *attendee) bool { return a.ID == id }) {
			continue
		}
		a := f.attend(who, id)
		f.leads[id] = a
		batch = append(batch, a)
	}
	f.sync(batch, true)
}

// attend draws the data of a lead.
func (f *Fair) attend(who int, id leadsync.LeadID) *attendee {
	f.n++
	lead := &leadsync.Lead{ID: id, EventID: "expo", Custom: make(map[string]any), Scans: f.n,
		CapturedAt: time.Now().Add(-time.Duration(f.tape.draw(6)) * time.Hour).UTC()}
	a := &attendee{Lead: lead, who: who, said: make(map[string]said)}
	if last := f.leads[id]; last != nil {
		lead.Activities = last.Activities
	}
	for _, s := range f.slots {
		needed := s.name == "lastName" || s.name == "company" || s.name == "email"
		if !needed && f.tape.draw(3) == 0 {
			continue
		}
		a.said[s.name] = s.says(who, f.tape.draw(120))
		s.put(lead, a.said[s.name].text)
	}
	if f.tape.bool() {
		a.address = f.drawPlace(who)
		a.address.put(lead)
	}
	consents := []said{{}, meant("yes", true), meant("no", false), meant("x", true)}
	a.out, a.in = consents[f.tape.draw(4)], consents[f.tape.draw(4)]
	lead.Custom["out"], lead.Custom["in"] = a.out.text, a.in.text
	if last := f.leads[id]; last != nil && f.Open != nil { // a store keeps what was said once
		if last.out.means == true {
			a.out = last.out
		}
		if last.in.means == false {
			a.in = last.in
		}
	}
	lead.Custom["booth"] = fmt.Sprintf("booth of %s, %d", id, f.n)
	if f.tape.bool() {
		lead.Notes = fmt.Sprintf("note of %d-%d", who, f.n)
	}
	if f.tape.draw(4) == 0 {
		lead.Activities = append(slices.Clone(lead.Activities), leadsync.Activity{ID: fmt.Sprint("A", f.n),
			Kind: leadsync.ActivityCall, At: time.Now(), Notes: fmt.Sprintf("call of %s, %d", id, f.n)})
	}
	if last := f.leads[id]; last != nil {
		a.unchanged = maps.Equal(a.said, last.said) && a.address == last.address && a.out == last.out && a.in == last.in &&
			lead.Notes == last.Notes
	}
	return a
}

// sync syncs leads and checks what became of them.
func (f *Fair) sync(batch []*attendee, changed bool) {
	before := f.look()
	outcomes := f.run(batch)
	after := f.look()
	f.failed = 0
	for _, a := range batch {
		out := outcomes[a.ID]
		if out.Stage == leadsync.Failed {
			f.failed++
		}
		f.tell("%s of %s is %s %s %s: %v %q, %v %v: %v", a.ID, a.CapturedAt.Format("02T15"), out.Stage, out.Code(), out.ID,
			a.said, a.address, a.out.means, a.in.means, out.Warnings)
	}
	f.check(&round{batch, outcomes, before, after, changed})
}

// run syncs leads in one of the processes.
func (f *Fair) run(batch []*attendee) map[leadsync.LeadID]*leadsync.Outcome {
	s := f.procs[f.tape.draw(len(f.procs))]
	leads := make([]*leadsync.Lead, len(batch))
	for i, a := range batch {
		leads[i] = a.Lead
	}
	outcomes := make(map[leadsync.LeadID]*leadsync.Outcome)
	if f.Open == nil {
		all, err := s.Sync(f.t.Context(), leads...)
		if len(all) == 0 {
			f.fail("sync: %w", err)
		}
		for _, out := range all {
			outcomes[out.LeadID] = out
		}
		return outcomes
	}
	Rounds(f.t, s, leads...)
	for _, entry := range StoredIn(f.t, s) {
		if slices.ContainsFunc(batch, func(a *attendee) bool { return a.ID == entry.Lead.ID }) {
			outcomes[entry.Lead.ID] = entry.Last
		}
	}
	return outcomes
}

// FairMeets are the moves and the kinds of warnings that happen at fairs, if there are
// enough.
func FairMeets() []string {
	all := []string{"person: address", "two processes", "outcome: cleared ", "outcome: failed AMBIGUOUS_MATCH",
		"outcome: failed REQUIRED_FIELD_MISSING"}
	for _, m := range moves() {
		all = append(all, m.name)
	}
	for _, s := range slots() {
		all = append(all, "person: "+s.name)
	}
	for _, kind := range []leadtype.WarningKind{leadtype.Truncated, leadtype.Unfit, leadtype.Unmapped, leadtype.BlankText,
		leadtype.KeptEdited, leadtype.KeptExisting, leadtype.KeptCleared, leadtype.OtherPerson, leadtype.Doubt,
		leadtype.AddressContradicts, leadtype.Placeholder, leadtype.NotIdentifiable, leadtype.Stale} {
		all = append(all, "warned: "+string(kind))
	}
	return all
}
