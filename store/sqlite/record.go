// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// Remember implements leadsync.Store.
func (s *Store) Remember(ctx context.Context, connection string, records []leadtype.RecordMemory) error {
	return s.tx(ctx, "remember records", func(tx *sql.Tx) error { return remember(ctx, tx, connection, records) })
}

// remember adds to the rows of records: the lead that created one stays, and its later
// digests replace earlier ones.
func remember(ctx context.Context, tx *sql.Tx, connection string, records []leadtype.RecordMemory) error {
	if len(records) == 0 {
		return nil
	}
	upsert, err := tx.PrepareContext(ctx, `INSERT INTO record (connection, id, lead_id, written) VALUES (?, ?, ?, ?)
		ON CONFLICT (connection, id) DO UPDATE SET
		lead_id = iif(lead_id = '', excluded.lead_id, lead_id),
		written = iif(excluded.written = '', written, json_patch(iif(json_valid(written), written, '{}'), excluded.written))`)
	if err != nil {
		return err
	}
	defer func() { _ = upsert.Close() }()
	for _, record := range records {
		written := ""
		if len(record.Written) > 0 {
			text, err := json.Marshal(record.Written)
			if err != nil {
				return err
			}
			written = string(text)
		}
		if _, err := upsert.ExecContext(ctx, connection, string(record.ID), string(record.Lead), written); err != nil {
			return err
		}
	}
	return nil
}

// Records implements leadsync.Store.
func (s *Store) Records(ctx context.Context, connection string,
	ids []salesforce.ID) (map[salesforce.ID]leadtype.RecordMemory, error) {
	found, err := s.records(ctx, connection, ids)
	if err != nil {
		return nil, wrap(ctx, "read the records", err)
	}
	return found, nil
}

func (s *Store) records(ctx context.Context, connection string,
	ids []salesforce.ID) (map[salesforce.ID]leadtype.RecordMemory, error) {
	list, err := json.Marshal(ids) // one parameter, however many
	if err != nil {
		return nil, err
	}
	rows, err := s.read.QueryContext(ctx, `SELECT id, lead_id, written FROM record
		WHERE connection = ? AND id IN (SELECT value FROM json_each(?))`, connection, string(list))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := make(map[salesforce.ID]leadtype.RecordMemory)
	for rows.Next() {
		var record leadtype.RecordMemory
		var written string
		if err := rows.Scan(&record.ID, &record.Lead, &written); err != nil {
			return nil, err
		}
		if decode(written, &record.Written) != nil {
			record.Written = nil // as if nothing had been written
		}
		found[record.ID] = record
	}
	return found, rows.Err()
}
