// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

var _ store.Connections = (*Store)(nil)

// A profile is what is kept of a connection beside its leads, as store.Connections says.
type profile struct {
	link      store.Link
	mode      leadtype.Mode
	revisions []store.Revision // the oldest first
	sealed    []byte           // the token, nil without one
	token     int64            // the version of the last token
	usedAt    time.Time
	lockedBy  string // who refreshes the token, until lockedTo
	lockedTo  time.Time
	incident  []byte
	schema    []byte
	calls     map[time.Time]int64 // by hour
}

// Connection implements store.Connections.
func (s *Store) Connection(ctx context.Context, name string) (store.Connection, error) {
	c, err := s.begin(ctx, name)
	if err != nil {
		return store.Connection{}, err
	}
	defer s.mu.Unlock()
	return c.describe(name), nil
}

func (c *conn) describe(name string) store.Connection {
	p := &c.profile
	kept := store.Connection{Name: name, Org: c.org, Link: p.link, Mode: p.mode, Incident: bytes.Clone(p.incident)}
	if n := len(p.revisions); n > 0 {
		kept.Settings = cloneRevision(p.revisions[n-1])
	}
	if p.sealed != nil {
		kept.Token = store.Token{Version: p.token, Sealed: bytes.Clone(p.sealed), UsedAt: p.usedAt}
	}
	return kept
}

func cloneRevision(r store.Revision) store.Revision {
	r.Settings = bytes.Clone(r.Settings)
	return r
}

// ListConnections implements store.Connections.
func (s *Store) ListConnections(ctx context.Context, after string, limit int) ([]store.Connection, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var listed []store.Connection
	for _, name := range s.namesAfter(after) {
		c := s.connections[name]
		if len(listed) < limit && (len(c.rows) > 0 || c.org != "" || c.profile.isKept()) {
			listed = append(listed, c.describe(name))
		}
	}
	return listed, nil
}

// namesAfter returns the names of the connections after a name, sorted.
func (s *Store) namesAfter(after string) []string {
	names := slices.Sorted(maps.Keys(s.connections))
	return slices.DeleteFunc(names, func(name string) bool { return name <= after })
}

func (p *profile) isKept() bool { return p.token > 0 || p.mode != "" || len(p.revisions) > 0 }

// Connect implements store.Connections.
func (s *Store) Connect(ctx context.Context, name string, link store.Link, sealed []byte, by string) error {
	return s.decide(ctx, name, "token", sealed, store.MaxTokenBytes, func(c *conn, now time.Time) error {
		p := &c.profile
		link.At = now
		p.link, p.sealed, p.usedAt, p.incident = link, append([]byte{}, sealed...), now, nil
		p.token++
		c.steps = append(c.steps, store.Step{At: now, Kind: store.StepConnected, By: by})
		return nil
	})
}

// decide calls change with the connection, unless data has more than limit bytes.
func (s *Store) decide(ctx context.Context, name, field string, data []byte, limit int,
	change func(c *conn, now time.Time) error) error {
	if err := store.CheckSize(field, data, limit); err != nil {
		return err
	}
	c, err := s.begin(ctx, name)
	if err != nil {
		return err
	}
	defer s.mu.Unlock()
	return change(c, s.now().UTC())
}

// Disconnect implements store.Connections.
func (s *Store) Disconnect(ctx context.Context, name, by string) error {
	return s.decide(ctx, name, "", nil, 0, func(c *conn, now time.Time) error {
		if c.profile.sealed != nil {
			c.profile.sealed = nil
			c.steps = append(c.steps, store.Step{At: now, Kind: store.StepDisconnected, By: by})
		}
		return nil
	})
}

// SwapToken implements store.Connections.
func (s *Store) SwapToken(ctx context.Context, name string, version int64, sealed []byte) error {
	return s.decide(ctx, name, "token", sealed, store.MaxTokenBytes, func(c *conn, now time.Time) error {
		p := &c.profile
		if p.sealed == nil || p.token != version {
			return store.ErrTokenSwapped
		}
		p.sealed, p.usedAt = append([]byte{}, sealed...), now
		p.token++
		return nil
	})
}

// LockToken implements store.Connections.
func (s *Store) LockToken(ctx context.Context, name, owner string, ttl time.Duration) error {
	return s.decide(ctx, name, "", nil, 0, func(c *conn, now time.Time) error {
		p := &c.profile
		if p.lockedBy != owner && now.Before(p.lockedTo) {
			return store.ErrTokenLocked
		}
		p.lockedBy, p.lockedTo = owner, now.Add(ttl)
		return nil
	})
}

// UnlockToken implements store.Connections.
func (s *Store) UnlockToken(ctx context.Context, name, owner string) error {
	return s.decide(ctx, name, "", nil, 0, func(c *conn, _ time.Time) error {
		if c.profile.lockedBy == owner {
			c.profile.lockedBy, c.profile.lockedTo = "", time.Time{}
		}
		return nil
	})
}

// UseToken implements store.Connections.
func (s *Store) UseToken(ctx context.Context, name string) error {
	return s.decide(ctx, name, "", nil, 0, func(c *conn, now time.Time) error {
		if c.profile.sealed != nil {
			c.profile.usedAt = now
		}
		return nil
	})
}

// SetMode implements store.Connections.
func (s *Store) SetMode(ctx context.Context, name string, mode leadtype.Mode, by string) error {
	return s.decide(ctx, name, "", nil, 0, func(c *conn, now time.Time) error {
		if c.profile.mode != mode {
			c.profile.mode = mode
			c.steps = append(c.steps, store.Step{At: now, Kind: store.StepMode, Mode: mode, By: by})
		}
		return nil
	})
}

// SetSettings implements store.Connections.
func (s *Store) SetSettings(ctx context.Context, name string, revision int64, settings []byte, by string) error {
	return s.decide(ctx, name, "settings", settings, store.MaxSettingsBytes, func(c *conn, now time.Time) error {
		p := &c.profile
		if int64(len(p.revisions)) != revision {
			return store.ErrRevision
		}
		p.revisions = append(p.revisions, store.Revision{Number: revision + 1, Settings: append([]byte{}, settings...),
			At: now, By: by})
		c.steps = append(c.steps, store.Step{At: now, Kind: store.StepSettings, By: by})
		return nil
	})
}

// Revisions implements store.Connections.
func (s *Store) Revisions(ctx context.Context, name string, before int64, limit int) ([]store.Revision, error) {
	c, err := s.begin(ctx, name)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var revisions []store.Revision
	for _, r := range slices.Backward(c.profile.revisions) {
		if len(revisions) < limit && (before == 0 || r.Number < before) {
			revisions = append(revisions, cloneRevision(r))
		}
	}
	return revisions, nil
}

// SetIncident implements store.Connections.
func (s *Store) SetIncident(ctx context.Context, name string, incident []byte) error {
	return s.decide(ctx, name, "incident", incident, store.MaxIncidentBytes, func(c *conn, _ time.Time) error {
		c.profile.incident = bytes.Clone(incident)
		return nil
	})
}

// Schema implements store.Connections.
func (s *Store) Schema(ctx context.Context, name string) ([]byte, error) {
	c, err := s.begin(ctx, name)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	return bytes.Clone(c.profile.schema), nil
}

// SetSchema implements store.Connections.
func (s *Store) SetSchema(ctx context.Context, name string, schema []byte) error {
	return s.decide(ctx, name, "schema", schema, store.MaxSchemaBytes, func(c *conn, _ time.Time) error {
		c.profile.schema = bytes.Clone(schema)
		return nil
	})
}

// A once is data that is taken once, until a time.
type once struct {
	data  []byte
	until time.Time
}

// KeepOnce implements store.Connections.
func (s *Store) KeepOnce(ctx context.Context, key string, data []byte, ttl time.Duration) error {
	if err := cmp.Or(ctx.Err(), store.CheckSize("data", data, store.MaxOnceBytes)); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	maps.DeleteFunc(s.once, func(_ string, o once) bool { return !now.Before(o.until) })
	if s.once == nil {
		s.once = make(map[string]once)
	}
	s.once[key] = once{append([]byte{}, data...), now.Add(ttl)}
	return nil
}

// TakeOnce implements store.Connections.
func (s *Store) TakeOnce(ctx context.Context, key string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	kept, ok := s.once[key]
	delete(s.once, key)
	if !ok || !s.now().Before(kept.until) {
		return nil, nil
	}
	return kept.data, nil
}

// AddCalls implements store.Connections.
func (s *Store) AddCalls(ctx context.Context, name string, calls int64) error {
	return s.decide(ctx, name, "", nil, 0, func(c *conn, now time.Time) error {
		if c.profile.calls == nil {
			c.profile.calls = make(map[time.Time]int64)
		}
		maps.DeleteFunc(c.profile.calls, func(hour time.Time, _ int64) bool { return hour.Before(oldestHour(now)) })
		c.profile.calls[now.Truncate(time.Hour)] += calls
		return nil
	})
}

// oldestHour returns the first hour of which calls are kept.
func oldestHour(now time.Time) time.Time {
	return now.UTC().Truncate(time.Hour).Add(-(store.CallHours - 1) * time.Hour)
}

// Calls implements store.Connections.
func (s *Store) Calls(ctx context.Context, name string) ([]store.CallHour, error) {
	c, err := s.begin(ctx, name)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var hours []store.CallHour
	for _, hour := range slices.SortedFunc(maps.Keys(c.profile.calls), time.Time.Compare) {
		if !hour.Before(oldestHour(s.now())) && c.profile.calls[hour] != 0 {
			hours = append(hours, store.CallHour{Hour: hour, Calls: c.profile.calls[hour]})
		}
	}
	return hours, nil
}

// DueConnections implements store.Connections.
func (s *Store) DueConnections(ctx context.Context, after string, limit int) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	var due []string
	for _, name := range s.namesAfter(after) {
		c := s.connections[name]
		releases := c.profile.mode == leadtype.Automatic
		if len(due) < limit && !c.isTaken(now) && slices.ContainsFunc(c.rows, func(r *leadRow) bool {
			return r.state == store.StateInFlight || r.due(now) || releases && r.state == store.StateFrozen
		}) {
			due = append(due, name)
		}
	}
	return due, nil
}

// isTaken reports whether an owner holds the lease, or waits for it.
func (c *conn) isTaken(now time.Time) bool {
	return c.lease.Owner != "" && now.Before(c.lease.Until) || c.wanted.by != "" && now.Before(c.wanted.until)
}
