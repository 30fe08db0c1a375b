package salesforce

import (
	"context"
	"net/http"
	"time"

	"golang.org/x/oauth2"
)

// DefaultVersion is the API version that a Client speaks unless Config says
// otherwise.
const DefaultVersion = "v62.0"

// Config holds what a Client can be told. The zero Config works.
type Config struct {
	// HTTPClient sends the requests; nil means one of the package's own with
	// enough idle connections. Its redirects are never followed.
	HTTPClient *http.Client
	// Version is the API version, such as "v62.0". Empty means DefaultVersion.
	Version string
	// Hosts are hosts (host or host:port) that may serve as instance besides
	// those under salesforce.com and salesforce.mil. A loopback host listed here
	// may also be reached by plain http.
	Hosts []string
	// ClientName is sent as Sforce-Call-Options: client=. Empty means "leadsync".
	ClientName string
	// Timeout bounds one request with its reply. Zero means 2 minutes.
	Timeout time.Duration
	// MaxRetries bounds how often a repeatable request is sent again. Zero means
	// 4; a negative value means never.
	MaxRetries int
	// AutoAssign lets the org's active assignment rule re-own Leads that are
	// written. The default, false, sends Sforce-Auto-Assign: FALSE with every
	// write.
	AutoAssign bool
	// OnCall, if set, is told of each request that counted as an API call. It
	// may be called from several goroutines.
	OnCall func(ctx context.Context, call Call)
}

// A Call is one request as Config.OnCall is told of it. It holds no address
// with values in it and no token.
type Call struct {
	// Method and Path are the request's, the path without its query string.
	Method, Path string
	// Subrequests is how many requests a composite carried, otherwise 1.
	Subrequests int
	// Status is the reply's HTTP status, 0 when none came.
	Status  int
	Elapsed time.Duration
}

// Usage says what a Client has spent and what the org has left.
type Usage struct {
	// Calls is how many API calls the Client has made, counted by itself: every
	// request to a versioned resource, repeats included.
	Calls int64
	// Used and Limit are the org's, from the last Sforce-Limit-Info header; both
	// 0 before the first. The header lags behind (SALESFORCE.md 4).
	Used, Limit int64
}

// A Client speaks the Salesforce REST API. It is safe for concurrent use.
type Client struct {
	cfg Config
}

// New returns a Client for the org at instanceURL, such as
// https://example.my.salesforce.com. The tokens are asked for before each
// request. cfg may be nil. New makes no request; the error names what is wrong
// with its arguments.
func New(instanceURL string, tokens oauth2.TokenSource, cfg *Config) (*Client, error) {
	panic("not implemented")
}

// Read answers reads, packed into as few API calls as the composite limits
// allow. Result k is read k's. The error is the context's, or says which read
// is malformed; in both cases there are no results. A failure of Salesforce or
// of the network is in the Err of each read it struck.
func (c *Client) Read(ctx context.Context, reads ...Read) ([]ReadResult, error) {
	panic("not implemented")
}

// Write carries out writes, packed into as few API calls as the composite
// limits and the dependencies among them allow. Result i is write i's. The
// error says which write is malformed, and then nothing was sent; every other
// failure is in the Err of the writes it struck. A cancelled context leaves
// what was not yet sent with ErrNotSent.
func (c *Client) Write(ctx context.Context, writes ...Write) ([]WriteResult, error) {
	panic("not implemented")
}

// Usage returns what the Client has spent so far.
func (c *Client) Usage() Usage { panic("not implemented") }

// Identity returns the ids of the org and of the connected user, as far as the
// token tells them: from the token reply's id URL, else the org alone from the
// access token. Unknown ids are empty. It makes no request of its own beyond
// what the TokenSource does.
func (c *Client) Identity(ctx context.Context) (org, user ID, err error) {
	panic("not implemented")
}
