package leadsync

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/leadsync/leadsync/salesforce"
)

// sessionAge is how long a session serves before it is read again, so that a
// process that runs for weeks learns of new fields. Reading again costs one call,
// most of which is answered with "not modified".
const sessionAge = time.Hour

// An identifier is a client that knows which org and user it is connected as.
type identifier interface {
	Identity(ctx context.Context) (org, user salesforce.ID, err error)
}

// A sessions reads what is known of the org, and keeps it for an hour. It is safe
// for concurrent use.
type sessions struct {
	client reader // an identifier, or the org and the user stay unknown
	set    *mappingSet
	owner  salesforce.ID // Config.FallbackOwner
	now    func() time.Time

	flight singleflight.Group
	mu     sync.Mutex
	last   *session
}

// newSessions returns sessions of the org of client, none of which is read yet.
func newSessions(client reader, set *mappingSet, owner salesforce.ID, now func() time.Time) *sessions {
	return &sessions{client: client, set: set, owner: owner, now: now}
}

// current returns the session that was read last, whatever its age, and nil before the
// first.
func (s *sessions) current() *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

func (s *sessions) keep(read *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = read
}

// session returns the current session, and reads one when there is none or it is
// old. Callers that come together share one reading. The error is the context's
// own, or a *Error whose code says what the connection lacks.
func (s *sessions) session(ctx context.Context) (*session, error) {
	if known := s.current(); known != nil && s.now().Sub(known.at) < sessionAge {
		return known, nil
	}
	return s.refresh(ctx)
}

// refresh reads a new session, whatever the age of the current one.
func (s *sessions) refresh(ctx context.Context) (*session, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	// The reading serves every caller, so none of them may cancel it; the
	// client's own time limits end it.
	shared := context.WithoutCancel(ctx)
	done := s.flight.DoChan("", func() (any, error) {
		loaded, err := s.load(shared, s.current())
		if err == nil {
			s.keep(loaded)
		}
		return loaded, err
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case result := <-done:
		loaded, _ := result.Val.(*session)
		return loaded, result.Err
	}
}

// load reads all that a session needs with one call of the client, and one more
// where record types narrow what a picklist offers. before is the session that the
// new one replaces, nil at first.
func (s *sessions) load(ctx context.Context, before *session) (*session, error) {
	loaded := &session{
		at:        s.now(),
		describes: make(map[salesforce.Object]*salesforce.Describe),
		campaigns: make(map[salesforce.ID]*campaignInfo),
		unread:    make(map[salesforce.Object]*Error),

		recordTypes: make(map[salesforce.Object]map[salesforce.ID]*salesforce.Describe),
	}
	if err := s.identify(ctx, loaded, before); err != nil {
		return nil, err
	}
	if err := s.readOrg(ctx, loaded, before); err != nil {
		return nil, err
	}
	if err := s.loadRecordTypes(ctx, loaded, before); err != nil {
		return nil, err
	}
	for _, c := range loaded.campaigns {
		slices.SortStableFunc(c.statuses, func(a, b memberStatus) int { return cmp.Compare(a.order, b.order) })
	}
	return loaded, nil
}

// readOrg fills the session with what the org answers. What the connected user may
// not see is left out, and noted as unread unless it is an object.
func (s *sessions) readOrg(ctx context.Context, loaded, before *session) error {
	reads := slices.Concat(
		loaded.describeReads(s.set.objects(), before),
		loaded.identityReads(),
		loaded.campaignReads(s.set.openLinks()),
		loaded.ruleReads(),
		loaded.ownerReads(s.owner),
	)
	loaded.reads = len(reads)
	asked := make([]salesforce.Read, len(reads))
	for i, r := range reads {
		asked[i] = r.read
	}
	results, err := readAll(ctx, s.client, "session", asked)
	if err != nil {
		return err
	}
	for i, result := range results {
		if result.Err == nil {
			reads[i].take(result)
			continue
		}
		e := classify("session", reads[i].object, result.Err)
		if endsSession(reads[i].read.Kind, e) {
			return e
		}
		if reads[i].read.Kind != salesforce.ReadDescribe {
			loaded.unread[reads[i].object] = e
		}
	}
	return nil
}

// endsSession reports whether a session cannot do without the read that failed: the
// connection is at fault or there was no answer. An object that is hidden from the
// user is an answer.
func endsSession(kind salesforce.ReadKind, e *Error) bool {
	if pauses(e) || retryOf(e.Code).passes() || e.Code == UncertainWrite {
		return true
	}
	if kind != salesforce.ReadDescribe {
		return false
	}
	switch e.Code {
	case MissingRemoteField, StaleRemoteRecord, ConnectionPermission:
		return false
	}
	return true
}

// identify asks the client, if it is an identifier, which org and user it
// connects as. Leads of one org must not go to another because a host
// reconnected with the wrong account.
func (s *sessions) identify(ctx context.Context, loaded, before *session) error {
	client, ok := s.client.(identifier)
	if !ok {
		return nil
	}
	org, user, err := client.Identity(ctx)
	if err != nil {
		return classify("session", "", err)
	}
	loaded.org, loaded.user = org.ID18(), user.ID18()
	if before != nil && before.org != "" && org != "" && loaded.org != before.org {
		return &Error{Op: "session", Code: Authentication, Reason: "the client is now connected to another org"}
	}
	return nil
}
