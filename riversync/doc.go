// SPDX-License-Identifier: Apache-2.0

// Package riversync syncs the connections of a fleet by jobs of River, the job queue in
// PostgreSQL (github.com/riverqueue/river), in place of fleet.Fleet.Run.
//
// A job has the name of a connection and nothing else: no data of a lead, so that River's tables,
// logs and pages hold none. It syncs a few batches of what is due, and then lets others have
// their turn. While more is due, or something will be, it snoozes: until leads have
// gathered or are to be tried again, or a pause after a RATE_LIMIT and the like is over, though
// never longer than Config.LongestSnooze. A snooze uses up no attempt. It ends when nothing is left
// to do, and when a person has to act.
//
// River keeps one job of a connection at a time. That only saves work: what keeps two processes
// from writing to one org is the connection's lease in the Store, as everywhere. A job that finds
// the lease with another process snoozes for 5 seconds.
//
// # Where jobs come from
//
// CaptureTx captures leads and inserts the connection's job in one transaction of the host: both
// happen, or neither. CaptureActivitiesTx does so with activities, and Capture begins a transaction of its
// own. Insert and InsertTx are for what else makes a connection due, such as
// fleet.Fleet.Capture, Push of a Syncer, a sign-in or Resume. All of them bring a job forward
// that snoozes longer than the leads wait, unless it waits for the end of a pause.
//
// The sweep, a periodic job, asks the Store for all due connections and inserts the jobs that
// are missing. So a forgotten Insert costs 15 seconds and no lead, and so does a capture that
// comes when the job that it counts on is just about to end. When a process dies, its job stays
// running in River's eyes for an hour or so (river.Config.RescueStuckJobsAfter): the sweep gives its
// connection a second job, tagged stand-in, as soon as the lease has run out
// (leadsync.Config.LeaseTTL). Where the process was River's leader, sweeps go on when there is
// another, which takes River 15 seconds.
//
// River makes scheduled jobs available every 5 seconds, so that is how late a job may be.
//
// # When it fails
//
// A job fails when the Store does, and is retried after 1 second up to 5 minutes. What Salesforce
// refuses is no failure of the job: leads have their outcomes, and a connection that needs a
// person has an incident (fleet.Fleet.Health). Its job ends with a line in the log, and the sweep
// inserts the next one after Resume, when it is connected again, or after a quarter of an hour.
// Who cancels a job in River stops nothing, as the sweep inserts another one: what stops a
// connection is fleet.Fleet.SetMode with Disabled. When its context ends, as with
// river.Client.StopAndCancel, a job still settles the batch under way, for up to 20 seconds, and
// leaves no lead in flight.
package riversync
