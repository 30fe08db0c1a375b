// SPDX-License-Identifier: Apache-2.0

// Package digest tells people at intervals what became of the leads of a connection of a fleet: what failed and
// what to do, what arrived in Salesforce, and whether syncing has stopped. The host sends it, by mail or as it likes.
package digest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/review"
	"github.com/leadsync/leadsync/store"
)

// An Interval is how often a connection has a digest.
type Interval string

// The intervals. None is for connections that have none.
const (
	None      Interval = ""
	Hourly    Interval = "hourly"      // at each full hour of Config.Location
	TwiceADay Interval = "twice-a-day" // at Config.Hour and twelve hours later
	Daily     Interval = "daily"       // at Config.Hour
	Weekly    Interval = "weekly"      // on Mondays at Config.Hour
)

// Config says who gets a digest of a connection, and when.
type Config struct {
	// Send gets each digest, one after the other, from one of the processes. A digest is sent
	// once: one for which Send fails or panics is reported to the Fleet's Logger, and what a process
	// that ends had still to send is left out. What the Store fails for is sent when it works again. All is in the
	// Store. Required.
	Send func(ctx context.Context, d *Digest) error
	// Every says how often a connection has a digest. Nil means Daily for all.
	Every func(ctx context.Context, connection string) Interval
	// Hour is the hour of the day, from 0 to 23, in Location: nil means UTC. On a day whose clocks skip it, digests
	// are due after it.
	Hour     int
	Location *time.Location
}

// Check names the field of c that cannot work, and why.
func (c *Config) Check() (field, reason string) {
	switch {
	case c == nil:
	case c.Send == nil:
		return "Send", "is required"
	case c.Hour < 0 || c.Hour > 23:
		return "Hour", "must be between 0 and 23"
	}
	return "", ""
}

// lastDue returns when a digest was due last, at a time or before it.
func (c *Config) lastDue(every Interval, at time.Time) (due time.Time, is bool) {
	location := c.Location
	if location == nil {
		location = time.UTC
	}
	day := func(back, hour int) time.Time {
		y, m, of := at.In(location).Date()
		t := time.Date(y, m, of-back, hour, 0, 0, 0, location)
		// Of an hour that the clocks skip, that may be a time before it, on the day before at midnight.
		_, offset := t.Zone()
		skipped := time.Date(y, m, of-back, hour, 0, 0, 0, time.UTC).Sub(t) - time.Duration(offset)*time.Second
		return t.Add(max(0, skipped))
	}
	switch every {
	case Hourly:
		in := at.In(location) // whose full hours may be half ones elsewhere
		_, offset := in.Zone()
		ahead := time.Duration(offset) * time.Second
		return in.Add(ahead).Truncate(time.Hour).Add(-ahead), true
	case TwiceADay, Daily, Weekly:
		for back := range 9 {
			if every == Weekly && day(back, c.Hour).Weekday() != time.Monday {
				continue
			}
			if late := day(back, c.Hour+12); every == TwiceADay && !late.After(at) {
				return late, true
			}
			if due = day(back, c.Hour); !due.After(at) {
				return due, true
			}
		}
	}
	return time.Time{}, false
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
	// Stopped is why the connection needs a person, nil for no reason, and StoppedAt since when. Resumed
	// says that it did at the digest before.
	Stopped   *leadtype.Error `json:"stopped"`
	StoppedAt time.Time       `json:"stoppedAt"`
	Resumed   bool            `json:"resumed"`
}

// maxCauses is how many causes of failure the text of a digest has.
const maxCauses = 10

// Subject returns what the digest says in a line, in English.
func (d *Digest) Subject() string {
	switch failed, cleared := d.Summary.Stages[leadtype.Failed], d.Summary.Stages[leadtype.Cleared]; {
	case d.Stopped != nil:
		return d.Connection + ": syncing has stopped"
	case d.Resumed && failed == 0:
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
	if d.Stopped != nil {
		fmt.Fprintf(&b, "\nSyncing has stopped since %s. %s\n%s\n", d.StoppedAt.In(d.Until.Location()).Format(layout),
			d.Stopped.Description(), d.Stopped.Fix())
	}
	if d.Resumed {
		b.WriteString("\nSyncing works again.\n")
	}
	s := &d.Summary
	fmt.Fprintf(&b, "\n%s in Salesforce, %d failed, %d waiting.\n", leads(s.Stages[leadtype.Cleared]),
		s.Stages[leadtype.Failed], s.Stages[leadtype.PreSync])
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
		fmt.Fprintf(&b, "%s: %d in Salesforce, %d failed, %d waiting\n", e.Event, e.Stages[leadtype.Cleared],
			e.Stages[leadtype.Failed], e.Stages[leadtype.PreSync])
	}
	return b.String()
}
