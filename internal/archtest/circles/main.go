// SPDX-License-Identifier: Apache-2.0

// Command circles prints the size of each package that the patterns name, and
// its circles: the files that use one another, so that none can be read or moved
// alone. Without a pattern it takes the whole workspace.
//
//	go run ./internal/archtest/circles [-min 3] [-uses] [pattern ...]
package main

import (
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/archtest"
)

func main() {
	if err := run(os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "circles:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, args []string) error {
	flags := flag.NewFlagSet("circles", flag.ExitOnError)
	least := flags.Int("min", 3, "print circles of at least `n` files")
	uses := flags.Bool("uses", false, "print which names each file of a circle uses of the others")
	_ = flags.Parse(args) // ExitOnError
	patterns := flags.Args()
	if len(patterns) == 0 {
		patterns = []string{"work"}
	}
	packages, err := archtest.Load(".", patterns...)
	if err != nil {
		return err
	}
	for _, pkg := range packages {
		size, found := archtest.Measure(pkg), archtest.FileUses(pkg)
		largest := 0
		if len(size.Circles) > 0 {
			largest = len(size.Circles[0])
		}
		fmt.Fprintf(out, "%s: %d files, %d lines, %d exported types, largest circle %d\n",
			pkg.Path, len(size.Lines), size.Total(), size.ExportedTypes, largest)
		for _, circle := range size.Circles {
			if len(circle) >= *least {
				printCircle(out, circle, found, *uses)
			}
		}
	}
	return nil
}

func printCircle(out io.Writer, circle []string, found archtest.Uses, uses bool) {
	fmt.Fprintf(out, "  circle of %d: %s\n", len(circle), strings.Join(circle, " "))
	if !uses {
		return
	}
	for _, from := range circle {
		for _, to := range slices.Sorted(maps.Keys(found[from])) {
			if slices.Contains(circle, to) {
				fmt.Fprintf(out, "    %s -> %s: %s\n", from, to,
					strings.Join(slices.Sorted(slices.Values(found[from][to])), " "))
			}
		}
	}
}
