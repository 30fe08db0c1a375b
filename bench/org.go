// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// An org is the fake org of one run, on a port of its own. It answers as sftest does,
// after a delay, and counts.
type org struct {
	fake    *sftest.Org
	server  *http.Server
	address job
	leads   []*leadsync.Lead
	counts  counts
}

// counts are kept while requests are served.
type counts struct {
	rows, connections, received, sent atomic.Int64
}

// A tally is what an org has counted so far.
type tally struct {
	Calls       int   `json:"calls"`       // as Salesforce counts them
	Rows        int64 `json:"rows"`        // that were sent to be written
	Connections int64 `json:"connections"` // that were opened
	Received    int64 `json:"received"`    // bytes from the client, with headers
	Sent        int64 `json:"sent"`        // bytes to the client
}

// sub returns what was counted since an earlier tally.
func (t tally) sub(earlier tally) tally {
	return tally{t.Calls - earlier.Calls, t.Rows - earlier.Rows, t.Connections - earlier.Connections,
		t.Received - earlier.Received, t.Sent - earlier.Sent}
}

// newOrg serves an org that has its share of n leads.
func newOrg(n int, delay time.Duration) (*org, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	o := &org{fake: sftest.NewOrg(nil, sftest.WithAPILimit(100_000_000), sftest.WithLogSize(0))}
	leads, cfg := scenario.EventMix(o.fake, n)
	o.leads = leads
	o.fake.OnRequest(func(r sftest.Request) { o.counts.rows.Add(int64(r.Writes)) })
	o.address = job{URL: "http://" + listener.Addr().String(), Token: o.fake.Token(),
		Campaign: string(cfg.Campaigns[0].CampaignID)}
	o.server = &http.Server{Handler: delayed(delay, o.fake.Handler()), ReadHeaderTimeout: time.Minute}
	go func() { _ = o.server.Serve(countingListener{listener, &o.counts}) }()
	return o, nil
}

// delayed answers each request after a delay, as a network does.
func delayed(delay time.Duration, handler http.Handler) http.Handler {
	if delay <= 0 {
		return handler
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		timer := time.NewTimer(delay)
		defer timer.Stop()
		select {
		case <-timer.C:
			handler.ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	})
}

func (o *org) close() {
	_ = o.server.Close()
	o.fake.Close()
}

func (o *org) tally() tally {
	return tally{Calls: o.fake.Calls(), Rows: o.counts.rows.Load(), Connections: o.counts.connections.Load(),
		Received: o.counts.received.Load(), Sent: o.counts.sent.Load()}
}

// check says what of the job was not done, or done twice.
func (o *org) check() error {
	type state struct{ people, members, tasks int }
	states := make(map[string]*state, len(o.leads)) // by e-mail address
	for _, lead := range o.leads {
		states[lead.Email] = &state{}
	}
	ids := make(map[string]*state, len(o.leads))
	for _, object := range []string{objectContact, objectLead} {
		for _, row := range o.fake.Rows(object) {
			email, _ := row["Email"].(string)
			s := states[email]
			if s == nil || row["FirstName"] != "Pat" || row["Title"] != "Engineer" {
				return fmt.Errorf("%s %v is not as the job wants it", object, row["Id"])
			}
			id, _ := row["Id"].(string)
			ids[id] = s
			s.people++
		}
	}
	for _, row := range o.fake.Rows(objectMember) {
		id, _ := row["LeadOrContactId"].(string)
		if s := ids[id]; s != nil && row["CampaignId"] == o.address.Campaign {
			s.members++
		}
	}
	for _, row := range o.fake.Rows(objectTask) {
		id, _ := row["WhoId"].(string)
		if s := ids[id]; s != nil && row["Subject"] == "Meeting" && row["Description"] == "at the stand" &&
			row["ActivityDate"] == "2026-05-04" && row["Status"] == "Completed" {
			s.tasks++
		}
	}
	for i, lead := range o.leads {
		if s := states[lead.Email]; *s != (state{1, 1, 1}) {
			return fmt.Errorf("lead %d has %d records, %d memberships and %d Tasks", i, s.people, s.members, s.tasks)
		}
	}
	return nil
}

// A countingListener counts what passes its connections.
type countingListener struct {
	net.Listener
	counts *counts
}

func (l countingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.counts.connections.Add(1)
	return countingConn{conn, l.counts}, nil
}

type countingConn struct {
	net.Conn
	counts *counts
}

func (c countingConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.counts.received.Add(int64(n))
	return n, err
}

func (c countingConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.counts.sent.Add(int64(n))
	return n, err
}
