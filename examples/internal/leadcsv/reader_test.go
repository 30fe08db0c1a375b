// SPDX-License-Identifier: Apache-2.0

package leadcsv_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/examples/internal/leadcsv"
)

func ids(leads []*leadsync.Lead) []string {
	out := make([]string, len(leads))
	for i, lead := range leads {
		out[i] = string(lead.ID)
	}
	return out
}

func sentences(problems []leadcsv.Problem) []string {
	out := make([]string, len(problems))
	for i, p := range problems {
		out[i] = p.String()
	}
	return out
}

func TestReadFillsSourceFields(t *testing.T) {
	t.Parallel()
	leads, problems, err := leadcsv.Read(strings.NewReader(
		"id,firstName,email,capturedAt,scans,qualifier.interest,custom.booth,activity.call\n" +
			"L1,Zoë,zoe@example.com,2026-05-04T09:30:00+02:00,3,Pricing; Demo,4b,rang twice\n"))
	require.NoError(t, err)
	require.Empty(t, problems)
	at := time.Date(2026, 5, 4, 9, 30, 0, 0, time.FixedZone("", 2*60*60))
	require.Len(t, leads, 1)
	require.True(t, leads[0].CapturedAt.Equal(at))
	leads[0].CapturedAt = time.Time{}
	require.Equal(t, &leadsync.Lead{
		ID: "L1", FirstName: "Zoë", Email: "zoe@example.com", Scans: 3,
		Answers:    map[string][]string{"interest": {"Pricing", "Demo"}},
		Custom:     map[string]any{"booth": "4b"},
		Activities: []leadsync.Activity{{Kind: leadsync.ActivityCall, Notes: "rang twice"}},
	}, leads[0])
}

func TestReadTakesFilesAsSpreadsheetsWriteThem(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file  string
		notes string // of lead L1
	}{
		"byte order mark":       {"\uFEFFid,notes\nL1,x\n", "x"},
		"CRLF":                  {"id,notes\r\nL1,x\r\n", "x"},
		"mark and CRLF":         {"\uFEFF\"id\",notes\r\n\"L1\",x\r\n", "x"},
		"no newline at the end": {"id,notes\nL1,x", "x"},
		"blank lines":           {"\n\nid,notes\n\nL1,x\n\n", "x"},
		"blanks in the header":  {" id , notes\nL1,x\n", "x"},
		"quoted newline":        {"id,notes\nL1,\"one\ntwo\"\n", "one\ntwo"},
		"quoted CRLF":           {"id,notes\r\nL1,\"one\r\ntwo\"\r\n", "one\ntwo"},
		"embedded quotes":       {"id,notes\nL1,\"say \"\"hello\"\", twice\"\n", `say "hello", twice`},
		"comma and backslash":   {"id,notes\nL1,\"O'Brien \\ Söhne, Köln\"\n", `O'Brien \ Söhne, Köln`},
		"empty cell":            {"id,notes\nL1,\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			leads, problems, err := leadcsv.Read(iotest.OneByteReader(strings.NewReader(c.file)))
			require.NoError(t, err)
			require.Empty(t, problems)
			require.Equal(t, []string{"L1"}, ids(leads))
			require.Equal(t, c.notes, leads[0].Notes)
		})
	}
}

func TestReadNamesBadRowsAndKeepsGoodOnes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file     string
		problems []string
		leads    []string
	}{
		"row too short": {
			"id,email,company\nL1,a@example.com\nL2,b@example.com,B\n",
			[]string{`line 2, column "company": missing: the row has 2 cells, the header 3`},
			[]string{"L2"},
		},
		"row too long": {
			"id,email\nL1,a@example.com,secret\nL2,b@example.com\n",
			[]string{`line 2: the row has 3 cells, the header 2: too many after column "email"`},
			[]string{"L2"},
		},
		"unknown column": {
			"id,e-mail,company\nL1,a@example.com,A\n",
			[]string{`line 1, column "e-mail": is not a source field; the column is ignored`},
			[]string{"L1"},
		},
		"column without a name": {
			"id,company,\nL1,A,\n",
			[]string{`line 1: column 3 has no name and is ignored`},
			[]string{"L1"},
		},
		"column twice": {
			"id,company,company\nL1,A,B\n",
			[]string{`line 1, column "company": duplicate column; the first one is used`},
			[]string{"L1"},
		},
		"invalid UTF-8": {
			"id,company\nL1,M\xfcller\nL2,B\n",
			[]string{`line 2, column "company": is not valid UTF-8`},
			[]string{"L2"},
		},
		"invalid UTF-8 in an unknown column": {
			"id,x\nL1,M\xfcller\n",
			[]string{`line 1, column "x": is not a source field; the column is ignored`,
				`line 2, column "x": is not valid UTF-8`},
			[]string{},
		},
		"empty id": {
			"id,company\n ,A\nL2,B\n",
			[]string{`line 2, column "id": is empty`},
			[]string{"L2"},
		},
		"id again": {
			"id,company\nL1,A\nL1,B\nL1,C\n",
			[]string{`line 3, column "id": duplicate of line 2; the first row is used`,
				`line 4, column "id": duplicate of line 2; the first row is used`},
			[]string{"L1"},
		},
		"id again after a bad row": {
			"id,scans\nL1,many\nL1,2\n",
			[]string{`line 2, column "scans": is not a whole number of at least 0`},
			[]string{"L1"},
		},
		"several bad cells": {
			"id,scans,capturedAt\nL1,-1,yesterday\n",
			[]string{
				`line 2, column "scans": is not a whole number of at least 0`,
				`line 2, column "capturedAt": is not an RFC 3339 time such as 2026-05-04T09:30:00+02:00`,
			},
			[]string{},
		},
		"line numbers after quoted newlines": {
			"id,notes,scans\r\nL1,\"a\r\nb\r\nc\",1\r\nL2,\"d\r\ne\",x\r\nL3,,y\r\n",
			[]string{
				`line 6, column "scans": is not a whole number of at least 0`,
				`line 7, column "scans": is not a whole number of at least 0`,
			},
			[]string{"L1"},
		},
		"quote in a bare cell": {
			"id,company\nL1,19\" racks\nL2,B\n",
			[]string{`line 2, column "company": unquoted cell contains a quote: quote the cell and double the quotes ` +
				`in it`},
			[]string{"L2"},
		},
		"text after a quote": {
			"id,company\nL1,\"A\"B\nL2,B\n",
			[]string{`line 2, column "company": the quoted cell is not closed, or text follows its closing quote`},
			[]string{"L2"},
		},
		"quote not closed": {
			"id,company\nL1,A\nL2,\"B\nL3,C\n",
			[]string{`line 3, column "company": the quoted cell is not closed, or text follows its closing quote; skipped up ` +
				`to line 4`},
			[]string{"L1"},
		},
		"huge cell": {
			"id,notes\nL1," + strings.Repeat("x", 128<<10+1) + "\nL2,x\n",
			[]string{`line 2, column "notes": is longer than 128 KiB`},
			[]string{"L2"},
		},
		"header alone": {"id,company\n", []string{}, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			leads, problems, err := leadcsv.Read(strings.NewReader(c.file))
			require.NoError(t, err)
			require.Equal(t, c.problems, sentences(problems))
			require.Equal(t, c.leads, ids(leads))
		})
	}
}

func TestReadRefusesFilesWithoutUsableHeader(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, want string }{
		"empty":            {"", "line 1: the file is empty; its first line must name the columns, at least id"},
		"mark alone":       {"\uFEFF", "line 1: the file is empty; its first line must name the columns, at least id"},
		"blank lines":      {"\n\r\n\n", "line 1: the file is empty; its first line must name the columns, at least id"},
		"no column id":     {"ID,email\nL1,a@example.com\n", `line 1: no column "id", which is required`},
		"no header at all": {"Ada,ada@example.com\n", `line 1: no column "id", which is required`},
		"semicolons": {"id;email\nL1;a@example.com\n",
			`line 1: no column "id", which is required (are the columns separated by semicolons? use commas)`},
		"UTF-16": {"\xff\xfei\x00d\x00", "line 1: the file is in UTF-16; save it as CSV in UTF-8"},
		"broken header": {"id,\"email\nL1,a@example.com\n",
			"the header cannot be read: line 1: the quoted cell is not closed, or text follows its closing quote; skipped up " +
				"to line 2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			leads, _, err := leadcsv.Read(strings.NewReader(c.file))
			require.EqualError(t, err, c.want)
			require.Empty(t, leads)
		})
	}
}

func TestReadStopsAtARowWithoutEnd(t *testing.T) {
	t.Parallel()
	endless := io.MultiReader(strings.NewReader("id,notes\nL1,x\nL2,\""), forever('\n'))
	leads, problems, err := leadcsv.Read(endless)
	require.EqualError(t, err,
		"after line 2: a row is longer than 4 MiB, perhaps because a quote is not closed; the rest of the file is "+
			"not read")
	require.Empty(t, problems)
	require.Equal(t, []string{"L1"}, ids(leads))

	_, _, err = leadcsv.Read(forever('x'))
	require.ErrorContains(t, err, "a row is longer than 4 MiB")
}

// forever is an endless reader of one byte.
type forever byte

func (f forever) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(f)
	}
	return len(p), nil
}

func TestReadReturnsTheReadersError(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk gone")
	leads, _, err := leadcsv.Read(io.MultiReader(strings.NewReader("id\nL1\n"), iotest.ErrReader(broken)))
	require.ErrorIs(t, err, broken)
	require.Equal(t, []string{"L1"}, ids(leads))

	_, _, err = leadcsv.Read(iotest.ErrReader(broken))
	require.ErrorIs(t, err, broken)
}

func FuzzReadNamesNoValue(f *testing.F) {
	f.Add("id,email,scans\nL1,canary@example.com,canary\n")
	f.Add("\uFEFFid,notes\r\nL1,\"canary\r\nL2\",canary\"\r\n")
	f.Add("id,capturedAt\nL1,canary,canary\n\xff,\"canary")
	f.Fuzz(func(t *testing.T, text string) {
		header, rest, ok := strings.Cut(text, "\n")
		if !ok || strings.Contains(header, "canary") || strings.Contains(header, `"`) {
			t.Skip("the header may be named")
		}
		leads, problems, err := leadcsv.Read(strings.NewReader(header + "\n" + rest))
		for _, p := range problems {
			require.NotContains(t, p.String(), "canary")
			require.Positive(t, p.Line)
			require.LessOrEqual(t, p.Line, strings.Count(text, "\n")+1)
		}
		if err != nil {
			require.NotContains(t, err.Error(), "canary")
		}
		seen := make(map[leadsync.LeadID]bool)
		for _, lead := range leads {
			require.NotEmpty(t, lead.ID)
			require.False(t, seen[lead.ID])
			seen[lead.ID] = true
		}
	})
}
