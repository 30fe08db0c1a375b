// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// keyedOrg returns an org with key fields.
func keyedOrg(t *testing.T) *sftest.Org {
	t.Helper()
	org := sftest.NewOrg(t)
	org.AddExternalID("Lead", "Contact", "Account", "Task")
	return org
}

// numbered returns a lead with a number for a name and one activity. Only its id says
// whose it is.
func numbered(id string, n int) *leadsync.Lead {
	return &leadsync.Lead{ID: leadsync.LeadID(id), LastName: fmt.Sprintf("Person %d", n),
		Company:    fmt.Sprintf("Company %d", n),
		Activities: []leadsync.Activity{{ID: "1", Kind: leadsync.ActivityNote, Notes: fmt.Sprintf("note %d", n)}}}
}

// requireApart fails unless each lead has a record and a Task of its own.
func requireApart(t *testing.T, org *sftest.Org, object string, leads int) {
	t.Helper()
	require.Equal(t, leads, org.Count(object))
	require.Equal(t, leads, org.Count("Task"))
	for _, task := range org.Rows("Task") {
		who := org.Row(object, task["WhoId"].(string))
		require.Equal(t, strings.TrimPrefix(who["LastName"].(string), "Person "),
			strings.TrimPrefix(task["Description"].(string), "note "))
	}
}

// alike are ids that a database, or a person, may take for one.
var alike = []string{"aB3", "Ab3", "AB3", "ab3", "straße", "STRASSE", "e\u0301", "é", "É", "e", "\u2126", "Ω",
	"İ", "i", "I", "ı",
	"a/b", "a%2Fb", "a%2fb", "x", "x ", "x\u00a0", "x\u200b", "Ａ", "A", "1,", "1", "'", "\\", "🚀",
	strings.Repeat("k", 255),
	strings.Repeat("k", 254) + "K"}

func TestLeadsWhoseIDsAreAlikeKeepTheirRecords(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		strategy leadsync.Strategy
		object   string
		at       int // how many are synced in one call
	}{
		"one by one":             {leadsync.LeadsAndContacts, "Lead", 1},
		"together":               {leadsync.LeadsOnly, "Lead", len(alike)},
		"Contacts, some by some": {leadsync.AccountsAndContacts, "Contact", 7},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := keyedOrg(t)
			var leads []*leadsync.Lead
			for i, id := range alike {
				leads = append(leads, numbered(id, i))
			}
			for range 2 {
				syncer := scenario.SyncerOf(t, org, &leadsync.Config{Strategy: tc.strategy})
				for part := range slices.Chunk(leads, tc.at) {
					_, err := syncer.Sync(t.Context(), part...)
					require.NoError(t, err)
				}
				requireApart(t, org, tc.object, len(leads))
			}
		})
	}
}

func TestActivitiesWhoseIDsAreAlikeAreAllLogged(t *testing.T) {
	t.Parallel()
	for _, others := range []leadsync.LeadID{"L/x", "l"} {
		org := keyedOrg(t)
		lead, other := scenario.Ada(), numbered(string(others), 0)
		lead.ID = "L"
		for _, id := range append([]string{"x/1", "x"}, alike...) {
			lead.Activities = append(lead.Activities, leadsync.Activity{ID: id, Kind: leadsync.ActivityNote, Notes: id})
		}
		for range 2 {
			_, err := scenario.SyncerOf(t, org, nil).Sync(t.Context(), lead, other)
			require.NoError(t, err)
			require.Equal(t, len(lead.Activities)-1+1, org.Count("Task"), "one id is in the list twice")
		}
	}
}

// Two systems that number their leads write to one org. The control is the same without
// names for the systems.
func TestSystemsWithNamesKeepTheirPeople(t *testing.T) {
	t.Parallel()
	for name, configs := range map[string][2]leadsync.Config{
		"prefixes":    {{KeyPrefix: "badges"}, {KeyPrefix: "Badges"}},
		"connections": {{Connection: "badges"}, {Connection: "forms"}},
		"one of them": {{}, {Connection: "forms"}},
		"control":     {{}, {Connection: "default"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := keyedOrg(t)
			for range 2 {
				for system := range configs {
					for i := range 3 {
						scenario.SyncOne(t, scenario.SyncerOf(t, org, &configs[system]),
							numbered(fmt.Sprint(i), 10*system+i))
					}
				}
			}
			if name == "control" {
				require.Equal(t, 3, org.Count("Lead"), "the second system takes the people of the first")
				return
			}
			requireApart(t, org, "Lead", 6)
		})
	}
}

func TestKeyOfTodayIsTheStrongestEvidence(t *testing.T) {
	t.Parallel()
	org := keyedOrg(t)
	lead := scenario.Ada()
	first := scenario.SyncOne(t, scenario.SyncerOf(t, org, nil), lead)
	colleague := scenario.InsertContact(org, "Babbage", lead.Email) // who has taken over her address
	other := scenario.InsertLead(org, "Byron", "byron@elsewhere.example")
	lead.LeadID = salesforce.ID(other)

	again := scenario.SyncOne(t, scenario.SyncerOf(t, org, nil), lead)

	require.Equal(t, first.ID, again.ID)
	require.Equal(t, "Lead by LeadsyncKey__c", again.Trace.Rule)
	require.Equal(t, "Babbage", org.Row("Contact", colleague)["LastName"])
	require.Equal(t, "Byron", org.Row("Lead", other)["LastName"])
}

func TestKeyFollowsAMergeToTheSurvivor(t *testing.T) {
	t.Parallel()
	org := keyedOrg(t)
	lead := scenario.Ada()
	lead.Email = ""
	first := scenario.SyncOne(t, scenario.SyncerOf(t, org, nil), lead)
	survivor := scenario.InsertLead(org, "King", "")
	org.Merge("Lead", survivor, string(first.ID))

	again := scenario.SyncOne(t, scenario.SyncerOf(t, org, nil), lead)

	require.Equal(t, survivor, string(again.ID))
}

// A record with a key as earlier versions wrote it: the bare id of the lead.
func TestOldKeyIsReadAndNotWrittenAgain(t *testing.T) {
	t.Parallel()
	person := func(first, last, email string) map[string]any {
		return map[string]any{"FirstName": first, "LastName": last, "Email": email}
	}
	for name, tc := range map[string]struct {
		row  map[string]any // of the Lead with the key "aB3"
		lead func(*leadsync.Lead)
		want string // "" for the record's own, "new" for another, or a code
	}{
		"the same person":    {person("Ada", "Lovelace", "ada@old.example"), nil, ""},
		"another name":       {person("", "King", "ada@analytical.example"), nil, ""},
		"no address":         {person("", "Babbage", ""), nil, ""},
		"no address of ours": {person("", "King", "bob@other.example"), func(l *leadsync.Lead) { l.Email = "" }, ""},
		"a name in part":     {person("Ada", "King", "ada@king.example"), nil, ""},
		"another person":     {person("Bob", "Babbage", "bob@other.example"), nil, "AMBIGUOUS_MATCH"},
		"in other case":      {person("", "Lovelace", ""), func(l *leadsync.Lead) { l.ID = "Ab3" }, "new"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := keyedOrg(t)
			tc.row["Company"], tc.row["LeadsyncKey__c"] = "Somewhere", "aB3"
			there := org.Insert("Lead", tc.row)
			lead := scenario.Ada()
			lead.ID = "aB3"
			if tc.lead != nil {
				tc.lead(lead)
			}

			outcomes, err := scenario.SyncerOf(t, org, nil).Sync(t.Context(), lead)

			require.Equal(t, "aB3", org.Row("Lead", there)["LeadsyncKey__c"])
			switch tc.want {
			case "":
				require.NoError(t, err)
				require.Equal(t, there, string(outcomes[0].ID))
				require.Equal(t, 1, org.Count("Lead"))
			case "new":
				require.NoError(t, err)
				require.Equal(t, leadsync.Created, outcomes[0].Action)
				require.Equal(t, "ls1:0:,1:p,5:%41b3,", org.Row("Lead", string(outcomes[0].ID))["LeadsyncKey__c"])
			default:
				require.ErrorIs(t, err, leadsync.Code(tc.want))
				require.Equal(t, []leadtype.Candidate{{Object: "Lead", ID: salesforce.ID(there), Why: leadtype.WhyFound,
					Field: "LeadsyncKey__c"}},
					leadtype.Candidates(outcomes[0]))
				require.Equal(t, "Babbage", org.Row("Lead", there)["LastName"])
				require.Equal(t, 1, org.Count("Lead"))
			}
		})
	}
}

func TestOldKeyOfAnAccountIsRead(t *testing.T) {
	t.Parallel()
	org := keyedOrg(t)
	there := org.Insert("Account", map[string]any{"Name": "AE (London)", "LeadsyncKey__c": "analytical.example"})
	out := scenario.SyncOne(t, scenario.SyncerOf(t, org, &leadsync.Config{Strategy: leadsync.AccountsAndContacts}),
		scenario.Ada())
	require.Equal(t, there, string(out.AccountID))
	require.Equal(t, 1, org.Count("Account"))
}

// The old key of a Task is the lead's id, a slash and the activity's: several activities
// may have the same.
func TestOldKeyOfATaskCountsForItsActivityOnly(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		key, of   string // the old key, and the last name of whose Task it is
		notes     string
		lead      leadsync.LeadID
		activity  string
		same      bool // it is the activity's
		wantsLook bool // there is a warning
	}{
		"its own":                        {"L/1", "Lovelace", "hello", "L", "1", true, false},
		"edited by a person":             {"L/1", "Lovelace", "hello, and more", "L", "1", true, false},
		"rewritten":                      {"L/1", "Lovelace", "goodbye", "L", "1", true, true},
		"another person's":               {"L/1", "Babbage", "hello", "L", "1", false, false},
		"in other case":                  {"l/1", "Lovelace", "hello", "L", "1", false, false},
		"ids with slashes":               {"L/x/1", "Lovelace", "hello", "L", "x/1", true, false},
		"ids that run together":          {"L/x/1", "Lovelace", "goodbye", "L", "x/1", false, false},
		"ids that run together, another": {"L/x/1", "Babbage", "hello", "L/x", "1", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := keyedOrg(t)
			lead := scenario.Ada()
			lead.ID, lead.Company = tc.lead, "" // a Lead that others made keeps its own
			lead.Activities = []leadsync.Activity{{ID: tc.activity, Kind: leadsync.ActivityNote, Notes: "hello"}}
			scenario.InsertLead(org, "Lovelace", lead.Email)
			scenario.InsertLead(org, "Babbage", "bob@other.example")
			for _, person := range org.Rows("Lead") {
				if person["LastName"] == tc.of {
					org.Insert("Task", map[string]any{"WhoId": person["Id"], "Subject": "Note", "Status": "Completed",
						"Description": tc.notes, "LeadsyncKey__c": tc.key})
				}
			}
			for range 2 {
				out := scenario.SyncOne(t, scenario.SyncerOf(t, org, nil), lead)
				require.Equal(t, map[bool]int{true: 1, false: 2}[tc.same], org.Count("Task"))
				require.Equal(t, tc.wantsLook, len(out.Warnings) > 0, "%v", out.Warnings)
			}
		})
	}
}

// Of two leads of one person, each has an activity that the old key does not tell apart.
func TestOneOldTaskIsNotTwoActivities(t *testing.T) {
	t.Parallel()
	org := keyedOrg(t)
	one, other := scenario.Ada(), scenario.Ada()
	one.ID, one.Activities = "L", []leadsync.Activity{{ID: "x/1", Kind: leadsync.ActivityCall}}
	other.ID, other.Activities = "L/x", []leadsync.Activity{{ID: "1", Kind: leadsync.ActivityCall}}
	who := scenario.InsertLead(org, "Lovelace", one.Email)
	org.Insert("Task", map[string]any{"WhoId": who, "Subject": "Call", "Status": "Completed", "LeadsyncKey__c": "L/x/1"})
	_, err := scenario.SyncerOf(t, org, nil).Sync(t.Context(), one, other)
	require.NoError(t, err)
	require.Equal(t, 2, org.Count("Task"))
}

// A create that an earlier version journalled carried the key of that version. Repeated
// under another key, it would make a second record.
func TestCreateJournalledWithAnOldKeyIsNotDoubled(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		key     string
		arrives func(org *sftest.Org, insert func()) // when the create of the earlier version is carried out
		lead    func(*leadsync.Lead)
	}{
		"before the lookup": {"L1", func(_ *sftest.Org, insert func()) { insert() }, nil},
		"after the lookup":  {"L1", beforeTheWrite, nil},
		"corrected since": {"L1", func(_ *sftest.Org, insert func()) { insert() }, func(l *leadsync.Lead) {
			l.FirstName, l.LastName, l.Email = "Augusta", "King", "augusta@king.example"
		}},
		"under another prefix": {"ls1:3:old,1:p,4:%4c1,", beforeTheWrite, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org, kept := keyedOrg(t), memory.New(nil)
			lead := scenario.Ada()
			syncer := scenario.SyncerOf(t, org, &leadsync.Config{Store: kept, Gather: leadsync.NoGather, VerifyAfter: 1})
			_, err := syncer.Capture(t.Context(), lead)
			require.NoError(t, err)
			lease, err := kept.Acquire(t.Context(), "default", "earlier version", time.Minute)
			require.NoError(t, err)
			_, err = kept.Claim(t.Context(), lease, 1)
			require.NoError(t, err)
			require.NoError(t, kept.Journal(t.Context(), lease, map[leadsync.LeadID][]leadtype.Intent{lead.ID: {
				{Kind: leadtype.PartPerson, Object: "Lead", Key: tc.key}}}))
			require.NoError(t, kept.Release(t.Context(), lease))
			tc.arrives(org, func() {
				org.Insert("Lead", map[string]any{"FirstName": lead.FirstName, "LastName": lead.LastName, "Email": lead.Email,
					"Company": lead.Company, "LeadsyncKey__c": tc.key})
			})
			if tc.lead != nil {
				corrected := *lead
				tc.lead(&corrected)
				_, err := syncer.Capture(t.Context(), &corrected)
				require.NoError(t, err)
			}

			require.NoError(t, syncer.Drain(t.Context()))

			require.Equal(t, leadsync.Cleared, scenario.StoredIn(t, syncer)[0].Stage)
			require.Equal(t, 1, org.Count("Lead"))
		})
	}
}

// A person has decided for another record than the converted one, which has the key.
func TestKeyOfAConvertedLeadDoesNotUndoADecision(t *testing.T) {
	t.Parallel()
	org, kept := keyedOrg(t), memory.New(nil)
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Store: kept, Converted: leadsync.HoldConverted})
	lead := scenario.Ada()
	lead.Email = ""
	capture := func(title string) leadsync.Entry {
		changed := *lead
		changed.JobTitle = title
		_, err := syncer.Capture(t.Context(), &changed)
		require.NoError(t, err)
		require.NoError(t, syncer.Drain(t.Context()))
		return scenario.StoredIn(t, syncer)[0]
	}
	org.Convert(string(capture("Countess").Last.ID))
	held := capture("Analyst")
	require.ErrorIs(t, held.Last.Err, leadsync.StaleRemoteRecord)
	decided := *held.Last
	decided.Stage, decided.Object = leadsync.PreSync, "Lead"
	decided.ID = salesforce.ID(scenario.InsertLead(org, "King", "ada@king.example"))
	_, err := kept.Resolve(t.Context(), "default", []store.Resolution{
		{LeadID: lead.ID, Generation: held.Generation, Outcome: &decided}})
	require.NoError(t, err)
	require.NoError(t, syncer.Drain(t.Context()))

	for _, title := range []string{"Analyst", "Programmer"} {
		entry := capture(title)
		require.Equal(t, leadsync.Cleared, entry.Stage)
		require.Equal(t, decided.ID, entry.Last.ID)
		require.Equal(t, title, org.Row("Lead", string(decided.ID))["Title"])
	}
}
