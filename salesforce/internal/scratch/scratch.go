// SPDX-License-Identifier: Apache-2.0

// Package scratch has the memory that calls use one after the other: for the text of a
// request, for the reply, and for what compressing and decompressing them needs, which is
// far larger than most of either.
package scratch

import (
	"bytes"
	"compress/gzip"
	"io"
	"sync"
)

// maxKept is the size in bytes above which a text is not kept for later.
const maxKept = 4 << 20

// A Space is the memory of one call at a time. Its zero value is ready.
type Space struct {
	// Text is for the text of a request.
	Text []byte

	reply  bytes.Buffer
	writer *gzip.Writer
	reader *gzip.Reader
}

// Compress returns a text compressed, in memory of its own: a transport may read a request
// after it has returned.
func (s *Space) Compress(text []byte) []byte {
	var b bytes.Buffer
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

// Decompress returns a reader of what a compressed text holds, until the next one.
func (s *Space) Decompress(text io.Reader) (io.Reader, error) {
	if s.reader == nil {
		r, err := gzip.NewReader(text)
		if err != nil {
			return nil, err
		}
		s.reader = r
		return r, nil
	}
	return s.reader, s.reader.Reset(text)
}

// ReadAll reads a reply, until the next one is read.
func (s *Space) ReadAll(from io.Reader) ([]byte, error) {
	s.reply.Reset()
	_, err := s.reply.ReadFrom(from)
	return s.reply.Bytes(), err
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
	if s.reply.Cap() > maxKept {
		s.reply = bytes.Buffer{}
	}
	p.spaces.Put(s)
}
