// SPDX-License-Identifier: Apache-2.0

// Command bench measures what syncing leads costs: with leadsync, with other Salesforce
// clients for Go, and with nothing but net/http. It prints a Markdown table.
//
//	go run ./bench                                    # 200 and 1,000 leads
//	go run ./bench -full -o docs/performance.md       # 20,000 and 200,000 too
//	go run ./bench -leads 1000 -only sync,go-composites,floor
//	go run ./bench -only sync,go-composites -before ../old/bench -delay 0
//
// The job is the same for all: for each lead find the person (a fifth are Contacts, three
// tenths Leads, the rest is new), create or update it, add it to a campaign (a tenth of all
// are members already), and log a Task. The org is a fake one (salesforce/sftest) on
// loopback, in a process of its own, so that its work counts for nobody; it counts API
// calls, connections and bytes, and after each run it is checked row by row that the job
// was done. Nothing beyond loopback is reached.
//
// Each contestant has a process of its own. They take turns, run by run, so that whatever
// else the machine does falls on all of them; the table has the medians. What a client does
// once per session (sign in, read describes) is done before the measurement, and its calls
// are told apart.
package main
