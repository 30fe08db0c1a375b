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

// The exit codes. Failed leads do not make a run fail: each has its outcome.
const (
	exitDone        = 0
	exitFailed      = 1 // the run could not complete
	exitUsage       = 2
	exitInterrupted = 130 // as shells report SIGINT
)

// run is main with its environment as arguments. Cancelling ctx has the effect of
// an interrupt.
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
	if opts.serve == "" {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, opts.timeout)
		defer cancel()
	}

	err = quickstart(ctx, opts, getenv, stdin, stdout, stderr)
	switch {
	case err == nil:
		return exitDone
	case interrupted.Err() != nil:
		fmt.Fprintln(stderr, "quickstart: interrupted; with -db, run the same command again to resume")
		return exitInterrupted
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil:
		fmt.Fprintf(stderr, "quickstart: timed out after %s; with -db, run the same command again to resume\n",
			opts.timeout)
	default:
		complain(stderr, err)
	}
	return exitFailed
}

// complain prints the error, and its fix where one is known.
func complain(w io.Writer, err error) {
	fmt.Fprintf(w, "quickstart: %v\n", err)
	var known *leadsync.Error
	if errors.As(err, &known) && known.Code != leadsync.Unknown {
		fmt.Fprintf(w, "%s\n%s\n", known.Code.Description(), known.Fix())
	}
}
