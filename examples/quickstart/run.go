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
	"syscall"

	"github.com/leadsync/leadsync"
)

// The exit codes. Leads that failed do not make a run fail: each of them has
// its outcome.
const (
	exitDone        = 0
	exitFailed      = 1 // the run could not go through
	exitUsage       = 2
	exitInterrupted = 130 // as shells have it for SIGINT
)

// run is main with everything that it touches as an argument. Cancelling ctx
// is as good as an interrupt.
func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader,
	stdout, stderr io.Writer) int {
	opts, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitDone
	case err != nil:
		return exitUsage
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt ends the process at once
	interrupted := ctx
	ctx, cancel := context.WithTimeout(ctx, opts.timeout)
	defer cancel()

	err = quickstart(ctx, opts, getenv, stdin, stdout, stderr)
	switch {
	case err == nil:
		return exitDone
	case interrupted.Err() != nil:
		fmt.Fprintln(stderr, "quickstart: interrupted; with -db, the same command goes on where this one stopped")
		return exitInterrupted
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil:
		fmt.Fprintf(stderr, "quickstart: not done after %s; with -db, the same command goes on where this one stopped\n",
			opts.timeout)
	default:
		complain(stderr, err)
	}
	return exitFailed
}

// complain says what went wrong, and what can be done where the error knows.
func complain(w io.Writer, err error) {
	fmt.Fprintf(w, "quickstart: %v\n", err)
	var known *leadsync.Error
	if errors.As(err, &known) && known.Code != leadsync.Unknown {
		fmt.Fprintf(w, "%s\n%s\n", known.Code.Description(), known.Fix())
	}
}
