// SPDX-License-Identifier: Apache-2.0

package query

import (
	"encoding/hex"
	"strings"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// Words returns the words of a lead as table word has them.
func Words(connection string, lead *leadtype.Lead) string {
	var b strings.Builder
	before := Word(connection, "")
	for i, word := range store.SearchWords(lead) {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(before)
		b.WriteString(word)
	}
	return b.String()
}

// Word returns a word, or how one begins, as table word has it.
func Word(connection, word string) string {
	return hex.EncodeToString([]byte(connection)) + "_" + word
}

// match matches table word with the leads that have a word that begins so. Words are letters
// and digits, so none ends the quotation.
func match(connection, word string) string { return `"` + Word(connection, word) + `"*` }
