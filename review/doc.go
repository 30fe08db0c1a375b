// SPDX-License-Identifier: Apache-2.0

// Package review is for reconciliation: it counts leads by what became of them, groups
// failures by what fixes them, and writes leads and outcomes as CSV. A host usually calls
// leadsync.Syncer.Summary and ExportCSV, which do this over the Store; the functions here
// do it for outcomes and leads that the host holds itself.
//
// All functions are safe for concurrent use, and keep no argument.
package review
