// SPDX-License-Identifier: Apache-2.0

package scratch_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"math"
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
		plain, err := space.ReadAll(strings.NewReader(text), false, bound)
		require.NoError(t, err)
		require.Equal(t, text, string(plain))
		unpacked, err := space.ReadAll(bytes.NewReader(space.Compress([]byte(text))), true, bound)
		require.NoError(t, err)
		require.Equal(t, text, string(unpacked))
		_, err = space.ReadAll(strings.NewReader("no"), true, bound)
		require.Error(t, err)
	}
	empty, err := space.ReadAll(strings.NewReader(""), true, bound)
	require.NoError(t, err)
	require.Empty(t, empty)
}

const bound = 1 << 20

func TestAReplyThatIsLeftStays(t *testing.T) {
	t.Parallel()
	var space scratch.Space
	first, err := space.ReadAll(bytes.NewReader(space.Compress([]byte(texts[0]))), true, bound)
	require.NoError(t, err)
	space.Leave()
	_, err = space.ReadAll(bytes.NewReader(space.Compress([]byte(texts[3]))), true, bound)
	require.NoError(t, err)
	require.Equal(t, texts[0], string(first))
}

func TestASpaceReadsOneByteMoreThanTheBound(t *testing.T) {
	t.Parallel()
	var space scratch.Space
	text := strings.Repeat("0123456789", bound/5)
	for zipped, reply := range map[bool]string{false: text, true: string(space.Compress([]byte(text)))} {
		got, err := space.ReadAll(strings.NewReader(reply), zipped, bound)
		require.NoError(t, err)
		require.Len(t, got, bound+1)
	}
	got, err := space.ReadAll(strings.NewReader(text), true, 100)
	require.NoError(t, err)
	require.Len(t, got, 101, "of what is compressed")
}

// A reply may say that it holds more than it does, or less.
func TestASpaceDoesNotTrustTheSizeThatAReplyClaims(t *testing.T) {
	t.Parallel()
	for _, claimed := range []uint32{0, math.MaxUint32} {
		var space scratch.Space
		packed := space.Compress([]byte(texts[0]))
		binary.LittleEndian.PutUint32(packed[len(packed)-4:], claimed)
		_, err := space.ReadAll(bytes.NewReader(packed), true, bound)
		require.ErrorIs(t, err, gzip.ErrChecksum)
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
		pool.Return(space)
		require.Nil(t, space.Text, "it would be kept for texts that are far shorter")
	}
}
