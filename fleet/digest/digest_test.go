// SPDX-License-Identifier: Apache-2.0

package digest_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/fleet/digest"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/review"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// An office has processes that send digests, and a clock.
type office struct {
	t     *testing.T
	now   time.Time
	store *memory.Store
	cfg   digest.Config
	log   bytes.Buffer
	total int // of the leads of each connection
	stops bool

	mu   sync.Mutex
	sent []*digest.Digest
}

func newOffice(t *testing.T, names ...string) *office {
	t.Helper()
	// The last Thursday before clocks in Berlin change.
	o := &office{t: t, now: time.Date(2026, 10, 22, 6, 10, 0, 0, time.UTC), total: 1}
	o.store = memory.New(func() time.Time { return o.now })
	for _, name := range names {
		require.NoError(t, o.store.SetMode(t.Context(), name, leadtype.Automatic, ""))
	}
	o.cfg.Send = func(_ context.Context, d *digest.Digest) error {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.sent = append(o.sent, d)
		return nil
	}
	return o
}

// process returns what a process sends with. Its clock is late.
func (o *office) process(late time.Duration) *digest.Sender {
	return &digest.Sender{Config: &o.cfg, Store: o.store, Now: func() time.Time { return o.now.Add(-late) },
		Logger: slog.New(slog.NewTextHandler(&o.log, nil)),
		Leads: func(context.Context, *store.Connection, store.Filter) (review.Summary, []store.EventCount, error) {
			return review.Summary{Total: o.total}, nil, nil
		},
		Stopped: func(_ *store.Connection, d *digest.Digest) {
			if o.stops {
				d.Stopped = &leadtype.Error{Code: leadtype.Authentication}
			}
		}}
}

// pass lets time pass while processes send, a minute at a time.
func (o *office) pass(d time.Duration, processes ...*digest.Sender) {
	o.t.Helper()
	for range d / time.Minute {
		o.now = o.now.Add(time.Minute)
		for _, p := range processes {
			next, err := p.Send(o.t.Context())
			require.NoError(o.t, err)
			require.True(o.t, next.After(p.Now()))
		}
	}
}

func TestDigestsAreSentOnceAtTheirTimes(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	kolkata, err := time.LoadLocation("Asia/Kolkata")
	require.NoError(t, err)
	for name, c := range map[string]struct {
		every    digest.Interval
		location *time.Location
		want     []string // of the first days, in the location
		count    int      // in twelve days, in which the clocks of Berlin change
	}{
		"hourly":      {digest.Hourly, nil, []string{"22 07:00", "22 08:00", "22 09:00"}, 12 * 24},
		"full hours":  {digest.Hourly, kolkata, []string{"22 12:00", "22 13:00", "22 14:00"}, 12 * 24},
		"twice a day": {digest.TwiceADay, berlin, []string{"22 20:00", "23 08:00", "23 20:00"}, 23},
		"daily":       {digest.Daily, berlin, []string{"23 08:00", "24 08:00", "25 08:00", "26 08:00"}, 11},
		"half hours":  {digest.Daily, kolkata, []string{"23 08:00", "24 08:00"}, 12},
		"weekly":      {digest.Weekly, berlin, []string{"26 08:00", "02 08:00"}, 2},
		"none":        {digest.None, nil, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, "acme")
			o.cfg.Every = func(context.Context, string) digest.Interval { return c.every }
			o.cfg.Hour, o.cfg.Location = 8, c.location
			first, late := o.process(0), o.process(2*time.Minute)
			_, err := first.Send(t.Context())
			require.NoError(t, err)
			o.pass(12*24*time.Hour, first, late)
			require.Len(t, o.sent, c.count)
			for i, d := range o.sent {
				if i < len(c.want) {
					require.Equal(t, c.want[i], d.Until.Format("02 15:04"))
				}
				require.True(t, d.From.Before(d.Until))
				if i > 0 {
					require.Equal(t, o.sent[i-1].Until, d.From)
				}
			}
		})
	}
}

// Where the clocks go on at midnight, that day begins later, and its digest comes then.
func TestDigestOfAnHourThatTheClocksSkipComesAfterIt(t *testing.T) {
	t.Parallel()
	for zone, c := range map[string]struct {
		hour  int
		month time.Month
		day   int // from which on
		want  []string
	}{
		"America/Santiago": {0, time.September, 4, []string{"05 00:00", "06 01:00", "07 00:00"}},
		"America/Havana":   {0, time.March, 6, []string{"07 00:00", "08 01:00", "09 00:00"}},
		"America/New_York": {2, time.March, 6, []string{"07 02:00", "08 03:00", "09 02:00"}},
		"Europe/Berlin":    {2, time.March, 27, []string{"28 02:00", "29 03:00", "30 02:00"}},
		"Africa/Cairo":     {0, time.April, 22, []string{"23 00:00", "24 01:00", "25 00:00"}},
		// Half an hour is skipped.
		"Australia/Lord_Howe": {2, time.October, 2, []string{"03 02:00", "04 02:30", "05 02:00"}},
	} {
		location, err := time.LoadLocation(zone)
		require.NoError(t, err)
		o := newOffice(t, "acme")
		o.now = time.Date(2026, c.month, c.day, 12, 0, 0, 0, time.UTC)
		o.cfg.Hour, o.cfg.Location = c.hour, location
		o.pass(3*24*time.Hour, o.process(0))
		var got []string
		for i, d := range o.sent {
			got = append(got, d.Until.Format("02 15:04"))
			require.True(t, i == 0 || o.sent[i-1].Until.Equal(d.From), zone)
		}
		require.Equal(t, c.want, got, zone)
	}
}

func TestDigestAfterAnOutageCoversIt(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "acme")
	p := o.process(0)
	o.pass(48*time.Hour, p)
	o.now = o.now.Add(5*24*time.Hour + time.Hour)
	o.pass(25*time.Hour, o.process(0))
	require.Len(t, o.sent, 4)
	for i, d := range o.sent[1:] {
		require.Equal(t, o.sent[i].Until, d.From)
	}
	require.Equal(t, 5*24*time.Hour, o.sent[2].Until.Sub(o.sent[2].From))
}

func TestDigestSaysThatSyncingStoppedAndResumed(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "acme")
	o.total = 0
	p := o.process(0)
	o.pass(24*time.Hour, p)
	require.Empty(t, o.sent, "nothing happened")
	o.stops = true
	o.pass(48*time.Hour, p)
	o.stops = false
	o.pass(72*time.Hour, p)
	var got []string
	for _, d := range o.sent {
		got = append(got, d.Subject())
	}
	require.Equal(t, []string{"acme: syncing has stopped", "acme: syncing has stopped", "acme: syncing works again"}, got)
}

// What goes wrong with one digest keeps no other.
func TestADigestThatFailsKeepsNoOther(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "a", "b", "c", "d")
	send := o.cfg.Send
	o.cfg.Send = func(ctx context.Context, d *digest.Digest) error {
		switch d.Connection {
		case "a":
			panic("canary")
		case "b":
			return errors.New("no mail")
		}
		return send(ctx, d)
	}
	o.pass(24*time.Hour, o.process(0))
	var got []string
	for _, d := range o.sent {
		got = append(got, d.Connection)
	}
	require.Equal(t, []string{"c", "d"}, got)
	require.Contains(t, o.log.String(), "no mail")
	require.NotContains(t, o.log.String(), "canary")
}

// A gapStore has something done when it is to keep when digests are due, instead of that.
type gapStore struct {
	digest.Store
	instead func(keep func())
}

func (s gapStore) KeepOnce(ctx context.Context, key string, data []byte, ttl time.Duration) (err error) {
	keep := func() { err = s.Store.KeepOnce(ctx, key, data, ttl) }
	if key == "fleet digests" {
		s.instead(keep)
	} else {
		keep()
	}
	return err
}

// One process looks between the taking and the keeping of another when digests are due, and keeps
// later. It is a little before the hour, as they were busy at the quarter.
func TestProcessThatLooksBetweenLosesNoDigest(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "acme")
	o.cfg.Every = func(context.Context, string) digest.Interval { return digest.Hourly }
	first, second := o.process(0), o.process(0)
	o.pass(time.Hour, first)
	sent := len(o.sent)
	o.now = time.Date(2026, 10, 22, 7, 57, 0, 0, time.UTC)
	first.Store = gapStore{o.store, func(keep func()) {
		keep = sync.OnceFunc(keep)
		second.Store = gapStore{o.store, func(later func()) { keep(); later() }}
		_, err := second.Send(t.Context())
		require.NoError(t, err)
		keep()
	}}
	_, err := first.Send(t.Context())
	require.NoError(t, err)
	first.Store, second.Store = o.store, o.store
	o.pass(10*time.Minute, first, second)
	require.Len(t, o.sent, sent+1)
	require.Equal(t, 8, o.sent[sent].Until.Hour())
}

// A failingStore fails at what fails names.
type failingStore struct {
	digest.Store
	fails map[string]bool
}

var errDisk = errors.New("no disk")

func (s failingStore) ListConnections(ctx context.Context, after string, limit int) ([]store.Connection, error) {
	if s.fails["list"] || s.fails["rest"] && after != "" {
		return nil, errDisk
	}
	return s.Store.ListConnections(ctx, after, limit)
}

func (s failingStore) KeepOnce(ctx context.Context, key string, data []byte, ttl time.Duration) error {
	if s.fails["keep"] && key == "fleet digests" {
		return errDisk
	}
	return s.Store.KeepOnce(ctx, key, data, ttl)
}

// What was due while the Store failed is sent once, when that works again, and by nobody else.
func TestDigestsThatTheStoreFailedForAreSentOnceItWorks(t *testing.T) {
	t.Parallel()
	for _, fails := range []string{"list", "rest", "keep", "count", "none"} {
		t.Run(fails, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, "a", "b")
			o.cfg.Every = func(context.Context, string) digest.Interval { return digest.Hourly }
			first, second := o.process(0), o.process(0)
			o.pass(time.Hour+35*time.Minute, first) // 07:45
			require.Len(t, o.sent, 2)
			failing := map[string]bool{fails: true}
			first.Store = failingStore{o.store, failing}
			counts := first.Leads
			first.Leads = func(ctx context.Context, c *store.Connection, f store.Filter) (review.Summary,
				[]store.EventCount, error) {
				if failing["count"] && c.Name == "b" {
					return review.Summary{}, nil, errDisk
				}
				return counts(ctx, c, f)
			}
			for range 20 { // beyond 08:00
				o.now = o.now.Add(time.Minute)
				_, _ = first.Send(t.Context())
			}
			o.pass(5*time.Minute, second) // another process begins anew meanwhile
			delete(failing, fails)
			o.pass(3*time.Hour, first, second)
			periods := make(map[string][]string)
			for _, d := range o.sent {
				periods[d.Connection] = append(periods[d.Connection], d.From.Format("15")+d.Until.Format("-15"))
			}
			want := []string{"06-07", "07-08", "08-09", "09-10", "10-11"}
			require.Equal(t, map[string][]string{"a": want, "b": want}, periods)
		})
	}
}

// Without the key in the Store each process would send.
type forgetful struct{ digest.Store }

func (forgetful) KeepOnce(context.Context, string, []byte, time.Duration) error { return nil }

func (f forgetful) TakeOnce(ctx context.Context, key string) ([]byte, error) {
	_, err := f.Store.TakeOnce(ctx, key)
	return []byte("2026-10-22T06:15:00Z"), err
}

func TestProcessesWouldSendTwiceWithoutTheStore(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "acme")
	first, second := o.process(0), o.process(0)
	first.Store, second.Store = forgetful{o.store}, forgetful{o.store}
	o.cfg.Every = func(context.Context, string) digest.Interval { return digest.Hourly }
	o.now = time.Date(2026, 10, 22, 7, 0, 0, 0, time.UTC)
	for _, p := range []*digest.Sender{first, second} {
		_, err := p.Send(t.Context())
		require.NoError(t, err)
	}
	require.Len(t, o.sent, 2)
}

func TestTextSaysWhatToDo(t *testing.T) {
	t.Parallel()
	cause := func(i int) review.Cause {
		return review.Cause{Count: i + 1, Description: "A value does not fit.", Fix: "Correct it."}
	}
	d := &digest.Digest{Connection: "acme", From: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC),
		Until: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), Resumed: true,
		Summary: review.Summary{Total: 8, Groups: []review.Group{{Causes: []review.Cause{cause(1), cause(0)}}},
			Stages: map[leadtype.Stage]int{leadtype.Cleared: 4, leadtype.Failed: 3, leadtype.PreSync: 1}},
		Events: []store.EventCount{{Event: "expo", Stages: map[leadtype.Stage]int{leadtype.Failed: 3}}}}
	require.Equal(t, "acme: 3 leads failed, 4 cleared", d.Subject())
	require.Equal(t, `acme, from 1 Mar 2026 08:00 UTC to 2 Mar 2026 08:00 UTC

Syncing works again.

4 leads in Salesforce, 3 failed, 1 waiting.

2 leads: A value does not fit.
Correct it.

1 lead: A value does not fit.
Correct it.

expo: 0 in Salesforce, 3 failed, 0 waiting
`, d.Text())

	d.Stopped = &leadtype.Error{Code: leadtype.Authentication}
	d.Summary.Groups[0].Causes = slices.Repeat([]review.Cause{cause(0)}, 13)
	require.Equal(t, "acme: syncing has stopped", d.Subject())
	require.Contains(t, d.Text(), d.Stopped.Fix())
	require.Contains(t, d.Text(), "and 3 more causes.")
}

func TestConfigNamesWhatCannotWork(t *testing.T) {
	t.Parallel()
	send := func(context.Context, *digest.Digest) error { return nil }
	for field, cfg := range map[string]*digest.Config{
		"Send": {}, "Hour": {Send: send, Hour: 24}, "": {Send: send, Hour: 23}} {
		got, _ := cfg.Check()
		require.Equal(t, field, got)
	}
	none := (*digest.Config)(nil)
	field, _ := none.Check()
	require.Empty(t, field)
}
