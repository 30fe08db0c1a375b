// SPDX-License-Identifier: Apache-2.0

package bulk

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestKeySetKnowsItsKeys(t *testing.T) {
	t.Parallel()
	s := NewKeySet()
	require.False(t, s.Answer("none yet"))
	s = NewKeySet()
	const keys = 20_000
	for i := range keys {
		require.True(t, s.Add(strconv.Itoa(i)))
		require.False(t, s.Add(strconv.Itoa(i/2)))
	}
	require.Equal(t, keys, s.Open())
	require.Less(t, len(s.slots), 2*keys)
	for i := range keys {
		key := strconv.Itoa(i)
		require.False(t, s.Answer("x"+key))
		require.True(t, s.Answer(key))
		require.False(t, s.Answer(key))
		require.Equal(t, keys-1-i, s.Open())
	}
}
