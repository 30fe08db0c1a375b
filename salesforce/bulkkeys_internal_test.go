package salesforce

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestKeySetKnowsItsKeys(t *testing.T) {
	t.Parallel()
	s := newKeySet()
	require.False(t, s.answer("none yet"))
	s = newKeySet()
	const keys = 20_000
	for i := range keys {
		require.True(t, s.add(strconv.Itoa(i)))
		require.False(t, s.add(strconv.Itoa(i/2)))
	}
	require.Equal(t, keys, s.open)
	require.Less(t, len(s.slots), 2*keys)
	for i := range keys {
		key := strconv.Itoa(i)
		require.False(t, s.answer("x"+key))
		require.True(t, s.answer(key))
		require.False(t, s.answer(key))
		require.Equal(t, keys-1-i, s.open)
	}
}
