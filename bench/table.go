// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"time"
)

// writeTable writes the results of one size as a table of Markdown.
func writeTable(w io.Writer, results []result, delay time.Duration) {
	head := "| %d leads | calls (+ session) | user CPU, ratio | user CPU, ms | allocs a lead | KB a lead | " +
		"KB sent, received | connections | wall, 0 ms | wall, %d ms | peak MB | rows |\n"
	fmt.Fprintf(w, head, results[0].leads, delay.Milliseconds())
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|---|---|---|---|")
	for _, r := range results {
		writeRow(w, r)
	}
}

func writeRow(w io.Writer, r result) {
	if r.err != nil {
		fmt.Fprintf(w, "| %s | failed: %v | | | | | | | | | | |\n", r.name, r.err)
		return
	}
	n := float64(r.leads)
	fmt.Fprintf(w, "| %s | %d (+%d) | %s | %.1f | %.0f | %.1f | %.0f, %.0f | %d | %s | %s | %s | %d |\n",
		r.name, r.tally.Calls, r.session, orDash(r.ratio, "%.2f"), milliseconds(r.usage.User),
		float64(r.usage.Allocs)/n, float64(r.usage.Bytes)/n/1000,
		float64(r.tally.Received)/1000, float64(r.tally.Sent)/1000, r.tally.Connections,
		seconds(r.usage.Wall), seconds(r.delayed), orDash(float64(r.usage.Peak)/1e6, "%.0f"), r.tally.Rows)
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
