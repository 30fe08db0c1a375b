// SPDX-License-Identifier: Apache-2.0

package leadcsv_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadcsv"
	"github.com/leadsync/leadsync/leadtype"
)

// Two files with the numbers of their rows in a column id do not hold the same people.
func TestNumbersOfRowsAreNoIDs(t *testing.T) {
	t.Parallel()
	file := func(header, domain string) string {
		var b strings.Builder
		b.WriteString(header + ",Last Name,Email\n")
		for i := range 50 {
			fmt.Fprintf(&b, "%d,Berg,p%d@%s\n", i+1, i, domain)
		}
		return b.String()
	}
	for _, header := range []string{"id", "ID", "Id"} {
		first, second := readText(t, file(header, "a.example"), nil), readText(t, file(header, "b.example"), nil)
		ids := make(map[leadtype.LeadID]bool)
		for _, lead := range append(first.Leads, second.Leads...) {
			require.True(t, strings.HasPrefix(string(lead.ID), "csv-"), lead.ID)
			ids[lead.ID] = true
		}
		require.Len(t, ids, 100)
		require.Equal(t, leadcsv.Ambiguous, first.Report.Columns[0].Status)
		require.Contains(t, first.Report.Columns[0].Reason, "Options.TrustIDs")

		trusted := readText(t, file(header, "a.example"), &leadcsv.Options{TrustIDs: true})
		require.EqualValues(t, "1", trusted.Leads[0].ID)
		require.EqualValues(t, "50", trusted.Leads[49].ID)
		require.Equal(t, leadcsv.Understood, trusted.Report.Columns[0].Status)
	}
	// Ids that are more than such numbers are taken as they are.
	own := readText(t, "id,Last Name,Email\nL0001,Berg,a@example.com\n2,Lund,b@example.com\n", nil)
	require.EqualValues(t, "L0001", own.Leads[0].ID)
	require.EqualValues(t, "2", own.Leads[1].ID)
}

// The ids that are made of rows are stored by hosts, and a row that gets another one becomes
// another lead. Words and forms that are added to the lists of leadsync may change them: where
// this test fails, do so only on purpose, change the ids here, and say so in CHANGELOG.md,
// with what the rows concerned have in common.
func TestMadeIDsChangeOnlyOnPurpose(t *testing.T) {
	t.Parallel()
	const header = "First Name,Last Name,Company,Email,Phone,Mobile,contactId,leadId\n"
	golden := []struct{ row, id string }{
		{"Ida,Berg,Berg AS,ida@example.com,,,,", "csv-72ajhpz4ckvwhijlnzvun4dibioarlwf"},
		{",,,ida@example.com,,,,", "csv-td6263di4dtpccybbrcmnmfac75wi45i"},
		{"Ida,Berg,,info@example.com,,,,", "csv-2tvwtyjlsvbzickjlgp2kxda474k3f5q"},
		{"JOSÉ,Nuñez,,Jose@Example.com,,,,", "csv-j4xyrw5ravmyqknpbhhro3oove7ayvcn"},
		{"Jörg,Weiß,,joerg@müller.example,,,,", "csv-qoilylbfq5hmsr2gbv76kz6oytbrreqw"},
		{"Ann,Lee,,Ann Lee <ann@example.com>,,,,", "csv-ds3tnggk7tjh42b5fja6ltbqfsspwg4v"},
		{"Li,Wei,,wei+fair@example.com,,,,", "csv-bk3mspfgt373kxf3jrsxentyjwqiiap5"},
		{"Ida,Berg,Acme GmbH & Co. KG,,,,,", "csv-vo2tafjfmliltwzei4vv3kxbtj2pybxb"},
		{"Ida,Berg,\"Acme, Inc.\",,,,,", "csv-vo2tafjfmliltwzei4vv3kxbtj2pybxb"},
		{"Ida,Berg,株式会社Acme,,,,,", "csv-vo2tafjfmliltwzei4vv3kxbtj2pybxb"},
		{"Ida,Berg,S.p.A. Rossi,,,,,", "csv-c323pu4mfnkvypbmvwnmpjfoztcxfypl"},
		{"Ida,Berg,GmbH,,,,,", "csv-2lfuvnamrou2uzzrycp6k46cfpglndtr"},
		{"Ida,Berg,,,+47 555 01 000,,,", "csv-woyendzqm3tjwku5xfim2ttoj3goeg7x"},
		{"Ida,Berg,,,0047 555 01 000,,,", "csv-woyendzqm3tjwku5xfim2ttoj3goeg7x"},
		{"Ida,Berg,,,030 5550100 ext. 12,,,", "csv-3psyketpx7y66ublyyyjpq67id3xtb74"},
		{"Ida,Berg,Acme,,,+49 171 5550100,,", "csv-nfxqhlciis6ivphgw7oayxu2pzfmlb37"},
		{"Ida,Berg,Acme,noreply@example.com,,,,", "csv-vo2tafjfmliltwzei4vv3kxbtj2pybxb"},
		{"Ida,Berg,Acme,none@none.com,,,,", "csv-vo2tafjfmliltwzei4vv3kxbtj2pybxb"},
		{"Ida,Berg,Acme,n/a,,,,", "csv-vo2tafjfmliltwzei4vv3kxbtj2pybxb"},
		{"Ida,Berg,,ida(at)example.com,,,,", "csv-ttjsxmtw2b6df5kykksn33muuwvlxvp3"},
		{"Ida,Berg,Acme,ida@example.com,,,003000000000001AAA,", "csv-o4ebk4nui42h7kh6ydir47asrcdji6lq"},
		{"Ida,Berg,Acme,ida@example.com,,,,00Q000000000001AAA", "csv-d3rkqfz2ylkw2nrwx5cxaa5hlcumed5i"},
	}
	for _, g := range golden {
		list := readText(t, header+g.row+"\n", &leadcsv.Options{EventID: "expo", IDKey: []byte("key")})
		require.Len(t, list.Leads, 1, g.row)
		require.EqualValues(t, g.id, list.Leads[0].ID, g.row)
	}
}
