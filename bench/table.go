// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"strconv"
	"time"
)

// writeTable writes the results of one size as a table of Markdown.
func writeTable(w io.Writer, results []result, delay time.Duration) {
	head := "| %s leads | calls (+ session) | user CPU, ratio | user CPU, ms | allocs a lead | KB a lead | " +
		"KB sent, received | connections | wall | wall, delay of %v | peak MB | rows |\n"
	fmt.Fprintf(w, head, grouped(results[0].leads), delay)
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|---|---|---|---|")
	for _, r := range results {
		writeRow(w, r)
	}
	for _, r := range results {
		if r.disk > 0 {
			fmt.Fprintf(w, "\nOn disk (%s): %.2f KB a lead.\n", r.label(), float64(r.disk)/float64(r.leads)/1000)
		}
	}
}

func writeRow(w io.Writer, r result) {
	name := r.label()
	switch {
	case r.skipped != nil:
		fmt.Fprintf(w, "| %s | not measured: %v | | | | | | | | | | |\n", name, r.skipped)
		return
	case r.err != nil:
		fmt.Fprintf(w, "| %s | failed: %v | | | | | | | | | | |\n", name, r.err)
		return
	}
	n := float64(r.leads)
	delayed := seconds(r.delayed)
	if r.single {
		delayed = "≈ " + delayed
	}
	fmt.Fprintf(w, "| %s | %s (+%d) | %s | %.1f | %.0f | %.1f | %.0f, %.0f | %d | %s | %s | %s | %s |\n",
		name, grouped(r.tally.Calls), r.session, orDash(r.ratio, "%.2f"), milliseconds(r.usage.User),
		float64(r.usage.Allocs)/n, float64(r.usage.Bytes)/n/1000,
		float64(r.tally.Received)/1000, float64(r.tally.Sent)/1000, r.tally.Connections,
		seconds(r.usage.Wall), delayed, orDash(float64(r.usage.Peak)/1e6, "%.0f"), grouped(int(r.tally.Rows)))
}

// label names a contestant and its build.
func (r *result) label() string {
	if r.program != "" {
		return r.name + " (before)"
	}
	return r.name
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// seconds prints a duration, a dash for none.
func seconds(d time.Duration) string { return orDash(d.Seconds(), "%.2f s") }

// orDash prints a number that was measured, else a dash.
func orDash(n float64, format string) string {
	if n == 0 {
		return "–"
	}
	return fmt.Sprintf(format, n)
}

// grouped prints a number with commas between its thousands.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
