// SPDX-License-Identifier: Apache-2.0

package leadsync_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/review"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

func readCSV(t *testing.T, text string) [][]string {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	require.NoError(t, err)
	return rows
}

// manyFailed returns outcomes of n failed leads.
func manyFailed(n int) []*leadsync.Outcome {
	outcomes := make([]*leadsync.Outcome, n)
	for i := range outcomes {
		outcomes[i] = failed(leadsync.LeadID(fmt.Sprintf("L%04d", i)), &leadsync.Error{Code: leadsync.OwnerInvalid})
	}
	return outcomes
}

// A listening store reports every page that is listed.
type listening struct {
	*memory.Store
	listed func(filter leadsync.Filter, entries []leadsync.Entry)
}

func (s listening) List(ctx context.Context, connection string, filter leadsync.Filter) ([]leadsync.Entry, error) {
	entries, err := s.Store.List(ctx, connection, filter)
	s.listed(filter, entries)
	return entries, err
}

func TestExportCSVWritesWhatWriteEntriesCSVDoesInPages(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.have(t, manyFailed(1000)...)
	late := person("Z")
	late.Custom = map[string]any{"seat": "=A1"}
	_, err := s.Capture(t.Context(), late)
	require.NoError(t, err)
	pages := 0
	syncer := newOfflineSyncer(t,
		leadsync.Config{Store: listening{s.store, func(filter leadsync.Filter, entries []leadsync.Entry) {
			pages++
			require.NotZero(t, filter.Limit, "a page at a time")
			require.LessOrEqual(t, len(entries), 500)
		}}})
	for _, filter := range []leadsync.Filter{{}, {Limit: 700}, {Newest: true}, {Newest: true, After: 900, Limit: 700},
		{After: 400, Limit: 501}, {Event: "none"}, {Stages: []leadsync.Stage{leadsync.PreSync}}} {
		for _, opts := range []*review.CSVOptions{nil, {Raw: true}} {
			entries, err := s.Leads(t.Context(), filter)
			require.NoError(t, err)
			var got, want strings.Builder
			require.NoError(t, review.WriteEntriesCSV(&want, entries, opts))
			require.NoError(t, syncer.ExportCSV(t.Context(), &got, filter, opts))
			require.Equal(t, want.String(), got.String())
		}
	}
	require.Greater(t, pages, 20)
}

func TestExportCSVDropsNothingOfALeadThatChangesMeanwhile(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		late *leadsync.Lead
		code leadsync.Code
	}{
		{"a field that has a column", &leadsync.Lead{ID: "L1", EventID: "expo", Email: "b@example.com"}, ""},
		{"a field that has none", &leadsync.Lead{ID: "L1", EventID: "expo", Email: "a@example.com",
			Custom: map[string]any{"seat": 1}}, leadsync.RowContention},
		{"a lead that comes late", &leadsync.Lead{ID: "L2", Email: "b@example.com", Custom: map[string]any{"seat": 1}}, ""},
	} {
		kept := memory.New(nil)
		once := false
		s := newOfflineSyncer(t, leadsync.Config{Store: listening{kept, func(leadsync.Filter, []leadsync.Entry) {
			if !once {
				once = true
				_, err := kept.Capture(t.Context(), "default", []store.Captured{{Lead: row.late, State: store.StateQueued}})
				require.NoError(t, err)
			}
		}}})
		_, err := kept.Capture(t.Context(), "default", []store.Captured{{Lead: person("L1"), State: store.StateQueued}})
		require.NoError(t, err)
		var b strings.Builder
		err = s.ExportCSV(t.Context(), &b, leadsync.Filter{}, nil)
		require.Equal(t, row.code, leadsync.CodeOf(err), row.name)
		if err == nil {
			require.Len(t, readCSV(t, b.String()), 2, row.name)
			continue
		}
		require.Contains(t, err.(*leadsync.Error).Fix(), "repeat the call", row.name)
	}
}

// The newest leads come first; those that are captured meanwhile take no place of others.
func TestExportCSVOfTheNewestLeadsLeavesOutThoseThatComeLate(t *testing.T) {
	t.Parallel()
	kept := memory.New(nil)
	once := false
	capture := func(ids ...leadsync.LeadID) {
		for _, id := range ids {
			_, err := kept.Capture(t.Context(), "default", []store.Captured{{Lead: person(id), State: store.StateQueued}})
			require.NoError(t, err)
		}
	}
	capture("L1", "L2", "L3")
	s := newOfflineSyncer(t, leadsync.Config{Store: listening{kept, func(leadsync.Filter, []leadsync.Entry) {
		if !once {
			once = true
			capture("L4", "L5")
		}
	}}})
	var b strings.Builder
	require.NoError(t, s.ExportCSV(t.Context(), &b, leadsync.Filter{Newest: true, Limit: 2}, nil))
	rows := readCSV(t, b.String())
	require.Len(t, rows, 3)
	require.Contains(t, rows[1], "L3")
	require.Contains(t, rows[2], "L2")
}

// fullDisk fails every write.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestExportCSVReportsTheWritersError(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	for range 2 { // the second time early, with leads to spare
		err := s.ExportCSV(t.Context(), fullDisk{}, leadsync.Filter{}, nil)
		require.ErrorIs(t, err, io.ErrShortWrite)
		require.ErrorIs(t, err, leadsync.Unknown)
		s.have(t, manyFailed(600)...)
	}
}
