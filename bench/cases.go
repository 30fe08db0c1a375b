// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store/memory"
)

// A callCase is a way to use leadsync of which only the API calls are counted. They are the
// same on every machine, so it runs once, in this process.
type callCase struct {
	name  string
	leads int
	count func(ctx context.Context, leads int) (tally, error)
}

// callCases lists all of them.
func callCases() []callCase {
	return []callCase{
		{"Sync, the same leads again", 1000, countAgain(nil)},
		{"Sync, Accounts and Contacts", 200, countAccounts},
		{"Sync, Accounts and Contacts", 1000, countAccounts},
		{"Sync, Accounts and Contacts, the same leads again", 1000, countAgain(leadsync.AccountsAndContacts)},
		{"Run, 5,000 leads an hour one by one, in an org of 1,000,000 calls a day", 5000, countLive(1_000_000, 0)},
		{"Run, the same in an org of 100,000 calls a day", 5000, countLive(100_000, 0)},
		{"Run, the same in an org of 15,000 calls a day", 5000, countLive(15_000, 0)},
		{"Run, the same without a window (NoGather)", 200, countLive(1_000_000, leadsync.NoGather)},
	}
}

// writeCases counts the calls of all cases and writes them as a table of Markdown.
func writeCases(ctx context.Context, w io.Writer, cases []callCase) error {
	fmt.Fprintln(w, "| leadsync | leads | calls | calls a lead |")
	fmt.Fprintln(w, "|---|---|---|---|")
	for _, c := range cases {
		counted, err := c.count(ctx, c.leads)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		fmt.Fprintf(w, "| %s | %s | %s | %.3f |\n", c.name, grouped(c.leads), grouped(counted.Calls),
			float64(counted.Calls)/float64(c.leads))
	}
	return nil
}

// countAgain counts the calls of a Sync of leads that were synced just before.
func countAgain(strategy leadsync.Strategy) func(context.Context, int) (tally, error) {
	return func(ctx context.Context, n int) (counted tally, err error) {
		o, err := newOrg(n, 0)
		if err != nil {
			return tally{}, err
		}
		defer o.close()
		syncer, err := newSyncer(ctx, &o.address, &leadsync.Config{Strategy: strategy})
		if err != nil {
			return tally{}, err
		}
		if _, err := syncer.Sync(ctx, o.leads...); err != nil {
			return tally{}, err
		}
		before := o.tally()
		_, err = syncer.Sync(ctx, o.leads...)
		return o.tally().sub(before), err
	}
}

// countAccounts counts the calls of a Sync that creates Contacts with their Accounts.
func countAccounts(ctx context.Context, n int) (tally, error) {
	o, err := newOrg(n, 0)
	if err != nil {
		return tally{}, err
	}
	defer o.close()
	syncer, err := newSyncer(ctx, &o.address, &leadsync.Config{Strategy: leadsync.AccountsAndContacts})
	if err != nil {
		return tally{}, err
	}
	before := o.tally()
	if _, err := syncer.Sync(ctx, o.leads...); err != nil {
		return tally{}, err
	}
	return o.tally().sub(before), o.check(objectContact)
}

// countLive counts the calls of leads that are captured one by one, 5,000 an hour, in an org
// with so many API calls a day, while a scheduler drains the store whenever leads are due. The
// time passes on a clock of its own.
func countLive(limit int, gather time.Duration) func(context.Context, int) (tally, error) {
	return func(ctx context.Context, n int) (tally, error) {
		now := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
		clock := func() time.Time { return now }
		o, err := newOrg(n, 0, sftest.WithAPILimit(limit), sftest.WithNow(clock))
		if err != nil {
			return tally{}, err
		}
		defer o.close()
		syncer, err := newSyncer(ctx, &o.address,
			&leadsync.Config{Store: memory.New(clock), Now: clock, Gather: gather})
		if err != nil {
			return tally{}, err
		}
		before := o.tally()
		const every = time.Hour / 5000
		last := now.Add(time.Duration(n)*every + 2*time.Minute) // a window is a minute at most
		arrival := now
		for i := 0; now.Before(last); {
			wait, err := syncer.DrainDue(ctx, 10)
			if err != nil {
				return tally{}, err
			}
			if next := now.Add(wait); i == n || next.Before(arrival) {
				now = next
				continue
			}
			now = arrival
			if _, err := syncer.Capture(ctx, o.leads[i]); err != nil {
				return tally{}, err
			}
			arrival = arrival.Add(every)
			i++
		}
		return o.tally().sub(before), o.check(objectContact, objectLead)
	}
}
