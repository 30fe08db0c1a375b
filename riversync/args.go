// SPDX-License-Identifier: Apache-2.0

package riversync

import (
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// DrainArgs are the args of a job that syncs a connection: its name, and nothing else.
type DrainArgs struct {
	Connection string `json:"connection"`
}

// Kind implements river.JobArgs.
func (DrainArgs) Kind() string { return "leadsync_drain" }

// InsertOpts keeps one job of a connection at a time, until it has ended. Insert adds the queue
// of Config.
func (DrainArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished()}}
}

// SweepArgs are the args of a sweep: none.
type SweepArgs struct{}

// Kind implements river.JobArgs.
func (SweepArgs) Kind() string { return "leadsync_sweep" }

// unfinished are the states of jobs that are still to be worked.
func unfinished() []rivertype.JobState {
	return []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
		rivertype.JobStateRunning, rivertype.JobStateScheduled}
}
