package leadsync

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// splitRefused calls pass with items, and with halves of them when Salesforce
// refuses a lookup for what it asks, until the lead at fault is alone, which fails.
// With an error, results cover all items or are empty.
func splitRefused(
	items []*item, now func() time.Time, pass func([]*item) ([]result, error),
) ([]result, error) {
	results, err := pass(items)
	refused := refusedLookup(err)
	switch {
	case refused == nil:
		return results, err
	case len(items) == 1:
		return []result{failedResult(items[0], refused, now())}, nil
	}
	half := len(items) / 2
	results, err = splitRefused(items[:half], now, pass)
	if err != nil {
		return padResults(results, items, now()), err
	}
	rest, err := splitRefused(items[half:], now, pass)
	return padResults(append(results, rest...), items, now()), err
}

// refusedLookup returns err when Salesforce refused a query for what it says, as
// one that is too complicated.
func refusedLookup(err error) *Error {
	var e *Error
	var sf *salesforce.Error
	if errors.As(err, &e) && e.Op == "match" && e.Code == Unknown &&
		errors.As(err, &sf) && sf.HTTPStatus == http.StatusBadRequest {
		return e
	}
	return nil
}

// padResults gives the items beyond the results that of a lead that was not
// reached, when there are results at all.
func padResults(results []result, items []*item, at time.Time) []result {
	if len(results) == 0 {
		return nil
	}
	for _, it := range items[len(results):] {
		out := unsyncedOutcome(it.lead, context.Canceled, at)
		out.RetryAt = out.At
		keepKnown(out, it.last)
		results = append(results, result{outcome: out, intents: it.open()})
	}
	return results
}
