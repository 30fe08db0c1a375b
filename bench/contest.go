// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"
)

// A contest has contestants do the job in turn, each in a process of its own.
type contest struct {
	contestants []contestant
	runs        int
	delay       time.Duration // of the runs that measure the wall time; 0 leaves them out
	postgres    string        // connection string
	noPostgres  error         // why there is none
	profiles    string        // folder for CPU profiles, if wanted
	progress    io.Writer
}

// A result is one contestant's at one size: medians over the runs, and what was the same in
// all.
type result struct {
	contestant
	leads   int
	session int // calls
	usage   usage
	ratio   float64 // median of the user CPU times, each divided by the yardstick's in the same turn
	tally   tally
	disk    int64         // bytes of files
	delayed time.Duration // wall time with the delay, reckoned for single ones; 0 where it was not measured
	skipped error         // why it was not measured
	err     error
}

// yardstick is the contestant whose user CPU time is 1.
const yardstick = "go-composites"

const (
	warmUp      = 200  // leads
	singleRuns  = 3    // of contestants that send a record a call: their figures differ by orders of magnitude
	singleLeads = 1000 // at most
	manyLeads   = 10_000
	manyRuns    = 3 // with more than manyLeads
	mostLeads   = 100_000
	mostRuns    = 1 // with more than mostLeads, and none with the delay
	delayedRuns = 3
)

// A crew is the processes of a contest: an org, and a client for each contestant.
type crew struct {
	org     *child
	clients []*child
}

func (c *contest) start(ctx context.Context) (*crew, error) {
	server, err := startChild(ctx, "", roleOrg)
	if err != nil {
		return nil, err
	}
	all := &crew{org: server}
	for _, one := range c.contestants {
		client, err := startChild(ctx, one.program, roleClient)
		if err != nil {
			all.stop()
			return nil, err
		}
		all.clients = append(all.clients, client)
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
		results[i] = result{contestant: one, leads: leads, skipped: c.skip(one, leads)}
		if results[i].skipped == nil {
			_, results[i].err = c.run(all, i, min(leads, warmUp), 0, "")
		}
	}
	for turn := range c.turns(leads) {
		fmt.Fprintf(c.progress, "%d leads, run %d of %d\n", leads, turn+1, c.turns(leads))
		for i := range results {
			r := &results[i]
			if r.skipped != nil || r.err != nil || r.single && turn >= singleRuns {
				continue
			}
			var done run
			done, r.err = c.run(all, i, leads, 0, c.profile(r, turn))
			runs[i] = append(runs[i], done)
		}
	}
	c.holdDelayed(all, results)
	c.summarize(results, runs)
	return results, nil
}

// skip says why a contestant is not measured with so many leads, if it is not.
func (c *contest) skip(one contestant, leads int) error {
	switch {
	case one.postgres && c.noPostgres != nil:
		return c.noPostgres
	case one.single && leads > singleLeads:
		return fmt.Errorf("at most %d leads", singleLeads)
	}
	return nil
}

func (c *contest) turns(leads int) int {
	switch {
	case leads > mostLeads:
		return min(c.runs, mostRuns)
	case leads > manyLeads:
		return min(c.runs, manyRuns)
	}
	return c.runs
}

// profile names the file of a run's CPU profile, "" where none is wanted.
func (c *contest) profile(r *result, turn int) string {
	if c.profiles == "" {
		return ""
	}
	build := ""
	if r.program != "" {
		build = "-before"
	}
	return filepath.Join(c.profiles, fmt.Sprintf("%s%s-%d-%d.pprof", r.key, build, r.leads, turn))
}

// holdDelayed measures the wall time with the delay, but of those that send a record a call,
// which wait for minutes.
func (c *contest) holdDelayed(all *crew, results []result) {
	if c.delay <= 0 {
		return
	}
	for i := range results {
		r := &results[i]
		if r.skipped != nil || r.single || r.leads > mostLeads {
			continue
		}
		var walls []time.Duration
		for range min(c.turns(r.leads), delayedRuns) {
			if r.err != nil {
				break
			}
			var done run
			done, r.err = c.run(all, i, r.leads, c.delay, "")
			walls = append(walls, done.usage.Wall)
		}
		r.delayed = median(walls)
	}
}

// A run is one job of one contestant.
type run struct {
	session int // calls
	tally   tally
	usage   usage
	disk    int64 // bytes of files
}

// run has a contestant do a job of so many leads with a new org.
func (c *contest) run(all *crew, i, leads int, delay time.Duration, profile string) (done run, err error) {
	one, client := c.contestants[i], all.clients[i]
	made, err := all.org.ask(order{Do: doNew, Leads: leads, Delay: delay})
	if err != nil {
		return run{}, err
	}
	made.Job.Postgres = c.postgres
	if _, err := client.ask(order{Do: doOpen, Contestant: one.key, Leads: leads, Job: made.Job}); err != nil {
		return run{}, fmt.Errorf("%s: connect: %w", one.name, err)
	}
	before, err := all.org.ask(order{Do: doTally})
	if err != nil {
		return run{}, err
	}
	used, err := client.ask(order{Do: doSync, Profile: profile})
	if err != nil {
		return run{}, fmt.Errorf("%s: %w", one.name, err)
	}
	after, err := all.org.ask(order{Do: doTally})
	if err != nil {
		return run{}, err
	}
	left, err := client.ask(order{Do: doClose})
	if err != nil {
		return run{}, fmt.Errorf("%s: %w", one.name, err)
	}
	if _, err := all.org.ask(order{Do: doCheck}); err != nil {
		return run{}, fmt.Errorf("%s: %w", one.name, err)
	}
	counted := after.Tally.sub(before.Tally)
	counted.Connections = after.Tally.Connections
	used.Usage.Wall -= counted.Work
	return run{session: before.Tally.Calls, tally: counted, usage: used.Usage, disk: left.Disk}, nil
}

// summarize takes the medians of all, and compares them with the yardstick.
func (c *contest) summarize(results []result, runs [][]run) {
	base := slices.IndexFunc(c.contestants, func(one contestant) bool {
		return one.key == yardstick && one.program == ""
	})
	for i := range results {
		if results[i].err != nil || len(runs[i]) == 0 {
			continue
		}
		results[i].summarize(runs[i])
		if results[i].single {
			results[i].delayed = results[i].usage.Wall + time.Duration(results[i].tally.Calls)*c.delay
		}
		if base >= 0 && results[base].err == nil {
			results[i].ratio = ratioOf(runs[i], runs[base])
		}
	}
}

// summarize takes the medians.
func (r *result) summarize(runs []run) {
	last := runs[len(runs)-1]
	r.session, r.tally, r.disk = last.session, last.tally, last.disk
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
