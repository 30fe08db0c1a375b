// SPDX-License-Identifier: Apache-2.0

package riversync

import "github.com/riverqueue/river"

// Drainer returns the worker of a job that drains a connection.
func (j *Jobs) Drainer() river.Worker[DrainArgs] { return &drainer{Jobs: j} }

// SweepJob returns a job of Sweep.
func (j *Jobs) SweepJob() (river.JobArgs, *river.InsertOpts) { return j.sweepJob() }
