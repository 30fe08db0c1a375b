// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"crypto/rand"
	"sync"
	"time"
)

// The bounds of a shelf.
const (
	shelfLife = 30 * time.Minute
	shelfSize = 10_000
)

// A shelf keeps what must not stand in a URL under random tokens, for 30 minutes. It belongs
// to a connection and a user: another's token finds nothing. It is safe for concurrent use.
type shelf struct {
	now func() time.Time

	mu    sync.Mutex
	items map[string]shelved
	order []string // the tokens, the oldest first
}

type shelved struct {
	owner string
	value any
	until time.Time
}

func newShelf(now func() time.Time) *shelf {
	return &shelf{now: now, items: map[string]shelved{}}
}

// put keeps a value and returns its token. Of too many the oldest is dropped.
func (s *shelf) put(owner string, value any) string {
	token := rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	if len(s.order) >= shelfSize {
		s.drop()
	}
	s.items[token] = shelved{owner, value, s.now().Add(shelfLife)}
	s.order = append(s.order, token)
	return token
}

// get returns what was kept under a token, nil where it is over or another's.
func (s *shelf) get(owner, token string) any {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	item, ok := s.items[token]
	if !ok || item.owner != owner {
		return nil
	}
	return item.value
}

func (s *shelf) expire() {
	for len(s.order) > 0 && !s.now().Before(s.items[s.order[0]].until) {
		s.drop()
	}
}

func (s *shelf) drop() {
	delete(s.items, s.order[0])
	s.order = s.order[1:]
}
