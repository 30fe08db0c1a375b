// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// An update without a response that a later read finds in the record was carried out: a rep
// who empties the field then has emptied it. Before, Sync took the value for one that may
// never have been written, and filled the field again.
func TestAnUpdateThatALaterReadFindsWasCarriedOut(t *testing.T) {
	t.Parallel()
	for name, next := range map[string]func(*desk, *leadsync.Syncer, *leadsync.Lead) *leadsync.Outcome{
		"captured": captureOne, "Sync": syncTwice,
	} {
		for _, wait := range []time.Duration{time.Second, time.Hour} {
			t.Run(fmt.Sprintf("%s/after %s", name, wait), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { emptiedAfterALostUpdate(t, next, wait) })
			})
		}
	}
}

func emptiedAfterALostUpdate(t *testing.T, next func(*desk, *leadsync.Syncer, *leadsync.Lead) *leadsync.Outcome,
	wait time.Duration) {
	d := &desk{t: t, org: sftest.NewOrg(t)}
	syncer := timelessSyncer(t, d.org, &leadsync.Config{Store: memory.New(nil), Gather: leadsync.NoGather})
	lead := visitor()
	lead.Phone, lead.CapturedAt = "", time.Now()
	next(d, syncer, lead)
	lost := false
	d.org.Fail(func(r *http.Request, _ int) *sftest.Fault {
		if body, _ := io.ReadAll(r.Body); !strings.Contains(string(body), "0177") {
			return nil
		}
		again := lost // the client tries once more
		lost = true
		return &sftest.Fault{DropAfter: !again, DropBefore: again}
	})
	lead = later(lead, func(l *leadsync.Lead) { l.Phone, l.CapturedAt = "617-555-0177", l.CapturedAt.Add(time.Second) })
	out := next(d, syncer, lead)
	require.True(t, lost)
	require.Equal(t, leadtype.Cleared, out.Stage)
	time.Sleep(wait)
	d.edit(out, map[string]any{"Phone": nil})
	out = next(d, syncer, later(lead, func(l *leadsync.Lead) {
		l.JobTitle, l.CapturedAt = "Manager", l.CapturedAt.Add(time.Second)
	}))
	row := d.org.Row("Lead", string(out.ID))
	require.Equal(t, []any{nil, "Manager"}, []any{row["Phone"], row["Title"]})
	require.Equal(t, []leadtype.WarningKind{leadtype.KeptCleared}, warned(out, "Phone"))
}

// syncTwice syncs a lead, and once more where that failed.
func syncTwice(d *desk, syncer *leadsync.Syncer, lead *leadsync.Lead) *leadsync.Outcome {
	outcomes, err := syncer.Sync(d.t.Context(), lead)
	if err != nil || outcomes[0].Stage != leadtype.Cleared {
		outcomes, err = syncer.Sync(d.t.Context(), lead)
	}
	require.NoError(d.t, err)
	return outcomes[0]
}

// What a store could not be told once is known in the process, and that a rep has changed it
// since. Before, all of it counted as values that may never have been written.
func TestWhatAStoreCouldNotBeToldIsStillKnown(t *testing.T) {
	t.Parallel()
	d := newDesk(t, leadsync.Config{})
	deaf := &onceDeafStore{Store: d.store}
	d.cfg.Store = deaf
	syncer := scenario.SyncerOf(t, d.org, &d.cfg)
	lead := visitor()
	deaf.deaf = true
	out := syncOne(d, syncer, lead)
	require.False(t, deaf.deaf, "the store was asked")
	d.edit(out, map[string]any{"Phone": nil})
	out = syncOne(d, syncer, later(lead, func(l *leadsync.Lead) { l.JobTitle = "Manager" }))
	row := d.org.Row("Lead", string(out.ID))
	require.Equal(t, []any{nil, "Manager"}, []any{row["Phone"], row["Title"]})
	out = syncOne(d, syncer, later(lead, func(l *leadsync.Lead) { l.JobTitle = "Head" }))
	row = d.org.Row("Lead", string(out.ID))
	require.Equal(t, []any{nil, "Head"}, []any{row["Phone"], row["Title"]}, "also once the store was told")
}

// What another process writes after a store could not be told is the connection's too.
func TestWhatAStoreCouldNotBeToldHidesNoLaterValue(t *testing.T) {
	t.Parallel()
	d := newDesk(t, leadsync.Config{Mapper: mapping.Default()})
	d.cfg.Store = &onceDeafStore{Store: d.store, deaf: true}
	syncer := scenario.SyncerOf(t, d.org, &d.cfg)
	titled := func(title string) *leadsync.Lead {
		return later(visitor(), func(l *leadsync.Lead) { l.JobTitle = title })
	}
	out := syncOne(d, syncer, titled("Mgr"))
	overwriting := d.cfg
	overwriting.Mapper = mapping.Default()
	overwriting.Mapper.(*leadsync.Mapping).Existing = mapping.OverwriteExisting
	syncOne(d, scenario.SyncerOf(t, d.org, &overwriting), titled("Chair"))
	has := func() any { return d.org.Row("Lead", string(out.ID))["Title"] }
	require.Equal(t, "Chair", has())
	syncOne(d, syncer, titled("Head"))
	require.Equal(t, "Head", has())
	d.edit(out, map[string]any{"Title": "Own"})
	syncOne(d, syncer, titled("CEO"))
	require.Equal(t, "Own", has())
}

// A onceDeafStore cannot be told of records once.
type onceDeafStore struct {
	leadsync.Store
	deaf bool
}

var errOnceDeaf = errors.New("the store is away")

func (s *onceDeafStore) Remember(ctx context.Context, connection string, records []leadtype.RecordMemory) error {
	if s.deaf {
		s.deaf = false
		return errOnceDeaf
	}
	return s.Store.Remember(ctx, connection, records)
}

var _ store.Store = (*onceDeafStore)(nil)
