// SPDX-License-Identifier: Apache-2.0

package csvtext_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/csvtext"
)

// records reads a text; a broken record is shown with why.
func records(t *testing.T, text string) (shown []string) {
	t.Helper()
	read, fault := csvtext.Read(strings.NewReader(text), "")
	require.Nil(t, fault)
	rows := read.Records(',')
	for {
		r, ok, fault := rows.Next()
		require.Nil(t, fault)
		if !ok {
			return shown
		}
		cells := make([]string, len(r.Cells))
		for i, cell := range r.Cells {
			cells[i] = fmt.Sprintf("%d:%s", r.CellLine(i), cell)
		}
		line := fmt.Sprintf("%d-%d %q", r.Line, r.Last, cells)
		if r.Broken != "" {
			line += " broken"
		}
		if r.Inside {
			line += " inside"
		}
		if r.Open {
			line += " open"
		}
		shown = append(shown, line)
	}
}

func TestRecordsHaveTheirLines(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":                     nil,
		"a,b\nc":               {`1-1 ["1:a" "1:b"]`, `2-2 ["2:c"] open`},
		"a,b\r\nc\r\n":         {`1-1 ["1:a" "1:b"]`, `2-2 ["2:c"]`},
		"a,b\rc\r":             {`1-1 ["1:a" "1:b"]`, `2-2 ["2:c"]`},
		"a\r\r\nb\n":           {`1-1 ["1:a"]`, `2-2 ["2:"]`, `3-3 ["3:b"]`},
		"\"a\r\nb\",c\r\nd":    {`1-2 ["1:a\nb" "2:c"]`, `3-3 ["3:d"] open`},
		"x,\"a\rb\rc\",d\re\r": {`1-3 ["1:x" "1:a\rb\rc" "3:d"]`, `4-4 ["4:e"]`},
		"\"a\n\",\"b\n\",c\nd": {`1-3 ["1:a\n" "2:b\n" "3:c"]`, `4-4 ["4:d"] open`},
		`"say ""hi""",b`:       {`1-1 ["1:say \"hi\"" "1:b"] open`},
		`"",""""` + "\n":       {`1-1 ["1:" "1:\""]`},
		`a, "b, c" ,d` + "\n":  {`1-1 ["1:a" "1:b, c" "1:d"]`},
		`19" rack,b` + "\n":    {`1-1 ["1:19\" rack" "1:b"]`},
		"sep=,\na,b\n":         {`2-2 ["2:a" "2:b"]`},
		// One bad row does not take those behind it.
		"a,\"b\nc,d\n":          {`1-1 ["1:a" "1:"] broken`, `2-2 ["2:c" "2:d"] inside`},
		"a,\"b\nc,\"d\",e\nf\n": {`1-1 ["1:a" "1:"] broken`, `2-2 ["2:c" "2:d" "2:e"] inside`, `3-3 ["3:f"]`},
		"a,\"b\"c\nd,e\n":       {`1-1 ["1:a" "1:"] broken`, `2-2 ["2:d" "2:e"]`},
		"\"a\nb\"c,d\ne\n":      {`1-1 ["1:"] broken`, `2-2 ["2:b\"c" "2:d"] inside`, `3-3 ["3:e"]`},
		"a,\"b":                 {`1-1 ["1:a" "1:"] broken open`},
		"\"a\rb\r":              {`1-1 ["1:"] broken`, `2-2 ["2:b"] inside`},
		"x,\"1\n2\",\"3\n4\",\"5\n": {`1-1 ["1:x" "1:1\n2" "2:3\n4" "3:"] broken`,
			`2-2 ["2:2\"" "2:3\n4" "3:"] broken inside`,
			`3-3 ["3:4\"" "3:"] broken inside`},
	} {
		require.Equal(t, want, records(t, text), "%q", text)
	}
}

// A file may be read to its end again for each of its lines: there is a bound.
func TestManyOpenQuotesAreRefused(t *testing.T) {
	t.Parallel()
	read, fault := csvtext.Read(strings.NewReader("x,\"1\n"+strings.Repeat("2\",\"3\n", 30_000)), "")
	require.Nil(t, fault)
	rows := read.Records(',')
	for range 200_000 {
		_, ok, fault := rows.Next()
		if fault != nil {
			require.Positive(t, fault.Line)
			require.Contains(t, fault.Error(), "too many quotation marks are not closed")
			return
		}
		require.True(t, ok)
	}
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		encoding csvtext.Encoding
		body     string
	}{
		"plain":                            {csvtext.UTF8, "plain"},
		"\xef\xbb\xbfM\xc3\xbcller":        {csvtext.UTF8, "Müller"},
		"M\xc3\xbcller":                    {csvtext.UTF8, "Müller"},
		"M\xfcller \x80":                   {csvtext.Windows1252, "Müller €"},
		"\xff\xfeM\x00\xfc\x00":            {csvtext.UTF16LE, "Mü"},
		"\xfe\xff\x00M\x00\xfc":            {csvtext.UTF16BE, "Mü"},
		"a\x00b\x00":                       {csvtext.UTF16LE, "ab"},
		"\x00a\x00b":                       {csvtext.UTF16BE, "ab"},
		"\"G\xd6\x93 und \xe4\xf6\xfc":     {csvtext.Windows1252, "\"GÖ“ und äöü"},
		"\xff\xfe\x3d\xd8\x00\xde\x41\x00": {csvtext.UTF16LE, "\U0001F600A"},
	} {
		read, fault := csvtext.Read(strings.NewReader(text), "")
		require.Nil(t, fault, "%q", text)
		require.Equal(t, want.encoding, read.Encoding, "%q", text)
		require.Equal(t, want.body, read.Body)
	}
	for text, line := range map[string]int{
		"\xef\xbb\xbfa\nM\xfcller\n":         2,
		"\xc3\xa4\xc3\xb6\r\xc3\xbc\r\xfc\r": 3,
		"a\n\x81\n":                          2,
		"\xff\xfea\x00\n\x00b":               2,
	} {
		_, fault := csvtext.Read(strings.NewReader(text), "")
		require.NotNil(t, fault, "%q", text)
		require.Equal(t, line, fault.Line, "%q", text)
	}
}
