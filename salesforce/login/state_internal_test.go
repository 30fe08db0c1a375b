// SPDX-License-Identifier: Apache-2.0

package login

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUsedStatesForgetTheOldest(t *testing.T) {
	t.Parallel()
	var states usedStates
	for i := range 3 * maxStates / 2 {
		require.True(t, states.use(strconv.Itoa(i)))
	}
	require.Len(t, states.known, maxStates)
	require.Len(t, states.order, maxStates)
	require.False(t, states.use(strconv.Itoa(maxStates/2)), "the oldest that is remembered")
	require.False(t, states.use(strconv.Itoa(3*maxStates/2-1)), "the newest")
	require.True(t, states.use(strconv.Itoa(maxStates/2-1)), "one that was forgotten")
}
