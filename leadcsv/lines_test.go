// SPDX-License-Identifier: Apache-2.0

package leadcsv_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leadsync/leadsync/leadcsv"
)

// Excel leaves out blank cells at the end of rows, whether a cell before them has line ends or
// not.
func TestARowOfSeveralLinesMayLackBlankCells(t *testing.T) {
	t.Parallel()
	for _, lineEnd := range []string{"\n", "\r\n", "\r"} {
		text := strings.ReplaceAll("Email,Notes,City,Country\nada@x.example,\"called back\nwants a demo\"\n"+
			"bo@x.example,\"one\n\nmore; mail x, bo@y.example\",Oslo\nal@x.example,c,Oslo,Norway\n", "\n", lineEnd)
		list := readText(t, text, nil)
		require.Empty(t, list.Report.LeftOut, "%q", text)
		require.Len(t, list.Leads, 3)
		require.Equal(t, "called back\nwants a demo", list.Leads[0].Notes)
		require.Empty(t, list.Leads[0].City)
		require.Equal(t, "one\n\nmore; mail x, bo@y.example", list.Leads[1].Notes)
		require.Equal(t, "Oslo", list.Leads[1].City)
		require.Equal(t, []int{2, 4, 7}, list.Lines)
	}
	// The addresses of the row itself, before and behind the lines, are not those of another row.
	list := readText(t, "Owner,Notes,First Name,Email,Work Email,capturedBy,Last Name,Country\n"+
		"sam@y.example,\"a\nb\",Ada,ada@x.example,a@x.example,eve@y.example\n"+
		"sam@y.example,c,Al,al@x.example,,,Moe,Norway\n", nil)
	require.Empty(t, list.Report.LeftOut)
	require.Equal(t, "a\nb", list.Leads[0].Notes)
	require.Equal(t, []string{"a@x.example"}, list.Leads[0].OtherEmails)
	require.Equal(t, "eve@y.example", list.Leads[0].CapturedBy)
}

// A row with too few cells that a quotation mark has made of several is left out, and the rows
// behind it are read.
func TestARowThatHasSwallowedAnotherIsLeftOut(t *testing.T) {
	t.Parallel()
	const last = "al@x.example,c,Oslo,Norway\n"
	for _, rows := range []string{
		"ada@x.example,\"called back\nbo@x.example,n\"\n" + last,
		"ada@x.example,\"called back\nbo@x.example\",n\n" + last,
		"ada@x.example,\"called back\nx\nbo@x.example,n,Oslo\"\n" + last,
	} {
		list := readText(t, "Email,Notes,City,Country\n"+rows, nil)
		require.NotEmpty(t, list.Report.LeftOut, rows)
		for _, p := range list.Report.LeftOut {
			require.Equal(t, leadcsv.Quotes, p.Kind, rows)
		}
		require.Len(t, list.Leads, 1, rows)
		require.Equal(t, "al@x.example", list.Leads[0].Email)
	}
	// An address behind the quotation marks that is not where the row's own is.
	list := readText(t, "First Name,Last Name,Email,Notes,City,Country,Website\nAda,Ames,ada@x.example,\"a\n"+
		"Bo,Lund\",bo@x.example\nAl,Moe,al@x.example,c,Oslo,Norway,x.example\n", nil)
	require.Len(t, list.Leads, 1)
	require.Equal(t, "Moe", list.Leads[0].LastName)
	// The second half of a row, without an address, is behind it.
	list = readText(t, "Email,Notes,City,Country\nada@x.example,\"called\nback\",Os\nlo,Norway\n"+last, nil)
	require.Len(t, list.Leads, 1)
	require.Len(t, list.Report.LeftOut, 2)
	require.Equal(t, leadcsv.TooFewCells, list.Report.LeftOut[0].Kind)
	require.Equal(t, leadcsv.TooFewCells, list.Report.LeftOut[1].Kind)
}

// Without blank cells at the end of rows all rows are read, and bad quotation marks do not put
// the address of one row into another that has too few cells.
func TestNoShortRowHoldsTheAddressOfAnother(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		columns := rapid.Permutation([]string{"Email", "First Name", "Notes"}).Draw(r, "columns")
		lines := []string{strings.Join(columns, ",") + ",Country,City" + strings.Repeat(",More", 20)}
		n := rapid.IntRange(1, 5).Draw(r, "rows")
		for i := range n {
			cells := map[string]string{"Email": fmt.Sprintf("p%d@example.com", i), "First Name": fmt.Sprintf("First%d", i),
				"Notes": rapid.SampledFrom([]string{"", "x", "\"x\ny\"", "\"x,\n\ny\"", "\"\"\"x\"\"\n\""}).Draw(r, "note")}
			row := []string{cells[columns[0]], cells[columns[1]], cells[columns[2]]}
			row = append(row, rapid.SampledFrom([][]string{nil, {"Norway"}, {"Norway", "Oslo"}}).Draw(r, "end")...)
			lines = append(lines, strings.Join(row, ","))
		}
		list, err := leadcsv.Read(strings.NewReader(strings.Join(lines, "\n")+"\n"), nil)
		require.NoError(r, err)
		require.Empty(r, list.Report.LeftOut, lines)
		require.Len(r, list.Leads, n)

		for range 2 {
			bad := rapid.IntRange(1, n).Draw(r, "bad row")
			places := []int{0, len(lines[bad])}
			for at := range lines[bad] {
				if lines[bad][at] == ',' {
					places = append(places, at, at+1)
				}
			}
			at := rapid.SampledFrom(places).Draw(r, "place")
			lines[bad] = lines[bad][:at] + `"` + lines[bad][at:]
		}
		data := strings.Join(lines, "\n") + "\n"
		list, err = leadcsv.Read(strings.NewReader(data), nil)
		require.NoError(r, err)
		requireAccounted(r, []byte(data), list)
		for _, lead := range list.Leads {
			require.NotContains(r, lead.Notes+lead.FirstName+lead.Country+lead.City, "@", "%q", data)
		}
	})
}
