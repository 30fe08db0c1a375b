// SPDX-License-Identifier: Apache-2.0

package schedule

// growAfter is after how many batches that went through more rows are tried than
// failed before. It doubles each time that they fail again.
const growAfter = 50

// A Size is how many rows of one object go through at a time, as far as it is known:
// automation of the org may fail for as many as a collection takes. The zero Size knows no
// bound.
type Size struct {
	bound  bool
	passed int // the most rows that went through together
	failed int // the fewest that did not, if more than passed; 0 when that is not known
	// went counts the batches that went through since more rows failed; wait is how many
	// there must be before more are tried again.
	went, wait int
}

// Bound reports whether fewer rows go through than a collection takes.
func (s *Size) Bound() bool { return s.bound }

// Next returns the sizes of the batches to send next for so many rows, the last size for
// all further ones. While nothing has gone through, each is half of the one before; later
// one of a call is larger, to find the largest that goes through.
func (s *Size) Next(rows int, limits Limits) []int {
	switch {
	case !s.bound:
		return []int{limits.Rows}
	case s.passed == 0:
		var sizes []int
		for size := s.failed / 2; len(sizes) < limits.Heavy; size /= 2 {
			sizes = append(sizes, max(size, 1))
		}
		return sizes
	case !s.affords(rows, limits):
		return []int{s.passed}
	}
	more := (s.passed + s.failed) / 2
	if s.failed == 0 {
		more = min(2*s.passed, limits.Rows)
	}
	if s.failed == 0 || s.failed > solo {
		more = max(more, solo)
	}
	if more <= s.passed {
		return []int{s.passed}
	}
	return []int{more, s.passed}
}

// affords reports whether a batch that fails would cost no call, or one of at least five.
func (s *Size) affords(rows int, limits Limits) bool {
	whole := max(limits.Heavy*s.passed, limits.Subrequests) // rows in a call
	calls, less := ceil(rows, whole), ceil(rows+whole/limits.Heavy, whole)
	return calls > 1 && (less == calls || calls >= 5)
}

// Learn takes in how a call went: the sizes of the batches that went through, and of
// those of which no row did. It returns the size above which a batch failed because of
// its size; in a smaller one some row is at fault.
func (s *Size) Learn(went, failed []int, limits Limits) (above int) {
	most := s.passed
	for _, n := range went {
		most = max(most, n)
	}
	if len(went) == 0 && s.bound && s.shrank(failed) {
		most, s.passed, s.failed = 0, 0, 0
	}
	for _, n := range failed {
		if n > most {
			if !s.bound {
				*s = Size{bound: true, wait: growAfter}
			}
			if s.failed == 0 || n < s.failed {
				s.failed, s.went = n, 0
			}
		}
	}
	if s.bound {
		s.pass(most, len(went), limits)
	}
	return most
}

// shrank reports whether what went through before does not any more.
func (s *Size) shrank(failed []int) bool {
	whole := 0
	for _, n := range failed {
		if n == s.passed {
			whole++
		}
	}
	return whole > 0 && (whole > 1 || len(failed) == 1)
}

// pass notes that batches of at most so many rows went through.
func (s *Size) pass(most, batches int, limits Limits) {
	if most > s.passed {
		s.passed = most
		if s.failed <= most {
			s.failed = 0
		}
	}
	if s.passed >= limits.Rows {
		*s = Size{}
		return
	}
	if s.went += batches; s.went >= s.wait && s.failed > 0 && s.passed > 0 {
		s.failed, s.went, s.wait = 0, 0, 2*s.wait
	}
}
