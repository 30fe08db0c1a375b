// SPDX-License-Identifier: Apache-2.0

package org

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// A Reader is the reading half of a Client.
type Reader interface {
	Read(ctx context.Context, reads ...salesforce.Read) ([]salesforce.ReadResult, error)
}

// ReadAll returns a result for every read. The error is the context's own, or a
// *Error of op when the call as a whole failed.
func ReadAll(ctx context.Context, from Reader, op string, reads []salesforce.Read) ([]salesforce.ReadResult, error) {
	results, err := from.Read(ctx, reads...)
	if err = verdict.Failure(err); err != nil {
		return nil, verdict.CallError(ctx, op, err)
	}
	if len(results) != len(reads) {
		return nil, &leadtype.Error{Op: op, Code: leadtype.Unknown,
			Reason: fmt.Sprintf("the client returned %d results for %d reads", len(results), len(reads))}
	}
	for i := range results {
		results[i].Err = verdict.Failure(results[i].Err)
	}
	return results, nil
}

// CheckRows returns an error where a row of a reply does not say which record it is, or is
// of another object than that one, if it is named. Such a reply must not pass for one in
// which the record is missing: it would be created again.
func CheckRows(object salesforce.Object, rows []salesforce.Record) error {
	for i := range rows {
		row := &rows[i]
		if row.ID == "" || row.Object == "" || object != "" && !row.Object.Equal(object) {
			return &salesforce.Error{HTTPStatus: http.StatusOK, Err: errNamelessRow}
		}
	}
	return nil
}

var errNamelessRow = errors.New("a row without its id and type, or of another object")

// SplitReads returns the reads for values: as many as the limit on the length of a
// statement requires. build returns the statement for some of the values.
func SplitReads(
	values []string, read func(*soql.Select) salesforce.Read, build func(values []string) *soql.Select,
) []salesforce.Read {
	statements := soql.SplitValues(values, soql.MaxStatement, build)
	reads := make([]salesforce.Read, len(statements))
	for i, statement := range statements {
		reads[i] = read(statement)
	}
	return reads
}
