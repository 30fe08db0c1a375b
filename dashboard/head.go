// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"cmp"
	"net/url"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
)

// An orgHead is what the head of each page says of the connection.
type orgHead struct {
	Name     string
	Host     string // of the org
	User     string // that leads are written as
	Sandbox  bool
	Mode     leadsync.Mode
	Fleet    bool
	Many     bool // there is a list of connections
	State    string
	Used     int64
	Limit    int64
	Incident *trouble
}

// A trouble is why a connection does not sync, and what mends it.
type trouble struct {
	Code    leadtype.Code
	What    string
	At      []string  // the object and its fields, of a lead
	Why     string    // what exactly was refused, of a lead
	Said    []dataRow // what the lead says there
	Fix     string
	Mend    string // the page of the settings that may mend it, of a lead
	Since   time.Time
	Until   time.Time // when it is tried again by itself, zero for never
	ByFleet bool      // resume ends it
}

// The states of a connection.
const (
	stateOn       = "on"
	stateOffline  = "offline"
	stateTrouble  = "trouble"
	stateWaiting  = "waiting"
	stateDisabled = "disabled"
)

// head returns the head of the pages of o, whose trouble the Advisor words.
func (o *org) head(opts *Options, advisor *leadtype.Advisor) *orgHead {
	head := &orgHead{
		Name: cmp.Or(o.name, opts.Title), Fleet: o.fleet != nil, Many: o.fleet != nil && opts.Connection == nil,
		Mode: o.health.Mode, Used: o.health.Used, Limit: o.health.Limit,
		User: o.known.Connection.Link.User, Sandbox: o.known.Connection.Link.Sandbox,
	}
	if u, err := url.Parse(o.instance); err == nil {
		head.Host = u.Host
	}
	head.Incident = o.trouble(advisor)
	switch {
	case o.fleet != nil && !o.known.Connected:
		head.State = stateOffline
	case head.Incident != nil && head.Incident.Until.IsZero():
		head.State = stateTrouble
	case head.Incident != nil:
		head.State = stateWaiting
	case head.Mode == leadsync.Disabled:
		head.State = stateDisabled
	default:
		head.State = stateOn
	}
	return head
}

// trouble returns why the connection does not sync, nil where it does.
func (o *org) trouble(advisor *leadtype.Advisor) *trouble {
	switch {
	case o.known.Incident != nil:
		advice := advisor.Error(o.known.Incident.Err)
		return &trouble{
			Code: o.known.Incident.Err.Code, What: advice.Description, Fix: advice.Fix,
			Since: o.known.Incident.At, ByFleet: true,
		}
	case o.health.Waiting != nil:
		advice := advisor.Error(o.health.Waiting)
		return &trouble{
			Code: o.health.Waiting.Code, What: advice.Description, Fix: advice.Fix, Until: o.health.Until,
		}
	case o.health.Paused != nil:
		advice := advisor.Error(o.health.Paused)
		return &trouble{Code: o.health.Paused.Code, What: advice.Description, Fix: advice.Fix}
	}
	return nil
}
