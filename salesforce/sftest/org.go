package sftest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/leadsync/leadsync/salesforce/internal/resend"
)

// TB is what an Org needs of a test. *testing.T, *testing.B and *testing.F have
// it.
type TB interface {
	Helper()
	Cleanup(func())
	Errorf(format string, args ...any)
}

// An Org is a fake Salesforce org. Make it with NewOrg. Its methods may be
// called from several goroutines; they panic when they name an object, a field or
// a row that the org has not, unless they say otherwise. The functions given to
// WithNow, WithMessages, AddRule, OnRow, OnBatch and Field.Filter run within a
// transaction and must not call the org back.
type Org struct {
	tb    TB
	opts  options
	watch *resend.Watch // nil for none

	serveOnce sync.Once
	server    *httptest.Server
	closeOnce sync.Once
	closed    chan struct{}
	gzips     sync.Pool // of *gzip.Writer

	mu       sync.Mutex
	objects  map[string]*object // by lower-case name
	names    []string           // of objects, sorted
	prefixes map[string]*object
	serial   uint64
	lastSave time.Time
	modified time.Time // of the metadata, for If-Modified-Since
	journal  []func()  // undoes what the open transaction did
	inTx     bool
	cursors  map[string]*cursor
	locators []string // of cursors, oldest first
	bulk     bulk

	orgID, userID string
	access        access
	hooks         hooks
	contention    contention
	lacked        string   // the object of Salesforce that a request named
	recent        []string // ids of rows that the user saw, the last first
	log           requestLog
	timers        []*time.Timer
}

// hooks are what the test makes the org do besides.
type hooks struct {
	onRow     map[string][]func(op string, row map[string]any) *RowError
	onBatch   map[string]func(rows int) *RowError // by lower-case name
	onRequest func(Request)
	fail      func(r *http.Request, n int) *Fault
	requests  int
	assignTo  map[string]string
}

type options struct {
	now       func() time.Time
	latency   time.Duration
	apiLimit  int
	pageSize  int
	bulkPolls int
	keepLog   int           // requests; negative keeps all
	session   time.Duration // 0 for no end
	longLimit int
	message   func(code, message string) string
	resends   bool
	seeds     []func(*Org)
	countries []Country // nil without State and Country picklists
	storage   int       // rows; 0 for no bound
	number    uint8
}

// An Option changes how NewOrg makes an org.
type Option func(*options)

// WithNow makes the org tell the time by now. The default is time.Now.
func WithNow(now func() time.Time) Option { return func(o *options) { o.now = now } }

// WithLatency makes every request take at least d before it is carried out. The
// default is no latency.
func WithLatency(d time.Duration) Option { return func(o *options) { o.latency = d } }

// WithAPILimit allows n API calls in 24 hours; the calls after them are refused
// with REQUEST_LIMIT_EXCEEDED. The default is 15,000, a Developer Edition's
// (SALESFORCE.md 0).
func WithAPILimit(n int) Option { return func(o *options) { o.apiLimit = n } }

// WithLongRequests allows n requests that run for 20 seconds or longer at one
// time; while there are as many, every other call is refused with
// REQUEST_LIMIT_EXCEEDED. The default is 5, a Developer Edition's; production has
// 25 (SALESFORCE.md 0).
func WithLongRequests(n int) Option { return func(o *options) { o.longLimit = n } }

// WithPageSize makes a query answer at most n rows a page. Salesforce may give
// fewer than the 2,000 that are the default and the most (SALESFORCE.md 0). It
// panics for less than 1 and for more than those.
func WithPageSize(n int) Option {
	if n < 1 || n > maxPage {
		panic(fmt.Sprintf("sftest: a page has 1 to %d rows, not %d", maxPage, n))
	}
	return func(o *options) { o.pageSize = n }
}

// WithStorageLimit bounds the org's storage to n records: a create past them is
// refused with STORAGE_LIMIT_EXCEEDED. Records with an owner count. The default is
// no bound.
func WithStorageLimit(n int) Option { return func(o *options) { o.storage = n } }

// WithMessages lets rewrite choose the text of every error. Salesforce answers in
// the language of the connected user (SALESFORCE.md 1), so a client must go by
// the codes: a test that rewrites all texts shows whether it does.
func WithMessages(rewrite func(code, message string) string) Option {
	return func(o *options) { o.message = rewrite }
}

// WithLogSize makes the org remember only the last n requests for
// Org.Requests. The default is all of them; a long-lived process wants few,
// because a request may hold 100,000 characters of SOQL.
func WithLogSize(n int) Option { return func(o *options) { o.keepLog = n } }

// WithResends lets a client send a request again that could write twice, which
// otherwise fails the test: see NewOrg.
func WithResends() Option { return func(o *options) { o.resends = true } }

// WithNumber tells orgs apart that a test has several of, as for the tenants of a
// host: those of different numbers share no id of an org, a user or a record, and
// no token. The default is 0.
func WithNumber(n uint8) Option { return func(o *options) { o.number = n } }

// Existing puts a Lead or a Contact with that e-mail address into the org, its
// other required fields made up.
func Existing(object, email string) Option {
	return func(o *options) {
		o.seeds = append(o.seeds, func(org *Org) {
			fields := map[string]any{"LastName": "Existing", "Email": email}
			if strings.EqualFold(object, "Lead") {
				fields["Company"] = "Existing"
			}
			org.Insert(object, fields)
		})
	}
}

// NewOrg makes an org with the standard objects that this module deals with,
// one active user (the connected one) and no other records of note.
//
// With a tb, the org is closed when the test ends, and a request for something
// that the fake does not know is answered with 501 and fails the test. So does a
// create without a unique field that comes a second time after the answer to the
// first was lost, with no read between the two: it could make a second record
// (SALESFORCE.md 8.4). tb may be nil; then the caller calls Close.
func NewOrg(tb TB, opts ...Option) *Org {
	o := &Org{
		tb:       tb,
		opts:     options{now: time.Now, apiLimit: 15_000, pageSize: maxPage, bulkPolls: 2, keepLog: -1, longLimit: 5},
		closed:   make(chan struct{}),
		objects:  map[string]*object{},
		prefixes: map[string]*object{},
		cursors:  map[string]*cursor{},
		hooks:    hooks{onRow: map[string][]func(string, map[string]any) *RowError{}, onBatch: map[string]func(int) *RowError{}, assignTo: map[string]string{}},
	}
	for _, opt := range opts {
		opt(&o.opts)
	}
	o.serial = uint64(o.opts.number) * idsPerOrg
	o.loadStandardObjects()
	o.defineCountries()
	o.seedStandardRows()
	o.firstLogin()
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

// URL returns the instance URL of the org, such as http://127.0.0.1:40123. The
// first call starts the server; after Close it is empty when there was none.
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
func (o *Org) OrgID() string { return o.orgID }

// UserID returns the 18-character id of the connected user.
func (o *Org) UserID() string { return o.userID }

// Close stops the server, and with it whatever faults have put off. It waits
// for the requests under way.
func (o *Org) Close() {
	o.closeOnce.Do(func() {
		close(o.closed)
		o.mu.Lock()
		for _, timer := range o.timers {
			timer.Stop()
		}
		o.mu.Unlock()
		o.serveOnce.Do(func() {}) // URL must not start a server any more
		if o.server != nil {
			o.server.CloseClientConnections()
			o.server.Close()
		}
	})
}
