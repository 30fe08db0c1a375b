// SPDX-License-Identifier: Apache-2.0

package org

import (
	"cmp"
	"context"
	"reflect"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/leadsync/leadsync/internal/hook"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// sessionAge is how long a session serves before it is read again, so that a
// process that runs for weeks learns of new fields. Reading again costs one call,
// most of which is answered with "not modified".
const sessionAge = time.Hour

// repairAge is how old a session must be to be read again because leads failed for what it
// says: the org may have been repaired since.
const repairAge = time.Minute

// An identifier is a client that knows which org and user it is connected as.
type identifier interface {
	Identity(ctx context.Context) (org, user salesforce.ID, err error)
}

// Sessions reads what is known of the org, and keeps it for an hour. It is safe
// for concurrent use.
type Sessions struct {
	client Reader // an identifier, or the org and the user stay unknown
	set    *mapping.Set
	owner  salesforce.ID // Config.FallbackOwner
	now    func() time.Time

	// Bind binds the connection of a Store to the org, unless it is bound already, and
	// returns the org that it is bound to. Nil binds none.
	Bind func(ctx context.Context, org salesforce.ID) (bound salesforce.ID, err error)

	flight  singleflight.Group
	mu      sync.Mutex
	last    *Session
	named   named
	user    user
	expired bool      // since a person asked for leads to be tried again
	anew    bool      // the next session keeps nothing of the record types: see mayRenew
	renewed time.Time // when a session was last read because of a possible repair
}

// NewSessions returns sessions of the org of client, none of which is read yet.
func NewSessions(client Reader, set *mapping.Set, owner salesforce.ID, now func() time.Time) *Sessions {
	return &Sessions{client: client, set: set, owner: owner, now: now}
}

// Current returns the session that was read last, whatever its age, and nil before the
// first.
func (s *Sessions) Current() *Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

// Scope returns what distinguishes the org from others within the process, for turns: its
// id, else the client. It is comparable.
func (s *Sessions) Scope(ctx context.Context) any {
	if known := s.Current(); known != nil && known.Org != "" {
		return known.Org
	}
	if client, ok := s.client.(identifier); ok {
		if org, _, err := client.Identity(ctx); err == nil && org != "" {
			return org.ID18()
		}
	}
	if reflect.ValueOf(s.client).Comparable() {
		return s.client
	}
	return s
}

func (s *Sessions) keep(read *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = read
}

// Session returns the current session, and reads one when there is none or it is
// old. Callers that come together share one reading. The error is the context's
// own, or a *Error whose code says what the connection lacks: AUTHENTICATION, each time,
// when the client is connected to another org than the session's or the Store's.
func (s *Sessions) Session(ctx context.Context) (*Session, error) {
	known := s.Current()
	if known == nil || s.now().Sub(known.At) >= sessionAge || s.mayRenew(time.Time{}) {
		return s.Refresh(ctx)
	}
	if err := s.confirm(ctx, known.Org); err != nil {
		return nil, err
	}
	return known, nil
}

// Look is Session for what the next batch needs, and reports whether that took a call.
func (s *Sessions) Look(ctx context.Context) (asked bool, err error) {
	known := s.Current()
	now, err := s.Session(ctx)
	return now != known, err
}

// Expire lets the next caller read a new session, as a person expects who has repaired the
// org.
func (s *Sessions) Expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expired = true
}

// After returns a session that was read after leads failed for what the session of then
// said of the org, if one was read or may be: at most once a minute. A zero time asks for
// no more than Session does.
func (s *Sessions) After(ctx context.Context, failed time.Time) (*Session, error) {
	known, err := s.Session(ctx)
	if err != nil || failed.IsZero() || known.At.After(failed) || !s.mayRenew(failed) {
		return known, err
	}
	return s.Refresh(ctx)
}

// mayRenew reports whether a session may be read because of a possible repair, and takes
// note of it: an option that a record type offers now need not show in the describe. A zero
// time asks whether one was expired.
func (s *Sessions) mayRenew(failed time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if failed.IsZero() && !s.expired || now.Sub(s.renewed) < repairAge {
		return false
	}
	s.expired, s.renewed, s.anew = false, now, true
	return true
}

// Renewed returns a new session when a known one is a minute old and the org has changed
// since, else nil.
func (s *Sessions) Renewed(ctx context.Context, known *Session) (*Session, error) {
	if s.now().Sub(known.At) < repairAge || !s.mayRenew(known.At) {
		return nil, nil
	}
	fresh, err := s.Refresh(ctx)
	if err != nil || fresh.sameSchema(known) {
		return nil, err
	}
	return fresh, nil
}

// sameSchema reports whether two sessions describe the org alike.
func (s *Session) sameSchema(other *Session) bool {
	return reflect.DeepEqual(s.Describes, other.Describes) && reflect.DeepEqual(s.RecordTypes, other.RecordTypes) &&
		reflect.DeepEqual(s.Campaigns, other.Campaigns) && slices.Equal(s.TaskStatuses, other.TaskStatuses)
}

// Refresh reads a new session, whatever the age of the current one.
func (s *Sessions) Refresh(ctx context.Context) (*Session, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	// The reading serves every caller, so none of them may cancel it; the
	// client's own time limits end it.
	shared := context.WithoutCancel(ctx)
	done := s.flight.DoChan("", func() (any, error) {
		var loaded *Session
		var err error
		// A panic of a host's client would end the process: nothing of the host is below it here.
		p := hook.Call(s.set.Config().Logger, hook.Hook{Kind: "Client"}, func() { loaded, err = s.load(shared, s.Current()) })
		if p != nil {
			err = &leadtype.Error{Op: "session", Code: leadtype.Unknown, Reason: p.Reason(), Err: p}
		}
		if err == nil {
			s.keep(loaded)
		}
		return loaded, err
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case result := <-done:
		loaded, _ := result.Val.(*Session)
		return loaded, result.Err
	}
}

// load reads all that a session needs with one call of the client, and one more
// where record types narrow what a picklist offers. before is the session that the
// new one replaces, nil at first.
func (s *Sessions) load(ctx context.Context, before *Session) (*Session, error) {
	loaded := &Session{
		At:        s.now(),
		Describes: make(map[salesforce.Object]*salesforce.Describe),
		Campaigns: make(map[salesforce.ID]*CampaignInfo),
		Unread:    make(map[salesforce.Object]*leadtype.Error),

		RecordTypes: make(map[salesforce.Object]map[salesforce.ID]*salesforce.Describe),
	}
	if err := s.identify(ctx, loaded, before); err != nil {
		return nil, err
	}
	identified := loaded.Org != ""
	if err := s.readOrg(ctx, loaded, before); err != nil {
		return nil, err
	}
	if !identified {
		if err := s.bound(ctx, loaded.Org); err != nil {
			return nil, err
		}
	}
	if s.takeAnew() {
		before = nil
	}
	if err := s.loadRecordTypes(ctx, loaded, before); err != nil {
		return nil, err
	}
	for _, c := range loaded.Campaigns {
		slices.SortStableFunc(c.Statuses, func(a, b MemberStatus) int { return cmp.Compare(a.order, b.order) })
	}
	return loaded, nil
}

// takeAnew reports whether record types are to be read whatever the describes say, once.
func (s *Sessions) takeAnew() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	anew := s.anew
	s.anew = false
	return anew
}

// readOrg fills the session with what the org answers. What the connected user may
// not see is left out, and noted as unread unless it is an object.
func (s *Sessions) readOrg(ctx context.Context, loaded, before *Session) error {
	reads := slices.Concat(
		loaded.describeReads(s.set.Objects(), before),
		loaded.identityReads(),
		loaded.campaignReads(s.set.OpenLinks()),
		loaded.ruleReads(),
		loaded.ownerReads(s.owner),
	)
	loaded.Reads = len(reads)
	asked := make([]salesforce.Read, len(reads))
	for i, r := range reads {
		asked[i] = r.read
	}
	results, err := ReadAll(ctx, s.client, "session", asked)
	if err != nil {
		return err
	}
	for i, result := range results {
		if result.Err == nil {
			reads[i].take(result)
			continue
		}
		e := verdict.Classify("session", reads[i].object, result.Err)
		if endsSession(reads[i].read.Kind, e) {
			return e
		}
		if reads[i].read.Kind != salesforce.ReadDescribe {
			loaded.Unread[reads[i].object] = e
		}
	}
	return nil
}

// endsSession reports whether a session cannot do without the read that failed: the
// connection is at fault or there was no response. An object that is hidden from the
// user is an answer.
func endsSession(kind salesforce.ReadKind, e *leadtype.Error) bool {
	if verdict.Pauses(e) || verdict.RetryOf(e.Code).Temporary() || verdict.RefusesCalls(e) ||
		e.Code == leadtype.UncertainWrite {
		return true
	}
	if kind != salesforce.ReadDescribe {
		return false
	}
	switch e.Code {
	case leadtype.MissingRemoteField, leadtype.StaleRemoteRecord, leadtype.ConnectionPermission:
		return false
	}
	return true
}

// identify asks the client, if it is an identifier, which org and user it
// connects as. Leads of one org must not go to another because a host
// reconnected with the wrong account.
func (s *Sessions) identify(ctx context.Context, loaded, before *Session) error {
	if located, ok := s.client.(interface{ InstanceURL() string }); ok {
		loaded.Instance = located.InstanceURL()
	}
	client, ok := s.client.(identifier)
	if !ok {
		return nil
	}
	org, user, err := client.Identity(ctx)
	if err != nil {
		return verdict.Classify("session", "", err)
	}
	loaded.Org, loaded.User = org.ID18(), user.ID18()
	if before != nil && before.Org != "" && org != "" && loaded.Org != before.Org {
		return s.otherOrg(before.Org, loaded.Org)
	}
	return s.bound(ctx, loaded.Org)
}
