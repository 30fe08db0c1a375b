package sftest

import "time"

// A note is what the org notes of one HTTP request, for its log.
type note struct {
	Time         time.Time
	Method, Path string
	SOQL         []string
	Status       int
	Calls, Total int
	Writes       int
	Written      int
	Subrequests  []subnote
	slow         time.Duration // what slow rows add to the time it takes
}

// A subnote is what the org notes of one part of a composite.
type subnote struct {
	ReferenceID  string
	Method, Path string
	SOQL         string
	Status       int
	Writes       int
}

func (n *note) addSOQL(text string) {
	n.SOQL = append(n.SOQL, text)
	if last := len(n.Subrequests); last > 0 {
		n.Subrequests[last-1].SOQL = text
	}
}

func (n *note) attempt(rows int) {
	n.Writes += rows
	if last := len(n.Subrequests); last > 0 {
		n.Subrequests[last-1].Writes += rows
	}
}
