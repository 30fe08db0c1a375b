// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// ofOwed are the leads to which something is owed that Salesforce refused.
var ofOwed = leadsync.Filter{Warnings: []leadtype.WarningKind{leadtype.Owed}}

// push pushes leads and syncs them in a new process.
func (d *desk) push(filter leadsync.Filter, asks ...leadtype.Ask) map[leadsync.LeadID]*leadsync.Outcome {
	d.t.Helper()
	return d.syncWith(func(s *leadsync.Syncer) error {
		_, err := s.Push(d.t.Context(), filter, asks...)
		return err
	})
}

// refusingTier is a desk of an org that refuses every Tier__c as long as refuses is true,
// which no describe shows.
func refusingTier(t *testing.T, refuses *bool) *desk {
	t.Helper()
	m := mapping.Default()
	m.Sections[0].Rules = append(m.Sections[0].Rules,
		mapping.Rule{Source: "custom.tier", Field: "Tier__c", Unfit: mapping.Skip})
	d := newDesk(t, leadsync.Config{Mapper: m, Gather: leadsync.NoGather})
	d.org.DefineField("Lead", sftest.Field{Name: "Tier__c", Type: "picklist", Options: []string{"Gold"}})
	d.org.OnRow("Lead", func(_ string, row map[string]any) *sftest.RowError {
		if !*refuses || row["Tier__c"] == nil {
			return nil
		}
		return &sftest.RowError{StatusCode: "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", Fields: []string{"Tier__c"}}
	})
	return d
}

// tieredLead is a lead with notes and a tier.
func tieredLead() *leadsync.Lead {
	return later(visitor(), func(l *leadsync.Lead) {
		l.Notes, l.Custom = "met at the booth", map[string]any{"tier": "Gold"}
	})
}

// A push sends what Salesforce refused once more, though nothing shows that it fits now, and
// nothing else of a lead that is done. Before, it was left out for ever, or the notes that
// a rep had deleted came back with it.
func TestAPushSendsOwedValuesOnceAndNothingElse(t *testing.T) {
	t.Parallel()
	refuses := true
	d := refusingTier(t, &refuses)
	out := d.sync(tieredLead())["L1"]
	requireLeftOut(t, out, []string{"Tier__c"})
	d.edit(out, map[string]any{"Description": nil, "Title": "Chief Officer"})

	writes := scenario.WritesOf(d.org)
	out = d.push(ofOwed)["L1"]
	require.Equal(t, writes+1, scenario.WritesOf(d.org), "it is tried")
	require.Len(t, ofKind(out, leadtype.Owed), 1)
	require.Equal(t, leadsync.Unchanged, out.Action, "nothing was written")
	require.Nil(t, out.Ask)
	d.syncWith(func(s *leadsync.Syncer) error {
		return s.CaptureActivities(t.Context(), "L1", leadsync.Activity{Kind: leadsync.ActivityCall, Notes: "hello"})
	})
	require.Equal(t, writes+2, scenario.WritesOf(d.org), "a late activity writes its Task and nothing else")

	refuses = false
	out = d.push(ofOwed)["L1"]
	require.Equal(t, writes+3, scenario.WritesOf(d.org))
	row := d.org.Row("Lead", string(out.ID))
	require.Equal(t, "Gold", row["Tier__c"])
	require.Equal(t, "Chief Officer", row["Title"])
	require.Nil(t, row["Description"], "notes that a rep deleted do not come back")
	require.Empty(t, out.Owed)
	require.Empty(t, ofKind(out, leadtype.Owed))
	require.Len(t, out.Parts[0].Changes, 1, "with its before-image")
}

// ofKind returns the warnings of a kind.
func ofKind(out *leadsync.Outcome, kind leadtype.WarningKind) []leadtype.Warning {
	var found []leadtype.Warning
	for _, w := range out.Warnings {
		if w.Kind == kind {
			found = append(found, w)
		}
	}
	return found
}

// What a person asked for survives attempts that could not do it.
func TestAPushThatCannotBeDoneYetIsStillAskedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		refuses := true
		d := refusingTier(t, &refuses)
		cfg := d.cfg
		syncer, err := leadsync.New(timelessClient(t, d.org, &http.Client{Transport: d.org.Transport()}), &cfg)
		require.NoError(t, err)
		_, err = syncer.Capture(t.Context(), tieredLead())
		require.NoError(t, err)
		require.NoError(t, syncer.Drain(t.Context()))
		refuses = false
		_, err = syncer.Push(t.Context(), ofOwed)
		require.NoError(t, err)
		locked := 0
		d.org.OnRow("Lead", func(string, map[string]any) *sftest.RowError {
			if locked++; locked > 12 {
				return nil
			}
			entry := scenario.StoredIn(t, syncer)[0]
			require.Equal(t, &leadtype.Ask{Owed: true}, entry.Last.Ask)
			return &sftest.RowError{StatusCode: "UNABLE_TO_LOCK_ROW", Message: "locked"}
		})
		require.NoError(t, syncer.Drain(t.Context()))
		entry := scenario.StoredIn(t, syncer)[0]
		require.Equal(t, leadsync.Cleared, entry.Stage)
		require.Greater(t, entry.Attempts, 1)
		require.Nil(t, entry.Last.Ask)
		require.Equal(t, "Gold", d.org.Rows("Lead")[0]["Tier__c"])
	})
}

// A push with field names writes over what was kept, there and nowhere else. It was not
// possible before, but by a mapping that overwrites it for everybody.
func TestAPushWithFieldNamesWritesOverWhatWasKept(t *testing.T) {
	t.Parallel()
	d := newDesk(t, leadsync.Config{Gather: leadsync.NoGather})
	id := d.org.Insert("Lead", map[string]any{"FirstName": "Pia", "LastName": "Gibson", "Email": "pia@acme.example",
		"Company": "Acme Ltd", "Title": "Intern", "Phone": "1", "City": "Hull", "Country": "England"})
	lead := later(visitor(), func(l *leadsync.Lead) {
		l.MobilePhone, l.Street, l.City, l.PostalCode, l.Country = "2", "1 High St", "Leeds", "LS1", "England"
	})
	out := d.sync(lead)["L1"]
	require.Equal(t, id, string(out.ID))
	require.Equal(t, []leadtype.WarningKind{leadtype.KeptExisting}, warned(out, "Title"))
	require.Equal(t, []leadtype.WarningKind{leadtype.KeptExisting}, warned(out, "Phone"))
	d.edit(out, map[string]any{"MobilePhone": nil, "Website": "https://other.example"})

	kept := leadsync.Filter{Warnings: []leadtype.WarningKind{leadtype.KeptExisting}}
	out = d.push(kept, leadtype.Ask{Over: []string{"Lead.Title", "Lead.MobilePhone", "Lead.City"}})["L1"]
	row := d.org.Row("Lead", id)
	require.Equal(t, "Mgr", row["Title"])
	require.Equal(t, "2", row["MobilePhone"])
	require.Equal(t, "1", row["Phone"], "which was not asked for")
	require.Equal(t, "https://other.example", row["Website"])
	require.Equal(t, []any{"1 High St", "Leeds", "LS1"}, []any{row["Street"], row["City"], row["PostalCode"]},
		"one part of an address is the whole")
	require.Nil(t, out.Ask)
	before := make(map[string]any)
	for _, change := range out.Parts[0].Changes {
		before[change.Field] = change.Before
	}
	require.Equal(t, map[string]any{"Title": "Intern", "MobilePhone": nil, "City": "Hull", "Street": nil,
		"PostalCode": nil}, before)

	out = d.sync(later(lead, func(l *leadsync.Lead) {
		l.JobTitle, l.CapturedAt = "Manager",
			l.CapturedAt.Add(time.Hour)
	}))["L1"]
	require.Equal(t, "Manager", d.org.Row("Lead", id)["Title"], "from then on it is the connection's")
	d.edit(out, map[string]any{"Title": "Chief Officer"})
	d.push(leadsync.Filter{})
	require.Equal(t, "Chief Officer", d.org.Row("Lead", id)["Title"], "it was asked for once")
}

// Fields under other rules, and those that nothing fills, are refused by name.
func TestAPushWithOtherFieldNamesIsRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t, leadsync.Config{})
	syncer := scenario.SyncerOf(t, d.org, &d.cfg)
	for _, name := range []string{"Title", "Lead.Nothing", "Lead.Description", "Visit__c.Title", "Lead.", ""} {
		_, err := syncer.Push(t.Context(), leadsync.Filter{}, leadtype.Ask{Over: []string{"Lead.Title", name}})
		var failure *leadsync.Error
		require.ErrorAs(t, err, &failure, name)
		require.Equal(t, leadsync.DataValueValidation, failure.Code)
		require.Equal(t, []string{name}, failure.Fields)
	}
}

// Of leads that share a record, each is owed its own value alone: the other one was told
// that it was owed what it did not have.
func TestLeadsOfOneRecordAreOwedTheirOwnValues(t *testing.T) {
	t.Parallel()
	refuses := true
	d := refusingTier(t, &refuses)
	lead := func(id leadsync.LeadID, tier any) *leadsync.Lead {
		return later(tieredLead(), func(l *leadsync.Lead) { l.ID, l.Custom = id, map[string]any{"tier": tier} })
	}
	outcomes := d.sync(lead("blank", nil), lead("other", "Silver"), lead("same", "Gold"), lead("last", "Gold"))
	for id, owed := range map[leadsync.LeadID]int{"blank": 0, "other": 0, "same": 1, "last": 1} {
		require.Len(t, outcomes[id].Owed, owed, id)
	}
}

// What two leads make together, and neither alone, is owed to both. It was owed to neither,
// and no warning said that it was left out.
func TestWhatLeadsMakeTogetherIsOwedToEach(t *testing.T) {
	t.Parallel()
	m := mapping.Default()
	m.Sections[0].Rules = append(m.Sections[0].Rules,
		mapping.Rule{Source: "custom.topics", Field: "Topics__c", Write: mapping.Append, Unfit: mapping.Skip})
	d := newDesk(t, leadsync.Config{Mapper: m, Gather: leadsync.NoGather})
	d.org.DefineField("Lead", sftest.Field{Name: "Topics__c", Type: "textarea", Length: 1000})
	refusing(d.org, "Lead", "STRING_TOO_LONG", "Topics__c")
	lead := func(id leadsync.LeadID, topic string) *leadsync.Lead {
		return later(visitor(), func(l *leadsync.Lead) { l.ID, l.Custom = id, map[string]any{"topics": topic} })
	}
	outcomes := d.sync(lead("a", "Engines"), lead("b", "Pumps"))
	for id, out := range outcomes {
		require.Len(t, out.Owed, 1, id)
		require.Len(t, ofKind(out, leadtype.Owed), 1, id)
	}
}

// A plan of several leads of one person is applied though a value is refused. That panicked
// after the records were written.
func TestApplyOwesWhatIsRefusedToAllLeadsOfARecord(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	syncer := scenario.SyncerOf(t, org, nil)
	twin := later(adaAtHome(), func(l *leadsync.Lead) { l.ID += "-twin" })
	plan, err := syncer.Plan(t.Context(), adaAtHome(), twin)
	require.NoError(t, err)
	refusing(org, "Lead", "STRING_TOO_LONG", "Title")
	outcomes, err := syncer.Apply(t.Context(), plan)
	require.NoError(t, err)
	for _, out := range outcomes {
		require.Len(t, out.Owed, 1, out.LeadID)
	}
}

// What is owed of a company stays owed when its person is found, while nothing changes that
// could make it fit. It vanished with the next sync.
func TestWhatIsOwedOfACompanyStaysOwed(t *testing.T) {
	t.Parallel()
	d := newDesk(t, leadsync.Config{Strategy: leadsync.AccountsAndContacts, Gather: leadsync.NoGather})
	refusing(d.org, "Account", "NUMBER_OUTSIDE_VALID_RANGE", "NumberOfEmployees")
	lead := later(visitor(), func(l *leadsync.Lead) { l.CompanySize = "5000" })
	for _, title := range []string{"CTO", "CEO"} {
		out := d.sync(later(lead, func(l *leadsync.Lead) { l.JobTitle = title }))["L1"]
		require.Equal(t, leadsync.Cleared, out.Stage)
		require.Len(t, out.Owed, 1, title)
		require.Len(t, ofKind(out, leadtype.Owed), 1, title)
	}
}
