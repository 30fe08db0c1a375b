// SPDX-License-Identifier: Apache-2.0

package riversync

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
)

// granularity is how often River makes scheduled jobs available: nothing is won by bringing one
// forward by less.
const granularity = 5 * time.Second

// Insert inserts the job of a connection, unless it has one: something of it may be due. The error is
// a *leadsync.Error, DATA_VALUE_VALIDATION for a name that no connection can have, or the
// context's own.
func (j *Jobs) Insert(ctx context.Context, client *river.Client[pgx.Tx], name string) error {
	if client == nil {
		return refuse("insert a job", "client", absent)
	}
	_, err := j.insert(ctx, inserter{insert: client.Insert, retry: client.JobRetry}, name, time.Time{})
	return err
}

// InsertTx is Insert in a transaction of the host: the job is inserted if it commits. Until then River
// cannot complete a job that the connection has already, so the transaction should be short.
func (j *Jobs) InsertTx(ctx context.Context, client *river.Client[pgx.Tx], tx pgx.Tx, name string) error {
	return j.insertTx(ctx, client, tx, name, time.Time{})
}

func (j *Jobs) insertTx(ctx context.Context, client *river.Client[pgx.Tx], tx pgx.Tx, name string,
	due time.Time) error {
	switch {
	case client == nil:
		return refuse("insert a job", "client", absent)
	case tx == nil:
		return refuse("insert a job", "tx", absent)
	}
	_, err := j.insert(ctx, inserter{
		insert: func(ctx context.Context, args river.JobArgs, opts *river.InsertOpts) (*rivertype.JobInsertResult, error) {
			return client.InsertTx(ctx, tx, args, opts)
		},
		retry: func(ctx context.Context, id int64) (*rivertype.JobRow, error) { return client.JobRetryTx(ctx, tx, id) },
	}, name, due)
	return err
}

// An inserter is a client, in a transaction or not.
type inserter struct {
	insert func(ctx context.Context, args river.JobArgs, opts *river.InsertOpts) (*rivertype.JobInsertResult, error)
	retry  func(ctx context.Context, id int64) (*rivertype.JobRow, error)
}

// insert inserts the job of a connection whose leads are due at a time, zero for now. It returns the
// job that the connection had already, nil for none.
func (j *Jobs) insert(ctx context.Context, in inserter, name string, due time.Time) (*rivertype.JobRow, error) {
	if err := fleet.CheckName(name); err != nil {
		return nil, err
	}
	opts := DrainArgs{}.InsertOpts()
	opts.Queue, opts.ScheduledAt = j.cfg.Queue, due
	inserted, err := in.insert(ctx, DrainArgs{Connection: name}, &opts)
	if err != nil {
		return nil, asOwn(ctx, "insert a job", err)
	}
	if !inserted.UniqueSkippedAsDuplicate {
		return nil, nil
	}
	if j.sleepsLonger(inserted.Job, due) {
		_, err = in.retry(ctx, inserted.Job.ID)
	}
	return inserted.Job, asOwn(ctx, "insert a job", err)
}

// sleepsLonger reports whether a job snoozes beyond a time at which it would have something to do.
func (j *Jobs) sleepsLonger(job *rivertype.JobRow, due time.Time) bool {
	if due.IsZero() {
		due = j.cfg.Now()
	}
	if job.State != rivertype.JobStateScheduled || !job.ScheduledAt.After(due.Add(granularity)) {
		return false
	}
	var left fleet.Left
	return json.Unmarshal(job.Output(), &left) != nil || left.State != fleet.LeftPaused
}

// asOwn is a *leadsync.Error as it is, the context's own error, or a *leadsync.Error around what
// River or the database says.
func asOwn(ctx context.Context, op string, err error) error {
	var own *leadsync.Error
	switch {
	case err == nil || errors.As(err, &own):
		return err
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return ctx.Err()
	}
	return &leadsync.Error{Op: op, Code: leadsync.Unknown, Reason: "the database failed", Err: err}
}
