// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// marker is the line of a report's file below which everything is measured. What is above it
// is written by people, and stays.
const marker = "<!-- Below: go run ./bench -full -o docs/performance.md -->\n"

// writeReport measures all sizes, and then the cases, and writes what was found.
func writeReport(ctx context.Context, c *config, race *contest, w io.Writer) error {
	var failed error
	for _, n := range c.leads {
		if len(c.contestants) == 0 {
			break
		}
		results, err := race.hold(ctx, n)
		if err != nil {
			return err
		}
		writeTable(w, results, c.delay)
		fmt.Fprintln(w)
		for _, r := range results {
			failed = errors.Join(failed, r.err)
		}
	}
	if c.cases {
		fmt.Fprintln(race.progress, "calls of other cases")
		failed = errors.Join(failed, writeCases(ctx, w, callCases()))
	}
	return failed
}

// writeFile writes a report to a file, once it is whole, below its marker if it has one.
func writeFile(name string, report func(w io.Writer) error) error {
	had, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	above, _, _ := bytes.Cut(had, []byte(marker))
	text := bytes.NewBuffer(slices.Concat(above, []byte(marker)))
	fmt.Fprintf(text, "\nMeasured on %s on %s.\n\n", time.Now().UTC().Format("2 January 2006"), machine())
	if err := report(text); err != nil {
		return err
	}
	return os.WriteFile(name, text.Bytes(), 0o644)
}

// machine describes the machine in a few words.
func machine() string {
	model := "unknown processors"
	text, _ := os.ReadFile("/proc/cpuinfo") // of Linux
	for line := range strings.Lines(string(text)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			model = strings.TrimSpace(value)
			break
		}
	}
	return fmt.Sprintf("%d × %s, %s/%s, %s", runtime.NumCPU(), model, runtime.GOOS, runtime.GOARCH, runtime.Version())
}
