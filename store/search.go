// SPDX-License-Identifier: Apache-2.0

package store

import (
	"slices"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/leadtype"
)

// MaxWords is how many words of a lead are searched, and how many Filter.Text may have.
const MaxWords = 50

// SearchWords returns the words of a lead by which Filter.Text finds it: those of its name,
// Email, ID, Company and OtherEmails, in this order and each once, without those beyond
// MaxWords. A Store keeps them with the lead, and removes them with it.
func SearchWords(lead *leadtype.Lead) []string {
	words := make([]string, 0, 12)
	texts := []string{lead.FirstName, lead.LastName, lead.Email, string(lead.ID), lead.Company}
	for _, text := range append(texts, lead.OtherEmails...) {
		for _, word := range identity.Words(text) {
			if slices.Contains(words, word) {
				continue
			}
			if len(words) == MaxWords {
				return words
			}
			words = append(words, word)
		}
	}
	return words
}

// TextWords returns the words of a Filter.Text: it selects the leads that have, for each, one
// of SearchWords that begins with it. It is false for a text that selects none, without words
// or with more than MaxWords.
func TextWords(text string) ([]string, bool) {
	words := identity.Words(text)
	return words, len(words) > 0 && len(words) <= MaxWords
}
