// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// NewFair returns a Fair. How it goes is on the tape.
func NewFair(t testing.TB, tape Tape, cfg FairConfig) *Fair {
	t.Helper()
	f := &Fair{FairConfig: cfg, t: t, tape: tape, leads: make(map[leadsync.LeadID]*attendee),
		records: make(map[string]*known), booths: make(map[string]*booth),
		closed: make(map[string]leadtype.WarningKind)}
	if f.Met == nil {
		f.Met = make(map[string]int)
	}
	f.zone = []*time.Location{time.UTC, time.FixedZone("", 9*60*60), time.FixedZone("", -6*60*60)}[f.tape.draw(3)]
	f.slots = slots(f.zone)
	<-time.After(26 * 365 * 24 * time.Hour) // a bubble begins in 2000
	options := []sftest.Option{sftest.WithNow(time.Now)}
	if f.places = f.tape.bool(); f.places {
		options = append(options, sftest.WithCountries())
	}
	f.org = sftest.NewOrg(nil, options...)
	f.define()
	if f.tape.draw(3) == 0 && f.Open != nil {
		f.org.AddExternalID("Lead", "Contact", "Account", "Task")
		f.keys = true
		f.Met["keys"]++
	}
	m := f.mapping()
	f.cfg = leadsync.Config{Gather: leadsync.NoGather, Mapper: m}
	f.ordain(m)
	f.cfg.OtherPerson = []leadtype.OtherPersonPolicy{"", "", leadtype.AttachOther, leadtype.CreateOther}[f.tape.draw(4)]
	f.askTopics()
	if f.tape.bool() {
		f.Met["campaign"]++
		f.addCampaign()
	}
	if f.Change != nil {
		f.Change(&f.cfg, m)
	}
	f.first = f.tape.draw(len(guests))
	f.populate()
	f.close()
	f.start()
	if f.Open != nil && f.tape.bool() && !f.Alone {
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
	f.rep = f.org.Insert("User", map[string]any{"LastName": "Rep", "Username": aRep, "Email": aRep, "Alias": "rep",
		"IsActive": true})
}

// mapping is the default mapping with rows of other kinds.
func (f *Fair) mapping() *leadsync.Mapping {
	m := leadsync.DefaultMapping()
	m.Missing = mapping.Skip
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

// ordain gives some fairs a mapping without a section for Contacts, leads with another strategy, or
// visits that Contacts alone may have.
func (f *Fair) ordain(m *leadsync.Mapping) {
	switch f.tape.draw(8) {
	case 1:
		m.Sections = slices.Delete(m.Sections, 1, 2)
		f.sectionless = true
	case 2:
		f.cfg.Strategies = []leadsync.Strategy{leadsync.LeadsOnly}
	case 3:
		f.org.DefineField("Visit__c", sftest.Field{Name: "Guest__c", Type: "reference", ReferenceTo: []string{"Contact"},
			Required: true})
		visits := &m.Sections[len(m.Sections)-1]
		visits.Lookups = append(visits.Lookups, mapping.Lookup{Field: "Guest__c", To: mapping.ToContact})
		f.guestsOnly = true
	}
}

// close hides a field from the connected user, or lets it be read only.
func (f *Fair) close() {
	object, slot := []string{"Lead", "Contact"}[f.tape.draw(2)], f.slots[4+f.tape.draw(9)]
	name := slot.field(object)
	if name == "" {
		return
	}
	switch f.tape.draw(4) {
	case 1:
		f.org.ReadOnlyField(object, name)
		f.closed[object+"."+name] = leadtype.Locked
	case 2:
		f.org.HideField(object, name)
		f.closed[object+"."+name] = leadtype.Missing
	}
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

// FairMeets are the moves and the kinds of warnings that happen at fairs, if there are
// enough.
func FairMeets() []string {
	all := []string{"person: address", "two processes", "outcome: cleared ", "outcome: failed AMBIGUOUS_MATCH",
		"outcome: failed REQUIRED_FIELD_MISSING", "corrected meanwhile", "keys", "campaign", "person: status",
		"person: Visit__c", "person: CampaignMember", "meanwhile: field", "meanwhile: Visit__c", "meanwhile: CampaignMember",
		"meanwhile: created", "did forget", "reverted: field",
		"reverted: address", "reverted: deleted"}
	for _, death := range deaths {
		all = append(all, "interrupted: "+string(death))
	}
	for _, m := range moves() {
		all = append(all, m.name)
	}
	for _, s := range slots(time.UTC) {
		all = append(all, "person: "+s.name)
	}
	for _, kind := range []leadtype.WarningKind{leadtype.Truncated, leadtype.Unfit, leadtype.Unmapped, leadtype.BlankText,
		leadtype.KeptEdited, leadtype.KeptExisting, leadtype.KeptCleared, leadtype.OtherPerson, leadtype.Doubt,
		leadtype.AddressContradicts, leadtype.Placeholder, leadtype.NotIdentifiable, leadtype.Stale, leadtype.StatusKept,
		leadtype.Locked, leadtype.Missing, leadtype.OwnerReplaced, leadtype.NoSection, leadtype.TwoStrategies,
		leadtype.Dropped} {
		all = append(all, "warned: "+string(kind))
	}
	return all
}
