// SPDX-License-Identifier: Apache-2.0

package query

import (
	"encoding/json"
	"math"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
)

// A selection is how the leads of a filter are found. What finds fewest comes first: the others
// are looked at in what that has found, which the plus signs in front of their columns say.
type selection struct {
	text  string
	args  []any
	order string // the column by which what finds the leads has them in order
	found bool
}

// selectionOf returns the conditions of a filter without its page.
func selectionOf(connection string, f store.Filter) (selection, error) {
	s := selection{order: `sequence`}
	if f.Leads != nil {
		list, err := json.Marshal(f.Leads) // one parameter, however many
		if err != nil {
			return s, err
		}
		keys, err := Keys(f.Leads, true)
		if err != nil {
			return s, err
		}
		s.find(`+id`, `lead_id IN (SELECT value FROM json_each(?)) AND `+ID+` IN (SELECT value FROM json_each(?))`,
			keys, string(list))
	}
	s.words(connection, f)
	if err := s.terms(connection, f); err != nil {
		return s, err
	}
	groups, err := GroupsOf(connection, f)
	if err != nil {
		return s, err
	}
	if !f.From.IsZero() || !f.Until.IsZero() {
		until := int64(math.MaxInt64)
		if !f.Until.IsZero() {
			until = stored.Micros(f.Until)
		}
		s.find(`id`, `id IN (SELECT id FROM lead WHERE tally IN (SELECT id FROM tally WHERE `+groups.Text+`)
			AND since >= ? AND since < ?)`, append(slices.Clone(groups.Args), stored.Micros(f.From), until)...)
	} else if groups.Given {
		s.find(`id`, `tally IN (SELECT id FROM tally WHERE `+groups.Text+`)`, groups.Args...)
	}
	if f.Unanswered {
		s.and(`intents <> ''`)
	}
	if f.Version != 0 {
		s.and(`NOT EXISTS (SELECT 1 FROM history WHERE history.lead = lead.id AND history.id > ?)`, f.Version)
	}
	if s.order != `id` { // else what finds the leads knows the connection
		s.and(`connection = ?`, connection)
	}
	return s, nil
}

func (s *selection) and(text string, args ...any) {
	if s.text != "" {
		s.text += ` AND `
	}
	s.text += text
	s.args = append(s.args, args...)
}

// find adds a condition that finds leads, in an order.
func (s *selection) find(order, text string, args ...any) {
	if s.found {
		s.and(`+`+text, args...)
		return
	}
	s.found, s.order = true, order
	s.and(text, args...)
}

// words adds the conditions that table word decides.
func (s *selection) words(connection string, f store.Filter) {
	if f.Text == "" {
		return
	}
	words, ok := store.TextWords(f.Text)
	if !ok {
		s.and(`false`)
		return
	}
	matches := make([]string, len(words))
	for i, word := range words {
		matches[i] = match(connection, word)
	}
	s.find(`id`, `id IN (SELECT rowid FROM word WHERE word MATCH ?)`, strings.Join(matches, ` AND `))
}

// Groups are the rows of table tally that count the leads of a filter, but for what no row of it
// says.
type Groups struct {
	Text  string
	Args  []any
	Given bool // something but the connection
}

// GroupsOf returns the Groups of a filter.
func GroupsOf(connection string, f store.Filter) (Groups, error) {
	g := Groups{Text: `connection = ?`, Args: []any{connection}}
	if f.Event != "" {
		g.Text, g.Args, g.Given = g.Text+` AND event = ?`, append(g.Args, f.Event), true
	}
	for _, list := range []struct {
		column string
		given  bool
		values any
	}{
		{"stage", f.Stages != nil, f.Stages},
		{"state", f.States != nil, f.States},
		{"code", f.Codes != nil, f.Codes},
		{"cause", f.Causes != nil, f.Causes},
	} {
		if !list.given {
			continue
		}
		values, err := json.Marshal(list.values)
		if err != nil {
			return g, err
		}
		g.Text += ` AND ` + list.column + ` IN (SELECT value FROM json_each(?))`
		g.Args, g.Given = append(g.Args, string(values)), true
	}
	return g, nil
}

// Counted reports whether table tally has all that a filter says of leads, but Filter.Version.
func Counted(f store.Filter) bool {
	return f.Leads == nil && f.Warnings == nil && f.WarningCauses == nil && f.Text == "" && f.Record == "" &&
		f.From.IsZero() && f.Until.IsZero() && !f.Unanswered
}

// Whole is the query for the row ids of a filter's page by all that finds its leads.
func Whole(connection string, f store.Filter) (string, []any, error) {
	s, err := selectionOf(connection, f)
	sequence := `sequence`
	if s.order != `sequence` {
		sequence = `+sequence`
	}
	if f.After != 0 {
		s.and(sequence+` `+Onward(f)+` ?`, f.After)
	}
	limit := f.Limit
	if limit <= 0 {
		limit = -1
	}
	return `SELECT id FROM lead WHERE ` + s.text + ` ORDER BY ` + s.order + Descending(f) + ` LIMIT ?`,
		append(s.args, limit), err
}
