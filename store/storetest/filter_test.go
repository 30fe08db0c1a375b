// SPDX-License-Identifier: Apache-2.0

package storetest_test

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// filterBreakages are the stores that select and count otherwise than they are asked.
func filterBreakages() map[string]breakage {
	return map[string]breakage{
		"lists leads without the warning": {"ListSelectsByEveryField", func(s store.Store) store.Store {
			return filtering{s, func(f *store.Filter) { f.Warnings = nil }}
		}},
		"lists leads without the cause of the warning": {"ListSelectsByEveryField", func(s store.Store) store.Store {
			return filtering{s, func(f *store.Filter) { f.WarningCauses = nil }}
		}},
		"lists leads of any text": {"TextFindsTheBeginningsOfWords", func(s store.Store) store.Store {
			return filtering{s, func(f *store.Filter) { f.Text = "" }}
		}},
		"finds a text in the first word only": {"TextFindsTheBeginningsOfWords", func(s store.Store) store.Store {
			return filtering{s, func(f *store.Filter) { f.Text, _, _ = strings.Cut(f.Text, " ") }}
		}},
		"searches as the text is written": {"TextFindsTheBeginningsOfWords", func(s store.Store) store.Store {
			return verbatim{s}
		}},
		"finds a lead by its first words": {"TextFollowsTheLead", func(s store.Store) store.Store {
			return &unmoved{Store: s, first: make(map[leadtype.LeadID][]string)}
		}},
		"lists leads of any record": {"FiltersFollowTheLastOutcome", func(s store.Store) store.Store {
			return filtering{s, func(f *store.Filter) { f.Record = "" }}
		}},
		"lists leads from any time": {"FiltersByTimeFollowTheStage", func(s store.Store) store.Store {
			return filtering{s, func(f *store.Filter) { f.From = time.Time{} }}
		}},
		"lists leads until any time": {"FiltersByTimeFollowTheStage", func(s store.Store) store.Store {
			return filtering{s, func(f *store.Filter) { f.Until = time.Time{} }}
		}},
		"lists the oldest first": {"ListPagesTheNewestFirst", func(s store.Store) store.Store {
			return filtering{s, func(f *store.Filter) { f.Newest = false }}
		}},
		"lists less than the detail asks for": {"ListHasWhatTheDetailAsksFor", func(s store.Store) store.Store {
			return filtering{s, func(f *store.Filter) { f.Detail = min(f.Detail*2, store.DetailLead) }}
		}},
		"counts no causes of warnings": {"CountWarningsCountsLeads", func(s store.Store) store.Store {
			return causeless{s}
		}},
		"counts each warning of a lead": {"CountWarningsCountsLeads", func(s store.Store) store.Store {
			return twiceWarned{s}
		}},
	}
}

// A filtering store lists by another filter than it is given.
type filtering struct {
	store.Store
	change func(*store.Filter)
}

func (s filtering) List(ctx context.Context, connection string, filter store.Filter) ([]store.Entry, error) {
	s.change(&filter)
	return s.Store.List(ctx, connection, filter)
}

// A verbatim store finds texts in the names of leads without folding them.
type verbatim struct{ store.Store }

func (s verbatim) List(ctx context.Context, connection string, filter store.Filter) ([]store.Entry, error) {
	text := filter.Text
	filter.Text = ""
	entries, err := s.Store.List(ctx, connection, filter)
	return slices.DeleteFunc(entries, func(e store.Entry) bool {
		return !strings.HasPrefix(e.Lead.FirstName, text) && !strings.HasPrefix(e.Lead.LastName, text)
	}), err
}

// An unmoved store finds leads by the words that they had first.
type unmoved struct {
	store.Store
	first map[leadtype.LeadID][]string
}

func (s *unmoved) Capture(ctx context.Context, connection string,
	leads []store.Captured) (store.CaptureReport, error) {
	for _, c := range leads {
		if s.first[c.Lead.ID] == nil {
			s.first[c.Lead.ID] = store.SearchWords(c.Lead)
		}
	}
	return s.Store.Capture(ctx, connection, leads)
}

func (s *unmoved) List(ctx context.Context, connection string, filter store.Filter) ([]store.Entry, error) {
	words, _ := store.TextWords(filter.Text)
	filter.Text = ""
	entries, err := s.Store.List(ctx, connection, filter)
	return slices.DeleteFunc(entries, func(e store.Entry) bool {
		return len(words) > 0 && !slices.Contains(s.first[e.Lead.ID], words[0])
	}), err
}

type causeless struct{ store.Store }

func (s causeless) CountWarnings(ctx context.Context, connection string,
	filter store.Filter) ([]store.WarningCount, error) {
	counts, err := s.Store.CountWarnings(ctx, connection, filter)
	for i := range counts {
		counts[i].Causes = nil
	}
	return counts, err
}

type twiceWarned struct{ store.Store }

func (s twiceWarned) CountWarnings(ctx context.Context, connection string,
	filter store.Filter) ([]store.WarningCount, error) {
	counts, err := s.Store.CountWarnings(ctx, connection, filter)
	for i := range counts {
		counts[i].Leads++
	}
	return counts, err
}
