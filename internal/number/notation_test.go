// SPDX-License-Identifier: Apache-2.0

package number_test

import (
	"math/big"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/number"
)

// A notation is a line of testdata/notations.tsv.
type notation struct {
	locale, text string
	want         map[number.Kind]string
}

func notations(t testing.TB) []notation {
	t.Helper()
	data, err := os.ReadFile("testdata/notations.tsv")
	require.NoError(t, err)
	var all []notation
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		columns := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		require.Len(t, columns, 5, line)
		text, err := strconv.Unquote(columns[1])
		require.NoError(t, err, line)
		all = append(all, notation{columns[0], text, map[number.Kind]string{
			number.Integer: columns[2], number.Decimal: columns[3], number.Currency: columns[4]}})
	}
	return all
}

// shown writes what was read as the table has it.
func shown(n number.Number, reason number.Reason) string {
	switch {
	case reason != number.Fit:
		return "-"
	case n.High == nil:
		return decimal(n.Low) + "+"
	case n.IsRange():
		return decimal(n.Low) + ".." + decimal(n.High)
	}
	return decimal(n.Low)
}

func decimal(x *big.Rat) string {
	text := x.FloatString(20)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// Before there was the reader, 5.000 employees were 5, 1.234,56 was 1.234, and 2.5M was 2.
func TestNotationsAreReadWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	all := notations(t)
	locales := make(map[string]bool)
	for _, n := range all {
		locales[n.locale] = true
		for kind, want := range n.want {
			got := shown(number.Read(n.text, number.Options{Kind: kind, Currency: "EUR"}))
			require.Equal(t, want, got, "%s %q for kind %d", n.locale, n.text, kind)
		}
	}
	require.GreaterOrEqual(t, len(all), 220)
	require.GreaterOrEqual(t, len(locales), 20)
}
