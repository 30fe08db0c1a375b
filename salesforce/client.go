// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"regexp"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce/internal/dial"
	"github.com/leadsync/leadsync/salesforce/internal/scratch"
)

// DefaultVersion is the API version of a Client unless Config sets another.
// Source: docs/salesforce.md, Requests.
const DefaultVersion = "v62.0"

// oldestVersion is the first one in which an upsert may be a collection and has the
// reply that this package reads (docs/salesforce.md, Upsert).
const oldestVersion = "v46.0"

// Config configures a Client. The zero Config works.
// Source: docs/salesforce.md, Headers.
type Config struct {
	// HTTPClient sends the requests; nil means one of the package's own with enough
	// idle connections. Redirects are never followed. Bulk data uses only its
	// Transport, so that its Timeout does not apply.
	HTTPClient *http.Client
	// AllowPrivate allows the package's own HTTPClient to connect to addresses that are
	// not public: loopback, private (such as those of a private link), link-local and
	// shared ones (100.64.0.0/10), and those that a translator makes of IPv4 addresses
	// (NAT64, 6to4). It is always allowed for an instance that is among Hosts.
	AllowPrivate bool
	// Version is the API version, such as "v62.0", at least v46.0: earlier ones cannot
	// upsert collections. WriteGraphs needs v50.0. Empty means DefaultVersion.
	Version string
	// Hosts are hosts (host or host:port) that an instance may have besides those under
	// salesforce.com and salesforce.mil. Plain http is allowed for a loopback host
	// listed here.
	Hosts []string
	// ClientName is sent as Sforce-Call-Options: client=. Empty means "leadsync".
	ClientName string
	// Timeout bounds one request with its reply. Zero means 2 minutes.
	Timeout time.Duration
	// MaxRetries bounds how often a repeatable request is repeated. Zero means 4; a
	// negative value means never.
	MaxRetries int
	// MaxReply bounds one reply in bytes, after decompression. Zero means 64 MiB. A reply
	// with far more elements than Salesforce would put into its size is refused too.
	MaxReply int64
	// AutoAssign sets Write.AutoAssign of every write. The default, false, sends
	// Sforce-Auto-Assign: FALSE with each write that does not set it.
	AutoAssign bool
	// FirstRows is how many rows the first call that writes holds, while the Client does not
	// know how long the org takes for them. Zero, the default, means as many as a call takes,
	// 1,000: where triggers take 50 ms a row it lasts 50 s, and every later call at most 15 s.
	// 50 rows take 10 s even at 200 ms a row, and cost a first large batch a call more.
	FirstRows int
	// OnCall, if set, is called for each request that counts as an API call, repeats
	// included, before its result is returned. It may be called concurrently. A panic in
	// it is logged to Logger and changes nothing else.
	OnCall func(ctx context.Context, call Call)
	// Logger gets the stack of an OnCall or of a token source that panics, and nothing
	// else. Nil logs nothing.
	Logger *slog.Logger
	// JitterFunc returns the fraction, from 0 to 1, of the longest wait before a repeat
	// that is actually waited. Nil means a random one. It may be called concurrently.
	JitterFunc func() float64
}

// A Call is one request as Config.OnCall sees it. It has no address with values in it
// and no token.
type Call struct {
	// Host is the host of the org, with the port where its address has one.
	Host string
	// Method and Path are the request's, without the query string and without the key
	// of an upsert.
	Method, Path string
	// Subrequests is how many requests a composite carried, otherwise 1.
	Subrequests int
	// Attempt is 1, and one more for each repeat of a request.
	Attempt int
	// Status is the reply's HTTP status, 0 without a reply.
	Status int
	// Err is why there is no reply, or none that can be read; nil with one. It is the transport's own.
	Err error
	// Elapsed is the time from requesting a connection to the end of the reply.
	Elapsed time.Duration
}

// CountCalls returns a context with which a Client counts its API calls, repeats included,
// and a func that returns how many there were so far, safe for concurrent use. What a
// context of CountCalls in ctx counts, it still counts. Requests for tokens and other
// requests that the org does not count are none. Source: docs/salesforce.md, Limits.
func CountCalls(ctx context.Context) (context.Context, func() int) {
	outer, _ := ctx.Value(callCountKey{}).(*callCount)
	count := &callCount{outer: outer}
	return context.WithValue(ctx, callCountKey{}, count), func() int { return int(count.calls.Load()) }
}

type callCountKey struct{}

// A callCount counts the calls made with a context, which may be within another's.
type callCount struct {
	calls atomic.Int64
	outer *callCount // nil for none
}

// countCall counts a call for the counts of ctx.
func countCall(ctx context.Context) {
	count, _ := ctx.Value(callCountKey{}).(*callCount)
	for ; count != nil; count = count.outer {
		count.calls.Add(1)
	}
}

// A Client calls the Salesforce REST API. It is safe for concurrent use. It has one
// write request in flight at a time, because children lock their parents; reads run
// concurrently. Collections hold 200 rows, and fewer while calls would take more than 15
// seconds, by what the rows of their objects took before, or meet locks. Source: docs/salesforce.md, Repeats.
type Client struct {
	cfg     Config
	address address
	tokens  oauth2.TokenSource
	writing chan struct{} // holds one item while a write is in flight

	meter  meter
	pace   pacer
	spaces scratch.Pool
}

// Format prints the address and hides the tokens, whatever the verb.
func (c *Client) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "salesforce client of "+c.place().origin)
}

var (
	versionPattern    = regexp.MustCompile(`^v[1-9][0-9]{1,2}\.0$`)
	clientNamePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]*$`)
)

// New returns a Client for the org at instanceURL, such as
// https://example.my.salesforce.com. It calls tokens before each request, also
// concurrently. If tokens has a method Invalidate(accessToken string), as
// login.Tokens has, the Client calls it when Salesforce rejects a token, and sends
// the request once more with a new one; a wrapper such as oauth2.ReuseTokenSource would
// hide the method. When a later token names another instance_url, such as after the org
// moved, the Client goes there if it is among Hosts or one of Salesforce's and the token
// is for the same org; else every call fails with ErrAddressChanged. cfg may be nil. New makes no
// request; the error names the argument
// that is wrong.
func New(instanceURL string, tokens oauth2.TokenSource, cfg *Config) (*Client, error) {
	if cfg == nil {
		cfg = new(Config)
	}
	full := cfg.withDefaults()
	if err := full.validate(); err != nil {
		return nil, fmt.Errorf("salesforce: %w", err)
	}
	if tokens == nil {
		return nil, errors.New("salesforce: no token source")
	}
	origin, listed, err := dial.Origin(instanceURL, full.Hosts)
	if err != nil {
		return nil, fmt.Errorf("salesforce: %w", err)
	}
	c := &Client{cfg: full, tokens: tokens, writing: make(chan struct{}, 1)}
	c.address.place = c.newPlace(origin, listed)
	return c, nil
}

// Usage returns the calls made so far. Source: docs/salesforce.md, Headers.
func (c *Client) Usage() Usage { return c.meter.read() }

// withDefaults returns a copy with every default but HTTPClient filled in.
func (c *Config) withDefaults() Config {
	full := *c
	if full.Version == "" {
		full.Version = DefaultVersion
	}
	if full.ClientName == "" {
		full.ClientName = "leadsync"
	}
	if full.Timeout == 0 {
		full.Timeout = 2 * time.Minute
	}
	if full.MaxRetries == 0 {
		full.MaxRetries = 4
	}
	if full.MaxReply == 0 {
		full.MaxReply = 64 << 20
	}
	full.MaxReply = min(full.MaxReply, math.MaxInt64-1) // one more byte shows that a reply is too long
	if full.JitterFunc == nil {
		full.JitterFunc = rand.Float64
	}
	return full
}

func (c *Config) validate() error {
	switch {
	case !versionPattern.MatchString(c.Version):
		return fmt.Errorf("config: Version %q is not of the form v62.0", c.Version)
	case len(c.Version) == len("v62.0") && c.Version < oldestVersion:
		return fmt.Errorf("config: Version %q is older than %s", c.Version, oldestVersion)
	case !clientNamePattern.MatchString(c.ClientName):
		return fmt.Errorf("config: ClientName %q holds more than letters, digits and . _ / -", c.ClientName)
	case c.Timeout < 0:
		return errors.New("config: Timeout is negative")
	case c.FirstRows < 0:
		return errors.New("config: FirstRows is negative")
	case c.MaxReply < 0:
		return errors.New("config: MaxReply is negative")
	}
	return nil
}

// path returns the path of a versioned resource.
func (c *Client) path(resource string) string {
	return "/services/data/" + c.cfg.Version + "/" + resource
}
