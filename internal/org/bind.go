// SPDX-License-Identifier: Apache-2.0

package org

import (
	"context"
	"fmt"
	"time"

	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// Confirm returns why nothing may be sent to the client's org, as Session does. It makes no
// request unless the client cannot name its org and there is no session yet.
func (s *Sessions) Confirm(ctx context.Context) error {
	known := s.Current()
	if known == nil {
		if _, ok := s.client.(identifier); !ok {
			_, err := s.Refresh(ctx)
			return err
		}
		return s.identify(ctx, new(Session), nil)
	}
	return s.confirm(ctx, known.Org)
}

// confirm checks that the client's org still is the one that is known, and the Store's. If
// the client fails to name its org, its next request reports why.
func (s *Sessions) confirm(ctx context.Context, known salesforce.ID) error {
	if client, ok := s.client.(identifier); ok {
		org, _, err := client.Identity(ctx)
		if err == nil && org != "" && known != "" && org.ID18() != known {
			return s.otherOrg(known, org.ID18())
		}
	}
	return s.bound(ctx, known)
}

// bound checks that the connection is bound to the org, to which it binds it at first.
func (s *Sessions) bound(ctx context.Context, org salesforce.ID) error {
	if s.Bind == nil || org == "" {
		return nil
	}
	bound, err := s.Bind(ctx, org)
	if err != nil {
		return verdict.StoreError(ctx, "session", err)
	}
	if bound != org {
		return s.otherOrg(bound, org)
	}
	return nil
}

func (s *Sessions) otherOrg(bound, got salesforce.ID) error {
	return &leadtype.Error{Op: "session", Code: leadtype.Authentication, Err: salesforce.ErrOtherOrg,
		Reason: fmt.Sprintf("the connection belongs to org %s, and the client is connected to org %s", bound, got)}
}

// Org returns the id of the client's org, whichever org the connection is bound to. It
// makes one call when the client cannot name its org. The error is the context's own, or a
// *Error, also when the client does not know its org.
func (s *Sessions) Org(ctx context.Context) (salesforce.ID, error) {
	loose := NewSessions(s.client, s.set, s.owner, s.now)
	found := new(Session)
	err := loose.identify(ctx, found, nil)
	if err == nil && found.Org == "" {
		found, err = loose.Refresh(ctx)
	}
	switch known := s.Current(); {
	case err != nil:
		return "", err
	case found.Org == "":
		return "", &leadtype.Error{Op: "session", Code: leadtype.Authentication, Reason: "the client's org is not known"}
	case known != nil && known.Org != "" && known.Org != found.Org:
		return "", s.otherOrg(known.Org, found.Org)
	}
	return found.Org, nil
}

const (
	// nameWait is how long a capture waits for the client to name its org: the client may
	// have to fetch a token for that.
	nameWait = 2 * time.Second
	// nameAgain is how long a capture does not ask a client again that did not name its org,
	// nor the Store to which org the connection belongs.
	nameAgain = time.Minute
)

// A named is what captures know of the client's org without a session.
type named struct {
	org      salesforce.ID
	failedAt time.Time // when the client did not name it
	boundAt  time.Time // when the connection was seen to belong to it
}

type belongingKey struct{}

// WithBelonging returns a context for a caller who knows that the client is connected to the org
// that the connection belongs to: Belongs asks nobody.
func WithBelonging(ctx context.Context) context.Context {
	return context.WithValue(ctx, belongingKey{}, true)
}

// Belongs returns why the client must not capture leads: it is known to be connected to
// another org than the Store's connection belongs to. A capture works without Salesforce,
// so it does not wait long for a client to name its org, and takes the leads of one that
// does not.
func (s *Sessions) Belongs(ctx context.Context) error {
	if ctx.Value(belongingKey{}) != nil {
		return nil
	}
	s.mu.Lock()
	known := s.named
	if s.last != nil && s.last.Org != "" {
		known.org = s.last.Org
	}
	s.mu.Unlock()
	recent := func(at time.Time) bool { return !at.IsZero() && s.now().Sub(at) < nameAgain }
	if known.org == "" && !recent(known.failedAt) {
		known.org = s.askName(ctx)
	}
	if known.org == "" || recent(known.boundAt) {
		return nil
	}
	if err := s.bound(ctx, known.org); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.named.boundAt = s.now()
	return nil
}

// askName asks the client for its org, and waits for a while. Callers that come together
// ask once.
func (s *Sessions) askName(ctx context.Context) salesforce.ID {
	client, ok := s.client.(identifier)
	if !ok {
		return ""
	}
	shared := context.WithoutCancel(ctx)
	done := s.flight.DoChan("name", func() (any, error) {
		org, _, err := client.Identity(shared)
		at := s.now()
		s.mu.Lock()
		defer s.mu.Unlock()
		if err != nil || org == "" {
			s.named.failedAt = at
			return salesforce.ID(""), nil
		}
		s.named.org = org.ID18()
		return s.named.org, nil
	})
	timer := time.NewTimer(nameWait)
	defer timer.Stop()
	select {
	case result := <-done:
		org, _ := result.Val.(salesforce.ID)
		return org
	case <-timer.C: // the next captures do not wait
		s.mu.Lock()
		defer s.mu.Unlock()
		s.named.failedAt = s.now()
	case <-ctx.Done():
	}
	return ""
}
