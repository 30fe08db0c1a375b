// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// consentDesk is a desk whose org has an opt-out, a consent, and fields for answers.
func consentDesk(t *testing.T, cfg leadsync.Config, rules ...mapping.Rule) *desk {
	t.Helper()
	m := leadsync.DefaultMapping()
	for i := range m.Sections {
		if m.Sections[i].Object == "Lead" || m.Sections[i].Object == "Contact" {
			m.Sections[i].Rules = append(m.Sections[i].Rules, rules...)
		}
	}
	cfg.Mapper = m
	d := newDesk(t, cfg)
	for _, object := range []string{"Lead", "Contact"} {
		d.org.DefineField(object, sftest.Field{Name: "HasOptedOutOfEmail", Type: "boolean"})
		d.org.DefineField(object, sftest.Field{Name: "News_OptIn__c", Type: "boolean"})
		d.org.DefineField(object, sftest.Field{Name: "Demo__c", Type: "boolean"})
		d.org.DefineField(object, sftest.Field{Name: "Interest__c", Type: "string", Length: 80})
	}
	return d
}

func out(write mapping.WriteRule) mapping.Rule {
	return mapping.Rule{Source: "custom.out", Field: "HasOptedOutOfEmail", Write: write}
}

func news(write mapping.WriteRule) mapping.Rule {
	return mapping.Rule{Source: "custom.news", Field: "News_OptIn__c", Write: write}
}

func says(lead *leadsync.Lead, values ...any) *leadsync.Lead {
	lead.Custom = make(map[string]any)
	for i := 0; i < len(values); i += 2 {
		lead.Custom[values[i].(string)] = values[i+1]
	}
	return lead
}

// Before, the consent of the second lead of a new record was lost, and so was its no.
func TestTheLeadsOfANewRecordKeepTheirConsent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		first, second any
		news, out     bool
	}{
		{nil, "yes", true, true}, {"yes", nil, true, true}, {"yes", "no", false, true}, {"no", "yes", false, true},
		{"no", nil, false, false}, {nil, "no", false, false},
	} {
		d := consentDesk(t, leadsync.Config{}, news(mapping.Lower), out(mapping.Raise))
		first, second := mailboxLead("L1", "Pia", "Gibson"), mailboxLead("L2", "P.", "Gibson")
		outs := d.sync(says(first, "news", c.first, "out", c.first), says(second, "news", c.second, "out", c.second))
		require.Equal(t, outs["L1"].ID, outs["L2"].ID)
		row := d.org.Row("Lead", string(outs["L1"].ID))
		require.Equal(t, []any{c.news, c.out}, []any{row["News_OptIn__c"], row["HasOptedOutOfEmail"]}, "%v", c)
	}
}

// Before, whoever opted out of mail to info@ was still written to when the record had
// another name in part.
func TestInDoubtConsentsBecomeSafer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		opted, given bool // of the record
		out, news    any  // of the lead
		want         []any
	}{
		{false, true, "yes", "no", []any{true, false}},
		{true, false, "no", "yes", []any{true, false}},
		{false, true, nil, nil, []any{false, true}},
	} {
		for _, answered := range []bool{false, true} {
			cfg := leadsync.Config{}
			rules := []mapping.Rule{out(mapping.Raise), news(mapping.Lower)}
			if answered {
				rules = nil
				cfg.Qualifiers = []leadsync.Qualifier{
					{Name: "out", Type: mapping.QualifierBoolean, Fields: both("HasOptedOutOfEmail")},
					{Name: "news", Type: mapping.QualifierBoolean, Fields: both("News_OptIn__c")}}
			}
			d := consentDesk(t, cfg, rules...)
			id := d.org.Insert("Lead", map[string]any{"FirstName": "Anna", "LastName": "Kowalska", "Email": mailbox,
				"Company": "Initech", "HasOptedOutOfEmail": c.opted, "News_OptIn__c": c.given})
			lead := says(mailboxLead("L1", "Anna", "Nowak"), "out", c.out, "news", c.news)
			if answered {
				answer(lead, "out", c.out, "news", c.news)
			}
			o := d.sync(lead)["L1"]
			require.Contains(t, warningKinds(o), leadtype.Doubt)
			row := d.org.Row("Lead", id)
			require.Equal(t, c.want, []any{row["HasOptedOutOfEmail"], row["News_OptIn__c"]}, "%v, answered %v", c, answered)
		}
	}
}

func both(field string) map[salesforce.Object]string {
	return map[salesforce.Object]string{"Lead": field, "Contact": field}
}

func answer(lead *leadsync.Lead, values ...any) {
	lead.Custom, lead.Answers = nil, make(map[string][]string)
	for i := 0; i < len(values); i += 2 {
		if text, ok := values[i+1].(string); ok {
			lead.Answers[values[i].(string)] = []string{text}
		}
	}
}

// Before, an answer "no" unticked an opt-out, whatever the row for it said.
func TestAnAnswerUndoesNoOptOut(t *testing.T) {
	t.Parallel()
	for _, rules := range [][]mapping.Rule{nil, {out(mapping.Raise), news(mapping.Lower)}} {
		d := consentDesk(t, leadsync.Config{Qualifiers: []leadsync.Qualifier{
			{Name: "Mail", Fields: both("HasOptedOutOfEmail"), Options: map[string]string{"no mail": "true", "mail": "false"}},
			{Name: "News", Type: mapping.QualifierBoolean, Fields: both("News_OptIn__c")}}}, rules...)
		id := d.org.Insert("Lead", map[string]any{"FirstName": "Pia", "LastName": "Gibson", "Email": mailbox,
			"Company": "Initech", "HasOptedOutOfEmail": true, "News_OptIn__c": false})
		lead := mailboxLead("L1", "Pia", "Gibson")
		answer(lead, "Mail", "mail", "News", "yes")
		o := d.sync(lead)["L1"]
		row := d.org.Row("Lead", id)
		require.Equal(t, []any{true, false}, []any{row["HasOptedOutOfEmail"], row["News_OptIn__c"]})
		require.Equal(t, []leadtype.WarningKind{leadtype.KeptExisting}, warned(o, "HasOptedOutOfEmail"))
		require.Equal(t, []leadtype.WarningKind{leadtype.KeptExisting}, warned(o, "News_OptIn__c"))

		d.org.Update("Lead", id, map[string]any{"HasOptedOutOfEmail": false, "News_OptIn__c": true})
		answer(lead, "Mail", "no mail", "News", "no")
		d.sync(lead)
		row = d.org.Row("Lead", id)
		require.Equal(t, []any{true, false}, []any{row["HasOptedOutOfEmail"], row["News_OptIn__c"]})
	}
}

// Before, what a rep had corrected in a field that an answer filled came back with the next
// phone number.
func TestACorrectedAnswerStays(t *testing.T) {
	t.Parallel()
	d := consentDesk(t, leadsync.Config{Qualifiers: []leadsync.Qualifier{
		{Name: "Interest", Type: mapping.QualifierText, Fields: both("Interest__c")},
		{Name: "Demo", Type: mapping.QualifierBoolean, Fields: both("Demo__c")}}})
	lead := mailboxLead("L1", "Pia", "Gibson")
	answer(lead, "Interest", "Solar", "Demo", "yes")
	o := d.sync(lead)["L1"]
	row := func() []any {
		r := d.org.Row("Lead", string(o.ID))
		return []any{r["Interest__c"], r["Demo__c"]}
	}
	require.Equal(t, []any{"Solar", true}, row())
	answer(lead, "Interest", "Wind", "Demo", "yes")
	o = d.sync(lead)["L1"]
	require.Equal(t, []any{"Wind", true}, row(), "what leadsync wrote it corrects")
	d.edit(o, map[string]any{"Interest__c": "Hydro", "Demo__c": false})
	lead.Phone = "617-555-0199"
	o = d.sync(lead)["L1"]
	require.Equal(t, []any{"Hydro", false}, row())
	require.Equal(t, []leadtype.WarningKind{leadtype.KeptEdited}, warned(o, "Interest__c"))
	require.Equal(t, []leadtype.WarningKind{leadtype.KeptEdited}, warned(o, "Demo__c"))
	d.edit(o, map[string]any{"Interest__c": nil})
	lead.Phone = "617-555-0200"
	o = d.sync(lead)["L1"]
	require.Equal(t, []any{nil, false}, row())
	require.Equal(t, []leadtype.WarningKind{leadtype.KeptCleared}, warned(o, "Interest__c"))
}

// The control: without the memory of what answers filled the record keeps everything, and
// nothing is kept up to date.
func TestACorrectedAnswerNeedsTheMemory(t *testing.T) {
	t.Parallel()
	d := consentDesk(t, leadsync.Config{Qualifiers: []leadsync.Qualifier{
		{Name: "Interest", Type: mapping.QualifierText, Fields: both("Interest__c")}}})
	d.store = amnesiacStore{d.store}
	lead := mailboxLead("L1", "Pia", "Gibson")
	answer(lead, "Interest", "Solar")
	o := d.sync(lead)["L1"]
	answer(lead, "Interest", "Wind")
	d.sync(lead)
	require.Equal(t, "Solar", d.org.Row("Lead", string(o.ID))["Interest__c"])
}

// An answer fills what a record of others lacks: a box that nobody ticked, too.
func TestAnAnswerFillsABlank(t *testing.T) {
	t.Parallel()
	d := consentDesk(t, leadsync.Config{Qualifiers: []leadsync.Qualifier{
		{Name: "Interest", Type: mapping.QualifierText, Fields: both("Interest__c")},
		{Name: "Demo", Type: mapping.QualifierBoolean, Fields: both("Demo__c")}}})
	one := d.org.Insert("Lead", map[string]any{"FirstName": "Pia", "LastName": "Gibson", "Email": mailbox,
		"Company": "I", "Interest__c": "Hydro"})
	lead := mailboxLead("L1", "Pia", "Gibson")
	answer(lead, "Interest", "Solar", "Demo", "yes")
	o := d.sync(lead)["L1"]
	require.Equal(t, []any{"Hydro", true}, []any{d.org.Row("Lead", one)["Interest__c"], d.org.Row("Lead", one)["Demo__c"]})
	require.Equal(t, []leadtype.WarningKind{leadtype.KeptExisting}, warned(o, "Interest__c"))
}

// Before, an older capture of a lead was ignored with all it said, and a later one took an
// opt-out away that was not synced yet.
func TestACaptureOfAnyAgeKeepsAnOptOut(t *testing.T) {
	t.Parallel()
	for _, older := range []bool{true, false} {
		d := consentDesk(t, leadsync.Config{Mode: leadsync.Manual, Qualifiers: []leadsync.Qualifier{
			{Name: "News", Type: mapping.QualifierBoolean, Fields: both("News_OptIn__c")}}}, out(mapping.Raise))
		id := d.org.Insert("Lead", map[string]any{"FirstName": "Pia", "LastName": "Gibson", "Email": mailbox,
			"Company": "Initech", "News_OptIn__c": true})
		var captures []*leadsync.Lead
		for i, said := range []string{"yes", "no"} {
			lead := mailboxLead("L1", "Pia", "Gibson")
			lead.Revision = int64(i + 1)
			answer(lead, "News", []string{"no", "yes"}[i])
			lead.Custom = map[string]any{"out": said}
			captures = append(captures, lead)
		}
		if older {
			captures[0], captures[1] = captures[1], captures[0] // the opt-out comes last
		}
		d.sync(captures[0])
		d.sync(captures[1])
		d.syncWith(func(s *leadsync.Syncer) error {
			_, err := s.Push(t.Context(), leadsync.Filter{})
			return err
		})
		row := d.org.Row("Lead", id)
		require.Equal(t, []any{true, false}, []any{row["HasOptedOutOfEmail"], row["News_OptIn__c"]}, "older %v", older)
	}
}
