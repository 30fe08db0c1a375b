// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/postgres"
)

// A gate stops the claims of a store between their snapshot and the locks of their rows.
type gate struct {
	t    *testing.T
	on   *pgxpool.Pool
	key  int64
	open func()
}

// newGate returns a gate that is closed: claims of the store wait at it, and use change on their statement.
func newGate(t *testing.T, on *pgxpool.Pool, st *postgres.Store, change func(string) string) *gate {
	t.Helper()
	g := &gate{t: t, on: on, key: time.Now().UnixNano()}
	limit := fmt.Sprintf(`LIMIT $3 + (SELECT count(pg_advisory_xact_lock(%d)) - 1) FOR UPDATE`, g.key)
	st.Rewrite(func(statement string) string {
		return change(strings.ReplaceAll(statement, `LIMIT $3 FOR UPDATE`, limit))
	})
	tx, err := on.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `SELECT pg_advisory_xact_lock($1)`, g.key)
	require.NoError(t, err)
	g.open = func() { require.NoError(t, tx.Commit(t.Context())) }
	t.Cleanup(func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }) // of a test that failed
	return g
}

// await waits until n claims have their snapshot.
func (g *gate) await(n int) {
	g.t.Helper()
	require.Eventually(g.t, func() bool {
		waiting := 0
		err := g.on.QueryRow(g.t.Context(), `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
			AND (classid::int8 << 32 | objid::int8) = $1`, g.key).Scan(&waiting)
		require.NoError(g.t, err)
		return waiting == n
	}, time.Minute, 5*time.Millisecond)
}

// claimIDs claims all that is due.
func claimIDs(t *testing.T, st *postgres.Store, lease store.Lease) map[leadtype.LeadID]store.Claimed {
	t.Helper()
	claimed, err := st.Claim(t.Context(), lease, 10)
	require.NoError(t, err)
	found := make(map[leadtype.LeadID]store.Claimed)
	for _, c := range claimed {
		require.NotContains(t, found, c.Lead.ID)
		found[c.Lead.ID] = c
	}
	return found
}

// changedMeanwhile claims L1 and L2, of which L1 is changed between the snapshot and the lock of its row. It returns
// what the claim took.
func changedMeanwhile(t *testing.T, change func(string) string, meanwhile func(*postgres.Store)) (*postgres.Store,
	store.Lease, map[leadtype.LeadID]store.Claimed) {
	t.Helper()
	on := pool(t)
	opened, err := postgres.New(t.Context(), on, &postgres.Options{Schema: schema(t, on)})
	require.NoError(t, err)
	_, err = opened.Capture(t.Context(), connection, captured("L1", "L2"))
	require.NoError(t, err)
	lease, err := opened.Acquire(t.Context(), connection, "a", time.Hour)
	require.NoError(t, err)
	g := newGate(t, on, opened, change)
	taken := make(chan map[leadtype.LeadID]store.Claimed)
	go func() {
		claimed, err := opened.Claim(t.Context(), lease, 10)
		found := make(map[leadtype.LeadID]store.Claimed)
		for _, c := range claimed {
			found[c.Lead.ID] = c
		}
		if err != nil {
			found = nil
		}
		taken <- found
	}()
	g.await(1)
	meanwhile(opened)
	g.open()
	return opened, lease, <-taken
}

func asItIs(statement string) string { return statement }

// A lead that changes between the snapshot of a claim and the lock of its row is passed over, and is the next claim's
// as it is then. The other leads are claimed. What forgets a lead waits for the lease.
func TestALeadThatChangesDuringAClaimIsTheNextOnes(t *testing.T) {
	t.Parallel()
	recaptured := captured("L1")
	recaptured[0].Lead.Company = "Engines"
	frozen := captured("L1")
	frozen[0].State, frozen[0].Lead.Company = store.StateFrozen, "Engines"
	activity := []leadtype.Activity{{ID: "A", Kind: leadtype.ActivityNote}}
	for name, c := range map[string]struct {
		meanwhile func(*postgres.Store) error
		next      bool // L1 is due afterwards
		left      func(*testing.T, store.Claimed)
	}{
		"captured again": {next: true,
			meanwhile: func(st *postgres.Store) error {
				_, err := st.Capture(t.Context(), connection, recaptured)
				return err
			},
			left: func(t *testing.T, c store.Claimed) { require.Equal(t, "Engines", c.Lead.Company) }},
		"activities": {next: true,
			meanwhile: func(st *postgres.Store) error {
				return st.AddActivities(t.Context(), connection, "L1", store.StateQueued, activity)
			},
			left: func(t *testing.T, c store.Claimed) { require.Len(t, c.Lead.Activities, 1) }},
		"pushed": {next: true,
			meanwhile: func(st *postgres.Store) error {
				_, err := st.Push(t.Context(), connection, store.Filter{Leads: []leadtype.LeadID{"L1"}}, "ada")
				return err
			},
			left: func(*testing.T, store.Claimed) {}},
		"frozen": {
			meanwhile: func(st *postgres.Store) error {
				_, err := st.Capture(t.Context(), connection, frozen)
				return err
			}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opened, lease, taken := changedMeanwhile(t, asItIs, func(st *postgres.Store) {
				require.NoError(t, c.meanwhile(st))
			})
			require.Contains(t, taken, leadtype.LeadID("L2"))
			require.NotContains(t, taken, leadtype.LeadID("L1"))
			next := claimIDs(t, opened, lease)
			if !c.next {
				require.Empty(t, next)
				return
			}
			require.Len(t, next, 1)
			require.Equal(t, int64(1), next["L1"].Generation, "it was claimed once")
			require.Equal(t, 1, next["L1"].Attempts)
			c.left(t, next["L1"])
		})
	}
}

// byNumber finds the rows of a claim by their number, without their locks: the server follows them to where they are
// then, and does not ask again whether they are due.
func byNumber(statement string) string {
	statement = strings.ReplaceAll(statement, ` FOR UPDATE SKIP LOCKED`, ``)
	statement = strings.ReplaceAll(statement, `sequence, ctid AS place`, `sequence, sequence AS place`)
	return strings.Replace(statement, `WHERE lead.ctid = due.place`,
		`WHERE lead.connection = $1 AND lead.sequence = due.place`, 1)
}

// Without the locks a claim takes what is not due any more.
func TestWithoutTheLocksAClaimTakesWhatIsFrozen(t *testing.T) {
	t.Parallel()
	frozen := captured("L1")
	frozen[0].State, frozen[0].Lead.Company = store.StateFrozen, "Engines"
	_, _, taken := changedMeanwhile(t, byNumber, func(st *postgres.Store) {
		_, err := st.Capture(t.Context(), connection, frozen)
		require.NoError(t, err)
	})
	require.Contains(t, taken, leadtype.LeadID("L1"), "the control")
}

// What a transaction of the host has changed and not committed yet is passed over, without a wait, and is the next
// claim's.
func TestALeadInAnOpenTransactionIsTheNextClaims(t *testing.T) {
	t.Parallel()
	for _, commits := range []bool{true, false} {
		on := pool(t)
		opened, err := postgres.New(t.Context(), on, &postgres.Options{Schema: schema(t, on)})
		require.NoError(t, err)
		_, err = opened.Capture(t.Context(), connection, captured("L1", "L2"))
		require.NoError(t, err)
		lease, err := opened.Acquire(t.Context(), connection, "a", time.Hour)
		require.NoError(t, err)
		tx, err := on.Begin(t.Context())
		require.NoError(t, err)
		again := captured("L1")
		again[0].Lead.Company = "Engines"
		_, err = opened.CaptureTx(t.Context(), tx, connection, again)
		require.NoError(t, err)
		taken := claimIDs(t, opened, lease)
		require.Len(t, taken, 1)
		require.Contains(t, taken, leadtype.LeadID("L2"))
		require.Empty(t, claimIDs(t, opened, lease))
		company := ""
		if commits {
			require.NoError(t, tx.Commit(t.Context()))
			company = "Engines"
		} else {
			require.NoError(t, tx.Rollback(t.Context()))
		}
		taken = claimIDs(t, opened, lease)
		require.Len(t, taken, 1)
		require.Equal(t, company, taken["L1"].Lead.Company)
	}
}

// Two claims under one lease at a time take each lead once: the second waits for the lease's row, and each row of a
// lead is locked. Without both, leads are claimed twice.
func TestTwoClaimsAtATimeTakeEachLeadOnce(t *testing.T) {
	t.Parallel()
	unleased := func(statement string) string {
		if strings.Contains(statement, `wanted_until FROM leadsync.lease`) {
			return strings.Replace(statement, ` FOR UPDATE`, ``, 1)
		}
		return statement
	}
	for name, c := range map[string]struct {
		change  func(string) string
		waiting int // claims that wait at the gate
		twice   bool
	}{
		"as it is":                {change: asItIs, waiting: 1},
		"without the lease's row": {change: unleased, waiting: 2},
		"the control":             {change: func(s string) string { return byNumber(unleased(s)) }, waiting: 2, twice: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			on := pool(t)
			opened, err := postgres.New(t.Context(), on, &postgres.Options{Schema: schema(t, on)})
			require.NoError(t, err)
			_, err = opened.Capture(t.Context(), connection, captured("L1", "L2", "L3"))
			require.NoError(t, err)
			lease, err := opened.Acquire(t.Context(), connection, "a", time.Hour)
			require.NoError(t, err)
			g := newGate(t, on, opened, c.change)
			counts := make(chan int)
			for range 2 {
				go func() {
					claimed, _ := opened.Claim(t.Context(), lease, 10)
					counts <- len(claimed)
				}()
			}
			g.await(c.waiting)
			g.open()
			claims := <-counts + <-counts
			if c.twice {
				require.Equal(t, 6, claims)
			} else {
				require.Equal(t, 3, claims)
			}
			entries, err := opened.List(t.Context(), connection, store.Filter{})
			require.NoError(t, err)
			for _, e := range entries {
				require.Equal(t, store.StateInFlight, e.State)
			}
		})
	}
}
