// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"encoding/json"
	"slices"

	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
)

// A lookup is a query for the sequences of leads by their terms.
type lookup struct {
	where string // besides the connection
	args  []any
}

// lookupOf is the lookup of the leads that have one of these terms.
func lookupOf[T ~string](prefix string, values []T) (lookup, error) {
	if len(values) == 1 {
		return lookup{`term = ?`, []any{prefix + string(values[0])}}, nil
	}
	terms := make([]string, len(values))
	for i, v := range values {
		terms[i] = prefix + string(v)
	}
	list, err := json.Marshal(terms)
	return lookup{`term IN (SELECT value FROM json_each(?))`, []any{string(list)}}, err
}

// beginning is the lookup of the leads with a word that begins so.
func beginning(word string) lookup {
	from, until := stored.Beginning(word)
	return lookup{`term >= ? AND term < ?`, []any{from, until}}
}

// search adds the conditions that table search decides, but for words that are common: those
// the lead has itself.
func (w *where) search(connection string, f store.Filter, common []string) error {
	if f.Warnings != nil {
		l, err := lookupOf(stored.TermKind, f.Warnings)
		if err != nil {
			return err
		}
		w.look(connection, f, l)
	}
	if f.WarningCauses != nil {
		l, err := lookupOf(stored.TermCause, f.WarningCauses)
		if err != nil {
			return err
		}
		w.look(connection, f, l)
	}
	if f.Record != "" {
		w.look(connection, f, lookup{`term = ?`, []any{stored.TermRecord + string(f.Record.ID18())}})
	}
	if f.Text == "" {
		return nil
	}
	words, ok := store.TextWords(f.Text)
	if !ok {
		w.and(`false`)
		return nil
	}
	for _, word := range words {
		if l := beginning(word); slices.Contains(common, word) {
			w.and(`EXISTS (SELECT 1 FROM (SELECT value AS term FROM
				json_each(iif(json_valid(lead.words), lead.words, '[]'))) WHERE `+l.where+`)`, l.args...)
		} else {
			w.look(connection, f, l)
		}
	}
	return nil
}

func (w *where) look(connection string, f store.Filter, l lookup) {
	w.and(sequenceOf(f)+` IN (SELECT sequence FROM search WHERE connection = ? AND `+l.where+`)`,
		append([]any{connection}, l.args...)...)
}
