// SPDX-License-Identifier: Apache-2.0

package org

import (
	"context"
	"fmt"

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
	if err != nil {
		return nil, verdict.CallError(ctx, op, err)
	}
	if len(results) != len(reads) {
		return nil, &leadtype.Error{Op: op, Code: leadtype.Unknown,
			Reason: fmt.Sprintf("the client returned %d results for %d reads", len(results), len(reads))}
	}
	return results, nil
}

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
