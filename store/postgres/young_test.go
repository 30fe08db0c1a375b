// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store/postgres"
)

// A server that has not counted the rows of a new schema keeps plans that it made while tables were small.
// They are made anew, and use indexes, so that a capture does not read all leads that were captured before. The
// test is not parallel: tables that others create could have the server make its plans anew.
func TestCaptureInANewSchemaReadsNoWholeTable(t *testing.T) {
	for name, rewrite := range map[string]func(string) string{
		"captures": func(statement string) string { return statement },
		"kept plans": func(statement string) string {
			return strings.Replace(statement, `force_custom_plan`, `auto`, 1)
		},
		"the control": func(statement string) string {
			return strings.NewReplacer(`'enable_seqscan', 'off'`, `'enable_seqscan', 'on'`,
				`force_custom_plan`, `auto`).Replace(statement)
		},
	} {
		t.Run(name, func(t *testing.T) {
			on := pool(t, "pool_max_conns=1")
			kept, err := postgres.New(t.Context(), on, &postgres.Options{Schema: schema(t, on)})
			require.NoError(t, err)
			kept.Rewrite(rewrite)
			for _, table := range []string{"lead", "history"} {
				_, err := on.Exec(t.Context(), `ALTER TABLE `+kept.Prefix()+table+` SET (autovacuum_enabled = false)`)
				require.NoError(t, err)
			}
			capture := func(round, leads int) {
				for i := range 20 {
					ids := make([]leadtype.LeadID, leads)
					for k := range ids {
						ids[k] = leadtype.LeadID(fmt.Sprintf("L%d-%d-%d", round, i, k))
					}
					_, err := kept.Capture(t.Context(), connection, captured(ids...))
					require.NoError(t, err)
				}
			}
			capture(1, 1) // the plans are made
			capture(2, 50)
			before := readRows(t, kept)
			capture(3, 1)
			if name != "kept plans" {
				capture(2, 1) // again: each reads its lead
			}
			read := readRows(t, kept) - before
			if name == "the control" {
				require.Greater(t, read, 5_000)
			} else {
				require.Less(t, read, 400)
			}
		})
	}
}

// readRows returns how many rows of leads were read, by the whole table or by an index.
func readRows(t *testing.T, kept *postgres.Store) int {
	t.Helper()
	_, err := kept.Strings(t.Context(), `SELECT pg_stat_force_next_flush()::text`)
	require.NoError(t, err)
	_, err = kept.Strings(t.Context(), `SELECT ''`) // at whose end it is done
	require.NoError(t, err)
	rows, err := kept.Strings(t.Context(), `SELECT (seq_tup_read + idx_tup_fetch)::text FROM pg_stat_user_tables
		WHERE relid = 'leadsync.lead'::regclass`)
	require.NoError(t, err)
	read, err := strconv.Atoi(rows[0])
	require.NoError(t, err)
	return read
}
