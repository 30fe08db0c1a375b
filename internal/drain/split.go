package drain

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/write"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// SplitRefused calls pass with items, and with halves of them when Salesforce
// refuses a lookup for what it asks, until the lead at fault is alone, which fails.
// With an error, results cover all items or are empty.
func SplitRefused(
	items []*match.Item, now func() time.Time, pass func([]*match.Item) ([]write.Result, error),
) ([]write.Result, error) {
	results, err := pass(items)
	refused := refusedLookup(err)
	switch {
	case refused == nil:
		return results, err
	case len(items) == 1:
		return []write.Result{write.FailedResult(items[0], refused, now())}, nil
	}
	half := len(items) / 2
	results, err = SplitRefused(items[:half], now, pass)
	if err != nil {
		return padResults(results, items, now()), err
	}
	rest, err := SplitRefused(items[half:], now, pass)
	return padResults(append(results, rest...), items, now()), err
}

// refusedLookup returns err when Salesforce refused a query for what it says, as
// one that is too complicated.
func refusedLookup(err error) *leadtype.Error {
	var e *leadtype.Error
	var sf *salesforce.Error
	if errors.As(err, &e) && e.Op == "match" && e.Code == leadtype.Unknown &&
		errors.As(err, &sf) && sf.HTTPStatus == http.StatusBadRequest {
		return e
	}
	return nil
}

// padResults gives the items beyond the results that of a lead that was not
// reached, when there are results at all.
func padResults(results []write.Result, items []*match.Item, at time.Time) []write.Result {
	if len(results) == 0 {
		return nil
	}
	for _, it := range items[len(results):] {
		out := write.UnsyncedOutcome(it.Lead, context.Canceled, at)
		out.RetryAt = out.At
		write.KeepKnown(out, it.Last)
		results = append(results, write.Result{Outcome: out, Intents: it.Open()})
	}
	return results
}
