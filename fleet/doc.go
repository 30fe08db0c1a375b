// SPDX-License-Identifier: Apache-2.0

// Package fleet serves many orgs in one host: each customer's org is a connection, kept in the
// Store beside its leads, with its settings, its mode and its sealed token, so that every process
// of the host sees the same.
//
// New makes a Fleet. Capture takes leads of a connection, also before its customer has connected
// an org; BeginConnect and Callback connect it by OAuth; Run syncs whatever is due, of several
// orgs at once; Syncer gives the calls for review (Summary, Leads, Push, Choose, Revert, ...).
//
// A scheduler of the host's own uses Drain and Due in place of Run; module riversync has one of
// jobs of River.
//
// Several processes may share one Store: each may capture, serve Callback and Run.
package fleet
