// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"database/sql"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store/internal/stored"
)

// An encoded is an outcome as stored in a row. Null values leave a column unchanged.
type encoded struct {
	outcome, action, code, cause, terms sql.NullString
	public                              string // the outcome for the history
}

func encode(outcome *leadtype.Outcome) (encoded, error) {
	columns, err := stored.EncodeOutcome(outcome)
	if err != nil {
		return encoded{}, err
	}
	return encodedOf(columns)
}

func encodedOf(columns stored.Outcome) (encoded, error) {
	if !columns.Given {
		return encoded{}, nil
	}
	terms, err := encodeTerms(columns.Terms)
	return encoded{
		outcome: text(columns.Whole), action: text(columns.Action), code: text(columns.Code),
		cause: text(columns.Cause), terms: text(terms), public: columns.Public,
	}, err
}

func text(s string) sql.NullString { return sql.NullString{String: s, Valid: true} }

// leadColumns are those that dest reads.
const leadColumns = `lead_id, event, strategy, data, activities, intents, outcome`

func dest(t *stored.Text) []any {
	return []any{&t.ID, &t.Event, &t.Strategy, &t.Data, &t.Activities, &t.Intents, &t.Outcome}
}
