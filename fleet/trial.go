// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"context"
	"encoding/json"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/verdict"
)

// Base returns Config.Base, which is in force where the settings of a connection say nothing. What it
// points to must not be changed.
func (f *Fleet) Base() leadsync.Config { return f.cfg.Base }

// Client returns the client of a connection, for what a host's own pages read, such as the describes
// for mapping.NewForm. It shares the token and the count of API calls with the Fleet. Ask for it again for
// each request. Where the connection is not connected, its calls fail with AUTHENTICATION. The error is a
// *leadsync.Error around the Store's or ErrSettings, or the context's own.
func (f *Fleet) Client(ctx context.Context, name string) (leadsync.Client, error) {
	m, err := f.current(ctx, "client", name)
	if err != nil {
		return nil, err
	}
	return m.client, nil
}

// Trial returns a Syncer of a connection by settings that are not saved, to see with its Plan what they
// would write. The Plan knows what was written before, changes nothing in Salesforce or the Store, and takes
// the API calls of a new process's first batch. Do not call what syncs, captures or decides: the connection
// keeps its settings. Settings that SetSettings refuses are refused with the same error.
func (f *Fleet) Trial(ctx context.Context, name string, settings *leadsync.Settings) (*leadsync.Syncer, error) {
	if err := checkName("trial", name); err != nil {
		return nil, err
	}
	if settings == nil {
		return nil, refuse("trial", "settings", "is nil")
	}
	data, err := json.Marshal(settings)
	if err != nil {
		return nil, err
	}
	c, err := f.store.Connection(ctx, name)
	if err != nil {
		return nil, verdict.StoreError(ctx, "trial", err)
	}
	m, err := f.memberOf(&c)
	if err != nil {
		return nil, err
	}
	return f.newSyncer(m.client, f.store, name, m.mode, data)
}
