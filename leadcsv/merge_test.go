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

func readText(t *testing.T, text string, opts *leadcsv.Options) *leadcsv.List {
	t.Helper()
	list, err := leadcsv.Read(strings.NewReader(text), opts)
	require.NoError(t, err)
	return list
}

func TestARepeatedRowGivesItsFurtherAddressesAndNumbers(t *testing.T) {
	t.Parallel()
	list := readText(t, "Last Name,E-mail,Email 2,Phone,Work Phone,Mobile,Cell Phone\n"+
		"Berg,ida@example.com,ida@home.example,+47 555 01 000,,+47 900 00 001,\n"+
		"Berg,Ida@example.com,ida@work.example,+47 555 01 000,+47 555 01 003,,\n"+
		"Berg,ida@example.com,IDA@home.example,+47 555 01 000,+47 555 01 003,+47 900 00 001,+47 900 00 002\n",
		&leadcsv.Options{Aliases: map[string]string{"Email 2": "email"}})
	require.Len(t, list.Leads, 1)
	lead := list.Leads[0]
	require.Equal(t, []string{"ida@home.example", "ida@work.example"}, lead.OtherEmails)
	require.Equal(t, []leadtype.Phone{{Number: "+47 555 01 003", Kind: leadtype.PhoneWork},
		{Number: "+47 900 00 002", Kind: leadtype.PhoneMobile}}, lead.Phones)
	require.Len(t, list.Report.LeftOut, 2)
	require.Empty(t, list.Report.Unfit)
}

func TestAColumnOfFurtherAddressesIsMerged(t *testing.T) {
	t.Parallel()
	list := readText(t, "lastName,email,otherEmails\nBerg,ida@example.com,a@example.com\n"+
		"Berg,ida@example.com,b@example.com;A@example.com;ida@example.com\n", nil)
	require.Equal(t, []string{"a@example.com", "b@example.com"}, list.Leads[0].OtherEmails)
	require.Empty(t, list.Report.Unfit)
}

func TestARepeatedRowBeyondALimitIsSaidToGiveNothing(t *testing.T) {
	t.Parallel()
	addresses := func(from string) string {
		var list []string
		for i := range leadtype.MaxList {
			list = append(list, fmt.Sprintf("%s%d@example.com", from, i))
		}
		return strings.Join(list, ";")
	}
	list := readText(t, "lastName,email,otherEmails,city\nBerg,ida@example.com,"+addresses("a")+",\n"+
		"Berg,ida@example.com,"+addresses("b")+",Oslo\n", nil)
	require.Len(t, list.Leads, 1)
	require.Len(t, list.Leads[0].OtherEmails, leadtype.MaxList)
	require.Empty(t, list.Leads[0].City)
	require.Equal(t, leadcsv.Repeated, list.Report.LeftOut[0].Kind)
	require.Equal(t, "is the person of line 2: nothing of it was taken, since both rows are too much for one lead",
		list.Report.LeftOut[0].Reason)
}

// A row with the id of an earlier one fills what that lacks only where it is the same person.
func TestARepeatedIDIsMergedWhereAddressAndNameAgree(t *testing.T) {
	t.Parallel()
	for row, taken := range map[string]bool{
		"L1,Ida,BERG,Ida@Example.com,Oslo,CEO": true,
		"L1,Bo,Berg,ida@example.com,Oslo,CEO":  false,
		"L1,Ida,Berg,bo@example.com,Oslo,CEO":  false,
		"L1,Ida,Berg,,Oslo,CEO":                false,
		"L1,,,ida@example.com,Oslo,CEO":        false,
	} {
		list := readText(t, "id,firstName,lastName,email,city,jobTitle\nL1,Ida,Berg,ida@example.com,,Buyer\n"+row+"\n", nil)
		require.Len(t, list.Leads, 1)
		require.Len(t, list.Report.LeftOut, 1)
		p := list.Report.LeftOut[0]
		require.Equal(t, leadcsv.Repeated, p.Kind)
		require.Equal(t, "Buyer", list.Leads[0].JobTitle)
		if taken {
			require.Equal(t, "Oslo", list.Leads[0].City)
			require.Equal(t, "is the person of line 2: what that row lacked was taken", p.Reason)
			require.Equal(t, leadcsv.Contradicts, list.Report.Unfit[0].Kind)
			continue
		}
		require.Empty(t, list.Leads[0].City, row)
		require.Equal(t, "has the id of line 2, and not its e-mail address and name: nothing of it was taken", p.Reason)
		require.Equal(t, 1, p.Column)
		require.Empty(t, list.Report.Unfit)
	}
}
