// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// noting is a visitor with notes, of the first or of a later capture.
func noting(notes, phone string) *leadsync.Lead {
	return later(visitor(), func(l *leadsync.Lead) { l.Notes, l.Phone = notes, phone })
}

// Before, notes that a rep had removed or reworded came back when anything else of the lead
// changed.
func TestAppendedNotesDoNotComeBack(t *testing.T) {
	t.Parallel()
	for name, made := range map[string]string{
		"removed": "Call her on Monday", "reworded": "The customer wants to see it",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, leadsync.Config{})
			out := d.sync(noting("Wants a demo", "1"))["L1"]
			description := func(id string) any { return d.org.Row("Lead", id)["Description"] }
			require.Equal(t, "Wants a demo", description(string(out.ID)))
			d.edit(out, map[string]any{"Description": made})
			out = d.sync(noting("Wants a demo", "2"))["L1"]
			require.Equal(t, made, description(string(out.ID)))
			require.Equal(t, "2", d.org.Row("Lead", string(out.ID))["Phone"])

			// Another lead with the same notes appends them as little, and new ones are added.
			colleague := noting("Wants a demo", "")
			colleague.ID = "L2"
			d.sync(colleague)
			require.Equal(t, made, description(string(out.ID)))
			d.sync(noting("Bought two", "3"))
			require.Equal(t, made+"\nBought two", description(string(out.ID)))

			_, id := merges(d, out)
			d.org.Update("Lead", id, map[string]any{"Description": "Bought nothing"})
			d.sync(noting("Bought two", "4"))
			require.Equal(t, "Bought nothing", description(id), "the memory follows")
		})
	}
}

// Before, only the last three texts were remembered, so that the first of five came back.
func TestTheNotesOfManyLeadsDoNotComeBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t, leadsync.Config{})
	lead := func(n int, phone string) *leadsync.Lead {
		l := noting(fmt.Sprintf("Said %d", n), phone)
		l.ID = leadsync.LeadID(fmt.Sprintf("L%d", n))
		l.CapturedAt = l.CapturedAt.Add(time.Duration(n) * time.Hour)
		return l
	}
	out := d.sync(lead(1, "1"))["L1"]
	for n := range 6 {
		d.sync(lead(n+2, "1"))
	}
	require.Contains(t, d.org.Row("Lead", string(out.ID))["Description"], "Said 1\nSaid 2")
	d.edit(out, map[string]any{"Description": "Call her on Monday"})
	d.sync(lead(1, "2"), lead(7, "2"))
	require.Equal(t, "Call her on Monday", d.org.Row("Lead", string(out.ID))["Description"])
}

// Notes that a rep has emptied stay empty, also of later leads.
func TestEmptiedNotesStayEmpty(t *testing.T) {
	t.Parallel()
	d := newDesk(t, leadsync.Config{})
	out := d.sync(noting("Wants a demo", "1"))["L1"]
	d.edit(out, map[string]any{"Description": nil})
	out = d.sync(noting("Bought two", "2"))["L1"]
	require.Nil(t, d.org.Row("Lead", string(out.ID))["Description"])
	require.Equal(t, []leadtype.WarningKind{leadtype.KeptCleared}, warned(out, "Description"))
}

// The control: what is not remembered is appended again.
func TestAppendedNotesNeedTheMemory(t *testing.T) {
	t.Parallel()
	d := newDesk(t, leadsync.Config{})
	d.store = amnesiacStore{d.store}
	out := d.sync(noting("Wants a demo", "1"))["L1"]
	d.edit(out, map[string]any{"Description": "Call her on Monday"})
	d.sync(later(noting("Wants a demo", "2"), func(l *leadsync.Lead) { l.MobilePhone = "3" }))
	require.Equal(t, "Call her on Monday\nWants a demo", d.org.Row("Lead", string(out.ID))["Description"])
}

// Notes of two leads that are one new record are both remembered; Sync does so too.
func TestNotesOfTwoLeadsAreBothRemembered(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	syncer := scenario.SyncerOf(t, org, nil)
	one, two := noting("Wants a demo", "1"), noting("Likes tea", "")
	two.ID = "L2"
	outcomes, err := syncer.Sync(t.Context(), one, two)
	require.NoError(t, err)
	id := string(outcomes[0].ID)
	require.Equal(t, "Wants a demo\nLikes tea", org.Row("Lead", id)["Description"])
	org.Update("Lead", id, map[string]any{"Description": "Met at the booth"})
	one.MobilePhone, two.MobilePhone = "2", "2"
	_, err = syncer.Sync(t.Context(), one, two)
	require.NoError(t, err)
	require.Equal(t, "Met at the booth", org.Row("Lead", id)["Description"])
}
