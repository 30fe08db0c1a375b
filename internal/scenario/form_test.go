// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
)

// Before, Overwrite wrote the lead's form of each value back whenever anything of the lead
// changed, and the org's automation changed it again.
func TestOverwriteDoesNotWriteInTurnsWithAutomation(t *testing.T) {
	t.Parallel()
	d := newDesk(t, leadsync.Config{Mapper: overwritingAll()})
	lead := later(visitor(), func(l *leadsync.Lead) { l.JobTitle, l.Company = "head of SALES", "acme ltd." })
	out := d.sync(lead)["L1"]
	tidy := map[string]any{"Title": "Head of Sales", "Company": "Acme Ltd.", "Phone": "(617) 555-0100",
		"Website": "acme.example"}
	d.edit(out, tidy)
	for _, mobile := range []string{"1", "2"} {
		out = d.sync(later(lead, func(l *leadsync.Lead) { l.MobilePhone = mobile }))["L1"]
		row := d.org.Row("Lead", string(out.ID))
		for field, v := range tidy {
			require.Equal(t, v, row[field])
		}
		require.Equal(t, mobile, row["MobilePhone"])
		require.Empty(t, out.Warnings)
	}
	d.org.ResetLog()
	colleague := later(lead, func(l *leadsync.Lead) { l.ID, l.JobTitle, l.MobilePhone = "L2", "HEAD OF SALES", "2" })
	d.sync(colleague)
	require.Zero(t, scenario.WritesOf(d.org), "another lead's form is no correction")
}

// A form that the lead itself corrects is written, once and not over what automation made of
// it. What differs in more than its form is overwritten as ever.
func TestOverwriteWritesALeadsCorrectionOfTheForm(t *testing.T) {
	t.Parallel()
	d := newDesk(t, leadsync.Config{Mapper: overwritingAll()})
	title := func(text, mobile string) *leadsync.Lead {
		return later(visitor(), func(l *leadsync.Lead) { l.JobTitle, l.MobilePhone = text, mobile })
	}
	out := d.sync(title("cto", "1"))["L1"]
	d.sync(title("cto", "2"))
	d.sync(title("CTO", "2"))
	row := func() any { return d.org.Row("Lead", string(out.ID))["Title"] }
	require.Equal(t, "CTO", row())
	d.edit(out, map[string]any{"Title": "Cto"})
	d.sync(title("cto", "3"))
	require.Equal(t, "Cto", row())
	d.edit(out, map[string]any{"Title": "Boss"})
	d.sync(title("CTO", "3"))
	require.Equal(t, "CTO", row())
	d.org.ResetLog()
	d.sync(title("CTO", "3"))
	require.Zero(t, scenario.WritesOf(d.org))
}

// The control: without the memory a correction of the form is not told from automation.
func TestACorrectionOfTheFormNeedsTheMemory(t *testing.T) {
	t.Parallel()
	d := newDesk(t, leadsync.Config{Mapper: overwritingAll()})
	d.store = amnesiacStore{d.store}
	out := d.sync(later(visitor(), func(l *leadsync.Lead) { l.JobTitle = "cto" }))["L1"]
	d.sync(later(visitor(), func(l *leadsync.Lead) { l.JobTitle = "CTO" }))
	require.Equal(t, "cto", d.org.Row("Lead", string(out.ID))["Title"])
}
