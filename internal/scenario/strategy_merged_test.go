package scenario_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestKnownIDFollowsTheMerge(t *testing.T) {
	t.Parallel()
	for _, object := range []string{"Contact", "Lead"} {
		t.Run(object, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			insert := scenario.InsertContact
			if object == "Lead" {
				insert = scenario.InsertLead
			}
			first, second, third := insert(org, "A", "a@x.example"), insert(org, "B", "b@x.example"), insert(org, "C", "c@x.example")
			org.Merge(object, second, first)
			org.Merge(object, third, second)
			lead := scenario.Ada()
			if lead.ContactID = salesforce.ID(first); object == "Lead" {
				lead.ContactID, lead.LeadID = "", salesforce.ID(first)
			}

			out := scenario.SyncOne(t, scenario.SyncerOf(t, org, nil), lead)

			require.Equal(t, third, string(out.ID))
			require.Equal(t, object+" by id", out.Trace.Rule)
			noted := false
			for _, p := range out.Trace.Probes {
				for _, c := range p.Candidates {
					noted = noted || c.Note == "merged" && string(c.ID) == first
				}
			}
			require.True(t, noted, "the merge is in the trace")
		})
	}
}

func TestChainOfMergesIsFollowedOnlySoFar(t *testing.T) {
	t.Parallel()
	for merges, found := range map[int]bool{2: true, 8: false} {
		org := sftest.NewOrg(t)
		first := scenario.InsertContact(org, "Lovelace", "")
		survivor := first
		for range merges {
			next := scenario.InsertContact(org, "Lovelace", "")
			org.Merge("Contact", next, survivor)
			survivor = next
		}
		lead := scenario.Ada()
		lead.ContactID = salesforce.ID(first)

		out := scenario.SyncOne(t, scenario.SyncerOf(t, org, nil), lead)

		require.Equal(t, found, string(out.ID) == survivor, "%d merges", merges)
		require.Equal(t, found, out.Action == leadsync.Updated)
	}
}

func TestDeletedIDTriesTheNextProbe(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	gone := scenario.InsertContact(org, "Gone", "ada@analytical.example")
	org.Delete("Contact", gone)
	want := scenario.InsertLead(org, "Lovelace", "ada@analytical.example")
	lead := scenario.Ada()
	lead.ContactID = salesforce.ID(gone)

	out := scenario.SyncOne(t, scenario.SyncerOf(t, org, nil), lead)

	require.Equal(t, want, string(out.ID))
	require.Equal(t, "deleted", out.Trace.Probes[0].Candidates[0].Note)
}

func TestMalformedKnownIDTriesTheNextProbe(t *testing.T) {
	t.Parallel()
	for _, id := range []salesforce.ID{"nonsense", "00Q000000000001", "003'OR'1'='1'", "003000000000001AAX"} {
		t.Run(string(id), func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			want := scenario.InsertContact(org, "Lovelace", "ada@analytical.example")
			lead := scenario.Ada()
			lead.ContactID = id

			out := scenario.SyncOne(t, scenario.SyncerOf(t, org, nil), lead)

			require.Equal(t, want, string(out.ID))
			require.NotEmpty(t, out.Trace.Probes[0].Skipped)
		})
	}
}

// PRODUCT.md 3: ids have 15 or 18 characters.
func TestKnownIDsMayHave15Or18Characters(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	id := scenario.InsertContact(org, "Lovelace", "other@elsewhere.example")
	for _, known := range []string{id, id[:15], " " + id + " "} {
		lead := scenario.Ada()
		lead.ContactID = salesforce.ID(known)
		out := scenario.SyncOne(t, scenario.SyncerOf(t, org, nil), lead)
		require.Equal(t, id, string(out.ID))
	}
}
