// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/leadtype"
)

// MaxWords is how many words of a lead are searched, and how many Filter.Text may have.
const MaxWords = 50

// SearchWords returns the words of a lead by which Filter.Text finds it: those of its name,
// Email, ID, Company and OtherEmails, in this order and each once, without those beyond
// MaxWords. A Store keeps them with the lead, and removes them with it.
func SearchWords(lead *leadtype.Lead) []string {
	words := make([]string, 0, 12)
	for _, text := range [...]string{lead.FirstName, lead.LastName, lead.Email, string(lead.ID), lead.Company} {
		words = identity.AppendWords(words, text, MaxWords)
	}
	for _, text := range lead.OtherEmails {
		words = identity.AppendWords(words, text, MaxWords)
	}
	return words
}

// TextWords returns the words of a Filter.Text: it selects the leads that have, for each, one
// of SearchWords that begins with it. It is false for a text that selects none, without words
// or with more than MaxWords.
func TextWords(text string) ([]string, bool) {
	words := identity.AppendWords(nil, text, MaxWords+1)
	return words, len(words) > 0 && len(words) <= MaxWords
}

// A Page is a page of the leads that match a Filter.
type Page struct {
	// Entries are the leads, in the order of List: at most Filter.Limit, and fewer, or none, where the
	// search has ended early.
	Entries []Entry
	// Next is the Filter.After with which the search continues, 0 at its end. All leads up to there that match
	// are in this page or in those before it.
	Next int64
}

// A Searcher is a Store that looks at a limited number of leads for a page, however many it has: the page of a
// filter that few leads match ends early, and the search continues with the next.
type Searcher interface {
	// Search returns the first leads that match the filter after Filter.After, as List does, or those that it
	// has found when it has looked at as many leads as it does for a page. Each page comes further. Without a
	// Filter.Limit, and among Filter.Leads, it is all of them.
	Search(ctx context.Context, connection string, filter Filter) (Page, error)
}

// Search returns a page of the leads that match a filter: that of a Searcher, else a whole one.
func Search(ctx context.Context, kept Store, connection string, filter Filter) (Page, error) {
	if searcher, ok := kept.(Searcher); ok {
		return searcher.Search(ctx, connection, filter)
	}
	limit := filter.Limit
	if limit > 0 {
		filter.Limit++ // whether there are more
	}
	entries, err := kept.List(ctx, connection, filter)
	return Paged(entries, limit, 0), err
}

// Paged returns a page of the first entries of a search, one more than the limit where there are more. The
// search has ended at end, 0 for its end.
func Paged(entries []Entry, limit int, end int64) Page {
	if limit > 0 && len(entries) > limit {
		return Page{entries[:limit], entries[limit-1].Sequence}
	}
	return Page{entries, end}
}
