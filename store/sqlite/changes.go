// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"encoding/binary"
	"errors"
	"io"
	"iter"
	"math/bits"
	"os"
	"sync"
)

// maxPages is how many pages a file may have for erase. In a larger one the number
// of a page, with which a page that continues a long row begins, could look like the
// first byte of a page of a tree. It is 128 GiB.
const maxPages = 1 << 25

// A pageSet is a set of page numbers, with a bit for each.
type pageSet struct {
	all  bool // every page of the file
	bits []uint64
}

func (p *pageSet) add(number uint32) {
	if number >= maxPages {
		p.all = true
		return
	}
	at := int(number / 64)
	for at >= len(p.bits) {
		p.bits = append(p.bits, 0)
	}
	p.bits[at] |= 1 << (number % 64)
}

// numbers ranges over the pages of a set that has not all of them.
func (p *pageSet) numbers() iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for i, word := range p.bits {
			for ; word != 0; word &= word - 1 {
				if !yield(int64(i)*64 + int64(bits.TrailingZeros64(word))) {
					return
				}
			}
		}
	}
}

// changes are the pages that were written since erase looked at them. They are read
// from the log after every commit, while the writer is still held: the log can start
// over with the next one.
type changes struct {
	mu    sync.Mutex
	pages pageSet
	salt  [8]byte // of the log that was read last
	read  int64   // its frames that are known
}

// The log's format is https://sqlite.org/fileformat2.html#walformat.
const (
	logHeader   = 32
	frameHeader = 24
)

// note adds the pages that the log has beyond those that are known. When the log
// cannot be read, that may be any.
func (c *changes) note(log *os.File) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.readLog(log); err != nil {
		c.pages.all = true
	}
}

func (c *changes) readLog(log *os.File) error {
	var header [logHeader]byte
	if _, err := log.ReadAt(header[:], 0); err != nil {
		if errors.Is(err, io.EOF) { // emptied
			return nil
		}
		return err
	}
	pageSize := int64(binary.BigEndian.Uint32(header[8:]))
	if salt := [8]byte(header[16:24]); salt != c.salt {
		c.salt, c.read = salt, 0
	}
	for i := c.read; ; i++ {
		var frame [frameHeader]byte
		_, err := log.ReadAt(frame[:], logHeader+i*(frameHeader+pageSize))
		if errors.Is(err, io.EOF) || err == nil && [8]byte(frame[8:16]) != c.salt { // what an earlier log left
			return nil
		}
		if err != nil {
			return err
		}
		c.pages.add(binary.BigEndian.Uint32(frame[:]))
		if binary.BigEndian.Uint32(frame[4:]) != 0 { // a commit: nothing overwrites what is before it
			c.read = i + 1
		}
	}
}

func (c *changes) addAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pages.all = true
}

// take returns the pages and forgets them.
func (c *changes) take() pageSet {
	c.mu.Lock()
	defer c.mu.Unlock()
	pages := c.pages
	c.pages = pageSet{}
	return pages
}

// putBack adds pages that were taken.
func (c *changes) putBack(pages pageSet) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pages.all = c.pages.all || pages.all
	for number := range pages.numbers() {
		c.pages.add(uint32(number))
	}
}
