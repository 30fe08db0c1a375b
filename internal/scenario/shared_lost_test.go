// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
)

// A process ended that was to create one record for two people who share an address. Before,
// the next one took the record for that of both, and it had the names of the one and the
// company and the title of the other.
func TestACreateForAnotherPersonsLeadIsNotTheLeadsOwn(t *testing.T) {
	t.Parallel()
	const address = "info@initech.example"
	for _, death := range []scenario.Death{scenario.BeforeSend, scenario.AfterSend, scenario.AfterCommit,
		scenario.AnswerLost} {
		for _, keys := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/keys %t", death, keys), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					h := scenario.Start(t, death, keys, openMemory())
					h.Cfg.OtherPerson = leadtype.AttachOther
					gibson := &leadsync.Lead{ID: "L1", LastName: "Gibson", Email: address, Company: "Initech",
						JobTitle: "CEO", CapturedAt: time.Now().Add(-time.Hour)}
					novak := &leadsync.Lead{ID: "L2", FirstName: "Tomas", LastName: "Novak", Email: address,
						CapturedAt: time.Now().Add(-2 * time.Hour)}
					h.Interrupted(h.Captures(gibson, novak))
					last := h.Settled(h.Captures(gibson, novak))
					require.Empty(t, last[0].Last.Warnings)
					require.Equal(t, []leadtype.WarningKind{leadtype.OtherPerson}, last[1].Last.WarningKinds())
					rows := h.Org.Rows("Lead")
					require.Len(t, rows, 1)
					require.Equal(t, []any{nil, "Gibson", "Initech", "CEO"},
						[]any{rows[0]["FirstName"], rows[0]["LastName"], rows[0]["Company"], rows[0]["Title"]})
				})
			})
		}
	}
}

// A process ended before it created the record of two leads. Before, what it was to write
// passed for written, and for emptied by a person, when another process had created the
// record without it.
func TestWhatACreateWasToWriteThatNeverCameIsNotTakenForEmptied(t *testing.T) {
	t.Parallel()
	for _, keys := range []bool{false, true} {
		t.Run(fmt.Sprintf("keys %t", keys), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := scenario.Start(t, scenario.BeforeSend, keys, openMemory())
				two := func(title string) func(*leadsync.Syncer) {
					one, other := scenario.Ada(), scenario.Ada()
					one.JobTitle, other.ID, other.JobTitle = title, "L2", title
					return h.Captures(one, other)
				}
				h.Interrupted(two("Countess"))
				h.Cfg.BatchSize = 1
				h.Settled(two(""))
				last := h.Settled(two("Analyst"))
				h.Cleared(last)
				require.Equal(t, "Analyst", h.Org.Row("Lead", string(last[1].Last.ID))["Title"])
			})
		})
	}
}
