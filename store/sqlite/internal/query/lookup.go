// SPDX-License-Identifier: Apache-2.0

package query

import (
	"encoding/json"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
)

// terms adds the conditions that table search decides.
func (s *selection) terms(connection string, f store.Filter) error {
	found, err := lookUps(connection, f)
	for _, rows := range found {
		s.find(`sequence`, `sequence IN (SELECT sequence FROM search WHERE `+rows.text+`)`, rows.args...)
	}
	return err
}

// lookUps returns the conditions of a filter on rows of table search.
func lookUps(connection string, f store.Filter) ([]selection, error) {
	var found []selection
	for _, list := range []struct {
		prefix string
		values []string
	}{
		{stored.TermKind, texts(f.Warnings)},
		{stored.TermCause, texts(f.WarningCauses)},
		{stored.TermRecord, recordOf(f)},
	} {
		if list.values == nil {
			continue
		}
		rows, err := termsOf(connection, list.prefix, list.values)
		if err != nil {
			return nil, err
		}
		found = append(found, rows)
	}
	return found, nil
}

// recordOf returns the record of a filter in 18 characters, nil for none.
func recordOf(f store.Filter) []string {
	if f.Record == "" {
		return nil
	}
	return texts([]salesforce.ID{f.Record.ID18()})
}

// texts returns values as texts, nil for nil.
func texts[T ~string](values []T) []string {
	if values == nil {
		return nil
	}
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = string(v)
	}
	return list
}

// termsOf finds rows of table search by terms, those of one term in order of the sequence.
func termsOf(connection, prefix string, values []string) (selection, error) {
	if len(values) == 1 {
		return selection{text: `search.connection = ? AND term = ?`, args: []any{connection, prefix + values[0]},
			order: `sequence`}, nil
	}
	terms := make([]string, len(values))
	for i, v := range values {
		terms[i] = prefix + v
	}
	list, err := json.Marshal(terms)
	return selection{text: `search.connection = ? AND term IN (SELECT value FROM json_each(?))`,
		args: []any{connection, string(list)}}, err
}
