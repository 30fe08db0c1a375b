// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"
)

// A contest has contestants do the job in turn, each in a process of its own.
type contest struct {
	contestants []contestant
	runs        int
	delay       time.Duration // of the runs that measure the wall time; 0 leaves them out
	progress    io.Writer
}

// A result is one contestant's at one size: medians over the runs, and what was the same in
// all.
type result struct {
	contestant
	leads   int
	session int // calls
	usage   usage
	ratio   float64 // median of the user CPU times, each divided by that of the yardstick's in the same turn
	tally   tally
	delayed time.Duration // wall time with the delay; 0 where it was not measured
	err     error
}

// yardstick is the contestant whose user CPU time is 1.
const yardstick = "go-composites"

// A crew is the processes of a contest: an org, and a client for each contestant.
type crew struct {
	org     *child
	clients map[string]*child
}

func (c *contest) start(ctx context.Context) (*crew, error) {
	server, err := startChild(ctx, roleOrg)
	if err != nil {
		return nil, err
	}
	all := &crew{server, make(map[string]*child)}
	for _, one := range c.contestants {
		client, err := startChild(ctx, roleClient)
		if err != nil {
			all.stop()
			return nil, err
		}
		all.clients[one.key] = client
	}
	return all, nil
}

func (c *crew) stop() {
	for _, client := range c.clients {
		client.stop()
	}
	c.org.stop()
}

// hold measures all contestants with so many leads.
func (c *contest) hold(ctx context.Context, leads int) ([]result, error) {
	all, err := c.start(ctx)
	if err != nil {
		return nil, err
	}
	defer all.stop()
	runs := make([][]run, len(c.contestants))
	results := make([]result, len(c.contestants))
	for i, one := range c.contestants {
		results[i] = result{contestant: one, leads: leads}
		_, results[i].err = all.run(one, min(leads, 200), 0) // warms up
	}
	for turn := range c.runs {
		fmt.Fprintf(c.progress, "%d leads, run %d of %d\n", leads, turn+1, c.runs)
		for i, one := range c.contestants {
			if results[i].err != nil {
				continue
			}
			done, err := all.run(one, leads, 0)
			results[i].err = err
			runs[i] = append(runs[i], done)
		}
	}
	if err := c.holdDelayed(all, results); err != nil {
		return nil, err
	}
	base := slices.IndexFunc(c.contestants, func(one contestant) bool { return one.key == yardstick })
	for i := range results {
		if results[i].err == nil {
			results[i].summarize(runs[i])
		}
		if base >= 0 && results[base].err == nil && results[i].err == nil {
			results[i].ratio = ratioOf(runs[i], runs[base])
		}
	}
	return results, nil
}

// holdDelayed measures the wall time with the delay.
func (c *contest) holdDelayed(all *crew, results []result) error {
	if c.delay <= 0 {
		return nil
	}
	for i := range results {
		r := &results[i]
		if r.err != nil || r.single {
			continue
		}
		var walls []time.Duration
		for range min(c.runs, 3) {
			done, err := all.run(r.contestant, r.leads, c.delay)
			if err != nil {
				return err
			}
			walls = append(walls, done.usage.Wall)
		}
		r.delayed = median(walls)
	}
	return nil
}

// A run is one job of one contestant.
type run struct {
	session int // calls
	tally   tally
	usage   usage
}

// run has a contestant do a job of so many leads with a new org.
func (c *crew) run(one contestant, leads int, delay time.Duration) (done run, err error) {
	client := c.clients[one.key]
	made, err := c.org.ask(order{Do: doNew, Leads: leads, Delay: delay})
	if err != nil {
		return run{}, err
	}
	if _, err := client.ask(order{Do: doOpen, Contestant: one.key, Leads: leads, Job: made.Job}); err != nil {
		return run{}, fmt.Errorf("%s: connect: %w", one.name, err)
	}
	before, err := c.org.ask(order{Do: doTally})
	if err != nil {
		return run{}, err
	}
	used, err := client.ask(order{Do: doSync})
	if err != nil {
		return run{}, fmt.Errorf("%s: %w", one.name, err)
	}
	after, err := c.org.ask(order{Do: doTally})
	if err != nil {
		return run{}, err
	}
	if _, err := client.ask(order{Do: doClose}); err != nil {
		return run{}, err
	}
	if _, err := c.org.ask(order{Do: doCheck}); err != nil {
		return run{}, fmt.Errorf("%s: %w", one.name, err)
	}
	counted := after.Tally.sub(before.Tally)
	counted.Connections = after.Tally.Connections
	return run{session: before.Tally.Calls, tally: counted, usage: used.Usage}, nil
}

// summarize takes the medians.
func (r *result) summarize(runs []run) {
	last := runs[len(runs)-1]
	r.session, r.tally = last.session, last.tally
	r.usage = usage{
		Wall:   median(each(runs, func(u usage) time.Duration { return u.Wall })),
		User:   median(each(runs, func(u usage) time.Duration { return u.User })),
		System: median(each(runs, func(u usage) time.Duration { return u.System })),
		Allocs: median(each(runs, func(u usage) uint64 { return u.Allocs })),
		Bytes:  median(each(runs, func(u usage) uint64 { return u.Bytes })),
		Peak:   median(each(runs, func(u usage) int64 { return u.Peak })),
	}
}

// ratioOf compares the user CPU time turn by turn, so that what slows a turn down slows both.
func ratioOf(runs, base []run) float64 {
	ratios := make([]float64, 0, len(runs))
	for i := range runs {
		if base[i].usage.User > 0 {
			ratios = append(ratios, float64(runs[i].usage.User)/float64(base[i].usage.User))
		}
	}
	return median(ratios)
}

func each[T any](runs []run, of func(usage) T) []T {
	values := make([]T, len(runs))
	for i, one := range runs {
		values[i] = of(one.usage)
	}
	return values
}

// median returns the median of values, 0 of none.
func median[T ~int64 | ~uint64 | ~float64](values []T) T {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[middle-1] + sorted[middle]) / 2
	}
	return sorted[middle]
}
