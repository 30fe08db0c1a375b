// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
	"github.com/leadsync/leadsync/store/sqlite/internal/multirow"
)

var _ store.Connections = (*Store)(nil)

// selectConnection reads a connection whose name is in the column n of what follows.
const selectConnection = `SELECT n, coalesce(org, ''), coalesce(link, ''), coalesce(mode, ''), token,
	coalesce(token_version, 0), coalesce(token_used_at, 0), incident, coalesce(revision, 0), settings,
	coalesce(settings.at, 0), coalesce(settings.by_whom, '')
	FROM named LEFT JOIN connection ON name = n
	LEFT JOIN settings ON settings.connection = n
		AND revision = (SELECT max(revision) FROM settings WHERE connection = n)`

// Connection implements store.Connections.
func (s *Store) Connection(ctx context.Context, name string) (store.Connection, error) {
	row := s.read.QueryRowContext(ctx, `WITH named (n) AS (SELECT ?) `+selectConnection, name)
	c, err := scanConnection(row)
	return c, wrap(ctx, "connection", err)
}

// scanConnection reads a row of selectConnection.
func scanConnection(row interface{ Scan(...any) error }) (store.Connection, error) {
	var c store.Connection
	var link string
	var usedAt, at int64
	err := row.Scan(&c.Name, &c.Org, &link, &c.Mode, &c.Token.Sealed, &c.Token.Version, &usedAt,
		(*[]byte)(&c.Incident), &c.Settings.Number, (*[]byte)(&c.Settings.Settings), &at, &c.Settings.By)
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

// ListConnections implements store.Connections. The names of connections that have leads are
// found by skipping from each to the next in an index.
func (s *Store) ListConnections(ctx context.Context, after string, limit int) ([]store.Connection, error) {
	rows, err := s.read.QueryContext(ctx, `WITH RECURSIVE captured (n) AS (
			SELECT min(connection) FROM lead WHERE connection > ?1
			UNION ALL SELECT (SELECT min(connection) FROM lead WHERE connection > n) FROM captured WHERE n IS NOT NULL
		), named (n) AS (
			SELECT n FROM captured WHERE n IS NOT NULL
			UNION SELECT name FROM connection WHERE name > ?1 AND (org <> '' OR mode <> '' OR token_version > 0)
			UNION SELECT connection FROM settings WHERE connection > ?1 AND revision = 1
			ORDER BY n LIMIT max(0, ?2)
		) `+selectConnection+` ORDER BY n`, after, limit)
	if err != nil {
		return nil, wrap(ctx, "connections", err)
	}
	defer rows.Close()
	var listed []store.Connection
	for rows.Next() {
		c, err := scanConnection(rows)
		if err != nil {
			return nil, wrap(ctx, "connections", err)
		}
		listed = append(listed, c)
	}
	return listed, wrap(ctx, "connections", rows.Err())
}

// set writes columns of a connection, unless data has more than limit bytes. A change by a
// person, with a kind, becomes a step of the connection's own history. The statement says
// whether it changes anything.
func (s *Store) set(ctx context.Context, step store.Step, name, statement string,
	args ...any) (changed bool, err error) {
	err = s.tx(ctx, "set a connection", func(tx *multirow.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO connection (name) VALUES (?) ON CONFLICT DO NOTHING`, name)
		if err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, statement, append([]any{name}, args...)...)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if changed = n > 0; err != nil || !changed || step.Kind == "" {
			return err
		}
		return s.decide(ctx, tx, name, step)
	})
	return changed, err
}

// Connect implements store.Connections.
func (s *Store) Connect(ctx context.Context, name string, link store.Link, sealed []byte, by string) error {
	if err := store.CheckSize("token", sealed, store.MaxTokenBytes); err != nil {
		return err
	}
	now := s.now().UTC()
	link.At = stored.FromMicros(stored.Micros(now))
	data, err := json.Marshal(link)
	if err != nil {
		return err
	}
	_, err = s.set(ctx, store.Step{Kind: store.StepConnected, By: by}, name, `UPDATE connection SET link = ?2, token = ?3,
		token_version = token_version + 1, token_used_at = ?4, incident = NULL WHERE name = ?1`,
		string(data), blob(sealed), stored.Micros(now))
	return err
}

// blob returns data as a value that is never NULL.
func blob(data []byte) []byte { return append([]byte{}, data...) }

// Disconnect implements store.Connections.
func (s *Store) Disconnect(ctx context.Context, name, by string) error {
	_, err := s.set(ctx, store.Step{Kind: store.StepDisconnected, By: by}, name,
		`UPDATE connection SET token = NULL WHERE name = ?1 AND token IS NOT NULL`)
	return err
}

// SwapToken implements store.Connections.
func (s *Store) SwapToken(ctx context.Context, name string, version int64, sealed []byte) error {
	if err := store.CheckSize("token", sealed, store.MaxTokenBytes); err != nil {
		return err
	}
	swapped, err := s.set(ctx, store.Step{}, name, `UPDATE connection SET token = ?3, token_version = token_version + 1,
		token_used_at = ?4 WHERE name = ?1 AND token_version = ?2 AND token IS NOT NULL`,
		version, blob(sealed), stored.Micros(s.now()))
	if err == nil && !swapped {
		err = store.ErrTokenSwapped
	}
	return err
}

// LockToken implements store.Connections.
func (s *Store) LockToken(ctx context.Context, name, owner string, ttl time.Duration) error {
	now := s.now()
	locked, err := s.set(ctx, store.Step{}, name, `UPDATE connection SET token_locked_by = ?2, token_locked_until = ?4
		WHERE name = ?1 AND (token_locked_by = ?2 OR token_locked_until <= ?3)`, owner, stored.Micros(now),
		stored.Micros(now.Add(ttl)))
	if err == nil && !locked {
		err = store.ErrTokenLocked
	}
	return err
}

// UnlockToken implements store.Connections.
func (s *Store) UnlockToken(ctx context.Context, name, owner string) error {
	_, err := s.set(ctx, store.Step{}, name, `UPDATE connection SET token_locked_by = '', token_locked_until = 0
		WHERE name = ?1 AND token_locked_by = ?2`, owner)
	return err
}

// UseToken implements store.Connections.
func (s *Store) UseToken(ctx context.Context, name string) error {
	_, err := s.set(ctx, store.Step{}, name,
		`UPDATE connection SET token_used_at = ?2 WHERE name = ?1 AND token IS NOT NULL`, stored.Micros(s.now()))
	return err
}

// SetMode implements store.Connections.
func (s *Store) SetMode(ctx context.Context, name string, mode leadtype.Mode, by string) error {
	_, err := s.set(ctx, store.Step{Kind: store.StepMode, Mode: mode, By: by}, name,
		`UPDATE connection SET mode = ?2 WHERE name = ?1 AND mode <> ?2`, string(mode))
	return err
}

// SetSettings implements store.Connections.
func (s *Store) SetSettings(ctx context.Context, name string, revision int64, settings []byte, by string) error {
	if err := store.CheckSize("settings", settings, store.MaxSettingsBytes); err != nil {
		return err
	}
	kept, err := s.set(ctx, store.Step{Kind: store.StepSettings, By: by}, name,
		`INSERT INTO settings (connection, revision, settings, at, by_whom) SELECT ?1, ?2 + 1, ?3, ?4, ?5
		WHERE ?2 = coalesce((SELECT max(revision) FROM settings WHERE connection = ?1), 0)`,
		revision, blob(settings), stored.Micros(s.now()), by)
	if err == nil && !kept {
		err = store.ErrRevision
	}
	return err
}

// Revisions implements store.Connections.
func (s *Store) Revisions(ctx context.Context, name string, before int64, limit int) ([]store.Revision, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT revision, settings, at, by_whom FROM settings
		WHERE connection = ?1 AND (?2 = 0 OR revision < ?2) ORDER BY revision DESC LIMIT max(0, ?3)`, name, before, limit)
	if err != nil {
		return nil, wrap(ctx, "revisions", err)
	}
	defer rows.Close()
	var revisions []store.Revision
	for rows.Next() {
		var r store.Revision
		var at int64
		if err := rows.Scan(&r.Number, (*[]byte)(&r.Settings), &at, &r.By); err != nil {
			return nil, wrap(ctx, "revisions", err)
		}
		r.At = stored.FromMicros(at)
		revisions = append(revisions, r)
	}
	return revisions, wrap(ctx, "revisions", rows.Err())
}

// SetIncident implements store.Connections.
func (s *Store) SetIncident(ctx context.Context, name string, incident []byte) error {
	if err := store.CheckSize("incident", incident, store.MaxIncidentBytes); err != nil {
		return err
	}
	_, err := s.set(ctx, store.Step{}, name, `UPDATE connection SET incident = ?2 WHERE name = ?1`, incident)
	return err
}

// Schema implements store.Connections.
func (s *Store) Schema(ctx context.Context, name string) ([]byte, error) {
	var schema []byte
	err := s.read.QueryRowContext(ctx, `SELECT schema FROM org_schema WHERE connection = ?`, name).Scan(&schema)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return schema, wrap(ctx, "schema", err)
}

// SetSchema implements store.Connections.
func (s *Store) SetSchema(ctx context.Context, name string, schema []byte) error {
	if err := store.CheckSize("schema", schema, store.MaxSchemaBytes); err != nil {
		return err
	}
	return s.tx(ctx, "set the schema", func(tx *multirow.Tx) error {
		if schema == nil {
			_, err := tx.ExecContext(ctx, `DELETE FROM org_schema WHERE connection = ?`, name)
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO org_schema (connection, schema) VALUES (?1, ?2)
			ON CONFLICT (connection) DO UPDATE SET schema = ?2`, name, blob(schema))
		return err
	})
}

// KeepOnce implements store.Connections.
func (s *Store) KeepOnce(ctx context.Context, key string, data []byte, ttl time.Duration) error {
	if err := store.CheckSize("data", data, store.MaxOnceBytes); err != nil {
		return err
	}
	now := s.now()
	return s.tx(ctx, "keep", func(tx *multirow.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM once WHERE until <= ?`, stored.Micros(now)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO once (key, data, until) VALUES (?, ?, ?)`, key, blob(data),
			stored.Micros(now.Add(ttl)))
		return err
	})
}

// TakeOnce implements store.Connections.
func (s *Store) TakeOnce(ctx context.Context, key string) (data []byte, err error) {
	err = s.tx(ctx, "take", func(tx *multirow.Tx) error {
		var until int64
		err := tx.QueryRowContext(ctx, `DELETE FROM once WHERE key = ? RETURNING data, until`, key).Scan(&data, &until)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if until <= stored.Micros(s.now()) {
			data = nil
		}
		return err
	})
	return data, err
}

// AddCalls implements store.Connections.
func (s *Store) AddCalls(ctx context.Context, name string, calls int64) error {
	now := s.now()
	return s.tx(ctx, "add calls", func(tx *multirow.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM call_hour WHERE connection = ? AND hour < ?`, name,
			oldestHour(now)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO call_hour (connection, hour, calls) VALUES (?1, ?2, ?3)
			ON CONFLICT (connection, hour) DO UPDATE SET calls = calls + ?3`, name,
			now.UTC().Truncate(time.Hour).UnixMicro(), calls)
		return err
	})
}

// oldestHour returns the first hour of which calls are kept.
func oldestHour(now time.Time) int64 {
	return now.UTC().Truncate(time.Hour).Add(-(store.CallHours - 1) * time.Hour).UnixMicro()
}

// Calls implements store.Connections.
func (s *Store) Calls(ctx context.Context, name string) ([]store.CallHour, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT hour, calls FROM call_hour
		WHERE connection = ? AND hour >= ? AND calls <> 0 ORDER BY hour`, name, oldestHour(s.now()))
	if err != nil {
		return nil, wrap(ctx, "calls", err)
	}
	defer rows.Close()
	var hours []store.CallHour
	for rows.Next() {
		var hour, calls int64
		if err := rows.Scan(&hour, &calls); err != nil {
			return nil, wrap(ctx, "calls", err)
		}
		hours = append(hours, store.CallHour{Hour: stored.FromMicros(hour), Calls: calls})
	}
	return hours, wrap(ctx, "calls", rows.Err())
}

// dueConnections skips from connection to connection in the indexes of queued and waiting
// leads and of those in flight, so that connections whose leads are done cost nothing. To those
// that are automatic and have frozen leads it skips in both indexes by turns.
const dueConnections = `WITH RECURSIVE queued (n) AS (
		SELECT min(connection) FROM lead WHERE state = 'queued' AND retry_at <= 0 AND connection > ?1
		UNION ALL SELECT (SELECT min(connection) FROM lead WHERE state = 'queued' AND retry_at <= 0 AND connection > n)
		FROM queued WHERE n IS NOT NULL
	), later (n) AS (
		SELECT min(connection) FROM lead WHERE state = 'queued' AND retry_at > 0 AND connection > ?1
		UNION ALL SELECT (SELECT min(connection) FROM lead WHERE state = 'queued' AND retry_at > 0 AND connection > n)
		FROM later WHERE n IS NOT NULL
	), waiting (n) AS (
		SELECT min(connection) FROM lead WHERE state = 'waiting' AND retry_at > 0 AND connection > ?1
		UNION ALL SELECT (SELECT min(connection) FROM lead WHERE state = 'waiting' AND retry_at > 0 AND connection > n)
		FROM waiting WHERE n IS NOT NULL
	), claimed (n) AS (
		SELECT min(connection) FROM tally WHERE state = 'in-flight' AND connection > ?1
		UNION ALL SELECT (SELECT min(connection) FROM tally WHERE state = 'in-flight' AND connection > n)
		FROM claimed WHERE n IS NOT NULL
	), automatic (n) AS (
		SELECT min(name) FROM connection WHERE mode = 'automatic'
			AND name >= (SELECT min(connection) FROM tally WHERE state = 'frozen' AND connection > ?1)
		UNION ALL SELECT (SELECT min(name) FROM connection WHERE mode = 'automatic'
			AND name >= (SELECT min(connection) FROM tally WHERE state = 'frozen' AND connection > n))
		FROM automatic WHERE n IS NOT NULL
	), due (n) AS (
		SELECT n FROM queued WHERE n IS NOT NULL
		UNION SELECT n FROM later WHERE EXISTS (SELECT 1 FROM lead
			WHERE state = 'queued' AND retry_at > 0 AND connection = n AND retry_at <= ?2)
		UNION SELECT n FROM waiting WHERE EXISTS (SELECT 1 FROM lead
			WHERE state = 'waiting' AND retry_at > 0 AND connection = n AND retry_at <= ?2)
		UNION SELECT n FROM claimed WHERE n IS NOT NULL
		UNION SELECT n FROM automatic WHERE EXISTS (SELECT 1 FROM tally WHERE state = 'frozen' AND connection = n)
	)
	SELECT n FROM due WHERE NOT EXISTS (SELECT 1 FROM lease
		WHERE connection = n AND (owner <> '' AND until > ?2 OR wanted_by <> '' AND wanted_until > ?2))
	ORDER BY n LIMIT max(0, ?3)`

// DueConnections implements store.Connections.
func (s *Store) DueConnections(ctx context.Context, after string, limit int) ([]string, error) {
	rows, err := s.read.QueryContext(ctx, dueConnections, after, s.now().UnixMicro(), limit)
	if err != nil {
		return nil, wrap(ctx, "due connections", err)
	}
	defer rows.Close()
	var due []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, wrap(ctx, "due connections", err)
		}
		due = append(due, name)
	}
	return due, wrap(ctx, "due connections", rows.Err())
}
