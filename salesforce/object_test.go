// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
)

func TestParseIDGivesTheCanonicalForm(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]salesforce.ID{
		"001dM00003kRs59":         "001dM00003kRs59QAC",
		"00Qak00000696HF":         "00Qak00000696HFEAY",
		"001dM00003kRs59QAC":      "001dM00003kRs59QAC",
		"001DM00003KRS59QAC":      "001dM00003kRs59QAC",
		"001dm00003krs59qac":      "001dM00003kRs59QAC",
		" 001dM00003kRs59\n":      "001dM00003kRs59QAC",
		"012000000000000AAA":      "012000000000000AAA",
		strings.Repeat("Z", 15):   "ZZZZZZZZZZZZZZZ555",
		"a00000000000000":         "a00000000000000AAA",
		"zzzzzzzzzzzzzzz" + "aaa": "zzzzzzzzzzzzzzzAAA",
	} {
		got, err := salesforce.ParseID(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got)
	}
}

func TestParseIDRefusesWhatIsNoID(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "001", "001dM00003kRs5", "001dM00003kRs59Q", "001dM00003kRs5_", "001dM00003kRs59QA9", "001dM00003kRs595AC",
		"001dM00003kRs5é",
	} {
		_, err := salesforce.ParseID(text)
		require.ErrorIs(t, err, salesforce.ErrMalformedID, text)
	}
	require.Equal(t, salesforce.ID("junk"), salesforce.ID("junk").ID18())
}

func TestIDEqualsInEitherForm(t *testing.T) {
	t.Parallel()
	require.True(t, salesforce.ID("001dM00003kRs59").Equal("001DM00003KRS59QAC"))
	require.False(t, salesforce.ID("001dM00003kRs59").Equal("001dM00003krs59"), "15 characters keep their case")
	require.True(t, salesforce.ID("").Equal(""))
	require.Equal(t, "00Q", salesforce.ID("00Qak00000696HF").Prefix())
	require.Empty(t, salesforce.ID("00").Prefix())
}

func FuzzParseID(f *testing.F) {
	f.Add("001dM00003kRs59")
	f.Add("001DM00003KRS59QAC")
	f.Add(" 00Q")
	f.Fuzz(func(t *testing.T, text string) {
		id, err := salesforce.ParseID(text)
		if err != nil {
			require.Empty(t, id)
			return
		}
		require.Len(t, string(id), 18)
		again, err := salesforce.ParseID(string(id))
		require.NoError(t, err)
		require.Equal(t, id, again)
		shouted, err := salesforce.ParseID(strings.ToUpper(string(id)))
		require.NoError(t, err)
		require.Equal(t, id, shouted)
		short, err := salesforce.ParseID(string(id[:15]))
		require.NoError(t, err)
		require.Equal(t, id, short)
	})
}

func TestObjectsEqualInAnyCase(t *testing.T) {
	t.Parallel()
	require.True(t, salesforce.ObjectCampaignMember.Equal("campaignmember"))
	require.True(t, salesforce.Object("").Equal(""))
	require.False(t, salesforce.ObjectLead.Equal("LeadStatus"))
}
