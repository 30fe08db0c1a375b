// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/review"
	"github.com/leadsync/leadsync/store"
)

// An Interval is how often a connection has a digest.
type Interval string

// The intervals. NoDigest is for connections that have none.
const (
	NoDigest  Interval = ""
	Hourly    Interval = "hourly"      // at each full hour
	TwiceADay Interval = "twice-a-day" // at Digests.Hour and twelve hours later
	Daily     Interval = "daily"       // at Digests.Hour
	Weekly    Interval = "weekly"      // on Mondays at Digests.Hour
)

// Digests says who gets a digest of a connection, and when.
type Digests struct {
	// Send gets each digest, one after the other, from one of the processes. A digest is sent
	// once: one for which Send fails or panics is reported to Config.Logger, and what a process
	// that ends had still to send is left out. All is in the Store: see Fleet.Syncer. Required.
	Send func(ctx context.Context, d *Digest) error
	// Every says how often a connection has a digest. Nil means Daily for all.
	Every func(ctx context.Context, connection string) Interval
	// Hour is the hour of the day, from 0 to 23, in Location. Nil means UTC.
	Hour     int
	Location *time.Location
}

// check names what is wrong with d.
func (d *Digests) check() error {
	switch {
	case d == nil:
		return nil
	case d.Send == nil:
		return refuse("new", "Config.Digests.Send", "is required")
	case d.Hour < 0 || d.Hour > 23:
		return refuse("new", "Config.Digests.Hour", "must be between 0 and 23")
	}
	return nil
}

// A Digest says what became of a connection's leads in a time. One in which nothing happened is not sent.
type Digest struct {
	Connection string    `json:"connection"`
	From       time.Time `json:"from"`
	Until      time.Time `json:"until"`
	// Summary counts the leads that came into their stage in that time, and did not leave it since: those that
	// failed by code and cause, with what to do. Events counts them by event.
	Summary review.Summary     `json:"summary"`
	Events  []store.EventCount `json:"events"`
	// Incident is why the connection needs a person, nil for no reason. Recovered says that the
	// digest before had one.
	Incident  *Incident `json:"incident"`
	Recovered bool      `json:"recovered"`
}

const (
	// digestTick is how often a process looks for digests that are due.
	digestTick = 15 * time.Minute
	// digestKept is how long the Store keeps when the next ones are due while no process runs.
	digestKept = 31 * 24 * time.Hour
	// clockSkew is how far the clocks of two processes may differ.
	clockSkew = 5 * time.Minute
	// digestKey is the key in the Store of when the next digests are due. incidentKey with a
	// connection's name is that of an incident that was sent.
	digestKey   = "fleet digests"
	incidentKey = "fleet digest incident "
)

// SendDigests sends the digests that are due, unless another process does, and returns when to call it again.
// Run does so itself: it is for hosts that leave the syncing to a scheduler. The first call sends none. The error
// is a *leadsync.Error around the Store's, or the context's own.
func (f *Fleet) SendDigests(ctx context.Context) (next time.Time, err error) {
	if f.cfg.Digests == nil {
		return time.Time{}, refuse("send digests", "Config.Digests", "is not set")
	}
	now := f.cfg.Now()
	due, known, err := f.takeDue(ctx)
	if err != nil {
		return now.Add(f.cfg.Poll), verdict.StoreError(ctx, "send digests", err)
	}
	switch {
	case !known: // of a process that is sending now, or the first
		next = tickAfter(now.Add(clockSkew))
	case due.After(now):
		next = due
	default:
		next = tickAfter(now)
	}
	if err = f.keepDue(ctx, next); err == nil && known && !due.After(now) {
		err = f.sendDue(ctx, due, now)
	}
	return next, verdict.StoreError(ctx, "send digests", err)
}

func tickAfter(t time.Time) time.Time { return t.Truncate(digestTick).Add(digestTick) }

// takeDue takes from the Store when digests are due, so that one process sends them.
func (f *Fleet) takeDue(ctx context.Context) (due time.Time, known bool, err error) {
	data, err := f.store.TakeOnce(ctx, digestKey)
	if err != nil || data == nil {
		return time.Time{}, false, err
	}
	return due, due.UnmarshalText(data) == nil, nil
}

func (f *Fleet) keepDue(ctx context.Context, due time.Time) error {
	data, err := due.UTC().MarshalText()
	if err != nil {
		return err
	}
	return f.store.KeepOnce(ctx, digestKey, data, digestKept)
}

// sendDue sends the digests of all connections that became due from a time until now.
func (f *Fleet) sendDue(ctx context.Context, from, now time.Time) error {
	for after := ""; ; {
		listed, err := f.store.ListConnections(ctx, after, dueAtOnce)
		if err != nil || len(listed) == 0 {
			return err
		}
		for i := range listed {
			if err := f.sendDigest(ctx, &listed[i], from, now); err != nil {
				f.cfg.Logger.ErrorContext(ctx, "leadsync: a digest was not sent", "connection", listed[i].Name, "error", err)
			}
		}
		after = listed[len(listed)-1].Name
	}
}

// sendDigest sends the digest of a connection, if one became due from a time until now.
func (f *Fleet) sendDigest(ctx context.Context, c *store.Connection, from, now time.Time) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer func() {
		if p := recover(); p != nil {
			err = errors.New("panicked")
		}
	}()
	d := f.cfg.Digests
	every := Daily
	if d.Every != nil {
		every = d.Every(ctx, c.Name)
	}
	until, is := d.lastDue(every, now)
	if !is || until.Before(from) {
		return nil
	}
	begin, _ := d.lastDue(every, from.Add(-time.Nanosecond))
	digest, err := f.digestOf(ctx, c, begin, until)
	if err != nil || digest.Summary.Total == 0 && digest.Incident == nil && !digest.Recovered {
		return err
	}
	return d.Send(ctx, digest)
}

// digestOf returns the digest of a connection.
func (f *Fleet) digestOf(ctx context.Context, c *store.Connection, from, until time.Time) (*Digest, error) {
	m, err := f.memberOf(c)
	if err != nil {
		return nil, err
	}
	d := &Digest{Connection: c.Name, From: from, Until: until, Incident: incidentOf(c)}
	filter := leadsync.Filter{From: from, Until: until}
	if d.Summary, err = m.syncer.Summary(ctx, filter); err != nil {
		return nil, err
	}
	if d.Events, err = m.syncer.Events(ctx, filter); err != nil {
		return nil, err
	}
	told, err := f.store.TakeOnce(ctx, incidentKey+c.Name)
	if err == nil && d.Incident != nil {
		err = f.store.KeepOnce(ctx, incidentKey+c.Name, []byte{1}, digestKept)
	}
	d.Recovered = told != nil && d.Incident == nil
	return d, err
}

// lastDue returns when a digest was due last, at a time or before it.
func (d *Digests) lastDue(every Interval, at time.Time) (due time.Time, is bool) {
	location := d.Location
	if location == nil {
		location = time.UTC
	}
	day := func(back, hour int) time.Time {
		y, m, of := at.In(location).Date()
		return time.Date(y, m, of-back, hour, 0, 0, 0, location)
	}
	switch every {
	case Hourly:
		return at.Truncate(time.Hour), true
	case TwiceADay, Daily, Weekly:
		for back := range 9 {
			if every == Weekly && day(back, d.Hour).Weekday() != time.Monday {
				continue
			}
			if late := day(back, d.Hour+12); every == TwiceADay && !late.After(at) {
				return late, true
			}
			if due = day(back, d.Hour); !due.After(at) {
				return due, true
			}
		}
	}
	return time.Time{}, false
}

// digests sends digests until ctx is done.
func (f *Fleet) digests(ctx context.Context) {
	for ctx.Err() == nil {
		next, err := f.SendDigests(ctx)
		if err != nil && ctx.Err() == nil {
			f.cfg.Logger.ErrorContext(ctx, "leadsync: digests were not sent", "error", err)
		}
		timer := time.NewTimer(max(next.Sub(f.cfg.Now()), f.cfg.Poll))
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}

// maxCauses is how many causes of failure the text of a digest has.
const maxCauses = 10

// Subject returns what the digest says in a line, in English.
func (d *Digest) Subject() string {
	switch failed, cleared := d.Summary.Stages[leadsync.Failed], d.Summary.Stages[leadsync.Cleared]; {
	case d.Incident != nil:
		return d.Connection + ": syncing has stopped"
	case d.Recovered && failed == 0:
		return d.Connection + ": syncing works again"
	default:
		return fmt.Sprintf("%s: %s failed, %d cleared", d.Connection, leads(failed), cleared)
	}
}

func leads(n int) string {
	if n == 1 {
		return "1 lead"
	}
	return fmt.Sprintf("%d leads", n)
}

// Text returns the digest as plain text, in English. It may quote what Salesforce said of a lead: send it to people of
// the customer only.
func (d *Digest) Text() string {
	const layout = "2 Jan 2006 15:04 MST"
	var b strings.Builder
	fmt.Fprintf(&b, "%s, from %s to %s\n", d.Connection, d.From.Format(layout), d.Until.Format(layout))
	if d.Incident != nil {
		fmt.Fprintf(&b, "\nSyncing has stopped since %s. %s\n%s\n", d.Incident.At.In(d.Until.Location()).Format(layout),
			d.Incident.Err.Description(), d.Incident.Err.Fix())
	}
	if d.Recovered {
		b.WriteString("\nSyncing works again.\n")
	}
	s := &d.Summary
	fmt.Fprintf(&b, "\n%s in Salesforce, %d failed, %d waiting.\n", leads(s.Stages[leadsync.Cleared]),
		s.Stages[leadsync.Failed], s.Stages[leadsync.PreSync])
	causes := 0
	for _, g := range s.Groups {
		for _, c := range g.Causes {
			if causes++; causes <= maxCauses {
				fmt.Fprintf(&b, "\n%s: %s\n%s\n", leads(c.Count), c.Description, c.Fix)
			}
		}
	}
	if causes > maxCauses {
		fmt.Fprintf(&b, "\nand %d more causes.\n", causes-maxCauses)
	}
	for i, e := range d.Events {
		if i == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s: %d in Salesforce, %d failed, %d waiting\n", e.Event, e.Stages[leadsync.Cleared],
			e.Stages[leadsync.Failed], e.Stages[leadsync.PreSync])
	}
	return b.String()
}
