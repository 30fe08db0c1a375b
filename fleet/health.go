// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/store"
)

const (
	// idleLimit is after how long without use a refresh token may end by its app's policy, and
	// idleWarning how long before that Health warns.
	idleLimit   = 30 * 24 * time.Hour
	idleWarning = 7 * 24 * time.Hour
	// listedAtOnce is how many connections are listed at a time.
	listedAtOnce = 100
)

// An Incident is why a connection needs a person.
type Incident struct {
	Err *leadsync.Error `json:"error"`
	At  time.Time       `json:"at"`
}

// incidentOf returns the incident of a connection, nil without one.
func incidentOf(c *store.Connection) *Incident {
	if c.Incident == nil {
		return nil
	}
	i := new(Incident)
	if json.Unmarshal(c.Incident, i) != nil || i.Err == nil {
		return nil // of another version
	}
	return i
}

// A Health says how a connection is doing.
type Health struct {
	// Connection is what the Store has, but for the token.
	Connection store.Connection `json:"connection"`
	// Connected says that there is a token.
	Connected bool `json:"connected"`
	// Incident is why it needs a person, nil for no reason.
	Incident *Incident `json:"incident"`
	// IdleSince is when the token was used last, where it may soon end for want of use: many apps end a
	// refresh token that was not used for 30 days. Zero otherwise.
	IdleSince time.Time `json:"idleSince"`
	// Leads is what leadsync.Syncer.Health says: Mode and Incidents, Used and Limit as this process knows
	// them.
	Leads leadsync.Health `json:"leads"`
	// Calls are the API calls of the Fleet's processes in the last 48 hours, by hour. Those of a Syncer
	// that another process was given are among them once it asks for the connection again.
	Calls []store.CallHour `json:"calls"`
}

// Health returns how a connection is doing. The error is a *leadsync.Error around the Store's, or around ErrSettings,
// when this process does not sync the connection, or the context's own.
func (f *Fleet) Health(ctx context.Context, name string) (Health, error) {
	if err := checkName("health", name); err != nil {
		return Health{}, err
	}
	c, err := f.store.Connection(ctx, name)
	if err != nil {
		return Health{}, verdict.StoreError(ctx, "read the health", err)
	}
	h := Health{Connection: c, Connected: c.Token.Version > 0, Incident: incidentOf(&c)}
	if h.Connected && f.cfg.Now().Sub(c.Token.UsedAt) >= idleLimit-idleWarning {
		h.IdleSince = c.Token.UsedAt
	}
	h.Connection.Token.Sealed = nil
	if h.Leads, err = f.leadsHealth(ctx, &c); err != nil {
		return Health{}, err
	}
	f.noteKnownCalls(ctx, name)
	if h.Calls, err = f.store.Calls(ctx, name); err != nil {
		return Health{}, verdict.StoreError(ctx, "read the health", err)
	}
	return h, nil
}

// EachHealth calls observe with the health of each connection's leads, in order of their names, as
// otelsync.Telemetry.Watch asks for it: of the process that Runs, as far as only it knows. It costs a
// query for each connection. One that cannot be read does not keep it from the others: its error
// is one of those that it returns, joined.
func (f *Fleet) EachHealth(ctx context.Context, observe func(connection string, health leadsync.Health)) error {
	var failed []error
	for after := ""; ; {
		listed, err := f.Connections(ctx, after, listedAtOnce)
		if err != nil {
			return errors.Join(append(failed, err)...)
		}
		for i := range listed {
			health, err := f.leadsHealth(ctx, &listed[i])
			if err != nil {
				failed = append(failed, err)
				continue
			}
			observe(listed[i].Name, health)
		}
		if len(listed) < listedAtOnce {
			return errors.Join(failed...)
		}
		after = listed[len(listed)-1].Name
	}
}

// leadsHealth returns the health of a connection's leads.
func (f *Fleet) leadsHealth(ctx context.Context, c *store.Connection) (leadsync.Health, error) {
	m, err := f.memberOf(c)
	if err != nil {
		return leadsync.Health{}, err
	}
	return m.syncer.Health(ctx)
}

// Connections returns the connections after a name, in order of the bytes of their names, at most limit:
// those that have leads, settings, a mode or an org. Their tokens are left out.
func (f *Fleet) Connections(ctx context.Context, after string, limit int) ([]store.Connection, error) {
	listed, err := f.store.ListConnections(ctx, after, limit)
	for i := range listed {
		listed[i].Token.Sealed = nil
	}
	return listed, verdict.StoreError(ctx, "list connections", err)
}
