// SPDX-License-Identifier: Apache-2.0

package leadsync_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/review"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// An offline is a Client that panics when it is used.
type offline struct{ leadsync.Client }

// newOfflineSyncer returns a Syncer for what needs no Salesforce.
func newOfflineSyncer(t *testing.T, cfg leadsync.Config) *leadsync.Syncer {
	t.Helper()
	s, err := leadsync.New(offline{}, &cfg)
	require.NoError(t, err)
	return s
}

// person returns a lead that can be captured.
func person(id leadsync.LeadID) *leadsync.Lead {
	return &leadsync.Lead{ID: id, EventID: "expo", Email: "a@example.com"}
}

// A shelf is a Syncer whose leads a test claims and settles itself.
type shelf struct {
	*leadsync.Syncer
	store *memory.Store
	now   time.Time
	sink  []*leadsync.Outcome
}

func newShelf(t require.TestingT) *shelf {
	s := &shelf{now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return s.now }
	s.store = memory.New(clock)
	var err error
	s.Syncer, err = leadsync.New(offline{}, &leadsync.Config{Store: s.store, Gather: leadsync.NoGather, Now: clock,
		Sink: leadsync.SinkFunc(func(_ context.Context, outcomes []*leadsync.Outcome) error {
			s.sink = append(s.sink, outcomes...)
			return nil
		})})
	require.NoError(t, err)
	return s
}

// settle claims what is due and settles each lead with its outcome.
func (s *shelf) settle(t require.TestingT, outcomes ...*leadsync.Outcome) {
	ctx := context.Background()
	lease, err := s.store.Acquire(ctx, "default", "a", time.Hour)
	require.NoError(t, err)
	claimed, err := s.store.Claim(ctx, lease, 1000)
	require.NoError(t, err)
	byID := make(map[leadsync.LeadID]*leadsync.Outcome)
	for _, o := range outcomes {
		byID[o.LeadID] = o
	}
	settlements := make([]store.Settlement, len(claimed))
	for i, c := range claimed {
		settlements[i] = store.Settlement{LeadID: c.Lead.ID, Generation: c.Generation, Outcome: byID[c.Lead.ID]}
	}
	_, err = s.store.Settle(ctx, lease, settlements)
	require.NoError(t, err)
}

// have captures the leads of outcomes and settles them.
func (s *shelf) have(t require.TestingT, outcomes ...*leadsync.Outcome) {
	leads := make([]*leadsync.Lead, len(outcomes))
	for i, o := range outcomes {
		leads[i] = person(o.LeadID)
	}
	_, err := s.Capture(context.Background(), leads...)
	require.NoError(t, err)
	s.settle(t, outcomes...)
}

func (s *shelf) ids(t require.TestingT, filter leadsync.Filter) []leadsync.LeadID {
	entries, err := s.Leads(context.Background(), filter)
	require.NoError(t, err)
	ids := make([]leadsync.LeadID, len(entries))
	for i, e := range entries {
		ids[i] = e.Lead.ID
	}
	return ids
}

func (s *shelf) summary(t require.TestingT, filter leadsync.Filter) review.Summary {
	summary, err := s.Summary(context.Background(), filter)
	require.NoError(t, err)
	return summary
}

func failed(id leadsync.LeadID, err *leadsync.Error) *leadsync.Outcome {
	return &leadsync.Outcome{LeadID: id, Stage: leadsync.Failed, Err: err}
}

// refused returns an error as of a row that Salesforce refused.
func refused(code leadsync.Code, status salesforce.StatusCode, message string, fields ...string) *leadsync.Error {
	return &leadsync.Error{Code: code, Object: "Lead", Fields: fields,
		Err: &salesforce.Error{Code: status, Message: message, Fields: fields}}
}

func clearedOutcome(id leadsync.LeadID) *leadsync.Outcome {
	return &leadsync.Outcome{LeadID: id, Stage: leadsync.Cleared, Action: leadsync.Created}
}

// A brokenStore fails every call with err.
type brokenStore struct {
	leadsync.Store
	err error
}

func (s brokenStore) Capture(context.Context, string, []store.Captured) (store.CaptureReport, error) {
	return store.CaptureReport{New: 1}, s.err
}
func (s brokenStore) AddActivities(context.Context, string, leadsync.LeadID, store.State, []leadsync.Activity) error {
	return s.err
}
func (s brokenStore) Push(context.Context, string, leadsync.Filter, string, ...leadtype.Ask) (int, error) {
	return 0, s.err
}
func (s brokenStore) List(context.Context, string, leadsync.Filter) ([]leadsync.Entry, error) {
	return nil, s.err
}

func (s brokenStore) Count(context.Context, string, leadsync.Filter) (store.Counts, error) {
	return store.Counts{}, s.err
}
func (s brokenStore) History(context.Context, string, leadsync.LeadID) ([]store.Step, error) {
	return nil, s.err
}
func (s brokenStore) CountEvents(context.Context, string, leadsync.Filter) ([]store.EventCount, error) {
	return nil, s.err
}
func (s brokenStore) Prune(context.Context, string, time.Time) (int, error) { return 0, s.err }
func (s brokenStore) Forget(context.Context, string, leadsync.LeadID, string, ...store.ForgetOption) error {
	return s.err
}
func (s brokenStore) Note(context.Context, string, store.Step, ...leadsync.LeadID) error {
	return s.err
}
func (s brokenStore) Unsuppress(context.Context, string, leadsync.LeadID, string, string) (int, error) {
	return 0, s.err
}
func (s brokenStore) Expire(context.Context, string, time.Time, int) (int, error) { return 0, s.err }
