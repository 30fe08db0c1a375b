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
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/archtest"
)

func main() {
	least := flag.Int("min", 3, "print circles of at least `n` files")
	uses := flag.Bool("uses", false, "print which names each file of a circle uses of the others")
	flag.Parse()
	patterns := flag.Args()
	if len(patterns) == 0 {
		patterns = []string{"work"}
	}
	packages, err := archtest.Load(".", patterns...)
	if err != nil {
		fmt.Fprintln(os.Stderr, "circles:", err)
		os.Exit(1)
	}
	for _, pkg := range packages {
		size, found := archtest.Measure(pkg), archtest.FileUses(pkg)
		largest := 0
		if len(size.Circles) > 0 {
			largest = len(size.Circles[0])
		}
		fmt.Fprintf(os.Stdout, "%s: %d files, %d lines, %d exported types, largest circle %d\n",
			pkg.Path, len(size.Lines), size.Total(), size.ExportedTypes, largest)
		for _, circle := range size.Circles {
			if len(circle) >= *least {
				printCircle(circle, found, *uses)
			}
		}
	}
}

func printCircle(circle []string, found archtest.Uses, uses bool) {
	fmt.Fprintf(os.Stdout, "  circle of %d: %s\n", len(circle), strings.Join(circle, " "))
	if !uses {
		return
	}
	for _, from := range circle {
		for _, to := range slices.Sorted(maps.Keys(found[from])) {
			if slices.Contains(circle, to) {
				fmt.Fprintf(os.Stdout, "    %s -> %s: %s\n", from, to,
					strings.Join(slices.Sorted(slices.Values(found[from][to])), " "))
			}
		}
	}
}
