// SPDX-License-Identifier: Apache-2.0

package storetest_test

import (
	"context"
	"slices"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

// An anonymous store does not keep who pushed leads.
type anonymous struct{ store.Store }

func (s anonymous) Push(ctx context.Context, connection string, filter store.Filter, _ string,
	asks ...leadtype.Ask) (int, error) {
	return s.Store.Push(ctx, connection, filter, "", asks...)
}

// A discreet store does not keep who decided of failed leads.
type discreet struct{ store.Store }

func (s discreet) Resolve(ctx context.Context, connection string,
	resolutions []store.Resolution) ([]leadtype.LeadID, error) {
	resolutions = slices.Clone(resolutions)
	for i := range resolutions {
		resolutions[i].By = ""
	}
	return s.Store.Resolve(ctx, connection, resolutions)
}

// A shy store does not keep who forgot a lead.
type shy struct{ store.Store }

func (s shy) Forget(ctx context.Context, connection string, lead leadtype.LeadID, _ string,
	options ...store.ForgetOption) error {
	return s.Store.Forget(ctx, connection, lead, "", options...)
}

func (s shy) Unsuppress(ctx context.Context, connection string, lead leadtype.LeadID, email, _ string) (int, error) {
	return s.Store.Unsuppress(ctx, connection, lead, email, "")
}

// A coy store does not keep who bound it to another org.
type coy struct{ store.Store }

func (s coy) Rebind(ctx context.Context, lease store.Lease, org salesforce.ID, _ string) error {
	return s.Store.Rebind(ctx, lease, org, "")
}

type mute struct{ store.Store }

func (mute) Note(context.Context, string, store.Step, ...leadtype.LeadID) error { return nil }

// A gossiping store has one history for all connections.
type gossiping struct{ store.Store }

func (s gossiping) Note(ctx context.Context, connection string, step store.Step, leads ...leadtype.LeadID) error {
	if slices.Contains(leads, "") {
		connection = "all"
	}
	return s.Store.Note(ctx, connection, step, leads...)
}

func (s gossiping) History(ctx context.Context, connection string, lead leadtype.LeadID) ([]store.Step, error) {
	if lead == "" {
		connection = "all"
	}
	return s.Store.History(ctx, connection, lead)
}
