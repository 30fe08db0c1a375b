// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"context"
	"errors"
	"io"
	"net/http"
	"regexp"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
)

// A Death is when a process ends that writes.
type Death string

// The deaths.
const (
	BeforeSend  Death = "before the writes are sent"
	AfterSend   Death = "after they were sent to nowhere"
	AfterCommit Death = "after they were committed"
	AnswerLost  Death = "none, but no answer arrives"
	// AfterSecond is in the second look: at the first request that writes after something was
	// written and read.
	AfterSecond Death = "after the writes of a second look were committed"
)

// A Mortal is a process with a Syncer. It ends at its next write, or a later one, as its death says, or
// never where it has none; the next process has another Mortal.
type Mortal struct {
	*leadsync.Syncer
	dead atomic.Bool
}

// errDead is what a process meets that should have ended.
var errDead = errors.New("the process has ended")

// NewMortal returns a process that drains the store into the org. It belongs into a bubble
// of package synctest.
func NewMortal(t testing.TB, org *sftest.Org, cfg leadsync.Config, death Death) *Mortal {
	t.Helper()
	m := new(Mortal)
	cfg.Store = mortalStore{cfg.Store, &m.dead}
	cfg.Gather = leadsync.NoGather
	client := &mortalClient{Client: bubbleClient(t, org)}
	org.Fail(nil)
	switch death {
	case BeforeSend:
		client.kill = func() { m.dead.Store(true) }
	case AfterSend, AfterCommit, AfterSecond:
		var wrote, looked atomic.Bool
		org.Fail(func(r *http.Request, _ int) *sftest.Fault {
			switch {
			case m.dead.Load():
				return &sftest.Fault{DropBefore: true}
			case !WritesRecords(r):
				looked.Store(wrote.Load())
				return nil
			case death == AfterSecond && !looked.Load():
				wrote.Store(true)
				return nil
			}
			m.dead.Store(true)
			return &sftest.Fault{DropBefore: death == AfterSend, DropAfter: death != AfterSend}
		})
	case AnswerLost:
		var down atomic.Bool
		org.Fail(func(r *http.Request, _ int) *sftest.Fault {
			switch {
			case down.Load():
				return &sftest.Fault{Status: http.StatusServiceUnavailable}
			case WritesRecords(r):
				down.Store(true)
				return &sftest.Fault{DropAfter: true}
			}
			return nil
		})
	}
	syncer, err := leadsync.New(client, &cfg)
	fatal(t, err)
	m.Syncer = syncer
	return m
}

// bubbleClient returns a client that reaches the org without a network.
func bubbleClient(t testing.TB, org *sftest.Org) *salesforce.Client {
	t.Helper()
	client, err := salesforce.New("https://acme.my.salesforce.com",
		oauth2.StaticTokenSource(&oauth2.Token{AccessToken: org.Token()}),
		&salesforce.Config{HTTPClient: &http.Client{Transport: org.Transport()}})
	fatal(t, err)
	return client
}

// WritesRecords reports whether a request creates, updates or deletes records by a composite.
func WritesRecords(r *http.Request) bool {
	body, err := io.ReadAll(r.Body)
	return err == nil && writingPart.Match(body)
}

// writingPart is in a composite that writes, in collections or single rows.
var writingPart = regexp.MustCompile(`"method":"(POST|PATCH|DELETE)"`)

// A mortalClient sends nothing once kill was called.
type mortalClient struct {
	*salesforce.Client
	kill func()
}

func (c *mortalClient) Write(ctx context.Context, writes ...salesforce.Write) ([]salesforce.WriteResult, error) {
	if c.kill != nil {
		c.kill()
		return nil, errDead
	}
	return c.Client.Write(ctx, writes...)
}

// A mortalStore records nothing of a process that has ended.
type mortalStore struct {
	leadsync.Store
	dead *atomic.Bool
}

func (s mortalStore) Settle(ctx context.Context, lease store.Lease,
	settlements []store.Settlement) ([]leadsync.LeadID, error) {
	if s.dead.Load() {
		return nil, errDead
	}
	return s.Store.Settle(ctx, lease, settlements)
}

func (s mortalStore) Release(ctx context.Context, lease store.Lease) error {
	if s.dead.Load() {
		return errDead
	}
	return s.Store.Release(ctx, lease)
}

// Rounds captures leads and drains, again and again until no lead waits or some hours have
// passed.
func Rounds(t testing.TB, s *leadsync.Syncer, leads ...*leadsync.Lead) {
	t.Helper()
	_, err := s.Capture(t.Context(), leads...)
	fatal(t, err)
	const rounds = 40
	for range rounds {
		DrainFor(t, s, 5*time.Minute)
		waits := false
		for _, entry := range StoredIn(t, s) {
			waits = waits || entry.Stage == leadsync.PreSync
		}
		if !waits {
			return
		}
	}
}

// DrainFor drains, which an outage or the end of the process may stop, and returns when the
// time is over.
func DrainFor(t testing.TB, s *leadsync.Syncer, d time.Duration) {
	t.Helper()
	over := time.After(d)
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	_ = s.Drain(ctx)
	<-over
}
