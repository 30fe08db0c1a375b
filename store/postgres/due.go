// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// dueConnections skips from connection to connection in the indexes of queued and waiting
// leads and of those in flight, so that connections whose leads are done cost nothing. Its
// third parameter takes the place of the clock, NULL for none.
func dueConnections() string {
	return `WITH RECURSIVE clock (now) AS MATERIALIZED (
		SELECT coalesce($3::int8, (extract(epoch FROM clock_timestamp()) * 1000000)::int8)),
	queued (id) AS (` + skip(`state = 'queued'`, `queued`) + `),
	waiting (id) AS (` + skip(`state = 'waiting' AND retry_at > 0`, `waiting`) + `),
	claimed (id) AS (` + skip(`state = 'in-flight'`, `claimed`) + `),
	due (id) AS (
		SELECT id FROM queued WHERE EXISTS (SELECT 1 FROM leadsync.lead
			WHERE state = 'queued' AND connection = id AND retry_at <= (SELECT now FROM clock))
		UNION SELECT id FROM waiting WHERE EXISTS (SELECT 1 FROM leadsync.lead
			WHERE state = 'waiting' AND retry_at > 0 AND connection = id AND retry_at <= (SELECT now FROM clock))
		UNION SELECT id FROM claimed WHERE id IS NOT NULL)
	SELECT name FROM due JOIN leadsync.connection USING (id) JOIN leadsync.lease ON lease.connection = id
	WHERE name > $1 AND NOT (owner <> '' AND until > (SELECT now FROM clock)
		OR wanted_by <> '' AND wanted_until > (SELECT now FROM clock))
	ORDER BY name LIMIT $2`
}

// skip finds the connections that have leads with a condition.
func skip(condition, table string) string {
	return `SELECT (SELECT min(connection) FROM leadsync.lead WHERE ` + condition + `)
		UNION ALL SELECT (SELECT min(connection) FROM leadsync.lead WHERE ` + condition + ` AND connection > ` + table + `.id)
		FROM ` + table + ` WHERE ` + table + `.id IS NOT NULL`
}

// DueConnections implements store.Connections, in the order of ListConnections.
func (s *Store) DueConnections(ctx context.Context, after string, limit int) ([]string, error) {
	var now *int64
	if s.clock != nil {
		at := s.clock().UnixMicro()
		now = &at
	}
	var due []string
	err := s.query(ctx, s.pool, func(rows pgx.Rows) error {
		var name string
		err := rows.Scan(text(&name))
		due = append(due, name)
		return err
	}, dueConnections(), escape(after), max(0, limit), now)
	if err != nil {
		return nil, wrap(ctx, "due connections", err)
	}
	return due, nil
}
