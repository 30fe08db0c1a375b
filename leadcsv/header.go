// SPDX-License-Identifier: Apache-2.0

package leadcsv

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/csvtext"
	"github.com/leadsync/leadsync/internal/reading"
)

// A table is the records of a file by one separator.
type table struct {
	names     names
	separator rune
	records   []csvtext.Record
	headers   map[int]bool // the records that are headers by their names
}

// A place is where the records of a file stand: the header, and those before it.
type place struct {
	header int
	// others are headers of other sections.
	others []int
}

// cellName returns a cell of the header as the name of a column.
func cellName(cell string) string {
	return strings.Join(strings.Fields(csvtext.Unguard(reading.CellText(strings.TrimSpace(cell)))), " ")
}

// known returns how many source fields a record names, and whether one of them tells who a
// person is. A record with an e-mail address is no header.
func (t *table) known(r *csvtext.Record) (count int, identifying bool) {
	if r.Broken != "" || r.Inside {
		return 0, false
	}
	var sources []string
	for _, cell := range r.Cells {
		if strings.Contains(cell, "@") {
			return 0, false
		}
	}
	for _, cell := range r.Cells {
		named, ok := t.names.of(cellName(cell))
		if !ok || slices.Contains(sources, named.source) {
			continue
		}
		sources = append(sources, named.source)
		switch named.source {
		case "id", "email", wholeName, "firstName", "lastName", "contactId", "leadId":
			identifying = true
		}
	}
	return len(sources), identifying
}

// isHeader reports whether a record names two known columns, one of which tells who a person
// is.
func (t *table) isHeader(r *csvtext.Record) bool {
	count, identifying := t.known(r)
	return count >= 2 && identifying
}

// isOnlyName reports whether a record is the name of one known column and nothing else.
func (t *table) isOnlyName(r *csvtext.Record) bool {
	count, identifying := t.known(r)
	return count == 1 && identifying && filled(r) == 1
}

// filled counts the cells with a text.
func filled(r *csvtext.Record) int {
	n := 0
	for _, cell := range r.Cells {
		if strings.TrimSpace(cell) != "" {
			n++
		}
	}
	return n
}

// sameHeader reports whether two records name the same columns.
func (t *table) sameHeader(a, b *csvtext.Record) bool {
	sources := func(r *csvtext.Record) []string {
		var list []string
		for _, cell := range r.Cells {
			name := cellName(cell)
			if named, ok := t.names.of(name); ok {
				name = named.source
			}
			list = append(list, fold(name))
		}
		for len(list) > 0 && list[len(list)-1] == "" {
			list = list[:len(list)-1]
		}
		return list
	}
	return slices.Equal(sources(a), sources(b))
}

// find returns where the header is.
func (t *table) find(line int) (place, error) {
	t.headers = make(map[int]bool)
	var headers []int
	told := -1
	for i := range t.records {
		r := &t.records[i]
		second := i > 0 && t.headers[i-1] && t.hasSecondLine(i-1)
		if t.isHeader(r) && !second {
			t.headers[i] = true
			headers = append(headers, i)
		}
		if line > 0 && r.Line <= line && line <= r.Last && told < 0 {
			told = i
		}
	}
	switch {
	case line > 0 && (told < 0 || t.records[told].Broken != "" || t.records[told].Blank()):
		return place{}, refuse(fmt.Sprintf("line %d: has no header that can be read", line))
	case line > 0:
		return t.among(told, headers), nil
	case len(headers) == 0:
		return t.findSmall()
	}
	return t.choose(headers)
}

// among returns the place of one header; those that name the same columns are no others.
func (t *table) among(header int, headers []int) place {
	return place{header: header, others: slices.DeleteFunc(slices.Clone(headers), func(i int) bool {
		return i == header || t.sameHeader(&t.records[i], &t.records[header])
	})}
}

// findSmall finds the header of a file in which a single column is known: its first row, which
// names an e-mail address, and has as many cells as the row below.
func (t *table) findSmall() (place, error) {
	first, second := -1, -1
	for i := range t.records {
		switch {
		case t.records[i].Blank():
		case first < 0:
			first = i
		case second < 0:
			second = i
		}
	}
	if first < 0 {
		return place{}, refuse("the file is empty: its first rows have to name the columns, such as First Name and E-mail")
	}
	r := &t.records[first]
	hasEmail := slices.ContainsFunc(r.Cells, func(cell string) bool {
		named, ok := t.names.of(cellName(cell))
		return ok && named.source == "email"
	})
	count, _ := t.known(r)
	if !hasEmail || count == 0 || second >= 0 && len(t.records[second].Cells) > len(r.Cells) {
		return place{}, refuse(fmt.Sprintf("line %d: no row names two columns that are known, such as First Name and "+
			"E-mail: name more with Options.Aliases, or the header with Options.HeaderLine", r.Line))
	}
	return place{header: first}, nil
}

// attendees are words in the title of a section that holds the people who came.
var attendees = []string{"attendee", "participant", "teilnehmer", "asistente", "deelnemer", "registrant", "besucher"}

// choose returns the header to read: the only one, or that of the attendees.
func (t *table) choose(headers []int) (place, error) {
	one := t.among(headers[0], headers)
	if len(one.others) == 0 {
		return one, nil
	}
	var chosen []int
	for _, i := range headers {
		title := t.title(i)
		if title < 0 {
			continue
		}
		words := fold(numbered.ReplaceAllString(strings.TrimSpace(strings.Join(t.records[title].Cells, "")), ""))
		if slices.ContainsFunc(attendees, func(word string) bool { return strings.HasPrefix(words, word) }) {
			chosen = append(chosen, i)
		}
	}
	if len(chosen) > 0 {
		same := t.among(chosen[0], chosen)
		if len(same.others) == 0 {
			return t.among(chosen[0], headers), nil
		}
	}
	other := one.others[0]
	return place{}, refuse(fmt.Sprintf("line %d: has another header than line %d: name the one to read with "+
		"Options.HeaderLine", t.records[other].Line, t.records[headers[0]].Line))
}

// title returns the record above a header that has one text only, -1 for none.
func (t *table) title(header int) int {
	for i := header - 1; i >= 0; i-- {
		switch r := &t.records[i]; {
		case r.Blank():
		case filled(r) == 1 && r.Broken == "":
			return i
		default:
			return -1
		}
	}
	return -1
}

// isTitle reports whether a record is the title of a section: one text, and a header below.
func (t *table) isTitle(at int) bool {
	if filled(&t.records[at]) != 1 {
		return false
	}
	i := t.next(at)
	return i < len(t.records) && (t.headers[i] || t.isOnlyName(&t.records[i]))
}

// next returns the next record that is not blank, or the number of records.
func (t *table) next(at int) int {
	for at++; at < len(t.records) && t.records[at].Blank(); at++ {
	}
	return at
}
