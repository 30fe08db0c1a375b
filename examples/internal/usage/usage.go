// SPDX-License-Identifier: Apache-2.0

// Package usage prints what an example is about when it is run with -h.
package usage

import (
	"flag"
	"fmt"
	"os"
)

// NoFlags parses the command line of an example that takes none: with -h it prints what the
// example is about and ends the process with 0, and with anything else with 2.
func NoFlags(name, about string) {
	flags := flag.NewFlagSet(name, flag.ExitOnError)
	flags.Usage = func() { fmt.Fprintf(flags.Output(), "usage: %s\n\n%s\n", name, about) }
	_ = flags.Parse(os.Args[1:]) // ExitOnError
	if flags.NArg() > 0 {
		fmt.Fprintf(flags.Output(), "%s: takes no arguments\n", name)
		flags.Usage()
		os.Exit(2)
	}
}
