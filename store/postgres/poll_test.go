// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce/login"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/postgres"
)

// A host with many connections and nothing to do sends one statement a poll, the one by which it
// asks which are due.
func TestIdleHostSendsOneStatementAPoll(t *testing.T) {
	t.Parallel()
	const connections, poll = 300, 20 * time.Millisecond
	plain := pool(t)
	seen := &recorder{statements: make(map[string]recorded)}
	config := plain.Config()
	config.ConnConfig.Tracer = seen
	traced, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(traced.Close)
	kept, err := postgres.New(t.Context(), traced, &postgres.Options{Schema: schema(t, plain)})
	require.NoError(t, err)
	for n := range connections {
		name := fmt.Sprintf("c%d", n)
		require.NoError(t, kept.Connect(t.Context(), name, store.Link{}, []byte("sealed"), "ada"))
		mode := leadtype.Manual
		waits := captured("frozen")
		waits[0].State = store.StateFrozen
		if n%3 == 0 {
			mode, waits = leadtype.Automatic, nil
		}
		require.NoError(t, kept.SetMode(t.Context(), name, mode, "ada"))
		_, err := kept.Capture(t.Context(), name, waits)
		require.NoError(t, err)
	}
	f := newFleet(t, kept, poll)
	seen.clear()
	began := time.Now()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	const polls = 20
	require.Eventually(t, func() bool { return seen.count() >= polls }, time.Minute, time.Millisecond)
	stop()
	require.NoError(t, <-ended)
	delete(seen.statements, "LISTEN leadsync") // once, before the polls
	require.Len(t, seen.statements, 1)
	require.LessOrEqual(t, seen.count(), int(time.Since(began)/poll)+1)

	// The control: when a lead is due, more is asked.
	_, err = kept.Capture(t.Context(), "c7", captured("due"))
	require.NoError(t, err)
	seen.clear()
	ctx, stop = context.WithCancel(t.Context())
	go func() { ended <- f.Run(ctx) }()
	require.Eventually(t, func() bool { return seen.count() >= polls }, time.Minute, time.Millisecond)
	stop()
	require.NoError(t, <-ended)
	require.Greater(t, len(seen.statements), 1)
}

// newFleet returns a Fleet as a process of a host has it.
func newFleet(t *testing.T, on *postgres.Store, poll time.Duration) *fleet.Fleet {
	t.Helper()
	cipher, err := login.NewTokenCipher(make([]byte, 32))
	require.NoError(t, err)
	f, err := fleet.New(on, &fleet.Config{App: login.AppConfig{ClientID: "host"}, Cipher: cipher, Poll: poll})
	require.NoError(t, err)
	return f
}

// A host's transaction that has read Manual commits after another process has set the mode to
// Automatic: its leads are frozen, and the connection is due.
func TestFrozenLeadsOfALateTransactionAreDue(t *testing.T) {
	t.Parallel()
	on := pool(t)
	options := &postgres.Options{Schema: schema(t, on)}
	kept, err := postgres.New(t.Context(), on, options)
	require.NoError(t, err)
	other, err := postgres.New(t.Context(), pool(t), options)
	require.NoError(t, err)
	link := store.Link{InstanceURL: "https://acme.my.salesforce.com", LoginURL: "https://login.salesforce.com"}
	require.NoError(t, kept.Connect(t.Context(), connection, link, []byte("sealed"), "ada"))
	require.NoError(t, kept.SetMode(t.Context(), connection, leadtype.Manual, "ada"))
	tx, err := on.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	within := fleet.WithinTx(kept, tx)
	_, err = newFleet(t, kept, time.Second).CaptureWithin(t.Context(), within, connection,
		&leadtype.Lead{ID: "L1", EventID: "expo", LastName: "Lovelace"})
	require.NoError(t, err)
	process := newFleet(t, other, time.Second)
	require.NoError(t, other.SetMode(t.Context(), connection, leadtype.Automatic, "ada")) // does not wait
	require.NoError(t, tx.Commit(t.Context()))
	entries, err := other.List(t.Context(), connection, store.Filter{States: []store.State{store.StateFrozen}})
	require.NoError(t, err)
	require.Len(t, entries, 1)
	due, err := process.Due(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{connection}, due)
}
