// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/sqlite/internal/query"
)

const (
	// pageWords is how many leads a page of table word_content has, or so.
	pageWords = 25
	// fewTerms is how many different words that begin alike are looked up one by one: the index has the leads of
	// each in order, and what begins so has to be put in order first.
	fewTerms = 8
)

// page returns the query for the row ids of a filter's page, as List has it.
func (s *Store) page(ctx context.Context, connection string, f store.Filter) (string, []any, error) {
	if f.Limit <= 0 {
		return query.Whole(connection, f)
	}
	ids, end, err := s.find(ctx, connection, f)
	if err == nil && end != 0 { // the search is not over
		return query.Whole(connection, f)
	}
	if err != nil {
		return "", nil, err
	}
	return listed(ids)
}

// Search implements store.Searcher.
func (s *Store) Search(ctx context.Context, connection string, filter store.Filter) (store.Page, error) {
	if filter.Limit <= 0 {
		entries, err := s.List(ctx, connection, filter)
		return store.Page{Entries: entries}, err
	}
	limit := filter.Limit
	filter.Limit++ // whether there are more
	ids, end, err := s.find(ctx, connection, filter)
	if err != nil {
		return store.Page{}, wrap(ctx, "search", err)
	}
	text, args, err := listed(ids)
	if err != nil {
		return store.Page{}, wrap(ctx, "search", err)
	}
	entries, err := s.entries(ctx, filter, text, args)
	return store.Paged(entries, limit, end), wrap(ctx, "search", err)
}

// find returns the row ids of a filter's page, and where the search has ended before it was full: the sequence of
// the last lead that was looked at, else 0.
func (s *Store) find(ctx context.Context, connection string, f store.Filter) (ids []int64, end int64, err error) {
	if f.Leads != nil || query.Counted(f) {
		ids, err = s.exact(ctx, connection, f)
		return ids, 0, err
	}
	search, err := query.SearchFor(connection, f)
	if search == nil || err != nil {
		return nil, 0, err
	}
	first, there, err := s.number(ctx, query.First(connection, f))
	if err != nil || !there {
		return nil, 0, err
	}
	ids, more, err := s.candidates(ctx, search, first)
	switch {
	case err != nil:
		return nil, 0, err
	case ids != nil:
		return s.among(ctx, search, ids, more)
	case search.Grouped():
		return s.windows(ctx, search)
	}
	return s.walk(ctx, search)
}

// candidates returns the ids of the leads from the first on that a part of a filter selects, of the part that selects
// the fewest, and whether there are more; nil where each selects many.
func (s *Store) candidates(ctx context.Context, search *query.Search, first int64) (ids []int64, more bool, err error) {
	newest := search.Filter.Newest
	for _, most := range []int{s.bounds.FewRows, s.bounds.FewLeads} {
		for _, probe := range search.Probes(most) {
			found, err := s.ids(ctx, probe)
			if err != nil {
				return nil, false, err
			}
			if len(found) <= most && (ids == nil || len(found) < len(ids)) {
				ids = append([]int64{}, found...)
			}
		}
		if ids != nil {
			slices.Sort(ids)
			if newest {
				slices.Reverse(ids)
			}
			return slices.DeleteFunc(slices.Compact(ids), func(id int64) bool { return id != first && id > first == newest }),
				false, nil
		}
	}
	fewRows := s.bounds.FewRows
	next := search.NextTerms(fewRows + 1)
	for _, begin := range search.Begins() {
		terms, err := s.termsOf(ctx, begin)
		if err != nil {
			return nil, false, err
		}
		if terms != nil {
			next = append(next, search.Next(terms, first, fewRows+1))
		}
	}
	far := s.bounds.Pages * pageWords // as far as the leads would be looked at one after the other, or so
	for _, q := range next {
		found, err := s.ids(ctx, q)
		if err != nil || len(found) <= fewRows {
			return append([]int64{}, found...), false, err
		}
		if reach := max(found[fewRows]-first, first-found[fewRows]); reach > far {
			ids, more, far = found[:fewRows], true, reach
		}
	}
	return ids, more, nil
}

// termsOf returns the words of leads that begin so, as table word has them; none where there are many.
func (s *Store) termsOf(ctx context.Context, begin string) ([]string, error) {
	var terms []string
	for next := begin; len(terms) <= fewTerms; next = terms[len(terms)-1] + "\x01" {
		var term string
		err := s.read.QueryRowContext(ctx, `SELECT term FROM word_lead WHERE term >= ? ORDER BY term LIMIT 1`, next).
			Scan(&term)
		if errors.Is(err, sql.ErrNoRows) || err == nil && !strings.HasPrefix(term, begin) {
			return terms, nil
		}
		if err != nil {
			return nil, err
		}
		terms = append(terms, term)
	}
	return nil, nil
}

// among looks for a page among the leads with some ids, after which there may be more.
func (s *Store) among(ctx context.Context, search *query.Search, ids []int64,
	more bool) (found []int64, end int64, err error) {
	fewRows := s.bounds.FewRows
	for len(ids) > 0 && end == 0 {
		list, err := json.Marshal(ids[:min(fewRows, len(ids))])
		if err != nil {
			return nil, 0, err
		}
		ids = ids[min(fewRows, len(ids)):]
		found, err = s.ids(ctx, search.Among(string(list)))
		if err != nil || len(found) == search.Filter.Limit || len(ids) == 0 && !more {
			return found, 0, err
		}
		// There is none when all of them were forgotten meanwhile.
		if end, _, err = s.number(ctx, query.LastOf(search.Filter, string(list))); err != nil {
			return nil, 0, err
		}
	}
	return found, end, nil
}

// windows looks for a page among the leads of groups, in the order of the leads: at so many sequences at once
// that not too many of them are of these leads.
func (s *Store) windows(ctx context.Context, search *query.Search) (ids []int64, end int64, err error) {
	f, left, unread, crowd := &search.Filter, s.bounds.Indexed, s.bounds.Pages, s.bounds.Crowded/4
	if search.Reads() {
		left = s.bounds.Walked
	}
	for span := crowd; ; {
		head, there, err := s.number(ctx, search.Head())
		if err != nil || !there {
			return ids, 0, err
		}
		if left <= 0 || unread <= 0 {
			return ids, end, nil
		}
		var last int64
		f.After, last = query.Window(*f, head, span)
		leads, _, err := s.number(ctx, search.Crowd(last, crowd+1))
		if err != nil {
			return nil, 0, err
		}
		if leads > crowd {
			span = max(span/8, crowd)
			continue
		}
		found, err := s.ids(ctx, search.Window(last))
		ids = append(ids, found...)
		if err != nil || len(found) == f.Limit {
			return ids, 0, err
		}
		f.Limit, f.After, end, left = f.Limit-len(found), last, last, left-leads
		if search.HasWords() {
			unread -= min(leads, span/pageWords)
		}
		if leads < crowd/4 {
			span *= 8
		} else {
			crowd = s.bounds.Crowded
			span = max(span, crowd)
		}
	}
}

// walk looks for a page among the next leads.
func (s *Store) walk(ctx context.Context, search *query.Search) (ids []int64, end int64, err error) {
	if end, _, err = s.number(ctx, search.End(s.bounds.Walked)); err != nil {
		return nil, 0, err
	}
	ids, err = s.ids(ctx, search.Walk(end))
	if len(ids) == search.Filter.Limit {
		end = 0
	}
	return ids, end, err
}

// listed is the query of row ids that are known.
func listed(ids []int64) (string, []any, error) {
	list, err := json.Marshal(ids)
	return `SELECT value FROM json_each(?)`, []any{string(list)}, err
}

// number returns the number that a query finds, false for none and NULL.
func (s *Store) number(ctx context.Context, q query.Query) (n int64, there bool, err error) {
	var found sql.NullInt64
	err = s.read.QueryRowContext(ctx, q.Text, q.Args...).Scan(&found)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return found.Int64, found.Valid, err
}

// ids returns the row ids that a query finds.
func (s *Store) ids(ctx context.Context, q query.Query) ([]int64, error) {
	rows, err := s.read.QueryContext(ctx, q.Text, q.Args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// exact returns the row ids of a page that needs no search. That of the leads that are counted by something is
// among the next ones where they are as close to each other as they would be by chance; else it is read from the
// first leads of each group, of as many groups as there are leads in the page.
func (s *Store) exact(ctx context.Context, connection string, f store.Filter) ([]int64, error) {
	g, err := query.GroupsOf(connection, f)
	if err != nil {
		return nil, err
	}
	if f.Leads != nil || !g.Given || int64(f.Limit) > s.bounds.Walked {
		text, args, err := query.Whole(connection, f)
		if err != nil {
			return nil, err
		}
		return s.ids(ctx, query.Query{Text: text, Args: args})
	}
	leads, _, err := s.number(ctx, query.Leads(g))
	if err != nil || leads == 0 {
		return nil, err
	}
	from, until, err := s.near(ctx, connection, f, leads)
	if err != nil {
		return nil, err
	}
	text, args := query.NearPage(g, f, from, until)
	ids, err := s.ids(ctx, query.Query{Text: text, Args: args})
	if err != nil || len(ids) == f.Limit {
		return ids, err
	}
	text, args = query.FarPage(g, f)
	return s.ids(ctx, query.Query{Text: text, Args: args})
}

// near returns the next sequences, four times as many as a page has on average of so many leads.
func (s *Store) near(ctx context.Context, connection string, f store.Filter,
	leads int64) (from, until int64, err error) {
	var first, last sql.NullInt64
	err = s.read.QueryRowContext(ctx, `SELECT (SELECT min(sequence) FROM lead WHERE connection = ?1),
		(SELECT max(sequence) FROM lead WHERE connection = ?1)`, connection).Scan(&first, &last)
	span := 4 * int64(f.Limit) * (last.Int64 - first.Int64 + 1) / leads
	if f.Newest {
		until = min(query.Edge(f)-1, last.Int64)
		return until - span, until, err
	}
	from = max(query.Edge(f)+1, first.Int64)
	return from, from + span, err
}
