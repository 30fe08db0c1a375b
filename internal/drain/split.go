// SPDX-License-Identifier: Apache-2.0

package drain

import (
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
// With an error, all items are settled or none is.
func SplitRefused(items []*match.Item, now func() time.Time, pass func([]*match.Item) error) error {
	err := pass(items)
	refused := refusedLookup(err)
	switch {
	case refused == nil:
		return err
	case len(items) == 1:
		write.Fail(items[0], refused, now())
		return nil
	}
	half := len(items) / 2
	for _, part := range [][]*match.Item{items[:half], items[half:]} {
		if err := SplitRefused(part, now, pass); err != nil {
			skipRest(items, now())
			return err
		}
	}
	return nil
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

// skipRest settles the items that were not reached, when any was.
func skipRest(items []*match.Item, at time.Time) {
	if items[0].Outcome == nil {
		return
	}
	for _, it := range items {
		if it.Outcome == nil {
			write.Skip(it, at)
		}
	}
}
