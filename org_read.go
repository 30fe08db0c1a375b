package leadsync

import (
	"context"
	"fmt"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// A reader is the reading half of a Client.
type reader interface {
	Read(ctx context.Context, reads ...salesforce.Read) ([]salesforce.ReadResult, error)
}

// readAll returns a result for every read. The error is the context's own, or a
// *Error of op when the call as a whole failed.
func readAll(ctx context.Context, from reader, op string, reads []salesforce.Read) ([]salesforce.ReadResult, error) {
	results, err := from.Read(ctx, reads...)
	if err != nil {
		return nil, callError(ctx, op, err)
	}
	if len(results) != len(reads) {
		return nil, &Error{Op: op, Code: Unknown,
			Reason: fmt.Sprintf("the client answered %d of %d reads", len(results), len(reads))}
	}
	return results, nil
}

// splitReads returns the reads for values: as many as the limit on the length of a
// statement requires. build returns the statement for some of the values.
func splitReads(
	values []string, read func(*soql.Select) salesforce.Read, build func(values []string) *soql.Select,
) []salesforce.Read {
	statements := soql.SplitValues(values, soql.MaxStatement, build)
	reads := make([]salesforce.Read, len(statements))
	for i, statement := range statements {
		reads[i] = read(statement)
	}
	return reads
}
