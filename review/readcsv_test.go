// SPDX-License-Identifier: Apache-2.0

package review_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/review"
	"github.com/leadsync/leadsync/store"
)

// storedLead is the lead whose export the files of testdata are.
func storedLead() *leadtype.Lead {
	score := 7.5
	return &leadtype.Lead{
		ID: "L-0017", EventID: "expo", CapturedAt: time.Date(2026, 5, 4, 9, 30, 0, 0, time.FixedZone("", 7200)), Scans: 2,
		FirstName: "Łukasz", LastName: "Müller", Email: "lukasz@acme.example", OtherEmails: []string{"a@x.example",
			"b@x.example"},
		JobTitle: "Engineer", Phone: "+4989123456", PostalCode: "01067", Company: "=Acme", CompanySize: "1-10",
		Notes: "first; second\nthird", Score: &score,
		Phones:  []leadtype.Phone{{Number: "0171 1", Kind: leadtype.PhoneMobile, Enriched: true}},
		Answers: map[string][]string{"interest": {"pumps;valves", "say \"hi\""}, "size": {"0100"}},
		Custom: map[string]any{"active": true, "budget": json.Number("1234567890123"), "code": "12E5", "day": "2026-05-04",
			"rate": json.Number("2.25"), "tags": []any{"x", json.Number("1")}},
		Activities: []leadtype.Activity{
			{ID: "a1", Kind: leadtype.ActivityCall, At: time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC), By: "rep@x.example",
				Notes: "call; back"},
			{Kind: leadtype.ActivityNote, Notes: "no id"}},
		Strategy: "leads-only",
	}
}

// storeOf returns what ReadCSV asks of a store that has these leads.
func storeOf(leads ...*leadtype.Lead) func([]leadtype.LeadID) ([]store.Entry, error) {
	return func(ids []leadtype.LeadID) ([]store.Entry, error) {
		var entries []store.Entry
		for _, lead := range leads {
			for _, id := range ids {
				if lead.ID == id {
					entries = append(entries, store.Entry{Lead: lead})
				}
			}
		}
		return entries, nil
	}
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	require.NoError(t, err)
	return string(data)
}

// The files are as each program saves an export after it was opened and only the job
// title was changed.
func TestReadCSVReadsWhatSpreadsheetsSave(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.csv")
	require.NoError(t, err)
	more, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.Len(t, append(files, more...), 7)
	for _, name := range append(files, more...) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(name)
			require.NoError(t, err)
			leads, err := review.ReadCSV(bytes.NewReader(data), storeOf(storedLead()), nil)
			require.NoError(t, err)
			want := storedLead()
			want.JobTitle = "Chief Engineer"
			require.Equal(t, jsonOf(t, []any{want}), jsonOf(t, leads))
		})
	}
}

// correct reads a file of one column beside the id for the stored lead.
func correct(t *testing.T, column, cell string) (*leadtype.Lead, error) {
	t.Helper()
	text := "id," + column + "\nL-0017,\"" + strings.ReplaceAll(cell, `"`, `""`) + "\"\n"
	leads, err := review.ReadCSV(strings.NewReader(text), storeOf(storedLead()), nil)
	if err != nil {
		return nil, err
	}
	require.Len(t, leads, 1)
	return leads[0], nil
}

func TestReadCSVTakesCorrections(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		column, cell string
		want         func(lead *leadtype.Lead)
	}{
		{"email", "new@acme.example", func(l *leadtype.Lead) { l.Email = "new@acme.example" }},
		{"EMAIL", "new@acme.example", func(l *leadtype.Lead) { l.Email = "new@acme.example" }},
		{"email", "", func(*leadtype.Lead) {}},
		{"email", "  ", func(*leadtype.Lead) {}},
		{"company", "'=Acme", func(*leadtype.Lead) {}},
		{"company", "'+Acme", func(l *leadtype.Lead) { l.Company = "+Acme" }},
		{"postalCode", "1067", func(*leadtype.Lead) {}},
		{"postalCode", "01069", func(l *leadtype.Lead) { l.PostalCode = "01069" }},
		{"companySize", "10. Jan", func(*leadtype.Lead) {}},
		{"companySize", "01. Okt", func(*leadtype.Lead) {}},
		{"companySize", "11-50", func(l *leadtype.Lead) { l.CompanySize = "11-50" }},
		{"phone", "4989123456", func(*leadtype.Lead) {}},
		{"phone", "4,98912E+09", func(*leadtype.Lead) {}},
		{"phone", "4989123457", func(l *leadtype.Lead) { l.Phone = "4989123457" }},
		{"score", "7,5", func(*leadtype.Lead) {}},
		{"score", "8,25", func(l *leadtype.Lead) { *l.Score = 8.25 }},
		{"scans", "3", func(l *leadtype.Lead) { l.Scans = 3 }},
		{"capturedAt", "04.05.2026 09:30", func(*leadtype.Lead) {}},
		{"capturedAt", "2026-05-04 09:45", func(l *leadtype.Lead) { l.CapturedAt = l.CapturedAt.Add(15 * time.Minute) }},
		{"otherEmails", "a@x.example", func(l *leadtype.Lead) { l.OtherEmails = []string{"a@x.example"} }},
		{"qualifier.interest", `["pumps;valves","none"]`,
			func(l *leadtype.Lead) { l.Answers["interest"] = []string{"pumps;valves", "none"} }},
		{"qualifier.interest", "pumps;valves;say \"hi\"", func(*leadtype.Lead) {}},
		{"qualifier.interest", "a;b", func(l *leadtype.Lead) { l.Answers["interest"] = []string{"a", "b"} }},
		{"qualifier.interest", "[]", func(l *leadtype.Lead) { delete(l.Answers, "interest") }},
		{"qualifier.size", "100", func(*leadtype.Lead) {}},
		{"qualifier.new", "yes", func(l *leadtype.Lead) { l.Answers["new"] = []string{"yes"} }},
		{"custom.active", "FALSCH", func(l *leadtype.Lead) { l.Custom["active"] = false }},
		{"custom.active", "WAHR", func(*leadtype.Lead) {}},
		{"custom.budget", "1,23457E+12", func(*leadtype.Lead) {}},
		{"custom.budget", "99", func(l *leadtype.Lead) { l.Custom["budget"] = json.Number("99") }},
		{"custom.rate", "2,25", func(*leadtype.Lead) {}},
		{"custom.rate", "3,5", func(l *leadtype.Lead) { l.Custom["rate"] = json.Number("3.5") }},
		{"custom.code", "1.2E+06", func(*leadtype.Lead) {}},
		{"custom.code", "7", func(l *leadtype.Lead) { l.Custom["code"] = "7" }},
		{"custom.day", "5/4/2026", func(*leadtype.Lead) {}},
		{"custom.day", "2026-05-05", func(l *leadtype.Lead) { l.Custom["day"] = "2026-05-05" }},
		{"custom.tags", `["x"]`, func(l *leadtype.Lead) { l.Custom["tags"] = []any{"x"} }},
		{"custom.new", "12", func(l *leadtype.Lead) { l.Custom["new"] = json.Number("12") }},
		{"custom.new", `"12"`, func(l *leadtype.Lead) { l.Custom["new"] = "12" }},
		{"phones", `[{"number":"1"}]`, func(l *leadtype.Lead) { l.Phones = []leadtype.Phone{{Number: "1"}} }},
		{"activities", jsonOf(t, storedLead().Activities), func(*leadtype.Lead) {}},
		{"activity.note", "no id", func(*leadtype.Lead) {}},
		{"stage", "cleared", func(*leadtype.Lead) {}},
		{"", "something", func(*leadtype.Lead) {}},
	} {
		lead, err := correct(t, tc.column, tc.cell)
		require.NoError(t, err, "%s: %s", tc.column, tc.cell)
		want := storedLead()
		tc.want(want)
		require.Equal(t, jsonOf(t, want), jsonOf(t, lead), "%s: %s", tc.column, tc.cell)
	}
}

// An activity without an id is known by its content, and a corrected one must not be
// logged again.
func TestReadCSVKeepsTheKeyOfACorrectedActivity(t *testing.T) {
	t.Parallel()
	was := storedLead().Activities
	lead, err := correct(t, "activities", `[{"kind":"note","notes":"no ID"},{"kind":"note","notes":"another"},`+
		`{"id":"a1","kind":"call","at":"2026-05-04T10:00:00Z","by":"rep@x.example","notes":"call later"}]`)
	require.NoError(t, err)
	require.Equal(t, was[1].Key(), lead.Activities[0].ID)
	require.Equal(t, was[1].Key(), lead.Activities[0].Key())
	require.Empty(t, lead.Activities[1].ID)
	require.Equal(t, "a1", lead.Activities[2].ID)
}

func TestReadCSVRefusesRowsWithTheirPlace(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ column, cell string }{
		{"qualifier.interest", `["secret"`}, {"qualifier.interest", `[{"secret":1}]`}, {"custom.tags", "secret"},
		{"custom.tags", `{"secret"`}, {"custom.budget", "secret"}, {"custom.active", "secret"}, {"custom.new", "{secret}"},
		{"activities", "secret"}, {"activities", `[{"kind":"secret"}]`}, {"activities", `[{"kind":"note","nots":"secret"}]`},
		{"activities", `[{"kind":"note","at":"secret"}]`}, {"activity.note", "secret"}, {"phones", `[1]`},
		{"score", "secret"}, {"scans", "-1"}, {"capturedAt", "secret"}, {"capturedAt", "05/06/2026"},
	} {
		text := "\"notes\",id," + tc.column + "\n\"two\nlines\",L-0017,\"" + strings.ReplaceAll(tc.cell, `"`,
			`""`) + "\"\n,0018,\n"
		other := storedLead()
		other.ID = "0018"
		leads, err := review.ReadCSV(strings.NewReader(text), storeOf(storedLead(), other), nil)
		var batch *leadtype.BatchError
		require.ErrorAs(t, err, &batch, "%s: %s", tc.column, tc.cell)
		require.Len(t, batch.Failed, 1)
		var row *review.RowError
		require.ErrorAs(t, batch.Failed[0], &row)
		require.Equal(t, []any{3, 3, tc.column}, []any{row.Line, row.Column, row.Name})
		require.ErrorIs(t, err, leadtype.DataValueValidation)
		require.Equal(t, leadtype.LeadID("L-0017"), row.Err.LeadID)
		require.NotContains(t, err.Error(), "secret")
		require.Equal(t, jsonOf(t, []any{other}), jsonOf(t, leads), "the others are read")
	}
}

func TestReadCSVMakesNoSecondLead(t *testing.T) {
	t.Parallel()
	read := func(text string, opts *review.ReadOptions) ([]*leadtype.Lead, error) {
		return review.ReadCSV(strings.NewReader(text), storeOf(storedLead()), opts)
	}
	for _, text := range []string{"id,email\nL-17,x@x.example\n", "id,email\n,x@x.example\n", "email,id\nx@x.example\n"} {
		leads, err := read(text, nil)
		var row *review.RowError
		require.ErrorAs(t, err, &row, text)
		require.Equal(t, "id", row.Name)
		require.Empty(t, leads)
	}
	leads, err := read("id,email\n17,x@x.example\nL-0017,\nL-0017,\n", &review.ReadOptions{NewLeads: true})
	var batch *leadtype.BatchError
	require.ErrorAs(t, err, &batch)
	require.Contains(t, batch.Failed, 2)
	require.Len(t, batch.Failed, 1)
	require.Len(t, leads, 2)
	require.Equal(t, leadtype.Lead{ID: "17", Email: "x@x.example"}, *leads[0])
	_, err = read("id,lastName\n18,\n", &review.ReadOptions{NewLeads: true})
	require.ErrorIs(t, err, leadtype.RequiredFieldMissing, "as Capture would refuse it")
}

// What the file leaves out of a lead that cannot be read would be lost.
func TestReadCSVRefusesALeadThatCannotBeRead(t *testing.T) {
	t.Parallel()
	stored := func([]leadtype.LeadID) ([]store.Entry, error) {
		return []store.Entry{{Lead: &leadtype.Lead{ID: "L1"}, Unreadable: store.Unreadable("L1", store.PartLead)}, {}}, nil
	}
	leads, err := review.ReadCSV(strings.NewReader("id,email\nL1,x@x.example\n"), stored,
		&review.ReadOptions{NewLeads: true})
	require.ErrorIs(t, err, leadtype.Unknown)
	require.Empty(t, leads)
}

func TestReadCSVRefusesFiles(t *testing.T) {
	t.Parallel()
	many := strings.Repeat("x\n", review.MaxCSVRows+1)
	for name, text := range map[string]string{
		"empty": "", "no id": "email\nx\n", "an unknown column": "id,emial\nL-0017,x\n", "twice": "id,email,Email\n",
		"two ids": "id,id\n", "rows": "id\n" + many, "columns": "id" + strings.Repeat(",", review.MaxCSVColumns) + "\n",
		"bytes": "id\n" + strings.Repeat(" ", review.MaxCSVBytes), "not text": "PK\x03\x04\x00\x00",
	} {
		_, err := review.ReadCSV(strings.NewReader(text), storeOf(), nil)
		var refused *leadtype.Error
		require.ErrorAs(t, err, &refused, name)
		var batch *leadtype.BatchError
		require.False(t, errors.As(err, &batch), name)
	}
	failure := errors.New("disk full")
	_, err := review.ReadCSV(strings.NewReader("id\n1\n"),
		func([]leadtype.LeadID) ([]store.Entry, error) { return nil, failure }, nil)
	require.ErrorIs(t, err, failure)
	leads, err := review.ReadCSV(strings.NewReader("id,email\nL-0017,a\"b\nL-0017,x@x.example\n\n,,\n"),
		storeOf(storedLead()), nil)
	require.ErrorIs(t, err, leadtype.DataValueValidation)
	require.Len(t, leads, 1, "a quotation mark spoils its own row")
}

// A quotation mark that is not closed made all rows behind it a part of the cell.
func TestReadCSVReadsTheRowsBehindAnOpenQuotationMark(t *testing.T) {
	t.Parallel()
	other := storedLead()
	other.ID = "0018"
	leads, err := review.ReadCSV(strings.NewReader("id,jobTitle\nL-0017,\"Chief\n0018,Chief\n"),
		storeOf(storedLead(), other), nil)
	var batch *leadtype.BatchError
	require.ErrorAs(t, err, &batch)
	require.Len(t, batch.Failed, 1)
	var row *review.RowError
	require.ErrorAs(t, batch.Failed[0], &row)
	require.Equal(t, 2, row.Line)
	require.Len(t, leads, 1)
	require.Equal(t, leadtype.LeadID("0018"), leads[0].ID)
	require.Equal(t, "Chief", leads[0].JobTitle)
}

// A quotation mark too many may end in the next row: the corrected note had that row in it.
func TestReadCSVTellsRowsThatAQuotationMarkHasMadeOne(t *testing.T) {
	t.Parallel()
	other := storedLead()
	other.ID = "0018"
	leads, err := review.ReadCSV(strings.NewReader("id,notes,jobTitle\nL-0017,\"x,Chief\n0018,\",b\",Chief\n"),
		storeOf(storedLead(), other), nil)
	var batch *leadtype.BatchError
	require.ErrorAs(t, err, &batch)
	require.Len(t, batch.Failed, 1)
	var row *review.RowError
	require.ErrorAs(t, batch.Failed[0], &row)
	require.Equal(t, 2, row.Line)
	require.Len(t, leads, 1)
	require.Equal(t, ",b", leads[0].Notes)
	require.Equal(t, leadtype.LeadID("0018"), leads[0].ID)
}

func FuzzReadCSV(f *testing.F) {
	var b bytes.Buffer
	require.NoError(f, review.WriteEntriesCSV(&b, []store.Entry{{Lead: storedLead()}}, &review.CSVOptions{Raw: true}))
	f.Add(b.Bytes())
	files, err := filepath.Glob("testdata/*")
	require.NoError(f, err)
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err == nil {
			f.Add(data)
		}
	}
	for _, seed := range []string{"id;a\nL-0017;[", "sep=;\nid;custom.x\nL-0017;1e999", "\xff\xfei\x00d\x00", "id\n\"",
		"id,activities\nL-0017,[{}]",
		"id,custom.budget\nL-0017,1e999999999"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		before := jsonOf(t, storedLead())
		lead := storedLead()
		leads, _ := review.ReadCSV(bytes.NewReader(data), storeOf(lead), &review.ReadOptions{NewLeads: true})
		for _, l := range leads {
			require.NoError(t, l.Check())
			require.NoError(t, l.CheckJSON())
		}
		require.Equal(t, before, jsonOf(t, lead), "the stored lead is not changed")
	})
}
