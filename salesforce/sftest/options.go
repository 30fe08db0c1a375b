package sftest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/query"
)

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
	if n < 1 || n > query.MaxPage {
		panic(fmt.Sprintf("sftest: a page has 1 to %d rows, not %d", query.MaxPage, n))
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
			org.db.Insert(object, fields)
		})
	}
}

// WithSessionTimeout ends a session that no request has used for d. The default
// is never: see Org.ExpireToken. Of Salesforce it is two hours.
func WithSessionTimeout(d time.Duration) Option { return func(o *options) { o.session = d } }

// WithBulkPolls makes a bulk job take that many looks at it before it has ended;
// the first of them sees UploadComplete, the others InProgress. The default is 2.
func WithBulkPolls(n int) Option { return func(o *options) { o.bulkPolls = n } }

// WithCountries switches the org's State and Country/Territory picklists on:
// beside each State and Country of Lead, Contact, Account and User there are
// StateCode and CountryCode, either fills in the other, and values that are not
// among the picklists are refused (SALESFORCE.md 2). Without countries they are
// the United States, Canada, Germany and the United Kingdom, with few states.
func WithCountries(countries ...Country) Option {
	if len(countries) == 0 {
		countries = []Country{
			{
				Code: "US", Label: "United States",
				States: []State{
					{Code: "CA", Label: "California"}, {Code: "NY", Label: "New York"},
					{Code: "TX", Label: "Texas"}, {Code: "WA", Label: "Washington"},
				},
			},
			{
				Code: "CA", Label: "Canada",
				States: []State{
					{Code: "BC", Label: "British Columbia"}, {Code: "ON", Label: "Ontario"},
					{Code: "QC", Label: "Quebec"},
				},
			},
			{Code: "DE", Label: "Germany"},
			{Code: "GB", Label: "United Kingdom"},
		}
	}
	return func(o *options) { o.countries = slices.Clone(countries) }
}
