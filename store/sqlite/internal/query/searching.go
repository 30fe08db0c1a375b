// SPDX-License-Identifier: Apache-2.0

package query

import (
	"math"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
)

// A Query is SQL with its parameters.
type Query struct {
	Text string
	Args []any
}

func (q *Query) and(text string, args ...any) {
	if q.Text != "" {
		q.Text += ` AND `
	}
	q.Text, q.Args = q.Text+text, append(q.Args, args...)
}

// A Search is how a page of a filter is searched for among leads that are looked at one by one.
type Search struct {
	Filter     store.Filter
	connection string
	groups     Groups
	words      []string
	terms      []selection // of table search, each with the sequence of the leads that it finds
}

// SearchFor returns how the page of a filter is searched for. It is nil where no lead matches.
func SearchFor(connection string, f store.Filter) (*Search, error) {
	if f.Warnings != nil && len(f.Warnings) == 0 || f.WarningCauses != nil && len(f.WarningCauses) == 0 {
		return nil, nil
	}
	s := &Search{Filter: f, connection: connection}
	if f.Text != "" {
		var ok bool
		if s.words, ok = store.TextWords(f.Text); !ok {
			return nil, nil
		}
	}
	var err error
	if s.groups, err = GroupsOf(connection, f); err != nil {
		return nil, err
	}
	s.terms, err = lookUps(connection, f)
	return s, err
}

// Grouped reports whether the leads are found by table tally.
func (s *Search) Grouped() bool { return s.groups.Given || s.timed() }

// Reads reports whether more than an index is read of each lead.
func (s *Search) Reads() bool {
	return s.words != nil || s.terms != nil || s.Filter.Unanswered || s.Filter.Version != 0
}

func (s *Search) timed() bool { return !s.Filter.From.IsZero() || !s.Filter.Until.IsZero() }

// time is Filter.From and Filter.Until in SQL.
func (s *Search) time(q *Query) {
	if !s.timed() {
		return
	}
	until := int64(math.MaxInt64)
	if !s.Filter.Until.IsZero() {
		until = stored.Micros(s.Filter.Until)
	}
	q.and(`since >= ? AND since < ?`, stored.Micros(s.Filter.From), until)
}

// group is the condition that a lead is counted by the groups.
func (s *Search) group(q *Query) {
	q.and(`tally IN (SELECT id FROM tally WHERE `+s.groups.Text+`)`, s.groups.Args...)
}

// reading adds what is not in the index of the groups. SQLite would take an EXISTS for another way to find the leads.
func (s *Search) reading(q *Query) {
	for _, term := range s.terms {
		q.and(`(SELECT 1 FROM search WHERE `+term.text+` AND search.sequence = lead.sequence) = 1`, term.args...)
	}
	if s.words != nil {
		text, args := ``, []any(nil)
		for _, begin := range s.Begins() {
			text, args = text+` AND instr(' ' || c0, ?) > 0`, append(args, ` `+begin)
		}
		q.and(`(SELECT 1 FROM word_content WHERE word_content.id = lead.id`+text+`) = 1`, args...)
	}
	if s.Filter.Unanswered {
		q.and(`intents <> ''`)
	}
	if text, args := sinceVersion(s.Filter); text != "" {
		q.and(strings.TrimPrefix(text, ` AND `), args...)
	}
}

// HasWords reports whether words are looked for.
func (s *Search) HasWords() bool { return s.words != nil }

// Begins returns how table word has the beginnings that words are to have.
func (s *Search) Begins() []string {
	begins := make([]string, len(s.words))
	for i, word := range s.words {
		begins[i] = Word(s.connection, word)
	}
	return begins
}

// Probes are queries for the ids of the leads that some part of the filter selects, one more than most at most.
func (s *Search) Probes(most int) []Query {
	var probes []Query
	probe := func(text string, args ...any) {
		probes = append(probes, Query{text + ` LIMIT ?`, append(args, most+1)})
	}
	for _, begin := range s.Begins() {
		probe(`SELECT doc FROM word_lead WHERE term >= ? AND term <= ?`, begin, begin+"\U0010ffff")
	}
	if s.Grouped() {
		var q Query
		s.group(&q)
		s.time(&q)
		probe(`SELECT id FROM lead WHERE `+q.Text, q.Args...)
	}
	if s.Filter.Unanswered {
		probe(`SELECT id FROM lead WHERE connection = ? AND intents <> ''`, s.connection)
	}
	return probes
}

// Next is the query for the ids of the leads from the first on that have one of some words, most at most.
func (s *Search) Next(words []string, first int64, most int) Query {
	return Query{`SELECT rowid FROM word WHERE word MATCH ? AND rowid ` + Onward(s.Filter) + `= ? ORDER BY rowid` +
		Descending(s.Filter) + ` LIMIT ?`, []any{`"` + strings.Join(words, `" OR "`) + `"`, first, most}}
}

// NextTerms are queries for the ids of the next leads that have a term of table search, most at most. There is
// none for several terms of which a lead needs one: they have no order together.
func (s *Search) NextTerms(most int) []Query {
	var next []Query
	for _, term := range s.terms {
		if term.order == `sequence` {
			next = append(next, Query{`SELECT lead.id FROM search CROSS JOIN lead ON lead.connection = search.connection
				AND lead.sequence = search.sequence WHERE ` + term.text + ` AND search.sequence ` + Onward(s.Filter) +
				` ? ORDER BY search.sequence` + Descending(s.Filter) + ` LIMIT ?`,
				append(slices.Clone(term.args), Edge(s.Filter), most)})
		}
	}
	return next
}

// Among is the query for the page among leads whose ids are a JSON list in its order.
func (s *Search) Among(list string) Query {
	q := Query{Text: `lead.connection = ?`, Args: []any{list, s.connection}}
	if s.Grouped() {
		q.Text += ` AND +`
		var group Query
		s.group(&group)
		s.time(&group)
		q.Text, q.Args = q.Text+group.Text, append(q.Args, group.Args...)
	}
	s.reading(&q)
	q.Text = `SELECT lead.id FROM json_each(?) AS listed CROSS JOIN lead ON lead.id = listed.value WHERE ` + q.Text +
		` LIMIT ?`
	q.Args = append(q.Args, s.Filter.Limit)
	return q
}

// Head is the query for the sequence of the first lead of the groups in the page or after it, NULL for none.
func (s *Search) Head() Query {
	first := `min`
	if s.Filter.Newest {
		first = `max`
	}
	return Query{`SELECT ` + first + `((SELECT sequence FROM lead WHERE lead.tally = tally.id
		AND lead.sequence ` + Onward(s.Filter) + ` ? ORDER BY lead.sequence` + Descending(s.Filter) + ` LIMIT 1))
		FROM tally WHERE ` + s.groups.Text, append([]any{Edge(s.Filter)}, s.groups.Args...)}
}

// Window is the query for the page among the leads of the groups with the next sequences up to last.
func (s *Search) Window(last int64) Query {
	var q Query
	s.group(&q)
	from, until := Between(s.Filter, last)
	q.and(`sequence BETWEEN ? AND ?`, from, until)
	s.time(&q)
	s.reading(&q)
	q.Text = `SELECT id FROM lead INDEXED BY lead_tally WHERE ` + q.Text + ` ORDER BY sequence` + Descending(s.Filter) +
		` LIMIT ?`
	q.Args = append(q.Args, s.Filter.Limit)
	return q
}

// Crowd is the query for how many leads of the groups have the next sequences up to last, most at most.
func (s *Search) Crowd(last, most int64) Query {
	var q Query
	s.group(&q)
	from, until := Between(s.Filter, last)
	q.and(`sequence BETWEEN ? AND ?`, from, until)
	return Query{`SELECT count(*) FROM (SELECT 1 FROM lead INDEXED BY lead_tally WHERE ` + q.Text + ` LIMIT ?)`,
		append(q.Args, most)}
}

// End is the query for the sequence of the last lead that a walk looks at, none where there are fewer.
func (s *Search) End(looked int) Query {
	return Query{`SELECT sequence FROM lead WHERE connection = ? AND sequence ` + Onward(s.Filter) + ` ?
		ORDER BY sequence` + Descending(s.Filter) + ` LIMIT 1 OFFSET ?`, []any{s.connection, Edge(s.Filter), looked - 1}}
}

// Walk is the query for the page among the next leads up to a sequence, 0 for all.
func (s *Search) Walk(last int64) Query {
	q := Query{`connection = ? AND sequence ` + Onward(s.Filter) + ` ?`, []any{s.connection, Edge(s.Filter)}}
	if last != 0 {
		least, greatest := Between(s.Filter, last)
		q = Query{`connection = ? AND sequence BETWEEN ? AND ?`, []any{s.connection, least, greatest}}
	}
	s.reading(&q)
	q.Text = `SELECT id FROM lead WHERE ` + q.Text + ` ORDER BY sequence` + Descending(s.Filter) + ` LIMIT ?`
	q.Args = append(q.Args, s.Filter.Limit)
	return q
}

// Leads is the query for how many leads the groups have.
func Leads(g Groups) Query {
	return Query{`SELECT coalesce(sum(leads), 0) FROM tally WHERE ` + g.Text, g.Args}
}
