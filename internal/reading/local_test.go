// SPDX-License-Identifier: Apache-2.0

package reading_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/reading"
)

// A number without its area code is none of the country. Many were made to one: the lengths of
// all lines of a country were allowed with the first digits of all.
func TestE164RefusesNumbersWithoutAreaCode(t *testing.T) {
	t.Parallel()
	for code, numbers := range map[string][]string{
		"1": {"867-5309", "+1 867 5309", "340 1234", "1 867 5309", "800 1234", "5551234", "+1 800 1234"},
		"7": {"123-45-67", "495-12-34"}, "20": {"2345 6789", "2795 1234"}, "27": {"555 1234", "462 1234", "802 1234"},
		"30": {"321 4567", "801 1234"}, "31": {"871 2345", "800 1234", "624 1234", "+31 871 2345"},
		"33": {"42 34 56 78", "80 12 34 56"}, "34": {"345 678", "900 123"}, "36": {"234 5678", "801 234"},
		"39": {"333 1234", "345 678", "6982 1234"}, "40": {"312 3456", "800 123"}, "41": {"234 56 78", "800 12 34"},
		"43": {"7654321", "512 3456", "8001234", "71 23 45"}, "44": {"802 1234", "7946 0018", "800 1234", "234567",
			"0802 1234"},
		"46": {"123 45 67", "812 34 56"}, "48": {"123 45 67", "801 23 45"},
		"49": {"7654321", "2345678", "89 12 34 56", "8001234"},
		"52": {"5234 5678", "800 1234"}, "54": {"4123-4567", "800 1234"}, "55": {"91234-5678", "3234-5678"},
		"61": {"9374 4000", "8123 4567"}, "62": {"5123 4567", "812 3456"}, "81": {"3456-7890", "800-1234"},
		"82": {"555-1234", "2345-6789"}, "86": {"6552 9988", "8212 3456"}, "90": {"312 34 56", "444 12 3"},
		"91": {"2345 6789", "2612 3456"}, "98": {"2345 6789"}, "353": {"234 5678", "800 1234"}, "351": {"234 567"},
		"380": {"123 45 67", "800 12 34"}, "972": {"623 4567", "800 1234"}, "60": {"2161 1234", "800 1234"},
	} {
		for _, number := range numbers {
			got, err := reading.E164(number, code)
			require.Error(t, err, "%s %q: %q", code, number, got)
		}
	}
}

// The digits that a number begins with say how long it is.
func TestE164KnowsTheLengthsOfEachPrefix(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ code, in, want string }{
		{"44", "0800 1111", "+448001111"}, {"44", "0800 1234", ""}, {"44", "0800 123 456", "+44800123456"},
		{"44", "+44 800 1111", "+448001111"}, {"44", "+44 802 1234", ""}, {"31", "0800 1234", "+318001234"},
		{"49", "+49 171 12345", ""}, {"49", "030 123456", "+4930123456"}, {"1", "800 555 0100", "+18005550100"},
		{"1", "+1 340 555 0100", "+13405550100"}, {"354", "800 1234", "+3548001234"}, {"45", "80 12 34 56", "+4580123456"},
		{"972", "3 123 4567", "+97231234567"}, {"36", "1 234 5678", "+3612345678"}, {"49", "301234567", "+49301234567"},
	} {
		got, err := reading.E164(tc.in, tc.code)
		require.Equal(t, tc.want, got, "%s %q", tc.code, tc.in)
		require.Equal(t, tc.want == "", err != nil)
	}
}

// A number that lost its + and is one of the country as it is has two readings where its length
// does not decide. The second one was written.
func TestE164RefusesNumbersWithTwoReadings(t *testing.T) {
	t.Parallel()
	for _, number := range []string{"493012345", "4930 123456"} {
		got, err := reading.E164(number, "49")
		require.Error(t, err, "%q: %q", number, got)
	}
	got, err := reading.E164("49301234567", "49")
	require.NoError(t, err)
	require.Equal(t, "+49301234567", got)
}
