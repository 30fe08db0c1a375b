// SPDX-License-Identifier: Apache-2.0

package schedule

import "time"

// Longest is what a call of rows that are known to be slow may be expected to take: three
// quarters of the 20 s above which Salesforce limits concurrent calls
// (docs/salesforce.md, Limits).
const Longest = 15 * time.Second

const (
	// telling is how long a call takes at least that says that rows are slow: a shorter one
	// may take that long for any number of rows.
	telling = time.Second
	// grave is the same for rows whose time is known.
	grave = Longest / 3
)

// A Pace is how long rows of each object take, as far as calls have shown it. The zero Pace
// knows nothing. It is not safe for concurrent use.
type Pace struct {
	row  map[string]time.Duration // by object
	most int
}

// Most returns how many rows the largest call had that it has seen.
func (p *Pace) Most() int { return p.most }

// Expect returns how long a call with so many rows of each object takes. Rows of which nothing
// is known are as slow as the slowest.
func (p *Pace) Expect(rows map[string]int) (takes time.Duration) {
	for object, n := range rows {
		row, known := p.row[object]
		if !known {
			row = p.slowest()
		}
		takes += time.Duration(n) * row
	}
	return takes
}

func (p *Pace) slowest() (row time.Duration) {
	for _, other := range p.row {
		row = max(row, other)
	}
	return row
}

// Learn takes in how long a call took that wrote so many rows of each object. All of its time
// counts for the rows, so that a small call overstates it: what a larger one takes is then
// less than expected, and that is learned from it.
func (p *Pace) Learn(rows map[string]int, took time.Duration) {
	total, fresh := 0, 0
	var expected time.Duration // for the rows that are known
	for object, n := range rows {
		total += n
		if row, known := p.row[object]; known {
			expected += time.Duration(n) * row
		} else {
			fresh += n
		}
	}
	p.most = max(p.most, total)
	switch {
	case total == 0:
	case fresh > 0 && (took >= telling || p.slowest() > 0):
		p.set(rows, max(took-expected, 0)/time.Duration(fresh))
	case expected > took || expected > 0 && fresh == 0 && took >= grave:
		p.scale(rows, float64(took)/float64(expected))
	}
}

// set enters the time of the rows of which it is not known.
func (p *Pace) set(rows map[string]int, row time.Duration) {
	if p.row == nil {
		p.row = make(map[string]time.Duration)
	}
	for object := range rows {
		if _, known := p.row[object]; !known {
			p.row[object] = row
		}
	}
}

// scale changes the time of the rows of a call.
func (p *Pace) scale(rows map[string]int, by float64) {
	for object := range rows {
		if row := p.row[object]; row > 0 {
			p.row[object] = max(time.Duration(float64(row)*by), 1)
		}
	}
}

// Fewer returns how many rows collections may hold for a call that is expected to take longer
// than Longest with so many.
func Fewer(rows int, expected time.Duration) int {
	return max(1, min(rows-1, int(float64(rows)*float64(Longest)/float64(expected))))
}

// Count returns how many rows of each object batches have.
func (s *Schedule) Count(batches []Batch) map[string]int {
	rows := make(map[string]int)
	for _, b := range batches {
		for _, i := range b.Rows {
			rows[s.names[s.objects[i]]]++
		}
	}
	return rows
}
