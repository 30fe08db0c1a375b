// SPDX-License-Identifier: Apache-2.0

package sftest

import (
	"cmp"
	"context"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"github.com/leadsync/leadsync/salesforce/internal/resend"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/bulk"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/bulkv1"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/catalog"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/oauth"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/query"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/rest"
)

// TB is what an Org needs from a test. *testing.T, *testing.B and *testing.F implement it.
type TB interface {
	Helper()
	Cleanup(func())
	Errorf(format string, args ...any)
}

// An Org is a fake Salesforce org. Make it with NewOrg. Its methods are safe for concurrent
// use; they panic if they name an object, a field or a row that does not exist, unless they
// say otherwise. The functions given to WithNow, WithMessages, AddRule, OnRow, OnBatch and
// Field.Filter run within a transaction and must not call the org.
type Org struct {
	tb    TB
	opts  options
	watch *resend.Watch // nil for none

	serveOnce sync.Once
	server    *httptest.Server
	closeOnce sync.Once
	closed    chan struct{}
	gzips     sync.Pool // of *gzip.Writer

	db      *db.DB
	query   *query.Engine
	catalog *catalog.Catalog
	rest    *rest.API
	bulk    *bulk.API
	bulkv1  *bulkv1.API
	oauth   *oauth.Access

	hooks  hooks
	log    requestLog
	timers []*time.Timer
}

// hooks are the functions of the test that see requests.
type hooks struct {
	onRequest func(Request)
	onBulk    func(job string, rows int)
	fail      func(r *http.Request, n int) *Fault
	requests  int
}

// NewOrg makes an org with the standard objects that this module uses, one active
// user (the connected one) and only the records that every org has.
//
// With a tb, the org is closed when the test ends, and a request for something that
// the fake does not support is answered with 501 and fails the test. So does a create
// without a unique field that is repeated after its response was lost, with no read in
// between: it could create a second record (docs/salesforce.md, Repeats). tb may be
// nil; then the caller calls Close.
func NewOrg(tb TB, opts ...Option) *Org {
	o := &Org{
		tb: tb,
		opts: options{
			now: time.Now, apiLimit: 15_000, bulkPolls: 2, bulkDelay: 30 * time.Second, keepLog: -1, longLimit: 5,
			idle: 30 * 24 * time.Hour,
		},
		closed: make(chan struct{}),
	}
	for _, opt := range opts {
		opt(&o.opts)
	}
	dbOpts := db.Options{
		Now: o.opts.now, Countries: countrySpecs(o.opts.countries), Storage: o.opts.storage, Report: o.report,
		PersonAccounts: o.opts.persons,
	}
	if o.opts.number != nil {
		dbOpts.Number = *o.opts.number
	} else {
		dbOpts.OrgTail = rand.Text()
	}
	o.db = db.New(dbOpts)
	page := cmp.Or(o.opts.pageSize, query.MaxPage)
	o.catalog = catalog.New(o.db, page, o.report)
	o.query = query.New(o.db, query.Options{
		PageSize: page, Seen: func(ids ...string) { o.rest.See(ids...) }, Other: o.catalog.Definitions,
	})
	o.bulk = bulk.New(o.db, o.query, bulk.Options{
		Polls: o.opts.bulkPolls, Delay: o.opts.bulkDelay, PageSize: cmp.Or(o.opts.pageSize, bulk.MaxPage),
		Message: o.opts.message, Step: o.bulkStep, Wait: o.wait,
	})
	o.bulkv1 = bulkv1.New(o.db, o.bulk, o.query, o.opts.message)
	o.oauth = oauth.New(o.db, oauth.Options{
		Session: o.opts.session, Idle: o.opts.idle, Keep: o.opts.keep, APILimit: o.opts.apiLimit, LongLimit: o.opts.longLimit,
	})
	o.rest = rest.New(o.db, o.query,
		rest.Options{
			Route: o.route, Exclusive: o.exclusive, Count: o.countMore, Used: o.used,
			APILimit: func() int { return o.opts.apiLimit },
		})
	for _, seed := range o.opts.seeds {
		seed(o)
	}
	if tb != nil {
		tb.Cleanup(o.Close)
	}
	if tb != nil && !o.opts.resends {
		o.watch = resend.New(tb.Errorf, o.uniqueRow)
	}
	return o
}

// URL returns the instance URL of the org, such as http://127.0.0.1:40123. The first call
// starts the server; after Close it is empty if no server was started.
func (o *Org) URL() string {
	o.serveOnce.Do(func() { o.server = httptest.NewServer(o.Handler()) })
	if o.server == nil {
		return ""
	}
	return o.server.URL
}

// Handler returns the org as a handler, to be served elsewhere than at URL.
func (o *Org) Handler() http.Handler { return http.HandlerFunc(o.serveHTTP) }

// OrgID returns the 18-character id of the org.
func (o *Org) OrgID() string { return o.db.OrgID }

// UserID returns the 18-character id of the connected user.
func (o *Org) UserID() string { return o.db.UserID }

// Close stops the server and cancels what faults have delayed. It waits for the requests in
// flight, and for bulk jobs under way to stop.
func (o *Org) Close() {
	o.closeOnce.Do(func() {
		close(o.closed)
		o.db.Lock()
		for _, timer := range o.timers {
			timer.Stop()
		}
		o.db.Unlock()
		o.serveOnce.Do(func() {}) // URL must not start a server any more
		if o.server != nil {
			// Its own Close would also close the idle connections of http.DefaultTransport, which
			// other tests may be about to use.
			o.server.CloseClientConnections()
			_ = o.server.Config.Shutdown(context.Background())
		}
		o.bulk.Close()
	})
}

// report fails the test.
func (o *Org) report(problem string) {
	if o.tb != nil {
		o.tb.Helper()
		o.tb.Errorf("%s", problem)
	}
}
