// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
	"github.com/leadsync/leadsync/store/postgres/internal/copied"
)

// A termList is terms of leads, each lead's as its row has them.
type termList struct {
	sequences []int64
	terms     []string
}

// A newTerms is terms of leads that table search gets.
type newTerms struct {
	sequences []int64
	terms     []*termSet
}

// A termSet is terms of a lead: a list, or what the words of a lead are once they are asked for. Those of many leads
// are made while the server inserts others.
type termSet struct {
	lead *leadtype.Lead // nil where the list is made
	list []string       // escaped
}

func (s *termSet) all() []string {
	if s.lead != nil {
		s.list, s.lead = escapeAll(stored.Words(s.lead)), nil
	}
	return s.list
}

// row returns the terms as a row keeps them.
func (s *termSet) row() string { return array(s.all()) }

// noTerms are the terms of a lead that has none.
const noTerms = `{}`

func (l *termList) add(sequence int64, terms string) {
	if terms != noTerms {
		l.sequences, l.terms = append(l.sequences, sequence), append(l.terms, terms)
	}
}

func (l *newTerms) add(sequence int64, terms *termSet) {
	l.sequences, l.terms = append(l.sequences, sequence), append(l.terms, terms)
}

func (l *newTerms) insert(b *batch, connection int64) {
	switch n := len(l.sequences); {
	case n >= copiedLeads:
		b.copy(`search (connection, term, sequence)`, copied.Reader(3, n, func(i int, rows *copied.Rows) {
			for _, term := range l.terms[i].all() {
				rows.Next()
				rows.Int(connection)
				rows.Text(term)
				rows.Int(l.sequences[i])
			}
		}))
	case n > 0:
		terms := make([]string, n)
		for i, of := range l.terms {
			terms[i] = of.row()
		}
		b.exec(`INSERT INTO leadsync.search (connection, sequence, term) SELECT $1::int8, sequence, unnest(terms::text[])
			FROM unnest($2::int8[], $3::text[]) AS v (sequence, terms)`, connection, l.sequences, terms)
	}
}

// remove removes the terms, each by its key: a join might read all terms of the connection.
func (l *termList) remove(b *batch, connection int64) {
	if len(l.sequences) > 0 {
		b.exec(given(`$2::int8[], $3::text[]`, `sequence, terms`)+`, listed AS MATERIALIZED (
				SELECT connection, unnest(terms::text[]) AS term, sequence FROM given)
			DELETE FROM leadsync.search WHERE ctid = ANY (ARRAY(SELECT one.ctid FROM listed CROSS JOIN LATERAL (
				SELECT ctid FROM leadsync.search WHERE connection = listed.connection AND term = listed.term
					AND sequence = listed.sequence LIMIT 1) AS one))`, connection, l.sequences, l.terms)
	}
}

const (
	// walked is how many leads a search looks at in their order at most, and windows how many times as many where
	// an index has all that is looked at. Were it more, the server might compile the statement first.
	walked  = 2_000
	windows = 10
	// fewLeads is how many leads a search puts in order at most, and fewRows how many of those it reads, which lie
	// far apart.
	fewLeads = 12_000
	fewRows  = 700
	// fewTerms is how many different words that begin alike are looked up one by one: the index has the leads of
	// each in order.
	fewTerms = 8
)

// Search implements store.Searcher.
func (s *Store) Search(ctx context.Context, connection string, filter store.Filter) (store.Page, error) {
	limit := filter.Limit
	if limit > 0 {
		filter.Limit++ // whether there are more
	}
	if limit <= 0 || filter.Leads != nil || counted(filter) {
		entries, err := s.List(ctx, connection, filter)
		return store.Paged(entries, limit, 0), err
	}
	page, err := s.search(ctx, connection, filter, limit)
	return page, wrap(ctx, "search", err)
}

func (s *Store) search(ctx context.Context, connection string, filter store.Filter, limit int) (store.Page, error) {
	words, ok := store.TextWords(filter.Text)
	none := func(terms []string) bool { return len(terms) == 0 }
	if filter.Text != "" && !ok || slices.ContainsFunc(termsOf(filter), none) {
		return store.Page{}, nil
	}
	sequences, end, err := s.find(ctx, connection, filter, words)
	if err != nil || len(sequences) == 0 {
		return store.Page{Next: end}, err
	}
	w := &where{`connection = ` + connectionID, []any{escape(connection)}}
	w.and(`sequence = ANY (` + w.arg(sequences) + `::int8[])`)
	entries, err := s.entries(ctx, w, w.page(filter), filter.Detail)
	return store.Paged(entries, limit, end), err
}

// find returns the sequences of a page, and where the search has ended before it was full: the sequence of the last
// lead that was looked at, else 0.
func (s *Store) find(ctx context.Context, connection string, f store.Filter, words []string) ([]int64, int64, error) {
	candidates, more, err := s.candidates(ctx, connection, f, words)
	if err != nil {
		return nil, 0, err
	}
	if candidates == nil {
		return s.walk(ctx, connection, f, words)
	}
	if more = more || len(candidates) > fewRows; more {
		candidates = candidates[:min(fewRows, len(candidates))]
	}
	w := looking(connection, f, words)
	w.and(`sequence = ANY (` + w.arg(candidates) + `::int8[])`)
	page := w.page(f)
	found, err := s.sequences(ctx, find{`SELECT sequence FROM leadsync.lead WHERE ` + w.text + page, w.args})
	if err != nil || len(found) == f.Limit || !more {
		return found, 0, err
	}
	return found, candidates[len(candidates)-1], nil
}

// looking returns the conditions of a filter for leads that are looked at one by one.
func looking(connection string, f store.Filter, words []string) *where {
	w := connected(connection)
	w.groups(f)
	w.others(f)
	for _, terms := range termsOf(f) {
		w.and(`(SELECT true FROM leadsync.search WHERE search.connection = lead.connection
			AND search.sequence = lead.sequence AND term = ANY (` + w.arg(escapeAll(terms)) + `::text[]) LIMIT 1)`)
	}
	var each []string
	for _, word := range words {
		from, until := stored.Beginning(word)
		each = append(each, `bool_or(term COLLATE "C" >= `+w.arg(escape(from))+
			` AND term COLLATE "C" < `+w.arg(escape(until))+`)`)
	}
	if each != nil { // by table search, the server might read what begins so for each lead
		w.and(`(SELECT ` + strings.Join(each, ` AND `) + ` FROM unnest(lead.words::text[]) AS term)`)
	}
	return w
}

// termsOf returns the terms of table search of which a lead needs one, for each part of a filter that has some.
func termsOf(f store.Filter) [][]string {
	var all [][]string
	add := func(prefix string, values []string) {
		if values == nil {
			return
		}
		for i := range values {
			values[i] = prefix + values[i]
		}
		all = append(all, values)
	}
	add(stored.TermKind, texts(f.Warnings))
	add(stored.TermCause, texts(f.WarningCauses))
	if f.Record != "" {
		add(stored.TermRecord, []string{string(f.Record.ID18())})
	}
	return all
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

// candidates returns the sequences of the next leads that a part of a filter selects, of one that selects few, and
// whether there are more; nil where each selects many.
func (s *Store) candidates(ctx context.Context, connection string, f store.Filter,
	words []string) (few []int64, more bool, err error) {
	grouped, err := s.grouped(ctx, connection, f)
	if err != nil {
		return nil, false, err
	}
	for _, most := range []int{fewRows, fewLeads} {
		for _, probe := range probes(connection, f, words, grouped <= int64(most), most+1) {
			found, err := s.sequences(ctx, probe)
			if err != nil || len(found) <= most {
				return inOrder(found, f), false, err
			}
		}
	}
	lists, err := s.nexts(ctx, connection, f, words)
	if err != nil {
		return nil, false, err
	}
	first, err := s.sequences(ctx, nextLead(connection, f, 0))
	if err != nil || len(first) == 0 {
		return []int64{}, false, err
	}
	far := int64(walked) // as far as the leads would be looked at one after the other, or so
	for _, next := range lists {
		if len(next) <= fewRows {
			return next, false, nil
		}
		if reach := max(next[fewRows]-first[0], first[0]-next[fewRows]); reach > far {
			few, more, far = next[:fewRows], true, reach
		}
	}
	return few, more, nil
}

// inOrder returns sequences in the order of a filter's page, each once, without those before it.
func inOrder(sequences []int64, f store.Filter) []int64 {
	slices.Sort(sequences)
	if f.Newest {
		slices.Reverse(sequences)
	}
	return slices.DeleteFunc(slices.Compact(sequences), func(n int64) bool {
		return f.After != 0 && (n == f.After || n > f.After == f.Newest)
	})
}

// connected returns a condition that begins with the connection.
func connected(connection string) *where {
	return &where{`connection = ` + connectionID, []any{escape(connection)}}
}

// A find is a query for sequences.
type find struct {
	text string
	args []any
}

// grouped returns how many leads table tally counts for a filter, 0 where a filter by time may select fewer.
func (s *Store) grouped(ctx context.Context, connection string, f store.Filter) (int64, error) {
	if timed(f) {
		return 0, nil
	}
	w := connected(connection)
	w.groups(f)
	leads, err := s.sequences(ctx, find{`SELECT coalesce(sum(leads), 0)::int8 AS sequence FROM leadsync.tally WHERE ` +
		w.text, w.args})
	if err != nil {
		return 0, err
	}
	return leads[0], nil
}

// probes are queries for the sequences of leads that a part of a filter selects, most at most. Those of a group are
// read where it is not too large.
func probes(connection string, f store.Filter, words []string, small bool, most int) []find {
	var queries []find
	limited := func(text string, w *where) {
		limit := w.arg(int64(most))
		queries = append(queries, find{text + ` LIMIT ` + limit, w.args})
	}
	for _, word := range words {
		w := connected(connection)
		from, until := stored.Beginning(word)
		w.and(`term >= ` + w.arg(escape(from)) + ` AND term < ` + w.arg(escape(until)))
		limited(`SELECT sequence FROM leadsync.search WHERE `+w.text, w)
	}
	if small {
		w := connected(connection)
		kinds := w.kinds(f)
		of := &where{ofKind, w.args}
		of.times(f)
		limited(`SELECT one.sequence FROM (`+kinds+`) AS alike CROSS JOIN LATERAL (
			`+ofKinds(`sequence`, of.text, ` OFFSET 0`)+`) AS one`, of)
	}
	if f.Unanswered {
		limited(`SELECT sequence FROM (`+strings.ReplaceAll(journalled, `$1`, connectionID)+`) AS journalled`,
			connected(connection))
	}
	return queries
}

// nexts returns the sequences of the next leads, one more than fewRows at most, that have a term of table search, and
// of those that have one of the words that begin so where there are few.
func (s *Store) nexts(ctx context.Context, connection string, f store.Filter, words []string) ([][]int64, error) {
	f.Limit = fewRows + 1
	ordered := func(term string) ([]int64, error) {
		w := connected(connection)
		w.and(`term = ` + w.arg(term))
		page := w.page(f)
		return s.sequences(ctx, find{`SELECT sequence FROM leadsync.search WHERE ` + w.text + page, w.args})
	}
	var lists [][]int64
	for _, terms := range termsOf(f) {
		if len(terms) > 1 { // which have no order together
			continue
		}
		next, err := ordered(escape(terms[0]))
		if err != nil {
			return nil, err
		}
		lists = append(lists, next)
	}
	for _, word := range words {
		terms, err := s.wordsOf(ctx, connection, word)
		if err != nil {
			return nil, err
		}
		var next []int64
		for _, term := range terms {
			found, err := ordered(term)
			if err != nil {
				return nil, err
			}
			next = append(next, found...)
		}
		if terms != nil {
			next = inOrder(next, store.Filter{Newest: f.Newest})
			lists = append(lists, next[:min(len(next), fewRows+1)])
		}
	}
	return lists, nil
}

// wordsOf returns the terms of words that begin so, none where there are many.
func (s *Store) wordsOf(ctx context.Context, connection, word string) ([]string, error) {
	from, until := stored.Beginning(word)
	var terms []string
	for next, is := escape(from), `>=`; len(terms) <= fewTerms; is = `>` {
		var found []string
		err := s.read(ctx, func(rows pgx.Rows) error {
			var term string
			err := rows.Scan(&term)
			found = append(found, term)
			return err
		}, `SELECT term FROM leadsync.search WHERE connection = `+connectionID+` AND term `+is+` $2 AND term < $3
			ORDER BY term LIMIT 1`, escape(connection), next, escape(until))
		if err != nil || len(found) == 0 {
			return terms, err
		}
		next = found[0]
		terms = append(terms, next)
	}
	return nil, nil
}

// nextLead is the query for the sequence of the lead after so many of those that come next, none where there are
// fewer.
func nextLead(connection string, f store.Filter, after int) find {
	f.Limit = 1
	w := connected(connection)
	page := w.page(f)
	return find{`SELECT sequence FROM leadsync.lead WHERE ` + w.text + page + ` OFFSET ` + w.arg(int64(after)), w.args}
}

// walk looks for a page among the next leads.
func (s *Store) walk(ctx context.Context, connection string, f store.Filter,
	words []string) (found []int64, end int64, err error) {
	left, limit := int64(walked), f.Limit
	for range windows {
		last, err := s.sequences(ctx, nextLead(connection, f, walked-1))
		if err != nil {
			return nil, 0, err
		}
		w := looking(connection, f, words)
		grouped := connected(connection)
		grouped.groups(f)
		if len(last) > 0 {
			w.upTo(f, last[0])
			grouped.upTo(f, last[0])
		}
		page := w.page(f)
		grouped.page(store.Filter{Newest: f.Newest, After: f.After})
		next, err := s.sequences(ctx, find{`SELECT sequence FROM leadsync.lead WHERE ` + w.text + page, w.args})
		if found = append(found, next...); err != nil || len(found) == limit || len(last) == 0 {
			return found, 0, err
		}
		f.Limit, f.After, end = limit-len(found), last[0], last[0]
		if words != nil || termsOf(f) != nil {
			leads, err := s.sequences(ctx, find{`SELECT count(*) AS sequence FROM leadsync.lead WHERE ` + grouped.text,
				grouped.args})
			if err != nil {
				return nil, 0, err
			}
			if left -= leads[0]; left <= 0 {
				break
			}
		}
	}
	return found, end, nil
}

// sequences returns the sequences that a query finds, never nil.
func (s *Store) sequences(ctx context.Context, q find) ([]int64, error) {
	var found []int64
	err := s.read(ctx, func(rows pgx.Rows) error { return rows.Scan(&found) },
		`SELECT coalesce(array_agg(sequence), '{}') FROM (`+q.text+`) AS found`, q.args...)
	return found, err
}
