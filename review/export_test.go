// SPDX-License-Identifier: Apache-2.0

package review_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/review"
	"github.com/leadsync/leadsync/store"
)

var update = flag.Bool("update", false, "write the files of testdata that exports are compared with")

// oddTexts are what cells may hold, one of each kind.
var oddTexts = []string{"plain", "", "  ", " led", "led ", "=1+1", "+49 89 1", "-2", "@SUM(A1)", "'=1", "''+1", "'",
	"a=b", "a;b", "a;=1; -2;", ";", ";@x", "a;'=1", "\t=1", "\ttext", "\rtext", "\n+1", "line\nbreak", "line\r\nbreak",
	`say "no"`, "a,b", `\.`, " =1", "\u200b=1", "\u200b x", "\u3000", "\ufeff", "＝1", "\u2212x", "\ufe63x", "\u0301=",
	"\u00ad=1", "日本", "é", "e\u0301",
	"\U0001f600", "\xff=1", "a\xffb", "\x00=1", "\x7fx", "~", "!x", "n/a", "N / A;=", "\u2800-"}

// oddEntries are leads of each kind, in which each of oddTexts stands in many columns.
func oddEntries() []store.Entry {
	zone, at := time.FixedZone("", 2*60*60), time.Date(2026, 5, 4, 9, 30, 0, 0, time.UTC)
	entries := []store.Entry{
		{Stage: leadtype.Failed}, {Lead: &leadtype.Lead{}}, {Lead: &leadtype.Lead{ID: "bare"}, Stage: leadtype.PreSync},
		{Lead: &leadtype.Lead{ID: "phones", Phones: []leadtype.Phone{{Number: "n/a"}, {Number: "+1 2", Kind: "mobile"},
			{Number: "3", Enriched: true}, {Number: "=4", Kind: "work"}}}},
		{Lead: &leadtype.Lead{ID: "no phone", Phone: "n/a", MobilePhone: " - ", Phones: []leadtype.Phone{{Number: "-"}}}},
		{Lead: &leadtype.Lead{ID: "activities", Activities: []leadtype.Activity{{Kind: "call", Notes: "=1", At: at.In(zone)},
			{Kind: "call", Notes: "second"}, {Kind: "note"}, {Kind: "odd kind", Notes: "; =x", By: "a@b.example", ID: "k"}}}},
		{Lead: &leadtype.Lead{ID: "empty lists", OtherEmails: []string{}, Answers: map[string][]string{"none": {}, "q": {""}},
			Custom: map[string]any{"nothing": nil, "number": 1e21, "small": -0.5, "yes": true, "list": []any{"=1", 2.0, nil},
				"object": map[string]any{"=k": "<&>"}, "texts": []string{"=a", "b;c"}, "whole": 7, "time": at.In(zone)}}},
	}
	for i, text := range oddTexts {
		next := oddTexts[(i+7)%len(oddTexts)]
		score := float64(i)*1.25 - 3
		lead := &leadtype.Lead{ID: leadtype.LeadID(fmt.Sprintf("%02d%s", i, text)), Revision: int64(i), Scans: i % 3,
			OtherEmails: []string{text, next}, Answers: map[string][]string{"interest": {text, next}, "=q": {next}},
			Custom: map[string]any{"badge": text, "-seat;=row": next}, Score: &score,
			CapturedAt: at.Add(time.Duration(i)).In(zone),
			Activities: []leadtype.Activity{{Kind: leadtype.ActivityNote, Notes: text}}}
		for k, source := range leadtype.SourceFields() {
			if to := lead.Text(source); to != nil && source != "id" {
				*to = oddTexts[(i+k)%len(oddTexts)]
			}
		}
		entries = append(entries, store.Entry{Sequence: int64(i + 1), Lead: lead, Stage: leadtype.Failed,
			Last: oddOutcome(i, text, next, at.In(zone))})
	}
	return entries
}

func oddOutcome(i int, text, next string, at time.Time) *leadtype.Outcome {
	codes := []leadtype.Code{leadtype.DataValueValidation, leadtype.RateLimit, leadtype.AmbiguousMatch, leadtype.Unknown,
		leadtype.OwnerInvalid, leadtype.NoTagMapping, leadtype.Code(text)}
	out := &leadtype.Outcome{Stage: leadtype.PreSync, Action: leadtype.Updated, Object: "Contact",
		ID: "003000000000001AAA", AccountID: "001000000000001AAA", At: at.Add(time.Duration(i) * time.Millisecond)}
	if i%2 == 0 {
		out.RetryAt = at.Add(time.Hour)
		out.Err = &leadtype.Error{Code: codes[i/2%len(codes)], Object: "Lead", Fields: []string{next, text}, Reason: text}
	}
	for k := range i % 4 {
		out.Warnings = append(out.Warnings, leadtype.Warning{Kind: leadtype.BlankText, Object: "Lead", Field: next},
			leadtype.Warning{Code: codes[(i+k)%len(codes)], Reason: text, Part: next},
			leadtype.Warning{Kind: leadtype.KeptEdited, Object: "Contact", Field: "Title", Reason: next})
	}
	return out
}

// What an export has written does not change: people keep files, and programs read them.
func TestExportedTextStaysAsItIs(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]*review.CSVOptions{"export.golden": nil, "export-raw.golden": {Raw: true}} {
		entries := oddEntries()
		var whole, paged strings.Builder
		require.NoError(t, review.WriteEntriesCSV(&whole, entries, opts))
		require.NoError(t, review.Export(&paged, func(_ store.Detail, each func([]store.Entry) error) error {
			for from := 0; from < len(entries); from += 5 {
				if err := each(entries[from:min(from+5, len(entries))]); err != nil {
					return err
				}
			}
			return nil
		}, opts))
		if *update {
			require.NoError(t, os.WriteFile("testdata/"+name, []byte(whole.String()), 0o600))
		}
		want, err := os.ReadFile("testdata/" + name)
		require.NoError(t, err)
		require.Equal(t, string(want), whole.String())
		require.Equal(t, string(want), paged.String())
	}
}
