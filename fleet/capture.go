// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"cmp"
	"context"
	"errors"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/store"
)

// Capture stores leads of a connection as leadsync.Syncer.Capture does, by its current settings and
// mode. The connection need not be connected, or known before: then its leads wait. The name has
// at most 255 bytes of UTF-8 without control characters.
func (f *Fleet) Capture(ctx context.Context, name string, leads ...*leadsync.Lead) (store.CaptureReport, error) {
	m, err := f.current(ctx, "capture", name)
	if err != nil {
		return store.CaptureReport{}, err
	}
	report, err := m.syncer.Capture(ctx, leads...)
	var batch *leadsync.BatchError
	if err != nil && !errors.As(err, &batch) {
		return report, err
	}
	if m.mode == leadsync.Manual {
		return report, cmp.Or(f.release(ctx, name), err)
	}
	return report, err
}

// release releases frozen leads that were captured under Manual while another process set the mode
// to Automatic.
func (f *Fleet) release(ctx context.Context, name string) error {
	m, err := f.current(ctx, "capture", name)
	if err != nil || m.mode != leadsync.Automatic {
		return err
	}
	_, err = m.syncer.Push(ctx, leadsync.Filter{States: []store.State{store.StateFrozen}})
	f.attend(ctx, name)
	return err
}

// CaptureActivities stores activities of a lead that was captured before, as
// leadsync.Syncer.CaptureActivities does.
func (f *Fleet) CaptureActivities(ctx context.Context, name string, lead leadsync.LeadID,
	activities ...leadsync.Activity) error {
	m, err := f.current(ctx, "capture activities", name)
	if err != nil {
		return err
	}
	if err := m.syncer.CaptureActivities(ctx, lead, activities...); err != nil {
		return err
	}
	if m.mode == leadsync.Manual {
		return f.release(ctx, name)
	}
	return nil
}

// Syncer returns the Syncer of a connection by its current settings, for review calls: Summary,
// Leads, Push, Choose, Dismiss, Preflight, Revert and so on. Ask for it again for each request, as it does
// not follow later settings. Where the connection is not connected, calls that need Salesforce fail
// with AUTHENTICATION. Do not call its Run, Drain and SetMode: the Fleet has its own.
func (f *Fleet) Syncer(ctx context.Context, name string) (*leadsync.Syncer, error) {
	m, err := f.current(ctx, "syncer", name)
	if err != nil {
		return nil, err
	}
	return m.syncer.By(f.by), nil
}
