// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store/memory"
)

// A desk is where leads are captured and reps edit what becomes of them.
type desk struct {
	t     *testing.T
	org   *sftest.Org
	store leadsync.Store
	cfg   leadsync.Config
}

func newDesk(t *testing.T, cfg leadsync.Config) *desk {
	t.Helper()
	return &desk{t: t, org: sftest.NewOrg(t), store: memory.New(nil), cfg: cfg}
}

// sync captures leads and syncs them in a new process, which knows what the store does.
func (d *desk) sync(leads ...*leadsync.Lead) map[leadsync.LeadID]*leadsync.Outcome {
	d.t.Helper()
	return d.syncWith(func(s *leadsync.Syncer) error {
		_, err := s.Capture(d.t.Context(), leads...)
		return err
	})
}

func (d *desk) syncWith(begin func(*leadsync.Syncer) error) map[leadsync.LeadID]*leadsync.Outcome {
	d.t.Helper()
	cfg := d.cfg
	cfg.Store = d.store
	syncer := scenario.SyncerOf(d.t, d.org, &cfg)
	require.NoError(d.t, begin(syncer))
	require.NoError(d.t, syncer.Drain(d.t.Context()))
	outcomes := make(map[leadsync.LeadID]*leadsync.Outcome)
	for _, entry := range scenario.StoredIn(d.t, syncer) {
		outcomes[entry.Lead.ID] = entry.Last
	}
	return outcomes
}

// edit is what a rep, or the org's automation, does to a record.
func (d *desk) edit(out *leadsync.Outcome, fields map[string]any) {
	d.org.Update(string(out.Object), string(out.ID), fields)
}

// warned returns the kinds of the warnings about a field.
func warned(out *leadsync.Outcome, field string) []leadtype.WarningKind {
	var kinds []leadtype.WarningKind
	for _, w := range out.Warnings {
		if w.Field == field {
			kinds = append(kinds, w.Kind)
		}
	}
	return kinds
}

// visitor is a lead with the fields that reps edit most.
func visitor() *leadsync.Lead {
	return &leadsync.Lead{ID: "L1", FirstName: "Pia", LastName: "Gibson", Email: "pia@acme.example", Company: "Acme Ltd",
		JobTitle: "Mgr", Phone: "617-555-0100", Website: "https://www.acme.example/",
		CapturedAt: time.Date(2026, 5, 4, 9, 30, 0, 0, time.UTC)}
}

// later returns a lead as a later capture of it has it.
func later(lead *leadsync.Lead, change func(*leadsync.Lead)) *leadsync.Lead {
	next := *lead
	change(&next)
	return &next
}

// Before, a correction came back wrong with the next capture, in another process too.
func TestACorrectionOfARepStays(t *testing.T) {
	t.Parallel()
	d := newDesk(t, leadsync.Config{})
	lead := visitor()
	out := d.sync(lead)["L1"]
	d.edit(out, map[string]any{"Title": "Chief Officer", "Phone": nil})
	out = d.sync(later(lead, func(l *leadsync.Lead) {
		l.JobTitle, l.Phone, l.MobilePhone = "Manager", "617-555-0199", "1"
	}))["L1"]
	row := d.org.Row("Lead", string(out.ID))
	require.Equal(t, "Chief Officer", row["Title"])
	require.Nil(t, row["Phone"])
	require.Equal(t, "1", row["MobilePhone"])
	require.Equal(t, []leadtype.WarningKind{leadtype.KeptEdited}, warned(out, "Title"))
	require.Equal(t, []leadtype.WarningKind{leadtype.KeptCleared}, warned(out, "Phone"))
	require.Contains(t, leadtype.Explain(out), "Title")
}

// The control: without the memory the phone number comes back.
func TestACorrectionOfARepNeedsTheMemory(t *testing.T) {
	t.Parallel()
	d := newDesk(t, leadsync.Config{})
	d.store = amnesiacStore{d.store}
	lead := visitor()
	out := d.sync(lead)["L1"]
	d.edit(out, map[string]any{"Phone": nil})
	out = d.sync(later(lead, func(l *leadsync.Lead) { l.JobTitle = "Manager" }))["L1"]
	require.Equal(t, "617-555-0100", d.org.Row("Lead", string(out.ID))["Phone"])
	require.Equal(t, "Mgr", d.org.Row("Lead", string(out.ID))["Title"], "and nothing is kept up to date")
}

// What automation tidies up is still the connection's.
func TestAutomationThatTidiesUpFreezesNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t, leadsync.Config{})
	lead := later(visitor(), func(l *leadsync.Lead) { l.LastName, l.JobTitle = "GIBSON", "head of  SALES" })
	out := d.sync(lead)["L1"]
	d.edit(out, map[string]any{"LastName": "Gibson", "Title": "Head of Sales", "Phone": "(617) 555-0100",
		"Website": "acme.example"})
	d.org.ResetLog()
	again := later(lead, func(l *leadsync.Lead) { l.Scans = 2 })
	require.Empty(t, d.sync(again)["L1"].Warnings)
	require.Zero(t, scenario.WritesOf(d.org), "nothing is rewritten")
	out = d.sync(later(lead, func(l *leadsync.Lead) {
		l.JobTitle, l.Phone, l.Website = "VP Sales", "617-555-0199", "acme.org"
	}))["L1"]
	require.Empty(t, out.Warnings)
	row := d.org.Row("Lead", string(out.ID))
	require.Equal(t, []any{"Gibson", "VP Sales", "617-555-0199", "acme.org"},
		[]any{row["LastName"], row["Title"], row["Phone"], row["Website"]})
}

// Automation that writes capitals freezes nothing either where they do not tell which letters there
// were. Before, the company counted as edited.
func TestAutomationThatWritesCapitalsFreezesNothing(t *testing.T) {
	t.Parallel()
	for name, capitals := range map[string]string{"Groß & Söhne": "GROSS & SÖHNE", "Παππάς": "ΠΑΠΠΆΣ",
		"Yıldız Isı": "YILDIZ ISI", "İpek": "IPEK"} {
		d := newDesk(t, leadsync.Config{})
		lead := later(visitor(), func(l *leadsync.Lead) { l.Company = name })
		d.edit(d.sync(lead)["L1"], map[string]any{"Company": capitals})
		out := d.sync(later(lead, func(l *leadsync.Lead) { l.Company = name + " International" }))["L1"]
		require.Empty(t, out.Warnings)
		require.Equal(t, name+" International", d.org.Row("Lead", string(out.ID))["Company"])
	}
}

// The memory follows to what a record becomes.
func TestTheMemoryFollowsMergesAndConversions(t *testing.T) {
	t.Parallel()
	for name, move := range map[string]func(*desk, *leadsync.Outcome) (object, id string){
		"converted": func(d *desk, out *leadsync.Outcome) (string, string) {
			contact, _ := d.org.Convert(string(out.ID))
			return "Contact", contact
		},
		"merged": func(d *desk, out *leadsync.Outcome) (string, string) {
			row := d.org.Row("Lead", string(out.ID))
			winner := d.org.Insert("Lead", map[string]any{"LastName": row["LastName"], "Company": row["Company"],
				"Email": row["Email"], "Title": row["Title"], "Phone": row["Phone"], "MobilePhone": row["MobilePhone"]})
			d.org.Merge("Lead", winner, string(out.ID))
			return "Lead", winner
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, leadsync.Config{})
			lead := later(visitor(), func(l *leadsync.Lead) { l.MobilePhone = "617-555-0101" })
			out := d.sync(lead)["L1"]
			d.edit(out, map[string]any{"Phone": nil})
			object, id := move(d, out)
			lead = later(lead, func(l *leadsync.Lead) { l.MobilePhone = "617-555-0102" })
			out = d.sync(lead)["L1"]
			require.Equal(t, id, string(out.ID))
			row := d.org.Row(object, id)
			require.Equal(t, "617-555-0102", row["MobilePhone"])
			require.Nil(t, row["Phone"], "it was emptied before")
			// The chain is behind us now: what was inherited has been remembered.
			d.org.Update(object, id, map[string]any{"MobilePhone": "2"})
			out = d.sync(later(lead, func(l *leadsync.Lead) { l.JobTitle, l.MobilePhone = "CTO", "3" }))["L1"]
			row = d.org.Row(object, id)
			require.Equal(t, []any{"CTO", "2", nil}, []any{row["Title"], row["MobilePhone"], row["Phone"]})
			require.Equal(t, []leadtype.WarningKind{leadtype.KeptEdited}, warned(out, "MobilePhone"))
			require.Equal(t, []leadtype.WarningKind{leadtype.KeptCleared}, warned(out, "Phone"))
		})
	}
}

// Two leads of one person: the one that was captured later counts, whichever is synced last
// and whether in one batch or two.
func TestAnOlderLeadReplacesNothingOfALaterOne(t *testing.T) {
	t.Parallel()
	older := later(visitor(), func(l *leadsync.Lead) { l.JobTitle, l.MobilePhone = "Trainee", "1" })
	newer := later(visitor(), func(l *leadsync.Lead) {
		l.ID, l.JobTitle, l.CapturedAt = "L2", "Director", l.CapturedAt.Add(24*time.Hour)
	})
	for name, batches := range map[string][][]*leadsync.Lead{
		"older first": {{older}, {newer}}, "newer first": {{newer}, {older}},
		"one batch": {{older, newer}}, "one batch, newer first": {{newer, older}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, leadsync.Config{})
			var outcomes map[leadsync.LeadID]*leadsync.Outcome
			for _, batch := range batches {
				outcomes = d.sync(batch...)
			}
			require.Equal(t, 1, d.org.Count("Lead"))
			row := d.org.Rows("Lead")[0]
			require.Equal(t, []any{"Director", "1"}, []any{row["Title"], row["MobilePhone"]}, "blanks are filled")
			var want []leadtype.WarningKind
			if batches[0][0] == newer {
				want = []leadtype.WarningKind{leadtype.Stale}
			}
			require.Equal(t, want, warned(outcomes["L1"], "Title"))
		})
	}
}

// A later lead that confirms a value has given it: before, a capture between the two replaced
// it. What was captured after both still does.
func TestAConfirmedValueIsOfTheLaterLead(t *testing.T) {
	t.Parallel()
	at := func(id leadsync.LeadID, title string, hours int) *leadsync.Lead {
		return later(visitor(), func(l *leadsync.Lead) {
			l.ID, l.JobTitle, l.CapturedAt = id, title, l.CapturedAt.Add(time.Duration(hours)*time.Hour)
		})
	}
	first, confirms := at("L1", "Director", 0), at("L2", "DIRECTOR", 4)
	for name, batches := range map[string][][]*leadsync.Lead{
		"one after the other": {{first}, {confirms}}, "one batch": {{first, confirms}},
		"one batch of a known person": {{at("L0", "Trainee", -1)}, {first, confirms}},
	} {
		for _, tc := range []struct {
			hours int
			title string
			kinds []leadtype.WarningKind
		}{{2, "Director", []leadtype.WarningKind{leadtype.Stale}}, {6, "Manager", nil}} {
			d := newDesk(t, leadsync.Config{})
			for _, batch := range batches {
				d.sync(batch...)
			}
			out := d.sync(at("L3", "Manager", tc.hours))["L3"]
			require.Equal(t, tc.kinds, warned(out, "Title"), name)
			require.Equal(t, tc.title, d.org.Row("Lead", string(out.ID))["Title"], name)
		}
	}
}

// A record that others made, and a store that was lost, leave what is there as it is.
func TestWithoutMemoryBlanksAreFilledAndTheRestIsListed(t *testing.T) {
	t.Parallel()
	for _, existing := range []mapping.ExistingPolicy{"", mapping.OverwriteExisting} {
		rules := leadsync.DefaultMapping()
		rules.Existing = existing
		d := newDesk(t, leadsync.Config{Mapper: rules})
		out := d.sync(visitor())["L1"]
		d.store = memory.New(nil)
		lead := later(visitor(), func(l *leadsync.Lead) { l.JobTitle, l.MobilePhone = "Manager", "1" })
		out = d.sync(later(lead, func(l *leadsync.Lead) { l.LeadID = out.ID }))["L1"]
		row := d.org.Row("Lead", string(out.ID))
		require.Equal(t, "1", row["MobilePhone"])
		if existing == "" {
			require.Equal(t, "Mgr", row["Title"])
			require.Equal(t, []leadtype.WarningKind{leadtype.KeptExisting}, warned(out, "Title"))
		} else {
			require.Equal(t, "Manager", row["Title"])
			require.Empty(t, out.Warnings)
		}
	}
}

// Sync without a store remembers within its process.
func TestSyncRemembersWithinItsProcess(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	syncer := scenario.SyncerOf(t, org, nil)
	out := scenario.SyncOne(t, syncer, visitor())
	org.Update("Lead", string(out.ID), map[string]any{"Title": "Chief Officer"})
	out = scenario.SyncOne(t, syncer, later(visitor(), func(l *leadsync.Lead) { l.JobTitle, l.Phone = "Manager", "1" }))
	row := org.Row("Lead", string(out.ID))
	require.Equal(t, []any{"Chief Officer", "1"}, []any{row["Title"], row["Phone"]})
	require.Equal(t, []leadtype.WarningKind{leadtype.KeptEdited}, warned(out, "Title"))

	other := scenario.SyncerOf(t, org, nil)
	out = scenario.SyncOne(t, other, later(visitor(), func(l *leadsync.Lead) { l.Phone = "2" }))
	require.Equal(t, "1", org.Row("Lead", string(out.ID))["Phone"], "another process knows nothing of it")
	require.Equal(t, []leadtype.WarningKind{leadtype.KeptExisting}, warned(out, "Phone"))
}

// A matched Account gets what it lacks; one that was created is kept up to date.
func TestAccountsOfOthersOnlyGetWhatTheyLack(t *testing.T) {
	t.Parallel()
	d := newDesk(t, leadsync.Config{Strategy: leadsync.AccountsAndContacts})
	matched := d.org.Insert("Account", map[string]any{"Name": "Acme Ltd", "Website": "acme.example"})
	lead := later(visitor(), func(l *leadsync.Lead) { l.Industry, l.CompanyPhone = "Tech", "1" })
	made := later(lead, func(l *leadsync.Lead) {
		l.ID, l.Email, l.Company, l.Website = "L2", "bo@initech.example", "Initech", "initech.example"
	})
	out := d.sync(lead, made)
	created := string(out["L2"].AccountID)
	colleague := func(of *leadsync.Lead, id leadsync.LeadID, email string) *leadsync.Lead {
		return later(of, func(l *leadsync.Lead) { l.ID, l.LastName, l.Email, l.Industry = id, "Other", email, "Software" })
	}
	d.sync(colleague(lead, "L3", "cy@acme.example"), colleague(made, "L4", "di@initech.example"))
	require.Equal(t, "Tech", d.org.Row("Account", matched)["Industry"])
	require.Equal(t, "Software", d.org.Row("Account", created)["Industry"])
	d.org.Update("Account", created, map[string]any{"Industry": "Paper"})
	d.sync(colleague(made, "L5", "ed@initech.example"))
	require.Equal(t, "Paper", d.org.Row("Account", created)["Industry"])
}

// Before, a late activity wrote the whole person again, under whichever write rule.
func TestALateActivityWritesItsTaskAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, write := range []mapping.WriteRule{mapping.Overwrite, mapping.UnlessEdited} {
		rules := leadsync.DefaultMapping()
		for i := range rules.Sections[0].Rules {
			rules.Sections[0].Rules[i].Write = write
		}
		d := newDesk(t, leadsync.Config{Mapper: rules})
		out := d.sync(visitor())["L1"]
		d.edit(out, map[string]any{"Title": "Chief Officer", "Phone": "2"})
		out = d.syncWith(func(s *leadsync.Syncer) error {
			return s.CaptureActivities(t.Context(), "L1", leadsync.Activity{Kind: leadsync.ActivityEmail, Notes: "sent"})
		})["L1"]
		row := d.org.Row("Lead", string(out.ID))
		require.Equal(t, []any{"Chief Officer", "2"}, []any{row["Title"], row["Phone"]}, write)
		require.Equal(t, 1, d.org.Count("Task"))
	}
}

// Before, a retry wrote the parts again that were done.
func TestARetryWritesOnlyWhatIsLeft(t *testing.T) {
	t.Parallel()
	rules := leadsync.DefaultMapping()
	for i := range rules.Sections[0].Rules {
		rules.Sections[0].Rules[i].Write = mapping.Overwrite
	}
	d := newDesk(t, leadsync.Config{Mapper: rules})
	campaign := d.org.Insert("Campaign", map[string]any{"Name": "Expo", "IsActive": true})
	d.cfg.Campaigns = []leadsync.CampaignLink{{CampaignID: salesforce.ID(campaign), Status: "Talked"}}
	out := d.sync(visitor())["L1"]
	require.Equal(t, leadtype.CampaignStatus, out.Code())
	d.edit(out, map[string]any{"Title": "Chief Officer"})
	d.org.Insert("CampaignMemberStatus", map[string]any{"CampaignId": campaign, "Label": "Talked", "SortOrder": 9})
	retry := func(s *leadsync.Syncer) error {
		_, err := s.Push(t.Context(), leadsync.Filter{Stages: []leadsync.Stage{leadsync.Failed}})
		return err
	}
	out = d.syncWith(retry)["L1"]
	require.Equal(t, leadsync.Cleared, out.Stage)
	require.Equal(t, "Chief Officer", d.org.Row("Lead", string(out.ID))["Title"])
	require.Equal(t, 1, d.org.Count("CampaignMember"))

	// What has changed is written again, with what was there before.
	out = d.sync(later(visitor(), func(l *leadsync.Lead) { l.JobTitle = "Manager" }))["L1"]
	require.Equal(t, "Manager", d.org.Row("Lead", string(out.ID))["Title"])
	require.Equal(t, "Chief Officer", out.Parts[0].Changes[0].Before)
	d.edit(out, map[string]any{"Title": "Chief Officer"})
	other := later(visitor(), func(l *leadsync.Lead) { l.JobTitle = "Manager" })
	d.cfg.Mapper = leadsync.DefaultMapping() // other rows
	outcomes := d.sync(later(other, func(l *leadsync.Lead) { l.Scans = 3 }))
	require.Equal(t, []leadtype.WarningKind{leadtype.KeptExisting}, warned(outcomes["L1"], "Title"))
}

// A revert leaves a consent as it is.
func TestARevertUndoesNoOptOut(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.DefineField("Lead", sftest.Field{Name: "HasOptedOutOfEmail", Type: "boolean"})
	rules := leadsync.DefaultMapping()
	rules.Sections[0].Rules = append(rules.Sections[0].Rules,
		leadsync.Rule{Source: "custom.optOut", Field: "HasOptedOutOfEmail", Write: mapping.Raise})
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: rules})
	id := scenario.InsertLead(org, "Gibson", "pia@acme.example")
	out := scenario.SyncOne(t, syncer, &leadsync.Lead{ID: "L1", LastName: "Gibson", Email: "pia@acme.example",
		JobTitle: "CTO", Custom: map[string]any{"optOut": "yes"}})
	require.Equal(t, true, org.Row("Lead", id)["HasOptedOutOfEmail"])
	report, err := syncer.Revert(t.Context(), []*leadsync.Outcome{out}, revert.Options{})
	require.NoError(t, err)
	require.Len(t, report.Restored, 1)
	require.Nil(t, org.Row("Lead", id)["Title"])
	require.Equal(t, true, org.Row("Lead", id)["HasOptedOutOfEmail"])
}
