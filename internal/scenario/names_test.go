// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
)

// adaLead is a lead of one address with a name.
func adaLead(id leadsync.LeadID, first, last string) *leadsync.Lead {
	return &leadsync.Lead{ID: id, FirstName: first, LastName: last, Email: "ada@initech.example", Company: "Initech GmbH",
		Phone: "617-555-0100", CapturedAt: time.Date(2026, 5, 4, 9, 30, 0, 0, time.UTC)}
}

// requireName requires the name of a record.
func (d *desk) requireName(out *leadsync.Outcome, first, last any, why ...any) {
	d.t.Helper()
	row := d.org.Row(string(out.Object), string(out.ID))
	require.Equal(d.t, []any{first, last}, []any{row["FirstName"], row["LastName"]}, why...)
}

// Before, whatever a badge had in its name field replaced a name that leadsync had written,
// and the record of Ada Lovelace became one of Guest.
func TestATextThatIsNoNameReplacesNone(t *testing.T) {
	t.Parallel()
	for i, c := range []struct {
		first, last string
		field       string // that the outcome has a note about
		kind        leadtype.WarningKind
	}{
		{"", "Guest", "LastName", leadtype.BlankText},
		{"", "VISITOR", "LastName", leadtype.BlankText},
		{"Guest", "Guest", "LastName", leadtype.BlankText},
		{"", "Besucher", "LastName", leadtype.BlankText},
		{"", "Badge", "LastName", leadtype.BlankText},
		{"", "Name", "LastName", leadtype.BlankText},
		{"", "来宾", "LastName", leadtype.BlankText},
		{"", "Initech GmbH", "LastName", leadtype.BlankText},
		{"Initech", "GmbH", "LastName", leadtype.BlankText},
		{"Ada", "Initech Inc.", "LastName", leadtype.BlankText},
		{"", "Initech", "LastName", leadtype.BlankText},
		{"", "Ada Lovelace", "LastName", leadtype.KeptExisting},
		{"", "Lovelace, Ada", "LastName", leadtype.KeptExisting},
		{"Lovelace", "Ada", "LastName", leadtype.KeptExisting},
		{"Lovelace", "Ada", "FirstName", leadtype.KeptExisting},
		{"Ada", "Lövelace", "LastName", leadtype.KeptExisting},
		{"Ada King", "Lovelace", "FirstName", leadtype.KeptExisting},
		{"Dr. Ada", "Lovelace", "FirstName", leadtype.KeptExisting},
		{"A.", "Lovelace", "FirstName", ""},
		{"ADA", "LOVELACE", "LastName", ""},
	} {
		t.Run(c.first+" "+c.last, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, leadsync.Config{})
			if i%2 == 0 { // else the first lead creates the record
				d.org.Insert("Contact", map[string]any{"LastName": "Lovelace", "Email": "ada@initech.example"})
			}
			first := d.sync(adaLead("L1", "Ada", "Lovelace"))["L1"]
			d.requireName(first, "Ada", "Lovelace")
			for _, title := range []string{"CTO", "CEO"} { // also of a lead that was synced with the record before
				second := adaLead("L2", c.first, c.last)
				second.JobTitle = title
				out := d.sync(second)["L2"]
				require.Nil(t, out.Err)
				require.Equal(t, first.ID, out.ID)
				d.requireName(first, "Ada", "Lovelace")
				require.Equal(t, title, d.org.Row(string(first.Object), string(first.ID))["Title"])
				if c.kind == "" {
					require.Empty(t, warned(out, c.field))
				} else {
					require.Equal(t, []leadtype.WarningKind{c.kind}, warned(out, c.field))
				}
			}
		})
	}
}

// What is no name gives way to one.
func TestANameReplacesWhatIsNone(t *testing.T) {
	t.Parallel()
	for _, last := range []string{"Guest", "Initech GmbH", "Besucher"} {
		d := newDesk(t, leadsync.Config{})
		out := d.sync(adaLead("L1", "", last))["L1"]
		d.requireName(out, nil, last)
		d.sync(adaLead("L2", "Ada", "Lovelace"))
		d.requireName(out, "Ada", "Lovelace", last)
		d.sync(adaLead("L1", "", "Visitor"))
		d.requireName(out, "Ada", "Lovelace", last)
	}
}

// A record without a first name does not get one twice.
func TestAFirstNameIsNotPutBeforeAWholeName(t *testing.T) {
	t.Parallel()
	for _, last := range []string{"Ada Lovelace", "Lovelace, Ada", "LOVELACE ADA"} {
		d := newDesk(t, leadsync.Config{})
		contact := d.org.Insert("Contact", map[string]any{"LastName": last, "Email": "ada@initech.example"})
		out := d.sync(adaLead("L1", "Ada", "Lovelace"))["L1"]
		require.Equal(t, contact, string(out.ID))
		d.requireName(out, nil, last)
		require.Equal(t, []leadtype.WarningKind{leadtype.KeptExisting}, warned(out, "FirstName"))
	}
}

// A lead's own correction of its name arrives, whoever shares the record, but no text that
// is no name.
func TestALeadCorrectsItsOwnName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ first, last string }{
		{"Ada", "Lovelace-King"}, {"Ada", "Lövelace"}, {"Adele", "Lovelace"}, {"Lovelace", "Ada"}, {"Ada", "Guest"},
	} {
		t.Run(c.first+" "+c.last, func(t *testing.T) {
			t.Parallel()
			for _, created := range []bool{true, false} {
				d := newDesk(t, leadsync.Config{})
				if !created {
					d.org.Insert("Contact", map[string]any{"FirstName": "A.", "LastName": "L.", "Email": "ada@initech.example"})
				}
				out := d.sync(adaLead("L1", "Ada", "Lovelace"))["L1"]
				d.requireName(out, "Ada", "Lovelace")
				d.sync(adaLead("L2", "A.", "Lovelace"), adaLead("L3", "", "Guest"))
				d.sync(adaLead("L1", "", "Visitor"))
				d.requireName(out, "Ada", "Lovelace")
				d.sync(adaLead("L1", c.first, c.last))
				d.requireName(out, c.first, c.last, "created %v", created)
				d.sync(adaLead("L1", "Ada", "Lovelace"))
				d.requireName(out, "Ada", "Lovelace", "created %v", created)
			}
		})
	}
}

// An attempt that fails between the first name and its correction makes no difference.
func TestACorrectedNameArrivesAfterAFailure(t *testing.T) {
	t.Parallel()
	d := newDesk(t, leadsync.Config{})
	d.org.Insert("Contact", map[string]any{"LastName": "L.", "Email": "ada@initech.example"})
	out := d.sync(adaLead("L1", "Ada", "Lovelase"))["L1"]
	closed := true
	d.org.AddRule("Contact", sftest.Rule{Message: "Closed", Refuses: func(map[string]any) bool { return closed }})
	failed := d.sync(adaLead("L1", "Ada", "Lovelaze"))["L1"]
	require.ErrorIs(t, failed.Err, leadsync.DataValueValidation)
	closed = false
	d.sync(adaLead("L1", "Ada", "Lovelace"))
	d.requireName(out, "Ada", "Lovelace")
}

// The control: a process that does not know which names the lead had takes its correction
// for another lead's name.
func TestACorrectedNameNeedsTheLeadsOwnNames(t *testing.T) {
	t.Parallel()
	d := newDesk(t, leadsync.Config{})
	d.org.Insert("Contact", map[string]any{"LastName": "L.", "Email": "ada@initech.example"})
	d.store = namelessStore{d.store}
	out := d.sync(adaLead("L1", "Ada", "Lovelase"))["L1"]
	d.sync(adaLead("L1", "Ada", "Lovelace"))
	d.requireName(out, "Ada", "Lovelase")
}

// A namelessStore forgets the names that leads had at their last sync.
type namelessStore struct{ leadsync.Store }

func (s namelessStore) Settle(ctx context.Context, lease store.Lease,
	settlements []store.Settlement) ([]leadtype.LeadID, error) {
	settlements = slices.Clone(settlements)
	for i := range settlements {
		if out := settlements[i].Outcome; out != nil && out.Trace.Bond != nil {
			nameless, bond := *out, *out.Trace.Bond
			bond.Names = nil
			nameless.Trace.Bond = &bond
			settlements[i].Outcome = &nameless
		}
	}
	return s.Store.Settle(ctx, lease, settlements)
}
