// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"fmt"
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// An interruption is a process that ends while it overwrites a person's Contact and membership.
type interruption struct {
	org             *sftest.Org
	cfg             leadsync.Config
	contact, member string
	other           string // the Contact of another person
}

func newInterruption(t *testing.T, kept leadsync.Store) *interruption {
	t.Helper()
	org := sftest.NewOrg(t, sftest.WithNow(time.Now))
	contact := org.Insert("Contact", map[string]any{"FirstName": "Ada", "LastName": "Lovelace",
		"Email": scenario.Ada().Email, "Title": "Miss", "Phone": "+1 555 0100", "MailingCity": "Rome"})
	other := org.Insert("Contact", map[string]any{"FirstName": "Ada", "LastName": "Lovelace",
		"Email": "other@analytical.example", "Title": "Mrs"})
	campaign := scenario.Expo(org)
	member := org.Insert("CampaignMember",
		map[string]any{"CampaignId": string(campaign), "ContactId": contact, "Status": "Sent"})
	return &interruption{org: org, contact: contact, member: member, other: other,
		cfg: leadsync.Config{Store: kept, Mapper: scenario.Overwriting(),
			Campaigns: []leadsync.CampaignLink{{CampaignID: campaign, Status: "Met"}}}}
}

func (n *interruption) lead(id leadsync.LeadID, title, email string) *leadsync.Lead {
	ada := scenario.Ada()
	ada.ID, ada.JobTitle, ada.Email = id, title, email
	ada.Phone = "+1 555 0199"
	return ada
}

// dies drains leads in a process that ends at its next write.
func (n *interruption) dies(t *testing.T, death scenario.Death, leads ...*leadsync.Lead) {
	t.Helper()
	s := scenario.NewMortal(t, n.org, n.cfg, death)
	_, err := s.Capture(t.Context(), leads...)
	require.NoError(t, err)
	scenario.DrainFor(t, s.Syncer, 20*time.Second)
	<-time.After(time.Hour)
}

// settles drains the leads, and those that are still waiting, in a process that does not end.
func (n *interruption) settles(t *testing.T, leads ...*leadsync.Lead) (*scenario.Mortal, outcomes) {
	t.Helper()
	s := scenario.NewMortal(t, n.org, n.cfg, "")
	scenario.Rounds(t, s.Syncer, leads...)
	var all outcomes
	for _, entry := range scenario.StoredIn(t, s.Syncer) {
		require.Equal(t, leadsync.Cleared, entry.Stage, "%v", entry.Last.Err)
		require.Empty(t, entry.Intents)
		all = append(all, entry.Last)
	}
	return s, all
}

// held is what people see of the records that are overwritten.
func (n *interruption) held() map[string]any {
	held := make(map[string]any)
	for _, field := range []string{"Title", "Phone", "Email", "MailingCity"} {
		held["contact."+field] = n.org.Row("Contact", n.contact)[field]
		held["other."+field] = n.org.Row("Contact", n.other)[field]
	}
	held["member.Status"] = n.org.Row("CampaignMember", n.member)["Status"]
	return held
}

// A deathStory interrupts processes and returns the outcomes of the one that settles. Once they
// are reverted the org holds what it held before, to which the story adds what people have entered
// since.
type deathStory func(t *testing.T, n *interruption, death scenario.Death, before map[string]any) outcomes

type outcomes = []*leadsync.Outcome

func interruptionStories() map[string]deathStory {
	ada := scenario.Ada().Email
	last := func(_ *scenario.Mortal, all outcomes) outcomes { return all }
	return map[string]deathStory{
		"once": func(t *testing.T, n *interruption, death scenario.Death, _ map[string]any) outcomes {
			n.dies(t, death, n.lead("L1", "Countess", ada))
			return last(n.settles(t))
		},
		"again and again": func(t *testing.T, n *interruption, death scenario.Death, _ map[string]any) outcomes {
			for range 3 {
				n.dies(t, death, n.lead("L1", "Countess", ada))
			}
			return last(n.settles(t))
		},
		"corrected meanwhile": func(t *testing.T, n *interruption, death scenario.Death, _ map[string]any) outcomes {
			n.dies(t, death, n.lead("L1", "Countess", ada))
			n.dies(t, death, n.lead("L1", "Lady", ada))
			return last(n.settles(t, n.lead("L1", "Countess of Lovelace", ada)))
		},
		"corrected back": func(t *testing.T, n *interruption, death scenario.Death, _ map[string]any) outcomes {
			n.dies(t, death, n.lead("L1", "Countess", ada))
			return last(n.settles(t, n.lead("L1", "Miss", ada)))
		},
		"after it was cleared": func(t *testing.T, n *interruption, death scenario.Death, before map[string]any) outcomes {
			n.settles(t, n.lead("L1", "Countess", ada))
			maps.Copy(before, n.held())
			n.dies(t, death, n.lead("L1", "Lady", ada))
			return last(n.settles(t))
		},
		"two leads": func(t *testing.T, n *interruption, death scenario.Death, _ map[string]any) outcomes {
			n.dies(t, death, n.lead("L1", "Countess", ada), n.lead("L2", "Countess", ada))
			return last(n.settles(t))
		},
		"it was another person": func(t *testing.T, n *interruption, death scenario.Death, _ map[string]any) outcomes {
			n.dies(t, death, n.lead("L1", "Countess", ada))
			all := last(n.settles(t, n.lead("L1", "Countess", "other@analytical.example")))
			return append(all, all[0].Left...)
		},
		"edited after": func(t *testing.T, n *interruption, death scenario.Death, before map[string]any) outcomes {
			n.dies(t, death, n.lead("L1", "Countess", ada))
			n.org.Update("Contact", n.contact, map[string]any{"Title": "Dr"})
			before["contact.Title"] = "Dr"
			return last(n.settles(t))
		},
		"the titles are refused": func(t *testing.T, n *interruption, death scenario.Death, _ map[string]any) outcomes {
			n.org.OnRow("Contact", func(_ string, row map[string]any) *sftest.RowError {
				if row["Title"] != "Countess" {
					return nil
				}
				return &sftest.RowError{StatusCode: "STRING_TOO_LONG", Message: "refused", Fields: []string{"Title"}}
			})
			n.dies(t, death, n.lead("L1", "Countess", ada))
			return last(n.settles(t))
		},
	}
}

// A process that ended after an update was committed, and before it was settled, left nothing
// of the values before: the next one saw the new values, and wrote nothing.
func TestRevertRestoresWhatAnInterruptedProcessHasOverwritten(t *testing.T) {
	t.Parallel()
	for name, story := range interruptionStories() {
		for _, death := range []scenario.Death{scenario.BeforeSend, scenario.AfterSend, scenario.AfterCommit,
			scenario.AnswerLost} {
			t.Run(fmt.Sprintf("%s/%s", name, death), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					n := newInterruption(t, memory.New(nil))
					before := n.held()
					all := story(t, n, death, before)
					s := scenario.NewMortal(t, n.org, n.cfg, "")
					_, err := s.Revert(t.Context(), all, revert.Options{})
					require.NoError(t, err)
					require.Equal(t, before, n.held())
				})
			})
		}
	}
}

// The first look updates the Contact, and the second one, which logs the Task for another
// owner, is interrupted: the journal of the second must not replace that of the first.
func TestRevertRestoresWhatTheFirstOfTwoLooksHasOverwritten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newInterruption(t, memory.New(nil))
		before := n.held()
		n.diesInItsSecondLook(t, scenario.Ada().Email)
		s, all := n.settles(t)
		require.Equal(t, 1, n.org.Count("Task"))
		_, err := s.Revert(t.Context(), all, revert.Options{})
		require.NoError(t, err)
		require.Equal(t, before, n.held())
	})
}

// diesInItsSecondLook drains a lead in a process that ends once it has logged the Task for
// another owner than the one that the org refuses.
func (n *interruption) diesInItsSecondLook(t *testing.T, email string) {
	t.Helper()
	rep := insertUser(n.org, "rep@host.example", "rep@host.example")
	n.org.OnRow("Task", func(_ string, row map[string]any) *sftest.RowError {
		if row["OwnerId"] != rep {
			return nil
		}
		return &sftest.RowError{StatusCode: "INACTIVE_OWNER_OR_USER", Message: "operation performed with inactive user"}
	})
	lead := n.lead("L1", "Countess", email)
	lead.Activities = []leadsync.Activity{{ID: "1", Kind: leadsync.ActivityCall, By: "rep@host.example"}}
	n.dies(t, scenario.AfterSecond, lead)
	require.Equal(t, 1, n.org.Count("Task"), "the second look was interrupted")
}

// An imagelessStore journals no values.
type imagelessStore struct{ leadsync.Store }

func (s imagelessStore) Journal(ctx context.Context, lease store.Lease,
	intents map[leadsync.LeadID][]leadtype.Intent) error {
	bare := maps.Clone(intents)
	for lead := range bare {
		bare[lead], _ = leadtype.WithoutValues(bare[lead])
	}
	return s.Store.Journal(ctx, lease, bare)
}

// The control: without the values in the journal nothing restores them.
func TestAnInterruptedProcessWouldLeaveNothingToRestoreWithoutItsJournal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newInterruption(t, imagelessStore{memory.New(nil)})
		before := n.held()
		all := interruptionStories()["once"](t, n, scenario.AfterCommit, before)
		s := scenario.NewMortal(t, n.org, n.cfg, "")
		_, err := s.Revert(t.Context(), all, revert.Options{})
		require.NoError(t, err)
		require.NotEqual(t, before, n.held())
	})
}
