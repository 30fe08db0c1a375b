// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
)

// Connect implements store.Connections.
func (s *Store) Connect(ctx context.Context, name string, link store.Link, sealed []byte, by string) error {
	if err := store.CheckSize("token", sealed, store.MaxTokenBytes); err != nil {
		return err
	}
	return s.tx(ctx, "connect", name, makeConnection, func(ctx context.Context, t *transaction) error {
		link.At = stored.FromMicros(t.now)
		data, err := json.Marshal(link)
		if err != nil {
			return err
		}
		b := t.batch()
		b.exec(`INSERT INTO leadsync.profile AS p (connection, link, token, token_version, token_used_at)
			VALUES ($1, $2, $3, 1, $4) ON CONFLICT (connection) DO UPDATE SET link = $2, token = $3,
			token_version = p.token_version + 1, token_used_at = $4, incident = NULL`,
			t.id, string(data), blob(sealed), t.now)
		t.decide(b, store.Step{Kind: store.StepConnected, By: by})
		return t.send(ctx, b)
	})
}

// Disconnect implements store.Connections.
func (s *Store) Disconnect(ctx context.Context, name, by string) error {
	_, err := s.set(ctx, store.Step{Kind: store.StepDisconnected, By: by}, name, `UPDATE leadsync.profile SET token = NULL
		WHERE connection = $1 AND token IS NOT NULL AND $2::int8 > 0`)
	return err
}

// SwapToken implements store.Connections.
func (s *Store) SwapToken(ctx context.Context, name string, version int64, sealed []byte) error {
	if err := store.CheckSize("token", sealed, store.MaxTokenBytes); err != nil {
		return err
	}
	swapped, err := s.set(ctx, store.Step{}, name, `UPDATE leadsync.profile SET token = $4,
			token_version = token_version + 1, token_used_at = $2
		WHERE connection = $1 AND token_version = $3 AND token IS NOT NULL`, version, blob(sealed))
	if err == nil && !swapped {
		err = store.ErrTokenSwapped
	}
	return err
}

// LockToken implements store.Connections.
func (s *Store) LockToken(ctx context.Context, name, owner string, ttl time.Duration) error {
	locked, err := s.set(ctx, store.Step{}, name, `UPDATE leadsync.profile SET token_locked_by = $3,
			token_locked_until = $2 + $4::int8
		WHERE connection = $1 AND (token_locked_by = $3 OR token_locked_until <= $2)`, escape(owner), ttl.Microseconds())
	if err == nil && !locked {
		err = store.ErrTokenLocked
	}
	return err
}

// UnlockToken implements store.Connections.
func (s *Store) UnlockToken(ctx context.Context, name, owner string) error {
	_, err := s.set(ctx, store.Step{}, name, `UPDATE leadsync.profile SET token_locked_by = '', token_locked_until = 0
		WHERE connection = $1 AND token_locked_by = $3 AND $2::int8 > 0`, escape(owner))
	return err
}

// UseToken implements store.Connections.
func (s *Store) UseToken(ctx context.Context, name string) error {
	_, err := s.set(ctx, store.Step{}, name, `UPDATE leadsync.profile SET token_used_at = $2
		WHERE connection = $1 AND token IS NOT NULL`)
	return err
}

// KeepOnce implements store.Connections.
func (s *Store) KeepOnce(ctx context.Context, key string, data []byte, ttl time.Duration) error {
	if err := store.CheckSize("data", data, store.MaxOnceBytes); err != nil {
		return err
	}
	return s.tx(ctx, "keep", "", 0, func(ctx context.Context, t *transaction) error {
		b := t.batch()
		b.exec(`DELETE FROM leadsync.once WHERE key IN (
			SELECT key FROM leadsync.once WHERE until <= $1 FOR UPDATE SKIP LOCKED)`, t.now)
		b.exec(`INSERT INTO leadsync.once (key, data, until) VALUES ($1, $2, $3)
			ON CONFLICT (key) DO UPDATE SET data = $2, until = $3`, escape(key), blob(data), t.now+ttl.Microseconds())
		return t.send(ctx, b)
	})
}

// TakeOnce implements store.Connections.
func (s *Store) TakeOnce(ctx context.Context, key string) ([]byte, error) {
	var data []byte
	err := s.tx(ctx, "take", "", 0, func(ctx context.Context, t *transaction) error {
		data = nil
		return t.query(ctx, func(rows pgx.Rows) error {
			var until int64
			err := rows.Scan(&data, &until)
			if until <= t.now {
				data = nil
			}
			return err
		}, `DELETE FROM leadsync.once WHERE key = $1 RETURNING data, until`, escape(key))
	})
	if err != nil {
		return nil, err
	}
	return data, nil
}
