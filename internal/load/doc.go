// SPDX-License-Identifier: Apache-2.0

// Package load carries out many writes through ingest jobs of the Bulk API 2.0, which take a
// few calls each, however many rows they have.
//
// Writes that do the same to the same object go in one job, in the order in which they refer to
// each other: children wait for the job of their parents, which says the parents' ids. Only
// writes that may be repeated go in jobs: updates, upserts, creates with a unique key and
// memberships. What a job refuses or does not reach, and all that fits into none, goes in calls
// of Client.Write afterwards, so that each failure is the one that a call would have had.
package load
