// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/store"
)

// Settings returns the settings of a connection and their revision, for SetSettings. Before the first
// they are zero, which means those of Config.Base, and the revision is 0. Where they cannot be read, the
// error wraps ErrSettings, and the revision is theirs, for others in their place.
func (f *Fleet) Settings(ctx context.Context, name string) (*leadsync.Settings, int64, error) {
	if err := checkName("settings", name); err != nil {
		return nil, 0, err
	}
	c, err := f.store.Connection(ctx, name)
	if err != nil {
		return nil, 0, verdict.StoreError(ctx, "settings", err)
	}
	settings, err := readSettings(c.Settings.Settings)
	return settings, c.Settings.Number, ofSettings(&c, err)
}

// SetSettings replaces the settings of a connection, if revision is the one that Settings returned: they
// are in force with the next capture and the next batch, in every process. They are validated first: the
// error is that of leadsync.New, with the path of what is wrong. A *leadsync.Error with
// ROW_CONTENTION around store.ErrRevision says that someone else has changed them: show both, and
// set them over the new revision.
func (f *Fleet) SetSettings(ctx context.Context, name string, settings *leadsync.Settings, revision int64) error {
	if err := cmp.Or(checkName("set settings", name), verdict.OfPerson("set settings", f.by)); err != nil {
		return err
	}
	if settings == nil {
		return refuse("set settings", "settings", "is nil")
	}
	data, err := json.Marshal(settings)
	if err != nil {
		return err
	}
	if _, err := f.newSyncer(offline{}, f.store, name, "", data); err != nil {
		return err
	}
	err = f.store.SetSettings(ctx, name, revision, data, f.by)
	var refused *leadsync.Error
	switch {
	case errors.Is(err, store.ErrRevision):
		return &leadsync.Error{Op: "set settings", Code: leadsync.RowContention, Fields: []string{"revision"},
			Reason: "someone else has changed the settings since they were read", Err: err}
	case errors.As(err, &refused):
		return err
	case err != nil:
		return verdict.StoreError(ctx, "set settings", err)
	}
	return f.Resume(ctx, name) // what the earlier ones made fail is tried again
}

// SetMode changes the mode of a connection, in every process: captures follow it at once, batches with
// the next one. Automatic releases its frozen leads. When that fails, call SetMode again.
func (f *Fleet) SetMode(ctx context.Context, name string, mode leadsync.Mode) error {
	if err := cmp.Or(checkName("set mode", name), verdict.OfPerson("set mode", f.by)); err != nil {
		return err
	}
	if !slices.Contains([]leadsync.Mode{leadsync.Automatic, leadsync.Manual, leadsync.Disabled}, mode) {
		return refuse("set mode", "mode", "must be automatic, manual or disabled")
	}
	if err := f.store.SetMode(ctx, name, mode, f.by); err != nil {
		return verdict.StoreError(ctx, "set mode", err)
	}
	if mode != leadsync.Automatic {
		return nil
	}
	syncer, err := f.Syncer(ctx, name)
	if err != nil {
		return err
	}
	_, err = syncer.Push(ctx, leadsync.Filter{States: []store.State{store.StateFrozen}})
	f.attend(ctx, name)
	return err
}
