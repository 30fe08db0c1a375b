// SPDX-License-Identifier: Apache-2.0

// Package copied has the form in which PostgreSQL takes many rows of a table at once: the binary one of COPY.
package copied

import (
	"encoding/binary"
	"io"
)

const (
	// signature begins the rows: eleven bytes that say what follows, no flags, and nothing more of a header.
	signature = "PGCOPY\n\xff\r\n\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00"
	// end is the number of columns of the row after the last one.
	end = -1
	// spare is the room that most rows fit into.
	spare = 4096
)

// Rows takes rows of a table.
type Rows struct {
	made    []byte
	columns int
}

// Next begins the next row. Its columns follow, in their order.
func (r *Rows) Next() { r.begin(r.columns) }

// Int adds a column of type bigint.
func (r *Rows) Int(value int64) {
	r.made = binary.BigEndian.AppendUint32(r.made, 8)
	r.made = binary.BigEndian.AppendUint64(r.made, uint64(value))
}

// Text adds a column of type text. The server refuses U+0000 and what is not UTF-8.
func (r *Rows) Text(value string) {
	r.made = binary.BigEndian.AppendUint32(r.made, uint32(len(value)))
	r.made = append(r.made, value...)
}

// Bool adds a column of type boolean.
func (r *Rows) Bool(value bool) {
	bit := byte(0)
	if value {
		bit = 1
	}
	r.made = append(binary.BigEndian.AppendUint32(r.made, 1), bit)
}

func (r *Rows) begin(columns int) {
	r.made = binary.BigEndian.AppendUint16(r.made, uint16(columns))
}

// A reader reads rows that are only made then, while the server inserts those before.
type reader struct {
	rows  Rows
	write func(i int, rows *Rows)
	next  int
	of    int
	left  []byte // what did not fit into what was read
}

// Reader returns what the server reads of rows with so many columns. write is called with each number before of, and
// may add any number of rows.
func Reader(columns, of int, write func(i int, rows *Rows)) io.Reader {
	return &reader{rows: Rows{columns: columns}, write: write, of: of, left: []byte(signature)}
}

// Read implements io.Reader.
func (r *reader) Read(into []byte) (int, error) {
	n := copy(into, r.left)
	r.left = r.left[n:]
	if len(r.left) > 0 {
		return n, nil
	}
	r.rows.made = into[:n:len(into)]
	for ; r.next <= r.of && (len(r.rows.made) == 0 || len(r.rows.made)+spare <= len(into)); r.next++ {
		if r.next == r.of {
			r.rows.begin(end)
		} else {
			r.write(r.next, &r.rows)
		}
	}
	if len(r.rows.made) == 0 {
		return 0, io.EOF
	}
	n = copy(into, r.rows.made)
	r.left = r.rows.made[n:]
	return n, nil
}
