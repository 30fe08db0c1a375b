// SPDX-License-Identifier: Apache-2.0

package verdict_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/verdict"
)

func TestMixedStrategiesWarnsOfEachEvent(t *testing.T) {
	t.Parallel()
	var got []string
	for _, w := range verdict.MixedStrategies(map[string][]string{"": {"a", "b"}, "expo": {"a"}, "fair": {"a", "b"},
		"day": {"b", "c"}}) {
		got = append(got, w.Reason)
	}
	require.Equal(t, []string{`event "day" has leads with different strategies: b, c`,
		`event "fair" has leads with different strategies: a, b`}, got)
}
