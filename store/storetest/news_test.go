// SPDX-License-Identifier: Apache-2.0

package storetest_test

import (
	"context"
	"slices"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// newsBreakages are stores that break what is said of older news and of leads that wait
// for enrichment.
func newsBreakages() map[string]breakage {
	return map[string]breakage{
		"takes ids that are alike": {"CaptureRefusesAnIDThatIsAlike", func(s store.Store) store.Store {
			return undiscerning{s}
		}},
		"takes older news": {"CaptureOfOlderNewsTakesOnlyWhatIsUnknown", func(s store.Store) store.Store {
			return gullible{s}
		}},
		"loses enriched data": {"CaptureNeverLosesEnrichedData", func(s store.Store) store.Store { return gullible{s} }},
		"takes nothing of older news": {"CaptureOfOlderNewsKeepsActivities", func(s store.Store) store.Store {
			return stubborn{s}
		}},
		"loses the revision that a capture lacks": {"CaptureKeepsTheRevisionOrTimeThatItLacks",
			func(s store.Store) store.Store { return literal{s} }},
		"ignores force":    {"CaptureByForceTakesALeadWhole", func(s store.Store) store.Store { return gentle{s} }},
		"trusts any clock": {"CaptureTakesAClockThatIsWrongForNow", func(s store.Store) store.Store { return timeless{s} }},
		"keeps what a wrong clock says": {"CapturedAtOfAWrongClockIsNow", func(s store.Store) store.Store {
			return &credulous{Store: s, at: make(map[leadtype.LeadID]time.Time)}
		}},
		"never releases leads that wait": {"LeadsThatWaitForEnrichmentAreDueInTheirTime", func(s store.Store) store.Store {
			return patient{s}
		}},
		"starts the wait again": {"LeadsThatWaitForEnrichmentKeepTheirTime", func(s store.Store) store.Store {
			return postponing{s}
		}},
		"takes opt-outs back": {"CaptureTakesNoOptOutBack", func(s store.Store) store.Store { return permissive{s} }},
		"ignores the opt-outs of older news": {"CaptureOfOlderNewsTakesConsent", func(s store.Store) store.Store {
			return permissive{s}
		}},
		"claims leads of no age": {"ClaimCountsAttemptsAndGenerations", func(s store.Store) store.Store {
			return ageless{s}
		}},
		"pushes no waiting leads": {"LeadsThatWaitForEnrichmentArePushed", func(s store.Store) store.Store {
			return reserved{s}
		}},
	}
}

// An ageless store does not say since when leads that are claimed have waited.
type ageless struct{ store.Store }

func (s ageless) Claim(ctx context.Context, lease store.Lease, limit int) ([]store.Claimed, error) {
	claimed, err := s.Store.Claim(ctx, lease, limit)
	for i := range claimed {
		claimed[i].Since = time.Time{}
	}
	return claimed, err
}

// A gullible store takes every capture whole.
type gullible struct{ store.Store }

func (s gullible) Capture(ctx context.Context, connection string, leads []store.Captured) (store.CaptureReport, error) {
	leads = slices.Clone(leads)
	for i := range leads {
		leads[i].Force = true
	}
	return s.Store.Capture(ctx, connection, leads)
}

// A permissive store does not know what is a consent.
type permissive struct{ store.Store }

func (s permissive) Capture(ctx context.Context, connection string,
	leads []store.Captured) (store.CaptureReport, error) {
	leads = slices.Clone(leads)
	for i := range leads {
		leads[i].Consents = nil
	}
	return s.Store.Capture(ctx, connection, leads)
}

// A literal store keeps no revision where a newer capture has none.
type literal struct{ store.Store }

func (s literal) Capture(ctx context.Context, connection string, leads []store.Captured) (store.CaptureReport, error) {
	leads = slices.Clone(leads)
	for i := range leads {
		leads[i].Force = leads[i].Lead.Revision == 0
	}
	return s.Store.Capture(ctx, connection, leads)
}

// A gentle store takes no capture whole.
type gentle struct{ store.Store }

func (s gentle) Capture(ctx context.Context, connection string, leads []store.Captured) (store.CaptureReport, error) {
	leads = slices.Clone(leads)
	for i := range leads {
		leads[i].Force = false
	}
	return s.Store.Capture(ctx, connection, leads)
}

// A stubborn store takes nothing at all of older news.
type stubborn struct{ store.Store }

func (s stubborn) Capture(ctx context.Context, connection string, leads []store.Captured) (store.CaptureReport, error) {
	stale := 0
	kept := make([]store.Captured, 0, len(leads))
	for _, captured := range leads {
		entries, err := s.List(ctx, connection, store.Filter{Leads: []leadtype.LeadID{captured.Lead.ID}})
		if err != nil {
			return store.CaptureReport{}, err
		}
		if len(entries) > 0 && captured.Lead.Revision < entries[0].Lead.Revision {
			stale++
			continue
		}
		kept = append(kept, captured)
	}
	report, err := s.Store.Capture(ctx, connection, kept)
	report.Stale += stale
	return report, err
}

// A timeless store trusts UpdatedAt, however far ahead it is.
type timeless struct{ store.Store }

func (s timeless) Capture(ctx context.Context, connection string, leads []store.Captured) (store.CaptureReport, error) {
	leads = slices.Clone(leads)
	for i := range leads {
		lead := *leads[i].Lead
		lead.Revision = max(lead.Revision, lead.UpdatedAt.Unix())
		leads[i].Lead = &lead
	}
	return s.Store.Capture(ctx, connection, leads)
}

// A credulous store keeps every CapturedAt as it is.
type credulous struct {
	store.Store
	at map[leadtype.LeadID]time.Time
}

func (s *credulous) Capture(ctx context.Context, connection string,
	leads []store.Captured) (store.CaptureReport, error) {
	for _, captured := range leads {
		s.at[captured.Lead.ID] = captured.Lead.CapturedAt
	}
	return s.Store.Capture(ctx, connection, leads)
}

func (s *credulous) List(ctx context.Context, connection string, filter store.Filter) ([]store.Entry, error) {
	entries, err := s.Store.List(ctx, connection, filter)
	for i := range entries {
		entries[i].Lead.CapturedAt = s.at[entries[i].Lead.ID]
	}
	return entries, err
}

type patient struct{ store.Store }

func (s patient) Capture(ctx context.Context, connection string, leads []store.Captured) (store.CaptureReport, error) {
	leads = slices.Clone(leads)
	for i := range leads {
		leads[i].DueAt = time.Time{}
	}
	return s.Store.Capture(ctx, connection, leads)
}

// A postponing store releases a lead that waits a time after its last capture.
type postponing struct{ store.Store }

func (s postponing) Capture(ctx context.Context, connection string,
	leads []store.Captured) (store.CaptureReport, error) {
	if _, err := s.Store.Capture(ctx, connection, frozen(leads)); err != nil {
		return store.CaptureReport{}, err
	}
	return s.Store.Capture(ctx, connection, leads)
}

// frozen returns the leads as other data that is frozen.
func frozen(leads []store.Captured) []store.Captured {
	leads = slices.Clone(leads)
	for i := range leads {
		lead := *leads[i].Lead
		lead.Scans = 1000
		leads[i] = store.Captured{Lead: &lead, State: store.StateFrozen, Force: true}
	}
	return leads
}

type reserved struct{ store.Store }

func (s reserved) Push(ctx context.Context, connection string,
	filter store.Filter, by string, asks ...leadtype.Ask) (int, error) {
	if filter.States == nil {
		filter.States = []store.State{"", store.StateQueued, store.StateFrozen}
	}
	return s.Store.Push(ctx, connection, filter, by, asks...)
}

// An undiscerning store takes a lead for another one whose id differs in case.
type undiscerning struct{ store.Store }

func (s undiscerning) Capture(ctx context.Context, connection string,
	leads []store.Captured) (store.CaptureReport, error) {
	report, err := s.Store.Capture(ctx, connection, leads)
	report.Same, report.Alike = report.Same+len(report.Alike), nil
	return report, err
}
