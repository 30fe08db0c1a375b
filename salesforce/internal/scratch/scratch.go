// SPDX-License-Identifier: Apache-2.0

// Package scratch has the memory that calls use one after the other: for the text of a
// request, for the reply, and for what compressing and decompressing them needs, which is
// far larger than most of either.
package scratch

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"sync"
)

// maxKept is the size in bytes above which a text is not kept for later.
const maxKept = 4 << 20

// A Space is the memory of one call at a time. Its zero value is ready.
type Space struct {
	// Text is for the text of a request.
	Text []byte

	packed bytes.Buffer // the reply as it came, where it is compressed
	reply  bytes.Buffer
	writer *gzip.Writer
	reader *gzip.Reader
}

// usualRatio is about how much longer a request with many rows is than it is compressed.
const usualRatio = 12

// Compress returns a text compressed, in memory of its own: a transport may read a request
// after it has returned.
func (s *Space) Compress(text []byte) []byte {
	var b bytes.Buffer
	b.Grow(len(text) / usualRatio)
	if s.writer == nil {
		s.writer, _ = gzip.NewWriterLevel(nil, gzip.BestSpeed) // a level that there is
	}
	s.writer.Reset(&b)
	// Writing to a bytes.Buffer never fails.
	_, _ = s.writer.Write(text)
	_ = s.writer.Close()
	s.writer.Reset(nil) // which would keep the buffer
	return b.Bytes()
}

// ReadAll reads a reply, at most bound bytes and one more, which shows that it is longer. It is
// valid until the next one is read, or with Leave for good. zipped says that it is compressed,
// unless it is empty, such as that of a 204.
func (s *Space) ReadAll(from io.Reader, zipped bool, bound int64) ([]byte, error) {
	from = io.LimitReader(from, bound+1)
	if !zipped { // Salesforce compresses what is long
		return io.ReadAll(from)
	}
	packed, err := s.read(&s.packed, from)
	if err != nil || len(packed) == 0 || int64(len(packed)) > bound {
		return packed, err
	}
	if s.reader == nil {
		s.reader = new(gzip.Reader)
	}
	if err := s.reader.Reset(bytes.NewReader(packed)); err != nil {
		return nil, err
	}
	s.reply.Reset()
	s.reply.Grow(int(min(unpackedSize(packed), bound)) + bytes.MinRead) // as much as ReadFrom wants
	return s.read(&s.reply, io.LimitReader(s.reader, bound+1))
}

// Leave leaves the reply that was read last to its reader for good.
func (s *Space) Leave() { s.reply = bytes.Buffer{} }

// read reads all into a buffer.
func (s *Space) read(to *bytes.Buffer, from io.Reader) ([]byte, error) {
	to.Reset()
	_, err := to.ReadFrom(from)
	return to.Bytes(), err
}

// maxRatio is how much longer a text may be than it is compressed.
const maxRatio = 1032

// unpackedSize returns how long a compressed text, of which the header was read, says to be,
// which need not be true.
func unpackedSize(packed []byte) int64 {
	said := binary.LittleEndian.Uint32(packed[len(packed)-4:]) // RFC 1952
	return min(int64(said), maxRatio*int64(len(packed)))
}

// A Pool has Spaces that are not in use. Its zero value is ready.
type Pool struct{ spaces sync.Pool }

// Take returns a Space that nobody else uses.
func (p *Pool) Take() *Space {
	if s, kept := p.spaces.Get().(*Space); kept {
		return s
	}
	return new(Space)
}

// Return takes a Space back, of which nothing is used any more.
func (p *Pool) Return(s *Space) {
	if cap(s.Text) > maxKept {
		s.Text = nil
	}
	for _, buffer := range []*bytes.Buffer{&s.packed, &s.reply} {
		if buffer.Cap() > maxKept {
			*buffer = bytes.Buffer{}
		}
	}
	p.spaces.Put(s)
}
