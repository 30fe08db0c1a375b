// SPDX-License-Identifier: Apache-2.0

package plan

import "slices"

// maxSlab is how many values a slab makes at a time at most.
const maxSlab = 64

// A slab makes the many small values of a batch, a few of which are made at a time. Its zero
// value is ready.
type slab[T any] struct {
	free []T
	made int // at the last time
}

// take returns a slice of n zero values. It is full: who adds to it gets another one.
func (s *slab[T]) take(n int) []T {
	if n > len(s.free) {
		s.grow(n)
	}
	taken := s.free[:n:n]
	s.free = s.free[n:]
	return taken
}

// grow makes room for at least n values.
func (s *slab[T]) grow(n int) {
	s.made = max(n, min(2*s.made, maxSlab))
	s.free = slices.Grow([]T(nil), s.made)
	s.free = s.free[:cap(s.free)] // all that was allocated
}

// ahead returns the n values that are taken next.
func (s *slab[T]) ahead(n int) []T {
	if n > len(s.free) {
		s.grow(n)
	}
	return s.free[:n]
}

// one returns a zero value.
func (s *slab[T]) one() *T { return &s.take(1)[0] }
