// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"context"
	"time"

	"github.com/leadsync/leadsync/fleet/digest"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/review"
	"github.com/leadsync/leadsync/store"
)

// SendDigests sends the digests that are due, unless another process does, and returns when to call it again.
// Run does so itself: this is for hosts that leave the syncing to a scheduler. The first call sends none. The error
// is a *leadsync.Error around the Store's, or the context's own.
func (f *Fleet) SendDigests(ctx context.Context) (next time.Time, err error) {
	if f.cfg.Digests == nil {
		return time.Time{}, refuse("send digests", "Config.Digests", "is not set")
	}
	f.digestsOnce.Do(func() {
		d := &f.digests
		d.Config, d.Store, d.Now, d.Logger = f.cfg.Digests, f.store, f.cfg.Now, f.cfg.Logger
		d.Leads, d.Stopped = f.counts, stopped
	})
	next, err = f.digests.Send(ctx)
	return next, verdict.StoreError(ctx, "send digests", err)
}

// counts counts the leads of a connection that a filter selects.
func (f *Fleet) counts(ctx context.Context, c *store.Connection, filter store.Filter) (review.Summary,
	[]store.EventCount, error) {
	m, err := f.memberOf(c)
	if err != nil {
		return review.Summary{}, nil, err
	}
	summary, err := m.syncer.Summary(ctx, filter)
	if err != nil {
		return review.Summary{}, nil, err
	}
	events, err := m.syncer.Events(ctx, filter)
	return summary, events, err
}

// stopped tells in a digest why the connection needs a person.
func stopped(c *store.Connection, d *digest.Digest) {
	if incident := incidentOf(c); incident != nil {
		d.Stopped, d.StoppedAt = incident.Err, incident.At
	}
}

// sendDigests sends digests until ctx is done.
func (r *run) sendDigests(ctx context.Context) {
	for ctx.Err() == nil {
		next, err := r.SendDigests(ctx)
		if err != nil && ctx.Err() == nil {
			r.cfg.Logger.ErrorContext(ctx, "leadsync: digests were not sent", "error", err)
		}
		pause(ctx, max(next.Sub(r.cfg.Now()), r.cfg.Poll))
	}
}
