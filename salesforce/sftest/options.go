// SPDX-License-Identifier: Apache-2.0

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
	pageSize  int           // 0 for those of Salesforce
	bulkPolls int           // negative if polls make no difference
	bulkDelay time.Duration // 0 for never
	keepLog   int           // requests; negative keeps all
	session   time.Duration // 0 for no end
	longLimit int
	idle      time.Duration // of refresh tokens; 0 for no end
	keep      bool          // refresh tokens are not rotated
	message   func(code, message string) string
	resends   bool
	seeds     []func(*Org)
	countries []Country // nil without State and Country picklists
	storage   int       // rows; 0 for no bound
	persons   bool      // person accounts are on
	number    *uint8
	soapLogin bool
}

// An Option changes how NewOrg makes an org.
type Option func(*options)

// WithNow sets the org's clock. The default is time.Now.
func WithNow(now func() time.Time) Option { return func(o *options) { o.now = now } }

// WithLatency delays every request by d before it is executed. The default is no latency.
func WithLatency(d time.Duration) Option { return func(o *options) { o.latency = d } }

// WithAPILimit allows n API calls in 24 hours; further calls are refused with
// REQUEST_LIMIT_EXCEEDED. The default is 15,000, as in a Developer Edition
// (docs/salesforce.md, Limits).
func WithAPILimit(n int) Option { return func(o *options) { o.apiLimit = n } }

// WithLongRequests allows n requests at a time that run for 20 seconds or longer; while there
// are that many, every other call is refused with REQUEST_LIMIT_EXCEEDED. The default is 5, as
// in a Developer Edition; production has 25 (docs/salesforce.md, Limits).
func WithLongRequests(n int) Option { return func(o *options) { o.longLimit = n } }

// WithPageSize limits a page of a query to n rows. The default is 2,000, which is also the
// maximum; Salesforce may return fewer (docs/salesforce.md, Limits). It limits pages of bulk
// queries too, which otherwise have as many rows as maxRecords says, 250,000 at most.
// WithPageSize panics if n is less than 1 or more than 2,000.
func WithPageSize(n int) Option {
	if n < 1 || n > query.MaxPage {
		panic(fmt.Sprintf("sftest: a page has 1 to %d rows, not %d", query.MaxPage, n))
	}
	return func(o *options) { o.pageSize = n }
}

// WithStorageLimit limits the org's storage to n records: a create beyond that is refused with
// STORAGE_LIMIT_EXCEEDED. Records with an owner, details and campaign members count; files do not, and are
// never refused (docs/salesforce.md, Records). The default is no limit.
func WithStorageLimit(n int) Option { return func(o *options) { o.storage = n } }

// WithMessages lets rewrite choose the text of every error. Salesforce answers in the language
// of the connected user (docs/salesforce.md, Requests), so a client must act on the codes: a
// test that rewrites all texts shows whether it does.
func WithMessages(rewrite func(code, message string) string) Option {
	return func(o *options) { o.message = rewrite }
}

// WithLogSize limits Org.Requests to the last n requests. The default is all of them; a
// long-lived process wants few, because a request may hold 100,000 characters of SOQL.
func WithLogSize(n int) Option { return func(o *options) { o.keepLog = n } }

// WithSOAPLogin allows login() of the SOAP API, with any password, in versions up to v64.0, as in
// orgs where an admin has enabled it. Without it the org refuses it as new orgs do
// (docs/salesforce.md, OAuth).
func WithSOAPLogin() Option { return func(o *options) { o.soapLogin = true } }

// WithResends allows a client to repeat a request that could write twice, which otherwise
// fails the test: see NewOrg.
func WithResends() Option { return func(o *options) { o.resends = true } }

// WithNumber sets apart the orgs of a test that has several, such as one for each tenant of a
// host: orgs of different numbers share no id of an org, a user or a record, and no token. An
// org of a number has the same ids and tokens each time that it is made. The default is 0 for
// users and records, and an id and tokens of its own for each org, as parallel tests need it.
func WithNumber(n uint8) Option { return func(o *options) { o.number = &n } }

// Existing adds a Lead or a Contact with that e-mail address; its other required fields get
// the placeholder [not provided].
func Existing(object, email string) Option {
	return func(o *options) {
		o.seeds = append(o.seeds, func(org *Org) {
			const none = "[not provided]" // which is nobody's name
			fields := map[string]any{"LastName": none, "Email": email}
			if strings.EqualFold(object, "Lead") {
				fields["Company"] = none
			}
			org.db.Insert(object, fields)
		})
	}
}

// WithSessionTimeout ends a session that no request has used for d. The default is never: see
// Org.ExpireToken. Salesforce's default is two hours.
func WithSessionTimeout(d time.Duration) Option { return func(o *options) { o.session = d } }

// WithoutRotation leaves refresh tokens as they are: a refresh returns no new one, whatever the
// app. By default each refresh replaces the token it was sent, unless the app has rotation off
// (App.KeepsRefreshToken).
func WithoutRotation() Option { return func(o *options) { o.keep = true } }

// WithRefreshIdle ends a refresh token that was not used for d; 0 never does. The default is 30
// days, which is also a policy of real orgs (docs/salesforce.md, OAuth).
func WithRefreshIdle(d time.Duration) Option { return func(o *options) { o.idle = max(0, d) } }

// WithPersonAccounts enables the org's person accounts: an Account that is created with a
// LastName is a person, and appears as a Contact too, by PersonContactId. Its field X, or
// X__c, of the Contact is PersonX, or X__pc, of the Account, but for names, Phone, Fax and
// Description. The Contact can be neither written nor deleted through the API, but through
// the Account; its AccountId stays. Only tests may change it, by Org.Update. A Lead needs no
// Company, and is converted to a person account without one (docs/salesforce.md, Person
// accounts).
func WithPersonAccounts() Option { return func(o *options) { o.persons = true } }

// WithBulkPolls lets bulk jobs depend on polls only: a job ends at the poll after the first n,
// which waits for it; the first poll sees UploadComplete, the others InProgress. A job that is
// polled less often is never carried out.
//
// By default a job is carried out in the background 30 seconds after its data was complete, on
// the clock of the org or of the computer, or at the third poll if that comes first. See
// WithBulkDelay for jobs that do not depend on polls.
func WithBulkPolls(n int) Option {
	return func(o *options) { o.bulkPolls, o.bulkDelay = max(0, n), 0 }
}

// WithBulkDelay carries out bulk jobs in the background, d after their data was complete, on
// the clock of the org or of the computer, whether they are polled or not. Polls see their
// progress as it is. d less than a millisecond means a millisecond. See WithBulkPolls for the
// default.
func WithBulkDelay(d time.Duration) Option {
	return func(o *options) { o.bulkPolls, o.bulkDelay = -1, max(d, time.Millisecond) }
}

// WithCountries enables the org's State and Country/Territory picklists: each State and
// Country of Lead, Contact, Account and User gets a StateCode and CountryCode, either fills in
// the other, and values that are not in the picklists are refused
// (docs/salesforce.md, Fields). Without arguments the countries are the United States, Canada,
// Germany and the United Kingdom, with a few states.
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
