// SPDX-License-Identifier: Apache-2.0

package wire

import "time"

// A Note is the log entry of one HTTP request while it is executed.
type Note struct {
	Time         time.Time
	Method, Path string
	SOQL         []string
	Status       int
	Calls, Total int
	Writes       int
	Written      int
	Subrequests  []Subrequest
	Slow         time.Duration // what slow rows add to the time it takes
}

// A Subrequest is the log entry of one part of a composite.
type Subrequest struct {
	ReferenceID  string
	Method, Path string
	SOQL         string
	Status       int
	Writes       int
	AutoAssign   bool
}

// AddSOQL records a statement of the request or of its last subrequest.
func (n *Note) AddSOQL(text string) {
	n.SOQL = append(n.SOQL, text)
	if last := len(n.Subrequests); last > 0 {
		n.Subrequests[last-1].SOQL = text
	}
}

// AddWrites records how many rows the request or its last subrequest asks to write.
func (n *Note) AddWrites(rows int) {
	n.Writes += rows
	if last := len(n.Subrequests); last > 0 {
		n.Subrequests[last-1].Writes += rows
	}
}
