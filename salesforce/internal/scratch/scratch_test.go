// SPDX-License-Identifier: Apache-2.0

package scratch_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/internal/scratch"
)

// texts differ in length, so that one would show through another.
var texts = []string{strings.Repeat("first ", 1000), "second", "", strings.Repeat("third", 10_000)}

func TestCompressedTextsHaveMemoryOfTheirOwn(t *testing.T) {
	t.Parallel()
	var space scratch.Space
	packed := make([][]byte, len(texts))
	for i, text := range texts {
		packed[i] = space.Compress([]byte(text))
	}
	for i, text := range texts {
		unpacked, err := gzip.NewReader(bytes.NewReader(packed[i]))
		require.NoError(t, err)
		got, err := io.ReadAll(unpacked)
		require.NoError(t, err)
		require.Equal(t, text, string(got))
	}
}

func TestASpaceReadsRepliesOneAfterTheOther(t *testing.T) {
	t.Parallel()
	var space scratch.Space
	for _, text := range texts {
		plain, err := space.ReadAll(strings.NewReader(text))
		require.NoError(t, err)
		require.Equal(t, text, string(plain))
		unpacked, err := space.Decompress(bytes.NewReader(space.Compress([]byte(text))))
		require.NoError(t, err)
		got, err := space.ReadAll(unpacked)
		require.NoError(t, err)
		require.Equal(t, text, string(got))
		_, err = space.Decompress(strings.NewReader("not compressed"))
		require.Error(t, err)
	}
}

func TestAPoolGivesNobodyASpaceThatIsInUse(t *testing.T) {
	t.Parallel()
	var pool scratch.Pool
	taken := make(map[*scratch.Space]bool)
	for range 3 {
		space := pool.Take()
		require.False(t, taken[space])
		taken[space] = true
	}
	for space := range taken {
		space.Text = make([]byte, 0, 8<<20)
		_, err := space.ReadAll(strings.NewReader(strings.Repeat(" ", 8<<20)))
		require.NoError(t, err)
		pool.Return(space)
		require.Nil(t, space.Text, "it would be kept for texts that are far shorter")
	}
}
