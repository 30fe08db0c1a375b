// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net"
	"net/http"
	"sync"
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
	work    stopwatch
}

// counts are kept while requests are served.
type counts struct {
	rows, connections, received, sent atomic.Int64
}

// A stopwatch runs while anything is being done.
type stopwatch struct {
	mu    sync.Mutex
	doing int
	since time.Time
	total time.Duration
}

func (s *stopwatch) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.doing++; s.doing == 1 {
		s.since = time.Now()
	}
}

func (s *stopwatch) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.doing--; s.doing == 0 {
		s.total += time.Since(s.since)
	}
}

func (s *stopwatch) read() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total
}

// A tally is what an org has counted so far.
type tally struct {
	Calls       int   `json:"calls"`       // as Salesforce counts them
	Rows        int64 `json:"rows"`        // that were sent to be written
	Connections int64 `json:"connections"` // that were opened
	Received    int64 `json:"received"`    // bytes from the client, with headers
	Sent        int64 `json:"sent"`        // bytes to the client
	// Work is how long the org worked on requests, without the delay.
	Work time.Duration `json:"work"`
}

// sub returns what was counted since an earlier tally.
func (t tally) sub(earlier tally) tally {
	return tally{t.Calls - earlier.Calls, t.Rows - earlier.Rows, t.Connections - earlier.Connections,
		t.Received - earlier.Received, t.Sent - earlier.Sent, t.Work - earlier.Work}
}

// newOrg serves an org that has its share of n leads.
func newOrg(n int, delay time.Duration, options ...sftest.Option) (*org, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	options = append([]sftest.Option{sftest.WithAPILimit(100_000_000), sftest.WithLogSize(0)}, options...)
	o := &org{fake: sftest.NewOrg(nil, options...)}
	leads, cfg := scenario.EventMix(o.fake, n)
	o.leads = leads
	o.fake.OnRequest(func(r sftest.Request) { o.counts.rows.Add(int64(r.Writes)) })
	o.address = job{URL: "http://" + listener.Addr().String(), Token: o.fake.Token(),
		Campaign: string(cfg.Campaigns[0].CampaignID)}
	o.server = &http.Server{Handler: o.timed(delay, o.fake.Handler()), ReadHeaderTimeout: time.Minute}
	go func() { _ = o.server.Serve(countingListener{listener, &o.counts}) }()
	return o, nil
}

// timed answers each request after a delay, as a network does, and times the answers.
func (o *org) timed(delay time.Duration, handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if delay > 0 {
			timer := time.NewTimer(delay)
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-r.Context().Done():
				return
			}
		}
		o.work.begin()
		defer o.work.end()
		handler.ServeHTTP(w, r)
	})
}

func (o *org) close() {
	_ = o.server.Close()
	o.fake.Close()
}

func (o *org) tally() tally {
	return tally{Calls: o.fake.Calls(), Rows: o.counts.rows.Load(), Connections: o.counts.connections.Load(),
		Received: o.counts.received.Load(), Sent: o.counts.sent.Load(), Work: o.work.read()}
}

// check says what of the job was not done, or done twice. People may be rows of these objects.
func (o *org) check(objects ...string) error {
	type state struct{ people, members, tasks int }
	states := make(map[string]*state, len(o.leads)) // by e-mail address
	for _, lead := range o.leads {
		states[lead.Email] = &state{}
	}
	ids := make(map[string]*state, len(o.leads))
	for _, object := range objects {
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
