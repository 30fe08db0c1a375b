// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store/sqlite/internal/multirow"
)

// Remember implements leadsync.Store.
func (s *Store) Remember(ctx context.Context, connection string, records []leadtype.RecordMemory) error {
	return s.tx(ctx, "remember records", func(tx *multirow.Tx) error { return remember(ctx, tx, connection, records) })
}

// remember adds to the rows of records what is new of them.
func remember(ctx context.Context, tx *multirow.Tx, connection string, records []leadtype.RecordMemory) error {
	if len(records) == 0 {
		return nil
	}
	ids := make([]salesforce.ID, len(records))
	for i := range records {
		ids[i] = records[i].ID
	}
	known, err := readRecords(ctx, tx.Query, connection, ids)
	if err != nil {
		return err
	}
	upsert := multirow.Writer{Tx: tx, Statement: upsertRecords, Shared: []any{connection}}
	for _, record := range records {
		before, ok := known[record.ID]
		after := before.Merge(record)
		if known[record.ID] = after; ok && after == before {
			continue
		}
		err := upsert.Add(ctx, string(after.ID), string(after.Lead), string(after.Written))
		if err != nil {
			return err
		}
	}
	return upsert.Flush(ctx)
}

// upsertRecords writes the rows of records.
var upsertRecords = multirow.Statement{Columns: 3,
	Before: `INSERT INTO record (connection, id, lead_id, written) SELECT ?1, column1, column2, column3 FROM (VALUES `,
	After: `) WHERE true
		ON CONFLICT (connection, id) DO UPDATE SET lead_id = excluded.lead_id, written = excluded.written`}

// Records implements leadsync.Store.
func (s *Store) Records(ctx context.Context, connection string,
	ids []salesforce.ID) (map[salesforce.ID]leadtype.RecordMemory, error) {
	found, err := readRecords(ctx, s.read.QueryContext, connection, ids)
	if err != nil {
		return nil, wrap(ctx, "read the records", err)
	}
	return found, nil
}

// A querying is how the database, or a transaction, is asked.
type querying func(ctx context.Context, query string, args ...any) (*sql.Rows, error)

// readRecords reads the rows of records with one statement.
func readRecords(ctx context.Context, ask querying, connection string,
	ids []salesforce.ID) (map[salesforce.ID]leadtype.RecordMemory, error) {
	list, err := json.Marshal(ids) // one parameter, however many
	if err != nil {
		return nil, err
	}
	rows, err := ask(ctx, `SELECT id, lead_id, written FROM record
		WHERE connection = ? AND id IN (SELECT value FROM json_each(?))`, connection, string(list))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := make(map[salesforce.ID]leadtype.RecordMemory)
	for rows.Next() {
		var record leadtype.RecordMemory
		if err := rows.Scan(&record.ID, &record.Lead, &record.Written); err != nil {
			return nil, err
		}
		found[record.ID] = record
	}
	return found, rows.Err()
}
