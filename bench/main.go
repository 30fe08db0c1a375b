// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/pgtest"
)

func main() {
	if as := os.Getenv(role); as != "" {
		exitOn(serveChild(as, os.Stdin, os.Stdout))
		return
	}
	c, err := parseFlags(os.Args[1:])
	exitOn(err)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	exitOn(measureAll(ctx, c, os.Stdout, os.Stderr))
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// config is the command line.
type config struct {
	leads       []int
	runs        int
	delay       time.Duration
	contestants []contestant
	cases       bool
	out         string
	profiles    string
}

// parseFlags parses the command line. The flag package exits on what it rejects.
func parseFlags(args []string) (*config, error) {
	c := new(config)
	flags := flag.NewFlagSet("bench", flag.ExitOnError)
	sizes := flags.String("leads", "200,1000", "numbers of leads, separated by `commas`")
	full := flags.Bool("full", false, "with 20,000 and 200,000 leads too, which takes long and gigabytes")
	flags.IntVar(&c.runs, "runs", 12, "how often each contestant does the job, less often where it takes long")
	flags.DurationVar(&c.delay, "delay", 50*time.Millisecond, "how late the org answers in the last runs; 0 for none")
	only := flags.String("only", "", "`keys` of what to measure, separated by commas; all by default: "+keys())
	before := flags.String("before", "", "an earlier build of this `program`, whose leadsync takes turns with this one's")
	flags.StringVar(&c.profiles, "cpuprofile", "", "a `folder` for a CPU profile of each run, which slows them down")
	flags.StringVar(&c.out, "o", "", "write the report to this `file`, below the marker that it has")
	_ = flags.Parse(args) // ExitOnError
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if *full {
		*sizes += ",20000,200000"
	}
	if c.runs < 1 || c.delay < 0 {
		return nil, errors.New("-runs must be at least 1 and -delay not negative")
	}
	if err := c.choose(*only, *before); err != nil {
		return nil, err
	}
	return c, c.size(*sizes)
}

// size reads the flag -leads.
func (c *config) size(list string) error {
	for text := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 1 {
			return fmt.Errorf("-leads: %q is not a number of leads", text)
		}
		c.leads = append(c.leads, n)
	}
	return nil
}

// choose reads the flags -only and -before.
func (c *config) choose(only, before string) error {
	wanted := strings.Split(only, ",")
	known := append(strings.Split(keys(), ", "), "")
	for _, key := range wanted {
		if !slices.Contains(known, key) {
			return fmt.Errorf("-only: %q is none of %s", key, keys())
		}
	}
	c.cases = only == "" || slices.Contains(wanted, keyCases)
	for _, one := range contestants() {
		if only != "" && !slices.Contains(wanted, one.key) {
			continue
		}
		if one.ours && before != "" {
			earlier := one
			earlier.program = before
			c.contestants = append(c.contestants, earlier)
		}
		c.contestants = append(c.contestants, one)
	}
	return nil
}

// keyCases names the cases of which only the calls are counted.
const keyCases = "cases"

// keys lists the keys of the contestants and of the cases.
func keys() string {
	var all []string
	for _, one := range contestants() {
		all = append(all, one.key)
	}
	return strings.Join(append(all, keyCases), ", ")
}

// measureAll measures what the command line asks for, and prints it or writes it to its file.
func measureAll(ctx context.Context, c *config, out, progress io.Writer) error {
	race := &contest{contestants: c.contestants, runs: c.runs, delay: c.delay, profiles: c.profiles, progress: progress}
	if slices.ContainsFunc(c.contestants, func(one contestant) bool { return one.postgres }) {
		var server pgtest.Server
		defer server.Stop()
		race.postgres, race.noPostgres = server.Open()
	}
	if c.out == "" {
		return writeReport(ctx, c, race, out)
	}
	return writeFile(c.out, func(w io.Writer) error { return writeReport(ctx, c, race, w) })
}
