// SPDX-License-Identifier: Apache-2.0

package multirow_test

import (
	"database/sql"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite" // registers the driver

	"github.com/leadsync/leadsync/store/sqlite/internal/multirow"
)

// Rows of any number are written, whether their statements are prepared already or not.
func TestRowsAreWrittenWhateverTheirNumber(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("sqlite", ":memory:")
	require.NoError(t, err)
	defer db.Close()
	db.SetMaxOpenConns(1)
	_, err = db.ExecContext(t.Context(), `CREATE TABLE n (a INTEGER, b TEXT)`)
	require.NoError(t, err)
	statements, written := new(multirow.Statements), 0
	for _, rows := range []int{0, 1, 7, 8, 49, 50, 51, 117} {
		for range 2 {
			require.NoError(t, statements.Prepare(t.Context(), db))
			tx, err := db.BeginTx(t.Context(), nil)
			require.NoError(t, err)
			w := multirow.Writer{Tx: statements.Begin(tx),
				Statement: multirow.Statement{Before: `INSERT INTO n VALUES `, Columns: 2}}
			for i := range rows {
				require.NoError(t, w.Add(t.Context(), i, "x"))
			}
			require.NoError(t, w.Flush(t.Context()))
			require.NoError(t, tx.Commit())
			require.EqualValues(t, rows, w.Affected)
			written += rows
		}
	}
	var count int
	require.NoError(t, db.QueryRowContext(t.Context(), `SELECT count(*) FROM n`).Scan(&count))
	require.Equal(t, written, count)
}

// More different statements than are kept prepared work all the same.
func TestStatementsOfAnyNumberWork(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("sqlite", ":memory:")
	require.NoError(t, err)
	defer db.Close()
	db.SetMaxOpenConns(1)
	statements := new(multirow.Statements)
	for n := range 300 {
		require.NoError(t, statements.Prepare(t.Context(), db))
		tx, err := db.BeginTx(t.Context(), nil)
		require.NoError(t, err)
		var got int
		require.NoError(t, statements.Begin(tx).QueryRow(t.Context(), fmt.Sprintf(`SELECT %d`, n%150)).Scan(&got))
		require.Equal(t, n%150, got)
		require.NoError(t, tx.Commit())
	}
}

// A transaction and the ones after it have prepared what was asked for, and say what cannot be prepared.
func TestStatementsArePreparedForTheNextTransactions(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("sqlite", ":memory:")
	require.NoError(t, err)
	defer db.Close()
	db.SetMaxOpenConns(1)
	_, err = db.ExecContext(t.Context(), `CREATE TABLE n (a INTEGER)`)
	require.NoError(t, err)
	statements := new(multirow.Statements)
	for want := range 3 {
		require.NoError(t, statements.Prepare(t.Context(), db))
		tx, err := db.BeginTx(t.Context(), nil)
		require.NoError(t, err)
		prepared := statements.Begin(tx)
		for range 2 {
			var got int
			require.NoError(t, prepared.QueryRow(t.Context(), `SELECT count(*) FROM n`).Scan(&got))
			require.Equal(t, want, got)
		}
		_, err = prepared.Exec(t.Context(), `INSERT INTO n VALUES (?)`, want)
		require.NoError(t, err)
		rows, err := prepared.Query(t.Context(), `SELECT a FROM n`)
		require.NoError(t, err)
		require.NoError(t, rows.Close())
		require.NoError(t, tx.Commit())
	}
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	wrong := statements.Begin(tx)
	_, err = wrong.Exec(t.Context(), `nonsense`)
	require.Error(t, err)
	_, err = wrong.Query(t.Context(), `nonsense`)
	require.Error(t, err)
	require.Error(t, wrong.QueryRow(t.Context(), `nonsense`).Err())
	require.NoError(t, tx.Rollback())
	require.NoError(t, statements.Prepare(t.Context(), db), "what is wrong is not asked for again")
}

// What is the same for all rows is given once, before their values.
func TestRowsShareParameters(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("sqlite", ":memory:")
	require.NoError(t, err)
	defer db.Close()
	db.SetMaxOpenConns(1)
	_, err = db.ExecContext(t.Context(), `CREATE TABLE n (a TEXT, b INTEGER)`)
	require.NoError(t, err)
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	w := multirow.Writer{Tx: new(multirow.Statements).Begin(tx), Shared: []any{"x"}, Statement: multirow.Statement{
		Before: `INSERT INTO n SELECT ?1, column1 FROM (VALUES `, After: `)`, Columns: 1}}
	for i := range 117 {
		require.NoError(t, w.Add(t.Context(), i))
	}
	require.NoError(t, w.Flush(t.Context()))
	require.NoError(t, tx.Commit())
	var count, sum int
	require.NoError(t, db.QueryRowContext(t.Context(), `SELECT count(*), sum(b) FROM n WHERE a = 'x'`).Scan(&count, &sum))
	require.Equal(t, []int{117, 117 * 116 / 2}, []int{count, sum})
}
