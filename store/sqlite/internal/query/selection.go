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

// selectionOf returns the conditions of a filter without its page. common are words of its text
// that are looked for in the leads.
func selectionOf(connection string, f store.Filter, common ...string) (selection, error) {
	s := selection{order: `sequence`}
	if f.Leads != nil {
		list, err := json.Marshal(f.Leads) // one parameter, however many
		if err != nil {
			return s, err
		}
		s.find(`+id`, `lead_id IN (SELECT value FROM json_each(?))`, string(list))
	}
	s.words(connection, f, common)
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

// words adds the conditions that table word decides, and for words that are common its rows.
func (s *selection) words(connection string, f store.Filter, common []string) {
	if f.Text == "" {
		return
	}
	words, ok := store.TextWords(f.Text)
	if !ok {
		s.and(`false`)
		return
	}
	var matches []string
	for _, word := range words {
		if slices.Contains(common, word) {
			s.lookFor(connection, []string{word})
		} else {
			matches = append(matches, match(connection, word))
		}
	}
	if len(matches) > 0 {
		s.find(`id`, `id IN (SELECT rowid FROM word WHERE word MATCH ?)`, strings.Join(matches, ` AND `))
	} else {
		s.found = true // the leads are taken in their order
	}
}

// lookFor looks for words in the leads.
func (s *selection) lookFor(connection string, words []string) {
	for _, word := range words {
		s.and(`instr(' ' || (SELECT c0 FROM word_content WHERE word_content.id = lead.id), ?) > 0`,
			` `+Word(connection, word))
	}
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

// query returns the query for the row ids of a filter's page, by what finds the leads. last is the
// sequence of the last lead that it looks at, 0 for any.
func (s selection) query(f store.Filter, last int64) (string, []any) {
	sequence := `sequence`
	if s.order != `sequence` {
		sequence = `+sequence`
	}
	if f.After != 0 {
		s.and(sequence+` `+Onward(f)+` ?`, f.After)
	}
	if last != 0 {
		s.and(sequence+` `+Backward(f)+` ?`, last)
	}
	limit := f.Limit
	if limit <= 0 {
		limit = -1
	}
	return `SELECT id FROM lead WHERE ` + s.text + ` ORDER BY ` + s.order + Descending(f) + ` LIMIT ?`,
		append(s.args, limit)
}

// Whole is the query for the row ids of a filter's page by all that finds them.
func Whole(connection string, f store.Filter) (string, []any, error) {
	w, err := selectionOf(connection, f)
	text, args := w.query(f, 0)
	return text, args, err
}

// Walking is the query of a walk.
func Walking(connection string, f store.Filter, common []string, last int64) (string, []any, error) {
	w, err := selectionOf(connection, f, common...)
	text, args := w.query(f, last)
	return text, args, err
}
