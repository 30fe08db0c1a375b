// SPDX-License-Identifier: Apache-2.0

// Package limit has the limits of Salesforce on one call and on one bulk job.
// Source: docs/salesforce.md, Limits.
package limit

// The limits of a composite call.
const (
	// Subrequests is how many requests a composite carries.
	Subrequests = 25
	// Heavy bounds the queries and collections among them.
	Heavy = 5
	// Rows is how many records a collection writes.
	Rows = 200
	// Types bounds the runs of one object type in a collection.
	Types = 10
	// Retrieve is how many records one call retrieves by their ids.
	Retrieve = 2000
)

// The limits of a composite graph call. It is not documented whether GraphKinds
// counts for a graph or for the call; it is applied to the call.
const (
	Graphs      = 75
	GraphWrites = 500 // of all graphs
	GraphDepth  = 15
	GraphKinds  = 15 // combinations of method and object
)

// The limits of a bulk job and its rows.
const (
	JobBytes   = 100_000_000 // of CSV
	BulkValue  = 32_000      // characters
	BulkRecord = 400_000     // characters
	BulkFields = 5_000
)
