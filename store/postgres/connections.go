// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
)

var _ store.Connections = (*Store)(nil)

// selectConnection reads what is kept of connections.
const selectConnection = `SELECT c.name, c.org, coalesce(link, ''), coalesce(mode, ''), token,
		coalesce(token_version, 0), coalesce(token_used_at, 0), incident, coalesce(revision, 0), settings.settings,
		coalesce(settings.at, 0), coalesce(settings.by_whom, '')
	FROM leadsync.connection AS c LEFT JOIN leadsync.profile ON profile.connection = c.id
	LEFT JOIN leadsync.settings ON settings.connection = c.id
		AND revision = (SELECT max(revision) FROM leadsync.settings WHERE connection = c.id) `

// scanConnection reads a row of selectConnection.
func scanConnection(rows pgx.Rows) (store.Connection, error) {
	var c store.Connection
	var link string
	var usedAt, at int64
	err := rows.Scan(text(&c.Name), text(&c.Org), &link, text(&c.Mode), &c.Token.Sealed, &c.Token.Version, &usedAt,
		&c.Incident, &c.Settings.Number, &c.Settings.Settings, &at, text(&c.Settings.By))
	if err != nil {
		return store.Connection{}, err
	}
	c.Settings.At = stored.FromMicros(at)
	if c.Token.UsedAt = stored.FromMicros(usedAt); c.Token.Sealed == nil {
		c.Token = store.Token{}
	}
	if link == "" {
		return c, nil
	}
	if err := json.Unmarshal([]byte(link), &c.Link); err != nil {
		return store.Connection{}, fmt.Errorf("the link of a connection cannot be read: %w", err)
	}
	return c, nil
}

// Connection implements store.Connections.
func (s *Store) Connection(ctx context.Context, name string) (store.Connection, error) {
	return s.connection(ctx, s.pool, name)
}

// ConnectionTx is Connection as a transaction of the host sees it.
func (s *Store) ConnectionTx(ctx context.Context, tx pgx.Tx, name string) (store.Connection, error) {
	if tx == nil {
		return store.Connection{}, wrap(ctx, "connection", errNoTx)
	}
	return s.connection(ctx, tx, name)
}

func (s *Store) connection(ctx context.Context, on executor, name string) (store.Connection, error) {
	found := store.Connection{Name: name}
	err := s.query(ctx, on, func(rows pgx.Rows) (err error) {
		found, err = scanConnection(rows)
		return err
	}, selectConnection+`WHERE c.name = $1`, escape(name))
	if err != nil {
		return store.Connection{}, wrap(ctx, "connection", err)
	}
	return found, nil
}

// ListConnections implements store.Connections. The order is that of the names as they are
// kept, which is another one for those with U+0000 or a backslash.
func (s *Store) ListConnections(ctx context.Context, after string, limit int) ([]store.Connection, error) {
	var listed []store.Connection
	err := s.query(ctx, s.pool, func(rows pgx.Rows) error {
		c, err := scanConnection(rows)
		listed = append(listed, c)
		return err
	}, selectConnection+`WHERE c.name > $1 AND (c.org <> '' OR mode <> '' OR token_version > 0 OR revision > 0
		OR EXISTS (SELECT 1 FROM leadsync.lead WHERE connection = c.id)) ORDER BY c.name LIMIT $2`,
		escape(after), max(0, limit))
	if err != nil {
		return nil, wrap(ctx, "connections", err)
	}
	return listed, nil
}

// set changes what is kept of a connection, whose row of table profile is locked. A change by
// a person, with a kind, becomes a step of the connection's own history. The statement, whose
// parameters begin with the connection and the time, says whether it changes anything.
func (s *Store) set(ctx context.Context, step store.Step, name, statement string,
	args ...any) (changed bool, err error) {
	err = s.tx(ctx, "set a connection", name, makeConnection, func(ctx context.Context, t *transaction) error {
		b := t.batch()
		b.exec(`INSERT INTO leadsync.profile (connection) VALUES ($1) ON CONFLICT DO NOTHING`, t.id)
		b.exec(`SELECT FROM leadsync.profile WHERE connection = $1 FOR UPDATE`, t.id)
		b.now(&t.now) // after others have changed it
		if err := t.send(ctx, b); err != nil {
			return err
		}
		n, err := t.count(ctx, statement, append([]any{t.id, t.now}, args...)...)
		if changed = n > 0; err != nil || !changed || step.Kind == "" {
			return err
		}
		b = t.batch()
		t.decide(b, step)
		return t.send(ctx, b)
	})
	return changed && err == nil, err
}

// SetMode implements store.Connections.
func (s *Store) SetMode(ctx context.Context, name string, mode leadtype.Mode, by string) error {
	_, err := s.set(ctx, store.Step{Kind: store.StepMode, Mode: mode, By: by}, name,
		`UPDATE leadsync.profile SET mode = $3 WHERE connection = $1 AND mode <> $3 AND $2::int8 > 0`, escape(mode))
	return err
}

// SetSettings implements store.Connections.
func (s *Store) SetSettings(ctx context.Context, name string, revision int64, settings []byte, by string) error {
	if err := store.CheckSize("settings", settings, store.MaxSettingsBytes); err != nil {
		return err
	}
	kept, err := s.set(ctx, store.Step{Kind: store.StepSettings, By: by}, name,
		`INSERT INTO leadsync.settings (connection, at, revision, settings, by_whom)
		SELECT $1::int8, $2::int8, $3::int8 + 1, $4::bytea, $5::text
		WHERE $3 = coalesce((SELECT max(revision) FROM leadsync.settings WHERE connection = $1), 0)`,
		revision, blob(settings), escape(by))
	if err == nil && !kept {
		err = store.ErrRevision
	}
	return err
}

// blob returns data as a value that is never NULL.
func blob(data []byte) []byte { return append([]byte{}, data...) }

// Revisions implements store.Connections.
func (s *Store) Revisions(ctx context.Context, name string, before int64, limit int) ([]store.Revision, error) {
	var revisions []store.Revision
	err := s.query(ctx, s.pool, func(rows pgx.Rows) error {
		var r store.Revision
		var at int64
		err := rows.Scan(&r.Number, &r.Settings, &at, text(&r.By))
		r.At = stored.FromMicros(at)
		revisions = append(revisions, r)
		return err
	}, `SELECT revision, settings, at, by_whom FROM leadsync.settings WHERE connection = `+connectionID+`
		AND ($2 = 0 OR revision < $2) ORDER BY revision DESC LIMIT $3`, escape(name), before, max(0, limit))
	if err != nil {
		return nil, wrap(ctx, "revisions", err)
	}
	return revisions, nil
}

// SetIncident implements store.Connections.
func (s *Store) SetIncident(ctx context.Context, name string, incident []byte) error {
	if err := store.CheckSize("incident", incident, store.MaxIncidentBytes); err != nil {
		return err
	}
	_, err := s.set(ctx, store.Step{}, name,
		`UPDATE leadsync.profile SET incident = $3 WHERE connection = $1 AND $2::int8 > 0`, incident)
	return err
}

// Schema implements store.Connections.
func (s *Store) Schema(ctx context.Context, name string) ([]byte, error) {
	var schema []byte
	err := s.query(ctx, s.pool, func(rows pgx.Rows) error { return rows.Scan(&schema) },
		`SELECT schema FROM leadsync.org_schema WHERE connection = `+connectionID, escape(name))
	return schema, wrap(ctx, "schema", err)
}

// SetSchema implements store.Connections.
func (s *Store) SetSchema(ctx context.Context, name string, schema []byte) error {
	if err := store.CheckSize("schema", schema, store.MaxSchemaBytes); err != nil {
		return err
	}
	return s.tx(ctx, "set the schema", name, makeConnection, func(ctx context.Context, t *transaction) error {
		if schema == nil {
			return t.exec(ctx, `DELETE FROM leadsync.org_schema WHERE connection = $1`, t.id)
		}
		return t.exec(ctx, `INSERT INTO leadsync.org_schema (connection, schema) VALUES ($1, $2)
			ON CONFLICT (connection) DO UPDATE SET schema = $2`, t.id, schema)
	})
}

// AddCalls implements store.Connections.
func (s *Store) AddCalls(ctx context.Context, name string, calls int64) error {
	return s.tx(ctx, "add calls", name, makeConnection, func(ctx context.Context, t *transaction) error {
		b := t.batch()
		b.exec(`DELETE FROM leadsync.call_hour WHERE connection = $1 AND hour < $2`, t.id, oldestHour(t.now))
		b.exec(`INSERT INTO leadsync.call_hour (connection, hour, calls) VALUES ($1, $2, $3)
			ON CONFLICT (connection, hour) DO UPDATE SET calls = call_hour.calls + $3`, t.id, hourOf(t.now), calls)
		return t.send(ctx, b)
	})
}

// hourOf returns the beginning of an hour.
func hourOf(now int64) int64 { return stored.FromMicros(now).Truncate(time.Hour).UnixMicro() }

// oldestHour returns the first hour of which calls are kept.
func oldestHour(now int64) int64 { return hourOf(now) - (store.CallHours-1)*time.Hour.Microseconds() }

// Calls implements store.Connections.
func (s *Store) Calls(ctx context.Context, name string) ([]store.CallHour, error) {
	var now int64
	var all []store.CallHour
	b := s.newBatch()
	b.now(&now)
	b.query(func(rows pgx.Rows) error {
		var hour, calls int64
		err := rows.Scan(&hour, &calls)
		if hour >= oldestHour(now) {
			all = append(all, store.CallHour{Hour: stored.FromMicros(hour), Calls: calls})
		}
		return err
	}, `SELECT hour, calls FROM leadsync.call_hour WHERE connection = `+connectionID+` AND calls <> 0 ORDER BY hour`,
		escape(name))
	if err := b.send(ctx, s.pool); err != nil {
		return nil, wrap(ctx, "calls", err)
	}
	return all, nil
}

// hints is the channel of the server's on which processes tell one another of connections.
const hints = "leadsync"

// Hint tells the other processes of the schema that a connection has changed, so that a fleet.Fleet
// looks after it at once. It is a hint only: who does not listen finds the change when it looks.
func (s *Store) Hint(ctx context.Context, name string) error {
	_, err := s.pool.Exec(ctx, `SELECT pg_notify('`+hints+`', $1)`, s.schema+escape(name))
	return wrap(ctx, "hint", err)
}

// Hints calls hinted with the name of each connection that Hint is called for, by any process of the
// schema, until ctx is done or the server's connection is lost. It takes a connection of the pool
// for itself. Through PgBouncer in transaction mode none arrive.
func (s *Store) Hints(ctx context.Context, hinted func(name string)) error {
	own, err := s.pool.Acquire(ctx)
	if err != nil {
		return wrap(ctx, "hints", err)
	}
	conn := own.Hijack() // it listens, and must not get back to the pool
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, `LISTEN `+hints); err != nil {
		return wrap(ctx, "hints", err)
	}
	for {
		told, err := conn.WaitForNotification(ctx)
		if err != nil {
			return wrap(ctx, "hints", err)
		}
		if escaped, is := strings.CutPrefix(told.Payload, s.schema); is {
			if name, err := unescape(escaped); err == nil {
				hinted(name)
			}
		}
	}
}

// dueConnections skips from connection to connection in the indexes of queued and waiting
// leads and of those in flight, so that connections whose leads are done cost nothing. To those
// that are automatic and have frozen leads it skips in both indexes by turns. Its third
// parameter takes the place of the clock, NULL for none.
func dueConnections() string {
	return `WITH RECURSIVE clock (now) AS MATERIALIZED (
		SELECT coalesce($3::int8, (extract(epoch FROM clock_timestamp()) * 1000000)::int8)),
	queued (id) AS (` + skip(`state = 'queued' AND retry_at <= 0`, `queued`) + `),
	later (id) AS (` + skip(`state = 'queued' AND retry_at > 0`, `later`) + `),
	waiting (id) AS (` + skip(`state = 'waiting' AND retry_at > 0`, `waiting`) + `),
	claimed (id) AS (` + skip(`state = 'in-flight'`, `claimed`) + `),
	automatic (id) AS (SELECT (SELECT min(connection) FROM leadsync.profile WHERE mode = 'automatic'
			AND connection >= (SELECT min(connection) FROM leadsync.lead WHERE state = 'frozen'))
		UNION ALL SELECT (SELECT min(connection) FROM leadsync.profile WHERE mode = 'automatic'
			AND connection >= (SELECT min(connection) FROM leadsync.lead WHERE state = 'frozen' AND connection > automatic.id))
		FROM automatic WHERE automatic.id IS NOT NULL),
	due (id) AS (
		SELECT id FROM queued WHERE id IS NOT NULL
		UNION SELECT id FROM later WHERE EXISTS (SELECT 1 FROM leadsync.lead
			WHERE state = 'queued' AND retry_at > 0 AND connection = id AND retry_at <= (SELECT now FROM clock))
		UNION SELECT id FROM waiting WHERE EXISTS (SELECT 1 FROM leadsync.lead
			WHERE state = 'waiting' AND retry_at > 0 AND connection = id AND retry_at <= (SELECT now FROM clock))
		UNION SELECT id FROM claimed WHERE id IS NOT NULL
		UNION SELECT id FROM automatic
			WHERE id = (SELECT min(connection) FROM leadsync.lead WHERE state = 'frozen' AND connection >= automatic.id))
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
	return s.names(ctx, "due connections", dueConnections(), escape(after), max(0, limit), s.now())
}

// abandoned names the connections whose lease has run out without being given back, if they have
// leads to resume. Its second parameter takes the place of the clock, NULL for none.
const abandoned = `WITH clock (now) AS MATERIALIZED (
		SELECT coalesce($2::int8, (extract(epoch FROM clock_timestamp()) * 1000000)::int8))
	SELECT name FROM leadsync.lease JOIN leadsync.connection ON id = lease.connection
	WHERE owner <> '' AND until <= (SELECT now FROM clock)
		AND NOT (wanted_by <> '' AND wanted_until > (SELECT now FROM clock))
		AND (EXISTS (SELECT 1 FROM leadsync.lead WHERE state = 'in-flight' AND connection = id)
		OR EXISTS (SELECT 1 FROM leadsync.lead WHERE state = 'queued' AND retry_at <= 0 AND connection = id)
		OR EXISTS (SELECT 1 FROM leadsync.lead WHERE state = 'queued' AND retry_at > 0 AND connection = id
			AND retry_at <= (SELECT now FROM clock))
		OR EXISTS (SELECT 1 FROM leadsync.lead WHERE state = 'waiting' AND retry_at > 0 AND connection = id
			AND retry_at <= (SELECT now FROM clock)))
	ORDER BY until, name LIMIT $1`

// Abandoned returns connections with leads to resume whose lease has run out without being
// released, as that of a process which died does: the one that ran out first comes first, and
// at most limit. DueConnections names them too, in their place.
func (s *Store) Abandoned(ctx context.Context, limit int) ([]string, error) {
	return s.names(ctx, "abandoned connections", abandoned, max(0, limit), s.now())
}

// now is the clock in place of the database's, nil for none.
func (s *Store) now() *int64 {
	if s.clock == nil {
		return nil
	}
	at := s.clock().UnixMicro()
	return &at
}

// names returns the names that a statement selects.
func (s *Store) names(ctx context.Context, op, statement string, args ...any) ([]string, error) {
	var names []string
	err := s.query(ctx, s.pool, func(rows pgx.Rows) error {
		var name string
		err := rows.Scan(text(&name))
		names = append(names, name)
		return err
	}, statement, args...)
	if err != nil {
		return nil, wrap(ctx, op, err)
	}
	return names, nil
}
