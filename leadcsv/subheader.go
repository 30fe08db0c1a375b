// SPDX-License-Identifier: Apache-2.0

package leadcsv

import "slices"

// wholeAnswer is what surveys write below a question that has one column, folded.
var wholeAnswer = []string{"response", "openendedresponse", "antwort", "offeneantwort", "reponse", "respuesta"}

// columnNames returns the names of the columns of a header, and the record that is its second
// line, -1 for none. Surveys name a question above the first of its columns, and below it what is
// asked in each.
func (t *table) columnNames(header int) (names []string, second int) {
	for _, cell := range t.records[header].Cells {
		names = append(names, cellName(cell))
	}
	if !t.hasSecondLine(header) {
		return names, -1
	}
	question := ""
	for i, cell := range t.records[header+1].Cells[:min(len(names), len(t.records[header+1].Cells))] {
		if names[i] != "" {
			question = names[i]
		}
		part := cellName(cell)
		if part == "" || slices.Contains(wholeAnswer, fold(part)) {
			continue
		}
		if _, known := t.names.of(part); known {
			names[i] = part
		} else {
			names[i] = question + ": " + part
		}
	}
	return names, header + 1
}

// hasSecondLine reports whether the record below a header belongs to it: it names known columns,
// has a text only where a question has several columns, and none below a column that is known.
func (t *table) hasSecondLine(header int) bool {
	if header+1 >= len(t.records) {
		return false
	}
	first, below := t.records[header].Cells, &t.records[header+1]
	if below.Broken != "" || below.Inside || len(below.Cells) > len(first) {
		return false
	}
	unnamed := func(i int) bool { return i < len(first) && cellName(first[i]) == "" }
	known := 0
	for i, cell := range below.Cells {
		part := cellName(cell)
		if part == "" || slices.Contains(wholeAnswer, fold(part)) {
			continue
		}
		if !unnamed(i) {
			if _, taken := t.names.of(cellName(first[i])); taken || !unnamed(i+1) {
				return false
			}
		}
		if _, ok := t.names.of(part); ok {
			known++
		}
	}
	return known > 0
}
