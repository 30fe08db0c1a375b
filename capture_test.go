// SPDX-License-Identifier: Apache-2.0

package leadsync_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

func TestCaptureChoosesTheStateByModeAndEnrichment(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name     string
		cfg      leadsync.Config
		enriched bool
		want     store.State
	}{
		{"automatic", leadsync.Config{}, false, store.StateQueued},
		{"manual", leadsync.Config{Mode: leadsync.Manual}, false, store.StateFrozen},
		{"disabled", leadsync.Config{Mode: leadsync.Disabled}, false, store.StateQueued},
		{"waits for enrichment", leadsync.Config{WaitForEnrichment: true}, false, store.StateWaiting},
		{"waits though manual", leadsync.Config{WaitForEnrichment: true, Mode: leadsync.Manual}, false, store.StateWaiting},
		{"enriched", leadsync.Config{WaitForEnrichment: true}, true, store.StateQueued},
		{"enriched and manual", leadsync.Config{WaitForEnrichment: true, Mode: leadsync.Manual}, true, store.StateFrozen},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newOfflineSyncer(t, c.cfg)
			lead := person("L1")
			if c.enriched {
				lead.EnrichedAt = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
			}
			report, err := s.Capture(t.Context(), lead)
			require.NoError(t, err)
			require.Equal(t, 1, report.New)
			require.Equal(t, c.want, scenario.StoredIn(t, s)[0].State)
		})
	}
}

func TestCaptureReleasesALeadThatComesBackEnriched(t *testing.T) {
	t.Parallel()
	s := newOfflineSyncer(t, leadsync.Config{WaitForEnrichment: true})
	_, err := s.Capture(t.Context(), person("L1"))
	require.NoError(t, err)
	lead := person("L1")
	lead.EnrichedAt = time.Now()
	report, err := s.Capture(t.Context(), lead)
	require.NoError(t, err)
	require.Equal(t, 1, report.Replaced)
	require.Equal(t, store.StateQueued, scenario.StoredIn(t, s)[0].State)
}

func TestCapturePinsTheStrategy(t *testing.T) {
	t.Parallel()
	store := memory.New(nil)
	before := newOfflineSyncer(t, leadsync.Config{Store: store, Strategy: leadsync.LeadsOnly})
	lead := person("L1")
	_, err := before.Capture(t.Context(), lead)
	require.NoError(t, err)
	require.Empty(t, lead.Strategy, "the host's lead is left alone")

	after := newOfflineSyncer(t, leadsync.Config{Store: store})
	named := person("L2")
	named.Strategy = "not known"
	report, err := after.Capture(t.Context(), person("L1"), named, person("L3"))
	require.NoError(t, err)
	require.Equal(t, 1, report.Same)
	var got []string
	for _, entry := range scenario.StoredIn(t, after) {
		got = append(got, entry.Lead.Strategy)
	}
	require.Equal(t, []string{leadsync.LeadsOnly.Name(), "not known", leadsync.LeadsAndContacts.Name()}, got)
}

func TestCaptureWarnsOfAnEventWithSeveralStrategies(t *testing.T) {
	t.Parallel()
	s := newOfflineSyncer(t, leadsync.Config{})
	report, err := s.Capture(t.Context(), person("L1"))
	require.NoError(t, err)
	require.Empty(t, report.Warnings)

	other, nowhere, nowhereElse := person("L2"), person("L3"), person("L4")
	other.Strategy, nowhere.Strategy = "a", "a"
	nowhere.EventID, nowhereElse.EventID = "", ""
	report, err = s.Capture(t.Context(), other, nowhere, nowhereElse)
	require.NoError(t, err)
	require.Equal(t, []leadtype.Warning{{Kind: leadtype.TwoStrategies, Field: "strategy",
		Reason: `event "expo" has leads with different strategies: a, ` + leadsync.LeadsAndContacts.Name()}}, report.Warnings)
}

func TestCaptureStoresTheGoodAndNamesTheBad(t *testing.T) {
	t.Parallel()
	s := newOfflineSyncer(t, leadsync.Config{})
	nan := math.NaN()
	unscored, unencodable, endless := person("L5"), person("L6"), person("L7")
	unscored.Score = &nan
	unencodable.Custom = map[string]any{"ok": 1, "bad": make(chan int)}
	endless.CapturedAt = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	report, err := s.Capture(t.Context(),
		person("L1"), nil, person(""), person("L1"), &leadsync.Lead{ID: "L4"}, unscored, unencodable, endless, person("L8"))
	require.Equal(t, 2, report.New)

	var batch *leadsync.BatchError
	require.ErrorAs(t, err, &batch)
	want := map[int]string{
		1: "leadsync: capture: REQUIRED_FIELD_MISSING (lead): the lead is nil",
		2: "leadsync: capture: REQUIRED_FIELD_MISSING (id): a lead needs an id",
		3: `leadsync: capture lead "L1": DATA_VALUE_VALIDATION (id): an earlier lead of the call has the same id`,
		4: `leadsync: capture lead "L4": REQUIRED_FIELD_MISSING (email, lastName, contactId, leadId): set at least one of ` +
			`these fields to identify the person`,
		5: `leadsync: capture lead "L5": DATA_VALUE_VALIDATION (score): cannot be encoded as JSON`,
		6: `leadsync: capture lead "L6": DATA_VALUE_VALIDATION (custom.bad): cannot be encoded as JSON`,
		7: `leadsync: capture lead "L7": DATA_VALUE_VALIDATION (capturedAt): cannot be encoded as JSON`,
	}
	got := make(map[int]string)
	for i, failure := range batch.Failed {
		got[i] = failure.Error()
		require.IsType(t, &leadsync.Error{}, failure)
	}
	require.Equal(t, want, got)
	entries := scenario.StoredIn(t, s)
	require.Len(t, entries, 2)
	require.Equal(t, leadsync.LeadID("L8"), entries[1].Lead.ID)
}

func TestCaptureTakesALeadAfterABadOneOfItsID(t *testing.T) {
	t.Parallel()
	s := newOfflineSyncer(t, leadsync.Config{})
	report, err := s.Capture(t.Context(), &leadsync.Lead{ID: "L1"}, person("L1"))
	require.ErrorIs(t, err, leadsync.RequiredFieldMissing)
	require.Equal(t, 1, report.New)
}

func TestStoreFailuresComeAsErrors(t *testing.T) {
	t.Parallel()
	cause := errors.New("disk on fire")
	s := newOfflineSyncer(t, leadsync.Config{Store: brokenStore{err: cause}})
	calls := map[string]func(context.Context) error{
		"capture": func(ctx context.Context) error {
			report, err := s.Capture(ctx, person("L1"))
			require.Equal(t, store.CaptureReport{}, report)
			return err
		},
		"activities": func(ctx context.Context) error {
			return s.CaptureActivities(ctx, "L1", leadsync.Activity{Kind: leadsync.ActivityCall})
		},
		"push":     func(ctx context.Context) error { _, err := s.Push(ctx, leadsync.Filter{}); return err },
		"list":     func(ctx context.Context) error { _, err := s.Leads(ctx, leadsync.Filter{}); return err },
		"set mode": func(ctx context.Context) error { return s.SetMode(ctx, leadsync.Automatic) },
	}
	for name, call := range calls {
		err := call(t.Context())
		require.ErrorIs(t, err, cause, name)
		require.IsType(t, &leadsync.Error{}, err, name)
	}
}

func TestStoreCallsReturnTheContextsOwnError(t *testing.T) {
	t.Parallel()
	s := newOfflineSyncer(t, leadsync.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Capture(ctx, person("L1"))
	require.Equal(t, context.Canceled, err)
	_, err = s.Push(ctx, leadsync.Filter{})
	require.Equal(t, context.Canceled, err)
	_, err = s.Leads(ctx, leadsync.Filter{})
	require.Equal(t, context.Canceled, err)
	require.Equal(t, context.Canceled, s.CaptureActivities(ctx, "L1", leadsync.Activity{Kind: leadsync.ActivityCall}))
	require.Equal(t, context.Canceled, s.SetMode(ctx, leadsync.Automatic))
	_, err = s.ReadCSV(ctx, strings.NewReader("id\nL1\n"), nil)
	require.Equal(t, context.Canceled, err)
}

func TestPushReleasesByLeadByEventAndAll(t *testing.T) {
	t.Parallel()
	s := newOfflineSyncer(t, leadsync.Config{Mode: leadsync.Manual, WaitForEnrichment: true})
	enriched := func(id leadsync.LeadID, event string) *leadsync.Lead {
		lead := person(id)
		lead.EventID, lead.EnrichedAt = event, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		return lead
	}
	_, err := s.Capture(t.Context(), enriched("L1", "expo"), enriched("L2", "expo"), enriched("L3", "fair"),
		enriched("L4", "gala"), person("waiting"))
	require.NoError(t, err)
	frozen := leadsync.Filter{States: []store.State{store.StateFrozen}}
	for _, c := range []struct {
		filter leadsync.Filter
		pushed int
		frozen []leadsync.LeadID
	}{
		{leadsync.Filter{Leads: []leadsync.LeadID{"L2", "waiting"}}, 2, []leadsync.LeadID{"L1", "L3", "L4"}},
		{leadsync.Filter{Event: "expo", States: frozen.States}, 1, []leadsync.LeadID{"L3", "L4"}},
		{leadsync.Filter{}, 5, nil},
	} {
		n, err := s.Push(t.Context(), c.filter)
		require.NoError(t, err)
		require.Equal(t, c.pushed, n)
		var left []leadsync.LeadID
		entries, err := s.Leads(t.Context(), frozen)
		require.NoError(t, err)
		for _, e := range entries {
			left = append(left, e.Lead.ID)
		}
		require.Equal(t, c.frozen, left)
	}
	require.Equal(t, store.StateQueued, scenario.StoredIn(t, s)[4].State)
}

func TestSetModeDecidesOfLaterCapturesAndReleasesTheFrozen(t *testing.T) {
	t.Parallel()
	s := newOfflineSyncer(t, leadsync.Config{})
	require.NoError(t, s.SetMode(t.Context(), leadsync.Manual))
	_, err := s.Capture(t.Context(), person("L1"))
	require.NoError(t, err)
	require.Equal(t, store.StateFrozen, scenario.StoredIn(t, s)[0].State)

	err = s.SetMode(t.Context(), "sometimes")
	require.EqualError(t, err, "leadsync: set mode: DATA_VALUE_VALIDATION (mode): must be one of "+
		`"automatic", "manual", "disabled"`)
	require.NoError(t, s.SetMode(t.Context(), leadsync.Disabled))
	require.Equal(t, store.StateFrozen, scenario.StoredIn(t, s)[0].State)

	require.NoError(t, s.SetMode(t.Context(), leadsync.Automatic))
	_, err = s.Capture(t.Context(), person("L2"))
	require.NoError(t, err)
	for _, entry := range scenario.StoredIn(t, s) {
		require.Equal(t, store.StateQueued, entry.State)
	}
}

// A lead captured under Manual while SetMode switches must not stay behind.
func TestSetModeFindsLeadsBeingCaptured(t *testing.T) {
	t.Parallel()
	kept := slowStore{Store: memory.New(nil), entered: make(chan struct{}), goOn: make(chan struct{})}
	s := newOfflineSyncer(t, leadsync.Config{Mode: leadsync.Manual, Store: kept})
	captured, switched := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := s.Capture(t.Context(), person("L1"))
		captured <- err
	}()
	<-kept.entered
	go func() { switched <- s.SetMode(t.Context(), leadsync.Automatic) }()
	select {
	case <-switched:
		t.Fatal("the mode was switched in the middle of a capture")
	case <-time.After(20 * time.Millisecond): // long enough for a SetMode that does not wait
	}
	close(kept.goOn)
	require.NoError(t, <-captured)
	require.NoError(t, <-switched)
	require.Equal(t, store.StateQueued, scenario.StoredIn(t, s)[0].State)
}

// slowStore holds captures up.
type slowStore struct {
	leadsync.Store
	entered, goOn chan struct{}
}

func (s slowStore) Capture(ctx context.Context, connection string,
	leads []store.Captured) (store.CaptureReport, error) {
	close(s.entered)
	<-s.goOn
	return s.Store.Capture(ctx, connection, leads)
}

func TestCaptureRefusesAnIDThatPeopleTakeForAnothers(t *testing.T) {
	t.Parallel()
	syncer := scenario.SyncerOf(t, sftest.NewOrg(t), nil)
	lead := func(id leadsync.LeadID) *leadsync.Lead { return &leadsync.Lead{ID: id, LastName: "L", Company: "C"} }
	_, err := syncer.Capture(t.Context(), lead("aB3"))
	require.NoError(t, err)

	report, err := syncer.Capture(t.Context(), nil, lead("x"), lead("Ab3"), lead("X "), lead("aB3"))

	require.Equal(t, 1, report.New)
	require.Equal(t, 1, report.Same)
	require.Equal(t, map[int]leadsync.LeadID{2: "aB3", 3: "x"}, report.Alike)
	var batch *leadsync.BatchError
	require.ErrorAs(t, err, &batch)
	require.Len(t, batch.Failed, 3)
	for i, other := range report.Alike {
		var refused *leadsync.Error
		require.ErrorAs(t, batch.Failed[i], &refused)
		require.ErrorIs(t, refused, leadsync.DataValueValidation)
		require.Equal(t, []string{"id"}, refused.Fields)
		require.ErrorContains(t, refused, fmt.Sprintf("%q", string(other)), "it names the other")
	}
}

// CaptureBy stores nothing in Config.Store, not even that a batch has come together there.
func TestCaptureByStoresByTheHost(t *testing.T) {
	t.Parallel()
	s := newOfflineSyncer(t, leadsync.Config{BatchSize: 2})
	_, err := s.Capture(t.Context(), person("L0"))
	require.NoError(t, err)
	var got []store.Captured
	report, err := s.CaptureBy(t.Context(), func(_ context.Context, connection string,
		leads []store.Captured) (store.CaptureReport, error) {
		require.Equal(t, "default", connection)
		got = leads
		return store.CaptureReport{New: 1, Strategies: map[string][]string{"expo": {"a", "b"}}}, nil
	}, person("L1"), &leadsync.Lead{ID: "L2"})
	var batch *leadsync.BatchError
	require.ErrorAs(t, err, &batch)
	require.Equal(t, 1, report.New)
	require.Len(t, report.Warnings, 1)
	require.Len(t, got, 1)
	require.NotEmpty(t, got[0].Lead.Strategy)
	require.Zero(t, got[0].DueAt, "a batch has come together")
	stored := scenario.StoredIn(t, s)
	require.Len(t, stored, 1)
	require.False(t, stored[0].RetryAt.IsZero())

	_, err = s.CaptureBy(t.Context(), func(context.Context, string, []store.Captured) (store.CaptureReport, error) {
		return store.CaptureReport{}, errors.New("no disk")
	}, person("L3"))
	require.ErrorIs(t, err, leadsync.Unknown)
}
