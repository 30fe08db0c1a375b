// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"context"
	"slices"

	"github.com/leadsync/leadsync/store"
)

// A FewLooks is a Store that looks at few leads for a page of a search: what another does where it
// has many thousands.
type FewLooks struct {
	store.Store
	Looks int
}

// Search implements store.Searcher, for the newest leads first.
func (s *FewLooks) Search(ctx context.Context, connection string, filter store.Filter) (store.Page, error) {
	looked, err := s.List(ctx, connection, store.Filter{Newest: true, After: filter.After, Limit: s.Looks})
	if err != nil {
		return store.Page{}, err
	}
	if len(looked) < s.Looks {
		return store.Search(ctx, s.Store, connection, filter)
	}
	next := looked[len(looked)-1].Sequence
	found, err := s.List(ctx, connection, filter)
	found = slices.DeleteFunc(found, func(e store.Entry) bool { return e.Sequence < next })
	return store.Page{Entries: found, Next: next}, err
}
