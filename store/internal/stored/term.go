// SPDX-License-Identifier: Apache-2.0

package stored

import (
	"unicode"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// A term by which filters find leads begins with what it is. Those of the lead itself come
// after those of its last outcome, byte by byte.
const (
	TermRecord = "R"
	TermText   = "t" // a word of the lead
	TermKind   = "W" // of a warning
	TermCause  = "X" // of a warning
)

// Words returns the terms of a lead.
func Words(lead *leadtype.Lead) []string {
	words := store.SearchWords(lead)
	for i := range words {
		words[i] = TermText + words[i]
	}
	return words
}

// Terms returns the terms of an outcome.
func Terms(outcome *leadtype.Outcome) []string {
	var terms []string
	for _, record := range outcome.Records() {
		terms = append(terms, TermRecord+string(record))
	}
	for _, kind := range outcome.WarningKinds() {
		terms = append(terms, TermKind+string(kind))
	}
	for _, cause := range outcome.WarningCauses() {
		terms = append(terms, TermCause+string(cause))
	}
	return terms
}

// Beginning returns the bounds of the terms for words that begin so: they are not before
// from, and before until, byte by byte.
func Beginning(word string) (from, until string) {
	return TermText + word, TermText + word + string(unicode.MaxRune)
}

// FoldedID returns what a row holds of leadtype.LeadID.Folded: nothing where the id is
// folded already.
func FoldedID(lead leadtype.LeadID) string {
	if folded := lead.Folded(); folded != string(lead) {
		return folded
	}
	return ""
}
