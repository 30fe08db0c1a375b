// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"context"
	"maps"

	"github.com/jackc/pgx/v5"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// Remember implements leadsync.Store.
func (s *Store) Remember(ctx context.Context, connection string, records []leadtype.RecordMemory) error {
	return s.tx(ctx, "remember records", connection, lockConnection|makeConnection,
		func(ctx context.Context, t *transaction) error {
			b := t.batch()
			if err := t.remember(ctx, b, records); err != nil {
				return err
			}
			return t.end(ctx, b)
		})
}

// remember adds to b what is new of records. The connection is locked: nobody else adds any.
func (t *transaction) remember(ctx context.Context, b *batch, records []leadtype.RecordMemory) error {
	if len(records) == 0 {
		return nil
	}
	ids := make([]salesforce.ID, len(records))
	for i := range records {
		ids[i] = records[i].ID
	}
	stored, err := t.store.records(ctx, t.db, `$1`, t.id, ids)
	if err != nil {
		return err
	}
	known := maps.Clone(stored)
	for _, record := range records {
		known[record.ID] = known[record.ID].Merge(record)
	}
	var fresh, changed recordList
	for id, after := range known {
		if before, ok := stored[id]; !ok {
			fresh.add(after)
		} else if after != before {
			changed.add(after)
		}
	}
	if len(fresh.ids) > 0 {
		b.exec(`INSERT INTO leadsync.record (connection, id, lead_id, written)
			SELECT $1::int8, * FROM unnest($2::text[], $3::text[], $4::text[])`, t.id, fresh.ids, fresh.leads, fresh.written)
	}
	if len(changed.ids) > 0 {
		b.exec(given(`$2::text[], $3::text[], $4::text[]`, `of_record, lead_id, written`)+
			`UPDATE leadsync.record SET lead_id = v.lead_id, written = v.written FROM given AS v
			WHERE record.connection = v.connection AND id = v.of_record`, t.id, changed.ids, changed.leads, changed.written)
	}
	return nil
}

// A recordList is rows of records, by columns.
type recordList struct{ ids, leads, written []string }

func (l *recordList) add(r leadtype.RecordMemory) {
	l.ids, l.leads = append(l.ids, escape(r.ID)), append(l.leads, escape(r.Lead))
	l.written = append(l.written, escape(r.Written))
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
