// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// correctedVisit interrupts the create of a membership and of a visit, and corrects both then. It
// returns the booths of the two.
func correctedVisit(t *testing.T, kept leadsync.Store, death scenario.Death, edit string) []any {
	t.Helper()
	org := sftest.NewOrg(t, sftest.WithNow(time.Now))
	m := leadsync.DefaultMapping()
	cfg := &leadsync.Config{Store: kept, Mapper: m}
	withVisits(org, cfg, m)
	m.Sections[3].Rules[0].Write = mapping.UnlessEdited
	cfg.Campaigns[0].Fields[0].Write = mapping.UnlessEdited
	scenario.InsertLead(org, "Lovelace", scenario.Ada().Email)
	visit := func(booth string) *leadsync.Lead {
		lead := scenario.Ada()
		lead.Custom = map[string]any{"booth": booth}
		return lead
	}
	dying := scenario.NewMortal(t, org, *cfg, death)
	_, err := dying.Capture(t.Context(), visit("A1"))
	require.NoError(t, err)
	scenario.DrainFor(t, dying.Syncer, 20*time.Second)
	<-time.After(time.Hour)
	if edit != "" {
		for _, object := range []string{"CampaignMember", "Visit__c"} {
			org.Update(object, org.Rows(object)[0]["Id"].(string), map[string]any{"Booth__c": edit})
		}
	}
	next := scenario.NewMortal(t, org, *cfg, "")
	scenario.Rounds(t, next.Syncer, visit("A2"))
	scenario.Rounds(t, next.Syncer, visit("A3"))
	entry := scenario.StoredIn(t, next.Syncer)[0]
	require.Equal(t, leadsync.Cleared, entry.Stage, "%v", entry.Last.Err)
	require.Empty(t, entry.Intents)
	return []any{org.Rows("CampaignMember")[0]["Booth__c"], org.Rows("Visit__c")[0]["Booth__c"]}
}

// Before, what the create had written counted as others' values, and no correction reached it.
func TestCorrectionReachesWhatACreateWithoutAnAnswerHasWritten(t *testing.T) {
	t.Parallel()
	for _, death := range []scenario.Death{scenario.BeforeSend, scenario.AfterSend, scenario.AfterCommit,
		scenario.AnswerLost} {
		t.Run(string(death), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				require.Equal(t, []any{"A3", "A3"}, correctedVisit(t, memory.New(nil), death, ""))
			})
		})
	}
}

// What a person has entered since stays.
func TestCorrectionLeavesWhatAPersonMadeOfACreateWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	for _, death := range []scenario.Death{scenario.AfterCommit, scenario.AnswerLost} {
		synctest.Test(t, func(t *testing.T) {
			require.Equal(t, []any{"B7", "B7"}, correctedVisit(t, memory.New(nil), death, "B7"))
		})
	}
}

// A visitlessStore journals no creates of memberships and visits.
type visitlessStore struct{ leadsync.Store }

func (s visitlessStore) Journal(ctx context.Context, lease store.Lease,
	intents map[leadsync.LeadID][]leadtype.Intent) error {
	others := maps.Clone(intents)
	for lead := range others {
		others[lead] = slices.DeleteFunc(slices.Clone(others[lead]), func(i leadtype.Intent) bool {
			return !i.Update && (i.Kind == leadtype.PartMember || i.Kind == leadtype.PartCustom)
		})
	}
	return s.Store.Journal(ctx, lease, others)
}

// The control: without the journal they are others' values.
func TestCorrectionWouldNotReachThemWithoutTheJournal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		require.Equal(t, []any{"A1", "A1"}, correctedVisit(t, visitlessStore{memory.New(nil)}, scenario.AfterCommit, ""))
	})
}
