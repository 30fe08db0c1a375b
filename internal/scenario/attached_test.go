// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store/memory"
)

// attachedThrough attaches a lead to another person's record, for which a process ends unless death
// is "". Then a person gives that record a name that agrees with the lead's in part, and converts
// it, and the lead comes again. It returns the lead's outcome and the Contact.
func attachedThrough(t *testing.T, death scenario.Death, keys, known bool) (*leadsync.Outcome, map[string]any) {
	t.Helper()
	h := scenario.Start(t, death, keys, openMemory())
	h.Cfg.OtherPerson = leadtype.AttachOther
	jones := &leadsync.Lead{ID: "L1", FirstName: "Ada", LastName: "Jones", Email: "ada@acme.example", Company: "Acme"}
	meyer := func(phone string) *leadsync.Lead {
		return &leadsync.Lead{ID: "L2", FirstName: "Ben", LastName: "Meyer", Email: "ada@acme.example", Company: "Acme",
			Phone: phone, Activities: []leadsync.Activity{{ID: phone, Kind: leadsync.ActivityCall, Notes: phone}}}
	}
	if known {
		h.Settled(h.Captures(jones, meyer("1")))
	}
	h.Interrupted(h.Captures(jones, meyer("+1 617 555 0100")))
	id := h.Org.Rows("Lead")[0]["Id"].(string)
	h.Org.Update("Lead", id, map[string]any{"LastName": "Meyer"})
	contact, _ := h.Org.Convert(id)
	last := h.Settled(h.Captures(jones, meyer("+1 617 555 0102")))
	require.Equal(t, contact, string(last[1].Last.ID), "%v", last[1].Last.Err)
	require.Empty(t, last[1].Intents)
	return last[1].Last, h.Org.Row("Contact", contact)
}

// A lead that is attached to another person's record stays so when a person converts that, and has
// given it a name that agrees in part, also where a process ended before. Before, the Contact passed
// for one in doubt, and took the lead's values where it had none.
func TestALeadStaysAttachedThroughAConversion(t *testing.T) {
	t.Parallel()
	for _, keys := range []bool{false, true} {
		for _, known := range []bool{false, true} {
			for _, death := range []scenario.Death{"", scenario.BeforeSend, scenario.AfterSend, scenario.AfterCommit,
				scenario.AnswerLost} {
				if !known && (death == scenario.BeforeSend || death == scenario.AfterSend) {
					continue // there is no record
				}
				t.Run(fmt.Sprintf("%s/keys %t/known %t", death, keys, known), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						out, contact := attachedThrough(t, death, keys, known)
						require.Equal(t, []leadtype.WarningKind{leadtype.OtherPerson}, out.WarningKinds())
						require.Nil(t, contact["Phone"])
					})
				})
			}
		}
	}
}

// Leads of other people are attached to a record that is to be created for the first of them. Before,
// where that one failed and the next one too, Sync said of those behind them that the record which they
// depend on had failed, and did not sync them.
func TestALeadIsSyncedAlthoughAllThatItWasToBeAttachedToFail(t *testing.T) {
	t.Parallel()
	person := func(id leadsync.LeadID, first, last, company string) *leadsync.Lead {
		return &leadsync.Lead{ID: id, FirstName: first, LastName: last, Email: "ada@acme.example", Company: company}
	}
	leads := []*leadsync.Lead{person("L1", "Ada", "Jones", ""), person("L2", "Ben", "Meyer", ""),
		person("L3", "Cho", "Park", ""), person("L4", "Dan", "Brown", "Acme")}
	for _, kept := range []leadsync.Store{nil, memory.New(nil)} {
		org := sftest.NewOrg(t)
		s := scenario.SyncerOf(t, org, &leadsync.Config{OtherPerson: leadtype.AttachOther, Store: kept,
			Gather: leadsync.NoGather})
		codes := make(map[leadsync.LeadID]leadtype.Code)
		if kept == nil {
			outs, _ := s.Sync(t.Context(), leads...)
			for _, out := range outs {
				codes[out.LeadID] = out.Code()
			}
		} else {
			captureAndDrain(t, s, leads...)
			for _, entry := range scenario.StoredIn(t, s) {
				codes[entry.Lead.ID] = entry.Last.Code()
			}
		}
		const missing = leadtype.RequiredFieldMissing
		require.Equal(t, map[leadsync.LeadID]leadtype.Code{"L1": missing, "L2": missing, "L3": missing, "L4": ""}, codes)
		require.Equal(t, "Brown", org.Rows("Lead")[0]["LastName"])
	}
}
