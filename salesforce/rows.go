package salesforce

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// Rows gives out the rows of a query one by one and holds one page of them at a
// time; read is made with Query or QueryAll. It spends a call for each page:
// Read packs several queries into one. When something fails, the last pair is a
// nil record and the error, which is the context's, a *Error, or says that read
// is malformed; a loop that sees an error has not seen all rows. Breaking off
// spends no more calls. Source: SALESFORCE.md 1, /query.
func (c *Client) Rows(ctx context.Context, read Read) iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		if !read.isQuery() {
			yield(nil, errors.New("salesforce: rows: read is not a query"))
			return
		}
		resource, err := read.resource()
		if err != nil {
			yield(nil, fmt.Errorf("salesforce: rows: %w", err))
			return
		}
		for r := (&reading{Read: read, url: c.path(resource)}); r.url != ""; {
			r.result.Records = nil
			_, _ = c.readBatch(ctx, []*reading{r}) // r tells
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			if r.result.Err != nil {
				yield(nil, r.result.Err)
				return
			}
			for i := range r.result.Records {
				if !yield(&r.result.Records[i], nil) {
					return
				}
			}
		}
	}
}
