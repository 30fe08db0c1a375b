// SPDX-License-Identifier: Apache-2.0

package copied_test

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/store/postgres/internal/copied"
)

// header is what all rows begin with.
const header = "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"

func TestRowsAreWrittenAsTheServerReadsThem(t *testing.T) {
	t.Parallel()
	rows := copied.Reader(3, 3, func(i int, rows *copied.Rows) {
		for n := range i { // none of the first, two of the last
			rows.Next()
			rows.Int(int64(i) - 3)
			rows.Text(strings.Repeat("é", n))
			rows.Bool(n == 1)
		}
	})
	row := func(number, text, truth string) string {
		return "\x00\x03" + "\x00\x00\x00\x08\xff\xff\xff\xff\xff\xff\xff" + number + text + "\x00\x00\x00\x01" + truth
	}
	written, err := io.ReadAll(rows)
	require.NoError(t, err)
	require.Equal(t, header+row("\xfe", "\x00\x00\x00\x00", "\x00")+row("\xff", "\x00\x00\x00\x00", "\x00")+
		row("\xff", "\x00\x00\x00\x02é", "\x01")+"\xff\xff", string(written))
}

func TestRowsAreTheSameInPiecesOfAnySize(t *testing.T) {
	t.Parallel()
	rows := func() io.Reader {
		return copied.Reader(2, 200, func(i int, rows *copied.Rows) {
			rows.Next()
			rows.Int(int64(i))
			rows.Text(strings.Repeat("x", i*i)) // more than any piece has room for
		})
	}
	whole, err := io.ReadAll(iotest.OneByteReader(rows()))
	require.NoError(t, err)
	for _, size := range []int{7, 4095, 4096, 4097, 65531, 10 << 20} {
		var all []byte
		for from, piece := rows(), make([]byte, size); ; {
			n, err := from.Read(piece)
			all = append(all, piece[:n]...)
			if err != nil {
				require.Equal(t, io.EOF, err)
				require.Zero(t, n)
				break
			}
			require.Positive(t, n)
		}
		require.Equal(t, string(whole), string(all))
	}
}
