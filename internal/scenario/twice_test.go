// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"maps"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A situation is an org, a configuration and the leads that come.
type situation struct {
	options []sftest.Option
	prepare func(org *sftest.Org, cfg *leadsync.Config, m *leadsync.Mapping)
	// fill fills the fields of one of the leads.
	fill []func(l *leadsync.Lead)
	// refused says that the org refuses a row of each run: then those that it writes count.
	refused bool
	// waits says that a store would retry a lead for minutes.
	waits bool
}

// each fills a field of one lead after the other with texts.
func each(put func(l *leadsync.Lead, text string), texts ...string) (fill []func(*leadsync.Lead)) {
	for _, text := range texts {
		fill = append(fill, func(l *leadsync.Lead) { put(l, text) })
	}
	return fill
}

func putCustom(l *leadsync.Lead, text string) { l.Custom = map[string]any{"x": text} }

// row adds a row from a custom value to Lead and Contact.
func row(rule leadsync.Rule, field sftest.Field) func(*sftest.Org, *leadsync.Config, *leadsync.Mapping) {
	rule.Source, rule.Field = "custom.x", field.Name
	return func(org *sftest.Org, _ *leadsync.Config, m *leadsync.Mapping) {
		for i, object := range []string{"Lead", "Contact"} {
			org.DefineField(object, field)
			m.Sections[i].Rules = append(m.Sections[i].Rules, rule)
		}
	}
}

func skip(write mapping.WriteRule, transforms ...string) leadsync.Rule {
	return leadsync.Rule{Write: write, Unfit: mapping.Skip, Transforms: transforms}
}

// situations are those in which values, names or records change on their way.
func situations() map[string]situation {
	put := map[string]func(l *leadsync.Lead, text string){
		"Title":    func(l *leadsync.Lead, v string) { l.JobTitle = v },
		"Phone":    func(l *leadsync.Lead, v string) { l.Phone = v },
		"Website":  func(l *leadsync.Lead, v string) { l.Website = v },
		"Size":     func(l *leadsync.Lead, v string) { l.CompanySize = v },
		"LastName": func(l *leadsync.Lead, v string) { l.LastName = v },
		"Email":    func(l *leadsync.Lead, v string) { l.Email = v },
		"Company":  func(l *leadsync.Lead, v string) { l.Company = v },
		"Notes":    func(l *leadsync.Lead, v string) { l.Notes = v },
	}
	return map[string]situation{
		"sizes of companies": {fill: each(put["Size"], "51-200", "1,001-5,000 employees", "5.000", "10 000",
			"1.001-5.000 Mitarbeiter", "10.000+", "10k", "<50", "Enterprise", "２００", "10-Jan", "unknown")},
		"phones": {fill: each(put["Phone"], "4.91711E+11", `="0171 1234567"`, "'+491711111111", "tel:+49-171-1111111",
			"+1 (555) 010-9999 x123", "０１７１ １２３４", "N/A", "+49", strings.Repeat("5", 53))},
		"phones as E.164": {prepare: func(_ *sftest.Org, _ *leadsync.Config, m *leadsync.Mapping) {
			changeRules(m, func(r *leadsync.Rule) { r.Transforms = []string{"e164:49"} }, "Phone")
		}, fill: each(put["Phone"], "0171 1234567", "+49 (0)171 1111111", "00491711111111", "+1 (555) 010-9999 x123",
			"call me")},
		"titles": {
			fill: each(put["Title"], " Head of  R&amp;D ", "CHIEF OFFICER", "e\u0301dite\u0301e", "取締役", "\u200bCTO", "n/a",
				strings.Repeat("Vice President ", 12), "👩‍💻 "+strings.Repeat("x", 140)),
		},
		"names": {
			fill: each(put["LastName"], "MCDONALD", "o'neill", "van der berg", "Müller", "[not provided]", "ΠΑΠΑΔΟΠΟΥΛΟΣ",
				"McDonald, PhD"),
		},
		"addresses": {fill: each(put["Email"], " Jo@Acme.example ", "mailto:jo@acme2.example", "Jo <jo@acme3.example>",
			"noreply@acme.example", "n/a", "jo@müller.example")},
		"companies": {fill: each(put["Company"], "AT&amp;T", "Self-employed", "Acme GmbH & Co. KG", "Unknown Ltd")},
		"websites": {
			fill: each(
				put["Website"],
				"HTTPS://WWW.Acme.example/",
				"acme.example",
				"none",
				"https://acme.example/?"+strings.Repeat("x", 300),
			),
		},
		"notes": {
			fill: each(
				put["Notes"],
				"met at the booth\nbudget <5k & R&D",
				"T&uuml;r",
				"\u202a+49\u202c",
				strings.Repeat("long ", 7000),
			),
		},
		"rich text": {prepare: row(skip(mapping.Append), sftest.Field{Name: "Story__c", Type: "textarea", RichText: true}),
			fill: each(putCustom, "met at the booth\nbudget <5k & R&D", "a<b", "plain")},
		"dates": {
			prepare: row(skip(""), sftest.Field{Name: "Day__c", Type: "date"}),
			fill: each(
				putCustom,
				"2026-05-04",
				"2026-05-04T23:30:00-05:00",
				"13/05/2026",
				"04.05.2026",
				"May 4, 2026",
				"04/05/2026",
				"20260504",
			),
		},
		"times": {prepare: row(skip(""), sftest.Field{Name: "At__c", Type: "datetime"}),
			fill: each(putCustom, "2026-05-04T23:30:00.1234-05:00", "2026-05-04 17:00", "2026-03-08 02:30:00", "2026-05-04")},
		"amounts": {prepare: row(skip(""), sftest.Field{Name: "Budget__c", Type: "currency", Precision: 9, Scale: 2}),
			fill: each(putCustom, "1.234,50", "1,234.567", "5000.00", "$5M", "1.234")},
		"shares": {prepare: row(skip(""), sftest.Field{Name: "Share__c", Type: "percent", Precision: 5, Scale: 1}),
			fill: each(putCustom, "5 %", "12,5%", "0.125")},
		"yes and no": {prepare: row(skip(""), sftest.Field{Name: "Vip__c", Type: "boolean"}),
			fill: each(putCustom, "yes", "Nein", "x", "", "I agree")},
		"opt-outs": {prepare: row(leadsync.Rule{Write: mapping.Raise}, sftest.Field{Name: "Out__c", Type: "boolean"}),
			fill: each(putCustom, "yes", "no", "")},
		"consents": {
			prepare: row(leadsync.Rule{Write: mapping.Lower}, sftest.Field{Name: "In__c", Type: "boolean", Default: true}),
			fill:    each(putCustom, "yes", "no", ""),
		},
		"options": {prepare: row(skip(""), sftest.Field{Name: "Tier__c", Type: "picklist", Restricted: true,
			Options: []string{"g", "s"}, Labels: map[string]string{"g": "Gold", "s": "Silver"}}),
			fill: each(putCustom, "Gold", " silver", "G", "platinum")},
		"lists": {prepare: row(skip(""), sftest.Field{Name: "Topics__c", Type: "multipicklist", Restricted: true,
			Options: []string{"d", "p", "Yes, please"}, Labels: map[string]string{"d": "Demo", "p": "Pricing"}}),
			fill: each(putCustom, "Pricing, Demo", "d;p", "Yes, please", "Demo, Other")},
		"answers":             {prepare: withTopics, fill: answers("Pricing", "Demo", "n/a")},
		"dependent picklists": {prepare: withLines, fill: lines("Hardware", "Software")},
		"record types":        {prepare: withRecordType, fill: each(putCustom, "Person_Lead", "person lead")},
		"owners": {prepare: func(org *sftest.Org, _ *leadsync.Config, _ *leadsync.Mapping) {
			org.Insert("User", map[string]any{"LastName": "Rep", "Username": "rep@host.example", "Email": "rep@host.example",
				"Alias": "rep", "IsActive": true})
		}, fill: each(func(l *leadsync.Lead, v string) { l.CapturedBy = v }, "REP@host.example", "nobody@host.example")},
		"places with picklists": {options: []sftest.Option{sftest.WithCountries()}, fill: placesOf()},
		"places":                {fill: placesOf()},
		"Tasks, members and visits": {prepare: withVisits, fill: each(func(l *leadsync.Lead, v string) {
			l.Activities = []leadsync.Activity{{ID: "A" + v, Kind: leadsync.ActivityCall, Notes: v, By: "rep@host.example"},
				{Kind: leadsync.ActivityNote, Notes: strings.Repeat(v, 9000)}}
			l.Custom = map[string]any{"booth": " " + v + " "}
		}, "talked", "R&amp;D")},
		"people of one address": {prepare: func(org *sftest.Org, cfg *leadsync.Config, _ *leadsync.Mapping) {
			cfg.OtherPerson = leadtype.AttachOther
			scenario.InsertContact(org, "Gibson", "info@acme.example")
		}, fill: each(func(l *leadsync.Lead, v string) { l.Email, l.LastName, l.JobTitle = "info@acme.example", v, "CTO" },
			"Gibson", "Novak", "GIBSON")},
	}
}

func withTopics(org *sftest.Org, cfg *leadsync.Config, _ *leadsync.Mapping) {
	fields := make(map[salesforce.Object]string)
	for _, object := range []string{"Lead", "Contact"} {
		org.DefineField(object, sftest.Field{Name: "Topics__c", Type: "multipicklist", Restricted: true,
			Options: []string{"p", "d"}, Labels: map[string]string{"p": "Pricing", "d": "Demo"}})
		fields[salesforce.Object(object)] = "Topics__c"
	}
	cfg.Qualifiers = []leadsync.Qualifier{{Name: "topics", Multiple: true, Fields: fields, Unmapped: mapping.DropUnmapped},
		{Name: "remark", Type: mapping.QualifierNote}}
}

func answers(texts ...string) []func(*leadsync.Lead) {
	return each(func(l *leadsync.Lead, v string) {
		l.Answers = map[string][]string{"topics": {v, "Demo"}, "remark": {v}}
	}, texts...)
}

func withLines(org *sftest.Org, _ *leadsync.Config, m *leadsync.Mapping) {
	org.DefineField("Lead", sftest.Field{Name: "Line__c", Type: "picklist", Restricted: true,
		Options: []string{"Hardware", "Software"}})
	org.DefineField("Lead", sftest.Field{Name: "Topic__c", Type: "picklist", Restricted: true, Controller: "Line__c",
		Options: []string{"hw_other", "sw_other"}, Labels: map[string]string{"hw_other": "Other", "sw_other": "Other"},
		ValidFor: map[string][]string{"hw_other": {"Hardware"}, "sw_other": {"Software"}}})
	m.Sections[0].Rules = append(m.Sections[0].Rules, leadsync.Rule{Source: "custom.line", Field: "Line__c"},
		leadsync.Rule{Source: "custom.topic", Field: "Topic__c"})
}

func lines(texts ...string) []func(*leadsync.Lead) {
	return each(func(l *leadsync.Lead, v string) { l.Custom = map[string]any{"line": v, "topic": "Other"} }, texts...)
}

func withRecordType(org *sftest.Org, _ *leadsync.Config, m *leadsync.Mapping) {
	org.DefineRecordType("Lead", sftest.RecordType{Name: "Business", Default: true})
	org.DefineRecordType("Lead", sftest.RecordType{Name: "Person_Lead"})
	m.Sections[0].Rules = append(m.Sections[0].Rules, leadsync.Rule{Source: "custom.x", Field: "RecordTypeId",
		By: "RecordType.DeveloperName", Unfit: mapping.Skip})
}

func withVisits(org *sftest.Org, cfg *leadsync.Config, m *leadsync.Mapping) {
	scenario.AddVisits(org)
	org.DefineField("CampaignMember", sftest.Field{Name: "Booth__c"})
	booth := leadsync.Rule{Source: "custom.booth", Field: "Booth__c"}
	m.Sections = append(m.Sections, mapping.Section{Object: "Visit__c", Key: "VisitKey__c",
		Lookups: []mapping.Lookup{{Field: "Lead__c", To: mapping.ToLead}}, Rules: []leadsync.Rule{booth}})
	cfg.Campaigns = []leadsync.CampaignLink{
		{CampaignID: scenario.Expo(org), Status: "Met", Fields: []leadsync.Rule{booth}},
	}
}

func placesOf() (fill []func(*leadsync.Lead)) {
	for _, p := range [][5]string{{"1 Main St", "LA", "Calif.", "90001", "USA"}, {"", "Köln", "", "", "Deutschland"},
		{"", "Munich", "Bavaria", "80331", "DE"}, {"", "London", "", "", "UK"}, {"", "X", "", "", "Atlantis"},
		{"", "", "CA", "", ""}} {
		fill = append(fill, func(l *leadsync.Lead) {
			l.Street, l.City, l.State, l.PostalCode, l.Country = p[0], p[1], p[2], p[3], p[4]
		})
	}
	return fill
}

// leads are those of a situation.
func (s *situation) leads() []*leadsync.Lead {
	var all []*leadsync.Lead
	for i, fill := range s.fill {
		lead := &leadsync.Lead{ID: leadsync.LeadID(fmt.Sprintf("L%d", i)), EventID: "expo", FirstName: "Jo",
			LastName: fmt.Sprintf("Doe %c", 'A'+rune(i)), Email: fmt.Sprintf("jo%d@acme%d.example", i, i), Company: "Acme",
			CapturedAt: time.Date(2026, 5, 4, 22, 0, 0, 0, time.FixedZone("", -5*60*60))}
		fill(lead)
		all = append(all, lead)
	}
	return all
}

// reformat is automation that changes the form of what is written.
func reformat(org *sftest.Org) {
	for _, r := range org.Rows("Lead") {
		change := make(map[string]any)
		for _, name := range []string{"Title", "LastName", "Company"} {
			if text, ok := r[name].(string); ok {
				change[name] = strings.ToUpper(text)
			}
		}
		if text, ok := r["Phone"].(string); ok {
			change["Phone"] = strings.ReplaceAll(text, " ", "-")
		}
		org.Update("Lead", r["Id"].(string), change)
	}
}

// TestASecondRunWritesNothing holds for the same leads in one process, in another one, and
// from a store, also where automation has changed the form of what was written.
func TestASecondRunWritesNothing(t *testing.T) {
	t.Parallel()
	all := situations()
	for _, more := range []map[string]situation{knownPeople(), orgRules(), hardValues()} {
		maps.Copy(all, more)
	}
	for name, one := range all {
		for _, how := range []string{"one process", "another process", "store"} {
			for _, formatted := range []bool{true, false} {
				if one.waits && how == "store" || (!formatted || how == "another process") && sized(1, 0) == 1 {
					continue
				}
				t.Run(fmt.Sprintf("%s/%s/formatted %t", name, how, formatted), func(t *testing.T) {
					t.Parallel()
					require.Zero(t, one.runTwice(t, how, formatted))
				})
			}
		}
	}
}

// runTwice returns how many rows the second run wrote.
func (s *situation) runTwice(t *testing.T, how string, formatted bool) int {
	t.Helper()
	org := sftest.NewOrg(t, s.options...)
	m := leadsync.DefaultMapping()
	cfg := &leadsync.Config{Mapper: m}
	if s.prepare != nil {
		s.prepare(org, cfg, m)
	}
	if how == "another process" { // it would find no lead without an address otherwise
		org.AddExternalID("Lead", "Contact", "Account", "Task")
	}
	open := openMemory()
	syncer := scenario.SyncerOf(t, org, cfg)
	run := func(leads []*leadsync.Lead) {
		if how == "another process" {
			syncer = scenario.SyncerOf(t, org, cfg)
		}
		if how != "store" {
			_, _ = syncer.Sync(t.Context(), leads...) // which may fail
			return
		}
		own := *cfg
		own.Store = open()
		stored := scenario.SyncerOf(t, org, &own)
		_, err := stored.Capture(t.Context(), leads...)
		require.NoError(t, err)
		_, err = stored.Push(t.Context(), leadsync.Filter{})
		require.NoError(t, err)
		require.NoError(t, stored.Drain(t.Context()))
	}
	run(s.leads())
	require.Positive(t, scenario.WritesOf(org), "the first one does")
	if formatted {
		reformat(org)
	}
	org.ResetLog()
	run(s.leads())
	if !s.refused {
		return scenario.WritesOf(org)
	}
	written := 0
	for _, r := range org.Requests() {
		written += r.Written
	}
	return written
}

// The control: what is never the same is written again.
func TestASecondRunThatWritesIsNoticed(t *testing.T) {
	t.Parallel()
	never := situation{prepare: func(org *sftest.Org, cfg *leadsync.Config, m *leadsync.Mapping) {
		withVisits(org, cfg, m)
		everChanging()(cfg, m)
	}, fill: each(putCustom, "a", "b")}
	require.Equal(t, 2, never.runTwice(t, "another process", false))
}

// everChanging fills a field with something else each time.
func everChanging() func(*leadsync.Config, *leadsync.Mapping) {
	var n atomic.Int64
	return func(cfg *leadsync.Config, m *leadsync.Mapping) {
		cfg.Transforms = map[string]mapping.TransformFunc{"new": func(any) (any, error) { return fmt.Sprint(n.Add(1)), nil }}
		m.Sections[3].Rules = append(m.Sections[3].Rules, leadsync.Rule{Source: "lastName", Field: "Notes__c",
			Transforms: []string{"new"}})
	}
}
