// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// Remember implements leadsync.Store.
func (s *Store) Remember(ctx context.Context, connection string, records []leadtype.RecordMemory) error {
	return s.tx(ctx, "remember records", connection, lockConnection|makeConnection,
		func(ctx context.Context, t *transaction) error { return t.remember(ctx, records) })
}

// remember adds to the rows of records what is new of them.
func (t *transaction) remember(ctx context.Context, records []leadtype.RecordMemory) error {
	if len(records) == 0 {
		return nil
	}
	ids := make([]salesforce.ID, len(records))
	for i := range records {
		ids[i] = records[i].ID
	}
	known, err := t.store.records(ctx, t.db, `$1`, t.id, ids)
	if err != nil {
		return err
	}
	changed := make(map[salesforce.ID]bool)
	for _, record := range records {
		before, ok := known[record.ID]
		after := before.Merge(record)
		known[record.ID] = after
		changed[record.ID] = changed[record.ID] || !ok || after != before
	}
	var texts, leads, written []string
	for id := range changed {
		if changed[id] {
			texts, leads = append(texts, escape(id)), append(leads, escape(known[id].Lead))
			written = append(written, escape(known[id].Written))
		}
	}
	if len(texts) == 0 {
		return nil
	}
	return t.exec(ctx, `INSERT INTO leadsync.record (connection, id, lead_id, written)
		SELECT $1::int8, * FROM unnest($2::text[], $3::text[], $4::text[])
		ON CONFLICT (connection, id) DO UPDATE SET lead_id = excluded.lead_id, written = excluded.written`,
		t.id, texts, leads, written)
}

// Records implements leadsync.Store.
func (s *Store) Records(ctx context.Context, connection string,
	ids []salesforce.ID) (map[salesforce.ID]leadtype.RecordMemory, error) {
	found, err := s.records(ctx, s.pool, `(SELECT id FROM leadsync.connection WHERE name = $1)`, escape(connection), ids)
	if err != nil {
		return nil, wrap(ctx, "read the records", err)
	}
	return found, nil
}

// records reads the rows of records with one statement, of a connection given as SQL with one
// parameter.
func (s *Store) records(ctx context.Context, db executor, connection string, parameter any,
	ids []salesforce.ID) (map[salesforce.ID]leadtype.RecordMemory, error) {
	found := make(map[salesforce.ID]leadtype.RecordMemory)
	err := s.query(ctx, db, func(rows pgx.Rows) error {
		var record leadtype.RecordMemory
		err := rows.Scan(text(&record.ID), text(&record.Lead), text(&record.Written))
		found[record.ID] = record
		return err
	}, `SELECT id, lead_id, written FROM leadsync.record
		WHERE connection = `+connection+` AND id = ANY ($2::text[])`, parameter, escapeAll(ids))
	return found, err
}
