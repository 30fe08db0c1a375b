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
	if f.Warnings != nil {
		if err := look(s, connection, stored.TermKind, f.Warnings); err != nil {
			return err
		}
	}
	if f.WarningCauses != nil {
		if err := look(s, connection, stored.TermCause, f.WarningCauses); err != nil {
			return err
		}
	}
	if f.Record != "" {
		return look(s, connection, stored.TermRecord, []salesforce.ID{f.Record.ID18()})
	}
	return nil
}

// look finds the leads that have one of these terms.
func look[T ~string](s *selection, connection, prefix string, values []T) error {
	is, args := `term = ?`, []any{connection, prefix}
	if len(values) == 1 {
		args[1] = prefix + string(values[0])
	} else {
		terms := make([]string, len(values))
		for i, v := range values {
			terms[i] = prefix + string(v)
		}
		list, err := json.Marshal(terms)
		if err != nil {
			return err
		}
		is, args[1] = `term IN (SELECT value FROM json_each(?))`, string(list)
	}
	s.find(`sequence`, `sequence IN (SELECT sequence FROM search WHERE connection = ? AND `+is+`)`, args...)
	return nil
}
