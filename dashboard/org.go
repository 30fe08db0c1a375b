// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

// An org is a connection as a request sees it.
type org struct {
	name   string // empty for a Syncer
	syncer *leadsync.Syncer
	fleet  *fleet.Fleet // nil for a Syncer
	health leadsync.Health
	// known is what the Fleet knows of the connection.
	known fleet.Health
	// reader reads from the org for a Syncer, nil where the host gives none.
	reader leadsync.Client
	// instance is the address of the org, empty where it is not known.
	instance string
}

var errNoConnection = errors.New("dashboard: no such connection")

func openFleet(ctx context.Context, f *fleet.Fleet, name string) (*org, error) {
	if fleet.CheckName(name) != nil {
		return nil, errNoConnection
	}
	known, err := f.Health(ctx, name)
	if err != nil {
		return nil, err
	}
	syncer, err := f.Syncer(ctx, name)
	if err != nil {
		return nil, err
	}
	return &org{
		name: name, syncer: syncer, fleet: f, known: known, health: known.Leads,
		instance: known.Connection.Link.InstanceURL,
	}, nil
}

// link returns the address of a record in Salesforce, empty where that is not known.
func (o *org) link(id salesforce.ID) string {
	u, err := url.Parse(o.instance)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || id == "" {
		return ""
	}
	return u.JoinPath(string(id)).String()
}

// setMode changes the mode, for a Fleet in every process.
func (o *org) setMode(ctx context.Context, mode leadsync.Mode) error {
	if o.fleet != nil {
		return o.fleet.SetMode(ctx, o.name, mode)
	}
	return o.syncer.SetMode(ctx, mode)
}

// entry returns the lead with a sequence, nil where there is none.
func (o *org) entry(ctx context.Context, sequence int64) (*store.Entry, error) {
	if sequence < 1 {
		return nil, nil
	}
	entries, err := o.syncer.Leads(ctx, store.Filter{After: sequence - 1, Limit: 1})
	if err != nil || len(entries) == 0 || entries[0].Sequence != sequence {
		return nil, err
	}
	return &entries[0], nil
}

// client returns what reads from the org, nil where the host gives none.
func (o *org) client(ctx context.Context) (leadsync.Client, error) {
	if o.fleet == nil {
		return o.reader, nil
	}
	return o.fleet.Client(ctx, o.name)
}

// schemaKey tells the schemas of connections and of their users apart.
func (o *org) schemaKey() string {
	return o.name + "\x00" + o.known.Connection.Link.At.Format(time.RFC3339Nano)
}

// patience is how long a page waits for the org.
const patience = 15 * time.Second

// ask reads from the org, while a person waits for the page.
func (v *visit) ask(client leadsync.Client, reads ...salesforce.Read) ([]salesforce.ReadResult, error) {
	ctx, cancel := context.WithTimeout(v.ctx(), patience)
	defer cancel()
	return client.Read(ctx, reads...)
}

// schema returns what objects of the org are like, an empty one where the host gives no client. What is no name of an
// object is left out: a request with it would be refused as a whole.
func (v *visit) schema(objects ...salesforce.Object) (schema, error) {
	client, err := v.org.client(v.ctx())
	if client == nil || err != nil {
		return schema{}, err
	}
	objects = slices.DeleteFunc(objects, func(o salesforce.Object) bool { return !value.IsAPIName(string(o)) })
	slices.Sort(objects)
	ask := func(reads ...salesforce.Read) ([]salesforce.ReadResult, error) { return v.ask(client, reads...) }
	return v.schemas.of(v.org.schemaKey(), ask, slices.Compact(objects))
}
