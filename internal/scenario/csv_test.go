package scenario_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/review"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

func readCSV(t *testing.T, text string) [][]string {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	require.NoError(t, err)
	return rows
}

func TestWriteCSV(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 5, 4, 9, 30, 0, 0, time.UTC)
	var b strings.Builder
	require.NoError(t, review.WriteCSV(&b, []*leadsync.Outcome{
		{LeadID: "L1", EventID: "E1", Stage: leadsync.Cleared, Action: leadsync.Updated, Object: "Contact", ID: "003000000000001AAA", AccountID: "001000000000001AAA", At: at,
			Warnings: []leadtype.Warning{{Code: leadsync.DataValueValidation, Object: "Contact", Field: "Title", Reason: "text was cut"}, {Code: leadsync.NoTagMapping, Reason: "an answer was dropped"}}},
		nil,
		{LeadID: "L2", Stage: leadsync.PreSync, RetryAt: at.Add(time.Hour), At: at,
			Err: &leadsync.Error{Code: leadsync.RateLimit, Object: "Lead", Fields: []string{"A", "B"}, Reason: "say \"no\", twice"}},
	}, nil))
	require.Equal(t, [][]string{
		{"id", "eventId", "stage", "action", "object", "recordId", "recordAccountId", "errorCode", "errorObject", "errorFields", "errorReason", "errorFix", "warnings", "retryAt", "at"},
		{"L1", "E1", "cleared", "updated", "Contact", "003000000000001AAA", "001000000000001AAA", "", "", "", "", "", "DATA_VALUE_VALIDATION (Contact.Title): text was cut; NO_TAG_MAPPING: an answer was dropped", "", "2026-05-04T09:30:00Z"},
		{"L2", "", "pre-sync", "", "", "", "", "RATE_LIMIT", "Lead", "A;B", "say \"no\", twice", leadsync.RateLimit.Fix(), "", "2026-05-04T10:30:00Z", "2026-05-04T09:30:00Z"},
	}, readCSV(t, b.String()))
}

func TestWriteCSVNeutralisesFormulas(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"=1+1", "+49 89", "-2", "@SUM(A1)", "\t=1", "\r=1", "\ttext", " =1", "\n+1", "＝1", "\ufeff=1"} {
		outcomes := []*leadsync.Outcome{{LeadID: leadsync.LeadID(id)}}
		var safe, raw strings.Builder
		require.NoError(t, review.WriteCSV(&safe, outcomes, nil))
		require.NoError(t, review.WriteCSV(&raw, outcomes, &review.CSVOptions{Raw: true}))
		require.Equal(t, "'"+id, readCSV(t, safe.String())[1][0])
		require.Equal(t, id, readCSV(t, raw.String())[1][0])
	}
	// Where a comma is for decimals, spreadsheets take a semicolon for the end of a cell.
	var b strings.Builder
	require.NoError(t, review.WriteCSV(&b, []*leadsync.Outcome{{LeadID: "a;=1+1; @x;b"}}, nil))
	require.Equal(t, "a;'=1+1;' @x;b", readCSV(t, b.String())[1][0])
	for _, id := range []string{"L1", "a=b", "1-2", "'=1", "", "a;b"} {
		var b strings.Builder
		require.NoError(t, review.WriteCSV(&b, []*leadsync.Outcome{{LeadID: leadsync.LeadID(id)}}, nil))
		require.Equal(t, id, readCSV(t, b.String())[1][0])
	}
}

func TestWriteEntriesCSVCanBeCapturedAgain(t *testing.T) {
	t.Parallel()
	score := 7.5
	lead := &leadsync.Lead{
		ID: "L1", Email: "ada@acme.example", Phone: "+49 89 1", Scans: 2, Score: &score, OtherEmails: []string{"a@x.example", "b@x.example"},
		CapturedAt: time.Date(2026, 5, 4, 9, 30, 0, 0, time.FixedZone("", 7200)),
		Answers:    map[string][]string{"interest": {"pumps", "valves"}},
		Custom:     map[string]any{"booth": "7", "badge": "=1"},
		Activities: []leadsync.Activity{{Kind: leadsync.ActivityNote, Notes: "call\nback"}},
	}
	entries := []leadsync.Entry{
		{Lead: lead, Stage: leadsync.PreSync, Last: failed("L1", &leadsync.Error{Code: leadsync.OwnerInvalid})},
		{Lead: &leadsync.Lead{ID: "L2", LastName: "Byron"}, Stage: leadsync.Failed},
	}
	var b strings.Builder
	require.NoError(t, review.WriteEntriesCSV(&b, entries, &review.CSVOptions{Raw: true}))
	rows := readCSV(t, b.String())
	require.Equal(t, []string{"id", "capturedAt", "scans", "lastName", "email", "otherEmails", "phone", "score",
		"activity.note", "custom.badge", "custom.booth", "qualifier.interest"}, rows[0][:12])
	require.Equal(t, "pre-sync", rows[1][12], "the stage of now")
	require.Equal(t, "OWNER_INVALID", rows[1][slices.Index(rows[0], "errorCode")])
	require.Equal(t, "failed", rows[2][12])

	var again leadsync.Lead
	for i, column := range rows[0] {
		if leadtype.IsSourceField(column) {
			require.NoError(t, again.Set(column, rows[1][i]))
		}
	}
	require.True(t, lead.CapturedAt.Equal(again.CapturedAt))
	again.CapturedAt = lead.CapturedAt
	require.Equal(t, lead, &again)
	for _, column := range rows[0][12:] {
		require.False(t, leadtype.IsSourceField(column), column)
	}

	b.Reset()
	require.NoError(t, review.WriteEntriesCSV(&b, []leadsync.Entry{{Stage: leadsync.Failed}}, nil))
	require.Equal(t, []string{"id", "stage"}, readCSV(t, b.String())[0][:2])
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteCSVReturnsTheWritersError(t *testing.T) {
	t.Parallel()
	require.EqualError(t, review.WriteCSV(brokenWriter{}, nil, nil), "disk full")
	require.EqualError(t, review.WriteEntriesCSV(brokenWriter{}, nil, nil), "disk full")
}

func TestWriteEntriesCSVShowsAnyCustomValue(t *testing.T) {
	t.Parallel()
	lead := &leadsync.Lead{ID: "L1", Custom: map[string]any{
		"a": []any{"x", 1.0}, "b": map[string]any{"y": nil}, "c": true, "d": 2.5, "e": nil, "f": []any{func() {}},
	}}
	var b strings.Builder
	require.NoError(t, review.WriteEntriesCSV(&b, []leadsync.Entry{{Lead: lead}}, nil))
	rows := readCSV(t, b.String())
	require.Equal(t, []string{"id", "custom.a", "custom.b", "custom.c", "custom.d", "custom.e", "custom.f"}, rows[0][:7])
	require.Equal(t, []string{"L1", `["x",1]`, `{"y":null}`, "true", "2.5", "", ""}, rows[1][:7])
}

// manyFailed returns outcomes of n failed leads.
func manyFailed(n int) []*leadsync.Outcome {
	outcomes := make([]*leadsync.Outcome, n)
	for i := range outcomes {
		outcomes[i] = failed(leadsync.LeadID(fmt.Sprintf("L%04d", i)), &leadsync.Error{Code: leadsync.OwnerInvalid})
	}
	return outcomes
}

// listening is a store that tells of every page that is listed.
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
	syncer := newCaptor(t, leadsync.Config{Store: listening{s.store, func(filter leadsync.Filter, entries []leadsync.Entry) {
		pages++
		require.NotZero(t, filter.Limit, "a page at a time")
		require.LessOrEqual(t, len(entries), 500)
	}}})
	for _, filter := range []leadsync.Filter{{}, {Limit: 700}, {After: 400, Limit: 501}, {Event: "none"}, {Stages: []leadsync.Stage{leadsync.PreSync}}} {
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
		{"a field that has none", &leadsync.Lead{ID: "L1", EventID: "expo", Email: "a@example.com", Custom: map[string]any{"seat": 1}}, leadsync.RowContention},
		{"a lead that comes late", &leadsync.Lead{ID: "L2", Email: "b@example.com", Custom: map[string]any{"seat": 1}}, ""},
	} {
		st := memory.New(nil)
		once := false
		s := newCaptor(t, leadsync.Config{Store: listening{st, func(leadsync.Filter, []leadsync.Entry) {
			if !once {
				once = true
				_, err := st.Capture(t.Context(), "default", []store.Captured{{Lead: row.late, State: store.StateQueued}})
				require.NoError(t, err)
			}
		}}})
		_, err := st.Capture(t.Context(), "default", []store.Captured{{Lead: person("L1"), State: store.StateQueued}})
		require.NoError(t, err)
		var b strings.Builder
		err = s.ExportCSV(t.Context(), &b, leadsync.Filter{}, nil)
		require.Equal(t, row.code, leadsync.CodeOf(err), row.name)
		if err == nil {
			require.Len(t, readCSV(t, b.String()), 2, row.name)
		}
	}
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
