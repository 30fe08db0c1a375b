// SPDX-License-Identifier: Apache-2.0

package postgres

import "github.com/jackc/pgx/v5"

// A leaseRow is the row of a connection's lease.
type leaseRow struct {
	owner       string // empty when it was given back
	epoch       int64
	until       int64
	wantedBy    string // the owner that the next lease is kept for
	wantedUntil int64
}

func (r *leaseRow) scan(connection *int64) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		return rows.Scan(connection, text(&r.owner), &r.epoch, &r.until, text(&r.wantedBy), &r.wantedUntil)
	}
}
