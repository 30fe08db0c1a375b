// SPDX-License-Identifier: Apache-2.0

package soql

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/leadsync/leadsync/salesforce/internal/name"
)

// MaxStatement is the longest SOQL statement in characters.
const MaxStatement = 100_000

// A Select is a SOQL statement under construction. Values enter it only through
// conditions, which quote them; identifiers are checked.
type Select struct {
	fields   []string
	children []*Select
	from     string
	where    Condition
	orderBy  []string
	limit    int
}

// From starts a statement that selects fields of an object. Fields may reach
// over parent relationships with dots.
func From[N ~string](object N, fields ...string) *Select {
	return &Select{from: string(object), fields: fields}
}

// Fields returns the selected fields, without those of Children.
func (q *Select) Fields() []string { return slices.Clone(q.fields) }

// Children adds selects of child relationships, and returns q. Each is made with
// From and the name of the relationship, such as Contacts of an Account; its rows
// are in the Record as a []Record of that name, and more of them than a reply
// holds are an error. A statement takes 20 of them, a bulk query none.
func (q *Select) Children(children ...*Select) *Select {
	q.children = append(q.children, children...)
	return q
}

// Where sets the condition, and returns q.
func (q *Select) Where(c Condition) *Select {
	q.where = c
	return q
}

// OrderBy sets the fields to order by, and returns q. Each is ascending unless
// " DESC" follows it, and has nulls first unless " NULLS LAST" ends it.
func (q *Select) OrderBy(fields ...string) *Select {
	q.orderBy = fields
	return q
}

// Limit bounds the number of rows, and returns q. Zero means no limit.
func (q *Select) Limit(rows int) *Select {
	q.limit = rows
	return q
}

// String returns the statement, and "" where Build fails.
func (q *Select) String() string {
	statement, err := q.Build()
	if err != nil {
		return ""
	}
	return statement
}

// Build returns the statement. The error names the malformed identifier, or the
// field whose value has no literal; it never holds the value. Build does not
// compare the statement with MaxStatement: Salesforce does.
func (q *Select) Build() (string, error) {
	if q == nil {
		return "", errors.New("soql: no statement")
	}
	if len(q.fields) == 0 {
		return "", errors.New("soql: no field selected")
	}
	for _, field := range q.fields {
		if !name.IsPath(field) {
			return "", fmt.Errorf("soql: malformed field name %q", field)
		}
	}
	selected := slices.Clone(q.fields)
	for _, child := range q.children {
		statement, err := child.Build()
		if err != nil {
			return "", err
		}
		selected = append(selected, "("+statement+")")
	}
	if !name.IsIdentifier(q.from) {
		return "", fmt.Errorf("soql: malformed object name %q", q.from)
	}
	if q.where.err != nil {
		return "", fmt.Errorf("soql: %w", q.where.err)
	}
	var b strings.Builder
	b.Grow(q.size())
	b.WriteString("SELECT " + strings.Join(selected, ", ") + " FROM " + q.from)
	if q.where.soql != "" {
		b.WriteString(" WHERE ")
		b.WriteString(q.where.soql)
	}
	for i, field := range q.orderBy {
		if !isOrder(field) {
			return "", fmt.Errorf("soql: malformed order by %q", field)
		}
		b.WriteString([]string{" ORDER BY ", ", "}[min(i, 1)] + field)
	}
	switch {
	case q.limit < 0:
		return "", errors.New("soql: negative limit")
	case q.limit > 0:
		b.WriteString(" LIMIT " + strconv.Itoa(q.limit))
	}
	return b.String(), nil
}

// size returns how many bytes the statement takes at most.
func (q *Select) size() int {
	size := len("SELECT  FROM  WHERE  ORDER BY  LIMIT ") + 20 + len(q.from) + len(q.where.soql) // 20 digits
	for _, names := range [][]string{q.fields, q.orderBy} {
		for _, name := range names {
			size += len(name) + len(", ")
		}
	}
	for _, child := range q.children {
		size += child.size() + len("(), ")
	}
	return size
}

// isOrder reports whether s is a path with, perhaps, its direction and the place
// of nulls.
func isOrder(s string) bool {
	field, last := strings.CutSuffix(s, " NULLS LAST")
	if !last {
		field = strings.TrimSuffix(s, " NULLS FIRST")
	}
	return name.IsPath(strings.TrimSuffix(field, " DESC"))
}

// SplitValues builds as few statements as hold all values, in their order, with
// none longer than limit characters: build is given a part of the values and
// returns the statement for them. A single value whose statement is too long
// gets one all the same, for Salesforce to refuse. No values: no statements.
func SplitValues(values []string, limit int, build func([]string) *Select) []*Select {
	var statements []*Select
	var built *Select // of the most values that fit so far
	tooLong := func(n int) bool {
		statement := build(values[:n])
		if statement.size() > limit { // else there is no need to build it
			if text := statement.String(); len(text) > limit && name.Length(text) > limit {
				return true
			}
		}
		built = statement
		return false
	}
	for guess := firstGuess; len(values) > 0; {
		// What fits is doubled until it does not, so that the search is not through
		// all that are left.
		fits, most := 0, min(guess, len(values))
		for fits < most && !tooLong(most) {
			fits, most = most, min(2*most, len(values))
		}
		tooMany := fits + sort.Search(most-fits, func(n int) bool { return tooLong(fits + n + 1) })
		count := max(tooMany, 1)
		if tooMany == 0 {
			built = build(values[:count])
		}
		statements = append(statements, built)
		values = values[count:]
		guess = count + 1
	}
	return statements
}

// firstGuess is how many values SplitValues tries first: those of a batch fit, as a rule.
const firstGuess = 1024
