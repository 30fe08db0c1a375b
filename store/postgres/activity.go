// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"context"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// AddActivities implements leadsync.Store.
func (s *Store) AddActivities(ctx context.Context, connection string, lead leadtype.LeadID, state store.State,
	activities []leadtype.Activity) error {
	p := &captureCall{ctx: ctx, done: make(chan struct{}),
		add: &addition{lead: lead, state: state, activities: activities}}
	if err := s.commit(ctx, connection, p); err != nil {
		return err
	}
	return wrap(ctx, "capture", p.add.err)
}
