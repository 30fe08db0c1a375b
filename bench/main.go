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
}

// parseFlags parses the command line. The flag package exits on what it rejects.
func parseFlags(args []string) (*config, error) {
	flags := flag.NewFlagSet("bench", flag.ExitOnError)
	sizes := flags.String("leads", "200,1000", "numbers of leads, separated by `commas`")
	runs := flags.Int("runs", 12, "how often each contestant does the job")
	delay := flags.Duration("delay", 50*time.Millisecond, "the delay of replies for the last measurement, 0 for none")
	only := flags.String("only", "", "`keys` of contestants, separated by commas; all by default: "+keys())
	_ = flags.Parse(args) // ExitOnError
	c := &config{runs: *runs, delay: *delay}
	for text := range strings.SplitSeq(*sizes, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 1 {
			return nil, fmt.Errorf("-leads: %q is not a number of leads", text)
		}
		c.leads = append(c.leads, n)
	}
	wanted := strings.Split(*only, ",")
	for _, one := range contestants() {
		if *only == "" || slices.Contains(wanted, one.key) {
			c.contestants = append(c.contestants, one)
		}
	}
	switch {
	case flags.NArg() > 0:
		return nil, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case c.runs < 1:
		return nil, errors.New("-runs must be at least 1")
	case c.delay < 0:
		return nil, errors.New("-delay must not be negative")
	case *only != "" && len(wanted) != len(c.contestants):
		return nil, fmt.Errorf("-only: the keys are %s", keys())
	}
	return c, nil
}

// keys lists the keys of all contestants.
func keys() string {
	var all []string
	for _, one := range contestants() {
		all = append(all, one.key)
	}
	return strings.Join(all, ", ")
}

// measureAll measures each size and prints its table.
func measureAll(ctx context.Context, c *config, out, progress io.Writer) error {
	race := &contest{contestants: c.contestants, runs: c.runs, delay: c.delay, progress: progress}
	var failed error
	for _, n := range c.leads {
		results, err := race.hold(ctx, n)
		if err != nil {
			return err
		}
		writeTable(out, results, c.delay)
		fmt.Fprintln(out)
		for _, r := range results {
			failed = errors.Join(failed, r.err)
		}
	}
	return failed
}
