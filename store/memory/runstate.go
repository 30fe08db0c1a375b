// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"bytes"
	"context"

	"github.com/leadsync/leadsync/store"
)

// RunState implements store.Store.
func (s *Store) RunState(ctx context.Context, connection string) ([]byte, error) {
	c, err := s.begin(ctx, connection)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	return bytes.Clone(c.runState), nil
}

// SetRunState implements store.Store.
func (s *Store) SetRunState(ctx context.Context, lease store.Lease, state []byte) error {
	c, err := s.beginUnder(ctx, lease)
	if err != nil {
		return err
	}
	defer s.mu.Unlock()
	if !s.now().Before(c.lease.Until) {
		return store.ErrLeaseLost
	}
	c.runState = bytes.Clone(state)
	return nil
}
