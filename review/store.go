// SPDX-License-Identifier: Apache-2.0

package review

import (
	"context"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// optionSamples is how many refusals by a restricted picklist are read to name
// the options that it lacks.
const optionSamples = 50

// A Counter is the part of a store.Store that SummarizeStore needs.
type Counter interface {
	Count(ctx context.Context, connection string, filter store.Filter) (store.Counts, error)
	List(ctx context.Context, connection string, filter store.Filter) ([]store.Entry, error)
}

// A warningCounter is a Counter that also counts warnings, as every store.Store does.
type warningCounter interface {
	CountWarnings(ctx context.Context, connection string, filter store.Filter) ([]store.WarningCount, error)
}

// SummarizeStore counts the leads of a connection that match the filter, whose After,
// Limit and Newest are ignored. The store does the counting; where a restricted picklist refused
// values, some of the leads are read to name the options that it lacks. The error is the
// store's own. advisor words what people read; nil is English.
func SummarizeStore(
	ctx context.Context, from Counter, connection string, filter store.Filter, advisor *leadtype.Advisor,
) (Summary, error) {
	return summarize(ctx, from, connection, filter, advisor, true)
}

// CountStore is SummarizeStore without Warnings: for those a Store may read each lead that the filter finds,
// where the filter asks for less than all leads or those of an event.
func CountStore(
	ctx context.Context, from Counter, connection string, filter store.Filter, advisor *leadtype.Advisor,
) (Summary, error) {
	return summarize(ctx, from, connection, filter, advisor, false)
}

func summarize(
	ctx context.Context, from Counter, connection string, filter store.Filter, advisor *leadtype.Advisor, warnings bool,
) (Summary, error) {
	filter.After, filter.Limit, filter.Newest = 0, 0, false
	counts, err := from.Count(ctx, connection, filter)
	if err != nil {
		return Summary{}, err
	}
	if filter.Version == 0 {
		filter.Version = counts.Version
	}
	t := tally{within: filter, advisor: advisor}
	for _, c := range counts.Groups {
		t.addStage(c.Stage, c.Action, c.Leads)
		switch c.Stage {
		case leadtype.PreSync:
			t.addState(c.State, c.Leads)
		case leadtype.Failed:
			t.failed = append(t.failed, failureOf(c))
		}
	}
	if from, ok := from.(warningCounter); ok && warnings {
		warned, err := from.CountWarnings(ctx, connection, filter)
		if err != nil {
			return Summary{}, err
		}
		for _, c := range warned {
			t.addWarningCount(c)
		}
	}
	if err := t.addSamples(ctx, from, connection); err != nil {
		return Summary{}, err
	}
	return t.summary(), nil
}

// failureOf returns the failed leads of a count.
func failureOf(c store.Count) failure {
	f := failure{code: c.Code, key: c.Cause, err: &leadtype.Error{Code: c.Code}, count: c.Leads}
	if c.Sample != nil && c.Sample.Err != nil {
		f.err = c.Sample.Err
	}
	return f
}

// addSamples adds errors of further leads, which are not counted again, where the
// fix names what several leads lack.
func (t *tally) addSamples(ctx context.Context, from Counter, connection string) error {
	for _, f := range t.failed {
		if f.count < 2 || !f.err.MissesOption() {
			continue
		}
		filter := t.filter(nil, f.code)
		filter.Causes, filter.Limit = []leadtype.CauseKey{f.key}, optionSamples
		entries, err := from.List(ctx, connection, filter)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if e.Last != nil && e.Last.Err != nil {
				t.failed = append(t.failed, failure{code: f.code, key: f.key, err: e.Last.Err})
			}
		}
	}
	return nil
}
