// SPDX-License-Identifier: Apache-2.0

package store

import (
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
	for _, text := range [...]string{lead.FirstName, lead.LastName, lead.Email, string(lead.ID), lead.Company} {
		words = identity.AppendWords(words, text, MaxWords)
	}
	for _, text := range lead.OtherEmails {
		words = identity.AppendWords(words, text, MaxWords)
	}
	return words
}

// TextWords returns the words of a Filter.Text: it selects the leads that have, for each, one
// of SearchWords that begins with it. It is false for a text that selects none, without words
// or with more than MaxWords.
func TextWords(text string) ([]string, bool) {
	words := identity.AppendWords(nil, text, MaxWords+1)
	return words, len(words) > 0 && len(words) <= MaxWords
}
