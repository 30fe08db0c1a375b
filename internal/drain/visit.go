// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"context"
	"time"

	"github.com/leadsync/leadsync/internal/verdict"
)

// Visit takes at most batches steps, and none that waits: it returns how long it is until
// there is something to do, 0 for now. A pause is handed on like that of Run, and a later
// visit, or Run, keeps to it. A visit without steps gives back what could not be given back before. The error is one
// that would end Run, or a *leadtype.Error around the Store's.
func (d *Drainer) Visit(ctx context.Context, batches int) (wait time.Duration, err error) {
	d.visits = true
	defer func() {
		d.keep(ctx)
		d.release(ctx)
	}()
	err = d.giveBackLate(ctx)
	if err == nil {
		err = d.takeOver(ctx)
	}
	if err != nil {
		return 0, verdict.StoreError(ctx, "drain", err)
	}
	for range batches {
		wait, err := d.step(ctx)
		if err == nil && wait > 0 {
			return wait, nil
		}
		if err == nil {
			continue
		}
		if err := d.endure(ctx, err); err != nil {
			return 0, err
		}
		return max(d.Poll, d.handover.remaining(d.Now())), ctx.Err()
	}
	return 0, ctx.Err()
}
