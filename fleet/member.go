// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"cmp"
	"context"
	"maps"
	"sync/atomic"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/login"
	"github.com/leadsync/leadsync/store"
)

// A member is what this process has of a connection: its Syncer by the settings, the mode and the link that
// it had when they were read last. It does not change, but for calls.
type member struct {
	syncer    *leadsync.Syncer
	client    leadsync.Client
	grant     *grant // nil where it is not connected
	stamp     stamp
	mode      leadsync.Mode
	connected bool
	calls     *atomic.Int64 // API calls that the Store was not told of
	usedAt    atomic.Int64  // when the token was noted as used, in seconds since 1970
	askedAt   time.Time     // when the member was asked for last; under state.mu
	// before is a Syncer by earlier settings, which may have a lease that it could not give back. Nil for none.
	before atomic.Pointer[leadsync.Syncer]
}

// giveBack gives back a lease that was taken under earlier settings, while the Store failed.
func (m *member) giveBack(ctx context.Context) error {
	before := m.before.Swap(nil)
	if before == nil {
		return nil
	}
	_, err := before.DrainDue(ctx, 0)
	if err != nil {
		m.before.CompareAndSwap(nil, before)
	}
	return err
}

// A grant is the token of a link. It outlives the members that other settings replace: a successor that the Store did
// not take yet is only here, with the lock.
type grant struct {
	*tokens
	source *login.Tokens
}

// sameGrant reports whether a connection with a stamp has the token of the member.
func (m *member) sameGrant(now stamp) bool {
	return m.connected && now.connected && m.stamp.linkedAt.Equal(now.linkedAt)
}

// memberKept is how long a member is kept that is not asked for: its Syncer knows the org's schema.
const memberKept = time.Hour

// A stamp tells whether a connection is still the one that a member was made of.
type stamp struct {
	revision  int64
	mode      leadsync.Mode
	linkedAt  time.Time
	connected bool
}

func stampOf(c *store.Connection) stamp {
	return stamp{revision: c.Settings.Number, mode: c.Mode, linkedAt: c.Link.At, connected: c.Token.Version > 0}
}

// current returns the member of a connection as the Store has it now.
func (f *Fleet) current(ctx context.Context, op, name string) (*member, error) {
	if err := checkName(op, name); err != nil {
		return nil, err
	}
	c, err := f.store.Connection(ctx, name)
	if err != nil {
		return nil, verdict.StoreError(ctx, op, err)
	}
	m, err := f.memberOf(&c)
	if err == nil {
		f.noteCalls(ctx, name, m) // those of the Syncer that was given for an earlier request
	}
	return m, err
}

// memberOf returns the member of a connection, made anew when it has changed.
func (s *state) memberOf(c *store.Connection) (*member, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.cfg.Now()
	known := s.members[c.Name]
	if known != nil && known.stamp == stampOf(c) {
		known.askedAt = now
		return known, nil
	}
	maps.DeleteFunc(s.members, func(_ string, m *member) bool {
		return m != known && now.Sub(m.askedAt) > memberKept && m.calls.Load() == 0 &&
			(m.grant == nil || !m.grant.locked.Load())
	})
	m := &member{stamp: stampOf(c), askedAt: now, mode: c.Mode, connected: c.Token.Version > 0, calls: new(atomic.Int64)}
	if known != nil {
		m.calls = known.calls
		m.before.Store(cmp.Or(known.before.Load(), known.syncer))
		if known.sameGrant(m.stamp) {
			m.grant = known.grant
		}
	}
	if m.mode == "" {
		m.mode = leadsync.Automatic
	}
	var err error
	if m.client, err = s.client(c, m); err != nil {
		return nil, err
	}
	if m.syncer, err = s.syncerOf(m.client, s.store, c, m.mode); err != nil {
		return nil, err
	}
	s.members[c.Name] = m
	delete(s.unusable, c.Name)
	return m, nil
}

// syncerOf returns a Syncer of a connection by the settings that it has. Its error wraps ErrSettings.
func (s *state) syncerOf(client leadsync.Client, kept store.Store, c *store.Connection,
	mode leadsync.Mode) (*leadsync.Syncer, error) {
	syncer, err := s.newSyncer(client, kept, c.Name, mode, c.Settings.Settings)
	return syncer, ofSettings(c, err)
}

// newSyncer returns a Syncer of a connection with settings, nil for those of Config.Base.
func (s *state) newSyncer(client leadsync.Client, kept store.Store, name string, mode leadsync.Mode,
	settings []byte) (*leadsync.Syncer, error) {
	cfg := s.cfg.Base
	read, err := readSettings(settings)
	if err != nil {
		return nil, err
	}
	if err := read.Fill(&cfg); err != nil {
		return nil, err
	}
	cfg.Store, cfg.Connection, cfg.Mode = kept, name, mode
	cfg.Logger, cfg.Now, cfg.NewID = s.cfg.Logger, s.cfg.Now, s.cfg.NewID
	return leadsync.New(client, &cfg)
}

// client returns the client of a connection, one that reaches no org where it is not connected.
func (s *state) client(c *store.Connection, m *member) (leadsync.Client, error) {
	if c.Token.Version == 0 {
		return offline{}, nil
	}
	cfg := s.cfg.Client
	onCall := cfg.OnCall
	cfg.OnCall = func(ctx context.Context, call salesforce.Call) {
		m.calls.Add(1)
		if onCall != nil {
			onCall(leadtype.WithConnection(ctx, c.Name), call)
		}
	}
	if m.grant == nil {
		app, err := s.app(c.Link.LoginURL)
		if err != nil {
			return nil, err
		}
		kept := &tokens{state: s, name: c.Name}
		m.grant = &grant{kept, app.RefreshShared(kept)}
	}
	return salesforce.New(c.Link.InstanceURL, m.grant.source, &cfg)
}

// offline is the client of a connection that is not connected.
type offline struct{}

// errOffline says what to do about a connection that is not connected.
func errOffline(op string) error {
	return &leadsync.Error{Op: op, Code: leadsync.Authentication, Reason: "the connection is not connected to an org"}
}

func (offline) Read(context.Context, ...salesforce.Read) ([]salesforce.ReadResult, error) {
	return nil, errOffline("read")
}

func (offline) Write(context.Context, ...salesforce.Write) ([]salesforce.WriteResult, error) {
	return nil, errOffline("write")
}

// useNoted is how often the use of a token is noted.
const useNoted = time.Hour

// noteKnownCalls is noteCalls for a connection that this process may not have used.
func (s *state) noteKnownCalls(ctx context.Context, name string) {
	s.mu.Lock()
	m := s.members[name]
	s.mu.Unlock()
	if m != nil {
		s.noteCalls(ctx, name, m)
	}
}

// noteCalls tells the Store of the API calls that a connection has used, and now and then that its token is in use.
func (s *state) noteCalls(ctx context.Context, name string, m *member) {
	ctx = context.WithoutCancel(ctx)
	calls := m.calls.Swap(0)
	if calls == 0 {
		return
	}
	if err := s.store.AddCalls(ctx, name, calls); err != nil {
		m.calls.Add(calls)
		return
	}
	now := s.cfg.Now().Unix()
	if last := m.usedAt.Load(); now-last >= int64(useNoted/time.Second) && m.usedAt.CompareAndSwap(last, now) {
		_ = s.store.UseToken(ctx, name) // the next hour has another
	}
}
