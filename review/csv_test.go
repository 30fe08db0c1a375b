// SPDX-License-Identifier: Apache-2.0

package review_test

import (
	"encoding/csv"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/review"
	"github.com/leadsync/leadsync/store"
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
	require.NoError(t, review.WriteCSV(&b, []*leadtype.Outcome{
		{LeadID: "L1", EventID: "E1", Stage: leadtype.Cleared, Action: leadtype.Updated, Object: "Contact",
			ID: "003000000000001AAA", AccountID: "001000000000001AAA", At: at,
			Warnings: []leadtype.Warning{{Code: leadtype.DataValueValidation, Object: "Contact", Field: "Title",
				Reason: "text was cut"}, {Code: leadtype.NoTagMapping, Reason: "an answer was dropped"}}},
		nil,
		{LeadID: "L2", Stage: leadtype.PreSync, RetryAt: at.Add(time.Hour), At: at,
			Err: &leadtype.Error{Code: leadtype.RateLimit, Object: "Lead", Fields: []string{"A", "B"},
				Reason: "say \"no\", twice"}},
	}, nil))
	require.Equal(t, [][]string{
		{"id", "eventId", "stage", "action", "object", "recordId", "recordAccountId", "errorCode", "errorObject",
			"errorFields", "errorReason", "errorFix", "warnings", "retryAt", "at"},
		{"L1", "E1", "cleared", "updated", "Contact", "003000000000001AAA", "001000000000001AAA", "", "", "", "", "",
			"Contact.Title: text was cut (left out: unfit, DATA_VALUE_VALIDATION); an answer was dropped " +
				"(left out: unmapped, NO_TAG_MAPPING)", "",
			"2026-05-04T09:30:00Z"},
		{"L2", "", "pre-sync", "", "", "", "", "RATE_LIMIT", "Lead", "A;B", "say \"no\", twice", leadtype.RateLimit.Fix(), "",
			"2026-05-04T10:30:00Z", "2026-05-04T09:30:00Z"},
	}, readCSV(t, b.String()))
}

func TestWriteCSVNeutralisesFormulas(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"=1+1", "+49 89", "-2", "@SUM(A1)", "\t=1", "\r=1", "\ttext", " =1", "\n+1", "＝1",
		"\ufeff=1", "\x00=1", "\v=1", "\f=1", "\u200b=1", "\u3000=1", "\u2028=1", "\u2029-1", "\u0085+1", "\u202e=1",
		"\u2066@x",
		"\u00ad=1", "\u2060=1", "\u3164=1", "\u2800=1", "\ufe0f=1", "\u0301=1", "\U000e0041=1", "\x1b=1", "\x7f=1",
		" \u200b\x00 =1",
		"\xff=1", "\ufe66=1", "\ufe62x", "\ufe63x", "\ufe6bx", "\u2212x"} {
		outcomes := []*leadtype.Outcome{{LeadID: leadtype.LeadID(id)}}
		var safe, raw strings.Builder
		require.NoError(t, review.WriteCSV(&safe, outcomes, nil))
		require.NoError(t, review.WriteCSV(&raw, outcomes, &review.CSVOptions{Raw: true}))
		require.Equal(t, "'"+id, readCSV(t, safe.String())[1][0])
		require.Equal(t, id, readCSV(t, raw.String())[1][0])
	}
	// Where a comma is for decimals, spreadsheets take a semicolon for the end of a cell.
	var b strings.Builder
	require.NoError(t, review.WriteCSV(&b, []*leadtype.Outcome{{LeadID: "a;=1+1; @x;b"}}, nil))
	require.Equal(t, "a;'=1+1;' @x;b", readCSV(t, b.String())[1][0])
	for _, id := range []string{"L1", "a=b", "1-2", "'=1", "'a", "'", "", "a;b", "\u200bx", "\u3000", "日本"} {
		var b strings.Builder
		require.NoError(t, review.WriteCSV(&b, []*leadtype.Outcome{{LeadID: leadtype.LeadID(id)}}, nil))
		require.Equal(t, id, readCSV(t, b.String())[1][0])
	}
}

func TestWriteEntriesCSVCanBeCapturedAgain(t *testing.T) {
	t.Parallel()
	score := 7.5
	lead := &leadtype.Lead{
		ID: "L1", Email: "ada@acme.example", Phone: "+49 89 1", Scans: 2, Score: &score,
		OtherEmails: []string{"a@x.example", "b@x.example"},
		CapturedAt:  time.Date(2026, 5, 4, 9, 30, 0, 0, time.FixedZone("", 7200)),
		Answers:     map[string][]string{"interest": {"pumps", "valves"}},
		Custom:      map[string]any{"booth": "7", "badge": "=1"},
		Activities:  []leadtype.Activity{{Kind: leadtype.ActivityNote, Notes: "call\nback"}},
	}
	entries := []store.Entry{
		{Lead: lead, Stage: leadtype.PreSync, Last: failed("L1", &leadtype.Error{Code: leadtype.OwnerInvalid})},
		{Lead: &leadtype.Lead{ID: "L2", LastName: "Byron"}, Stage: leadtype.Failed},
	}
	var b strings.Builder
	require.NoError(t, review.WriteEntriesCSV(&b, entries, &review.CSVOptions{Raw: true}))
	rows := readCSV(t, b.String())
	require.Equal(t, []string{"id", "capturedAt", "scans", "lastName", "email", "otherEmails", "phone", "score",
		"activities", "custom.badge", "custom.booth", "qualifier.interest"}, rows[0][:12])
	require.Equal(t, []string{`[{"kind":"note","notes":"call\nback"}]`, "=1", `"7"`, "pumps;valves"}, rows[1][8:12],
		"JSON where the text would not say it")
	require.Equal(t, "pre-sync", rows[1][12], "the stage of now")
	require.Equal(t, "OWNER_INVALID", rows[1][slices.Index(rows[0], "errorCode")])
	require.Equal(t, "failed", rows[2][12])
	for _, column := range rows[0][12:] {
		require.False(t, leadtype.IsSourceField(column), column)
	}
	again, err := review.ReadCSV(strings.NewReader(b.String()),
		func([]leadtype.LeadID) ([]store.Entry, error) { return nil, nil }, &review.ReadOptions{NewLeads: true})
	require.NoError(t, err)
	require.Len(t, again, 2)
	require.True(t, lead.CapturedAt.Equal(again[0].CapturedAt))
	again[0].CapturedAt = lead.CapturedAt
	require.Equal(t, lead, again[0])

	b.Reset()
	require.NoError(t, review.WriteEntriesCSV(&b, []store.Entry{{Stage: leadtype.Failed}}, nil))
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
	lead := &leadtype.Lead{ID: "L1", Custom: map[string]any{
		"a": []any{"x", 1.0}, "b": map[string]any{"y": nil}, "c": true, "d": 2.5, "e": nil, "f": []any{func() {}},
	}}
	var b strings.Builder
	require.NoError(t, review.WriteEntriesCSV(&b, []store.Entry{{Lead: lead}}, nil))
	rows := readCSV(t, b.String())
	require.Equal(t, []string{"id", "custom.a", "custom.b", "custom.c", "custom.d", "custom.e", "custom.f"}, rows[0][:7])
	require.Equal(t, []string{"L1", `["x",1]`, `{"y":null}`, "true", "2.5", "", ""}, rows[1][:7])
}
