// SPDX-License-Identifier: Apache-2.0

// Command fakeorg serves a fake Salesforce org over HTTP, for trying out clients
// in any language. It prints its address and an access token as one line of JSON,
// and stops on SIGINT or SIGTERM.
//
//	go run ./examples/fakeorg -addr 127.0.0.1:8080 -log requests.jsonl
package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/leadsync/leadsync/examples/internal/demoorg"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

type config struct {
	addr, log   string
	control     string // the address of the control API, "" without it
	tls         string // the file to write the certificate to, "" without TLS
	schema      string // a file, "" for none
	empty       bool
	n           int
	number      int // negative for a random org id
	pageSize    int // 0 for Salesforce's
	rotate      bool
	soap        bool
	externalIDs bool
	latency     time.Duration
	session     time.Duration // 0 for no end
	apiLimit    int           // calls in 24 hours; 0 for plenty
	storage     int           // rows; 0 for no bound
}

func main() {
	c, err := parseFlags(os.Args[1:])
	if err != nil {
		fail(2, err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, c, os.Stdout, os.Stderr); err != nil {
		fail(1, err)
	}
}

func fail(code int, err error) {
	fmt.Fprintln(os.Stderr, "fakeorg:", err)
	os.Exit(code)
}

const usage = `usage: fakeorg [flags]

Serves a fake Salesforce org over HTTP, prints its address and an access token as
one line of JSON, and stops on SIGINT or SIGTERM.

`

// maxPage is how many rows Salesforce answers at a time at most.
const maxPage = 2000

// parseFlags parses the command line. The flag package exits on what it rejects;
// the error reports the remaining checks.
func parseFlags(args []string) (*config, error) {
	c := &config{}
	flags := flag.NewFlagSet("fakeorg", flag.ExitOnError)
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), usage)
		flags.PrintDefaults()
	}
	flags.StringVar(&c.addr, "addr", "127.0.0.1:0", "`address` to listen on")
	flags.StringVar(&c.control, "control", "",
		"`address` of this computer to serve the control API at, such as 127.0.0.1:0 (docs/fakeorg.json)")
	flags.StringVar(&c.log, "log", "", "append one line of JSON per request to this `file`")
	flags.StringVar(&c.schema, "schema", "",
		"start with the objects, fields, rules, apps, rows and rights of this `file` of JSON instead of the demo records")
	flags.BoolVar(&c.empty, "empty", false, "start without people or companies")
	flags.IntVar(&c.n, "n", 0, "start with records for `N` generated people instead of the demo records")
	flags.IntVar(&c.number, "number", -1,
		"`number` of the org, up to 255: the same org id, record ids and tokens at each start, other ones than any other\n"+
			"number's; without it the org id and the tokens are random")
	flags.StringVar(&c.tls, "tls", "",
		"serve HTTPS with a new certificate for localhost and the host of -addr, and write it to this `file`,\n"+
			"for clients to trust")
	flags.DurationVar(&c.session, "session", 0, "end a session that is not used for this `time`; 0 never does")
	flags.BoolVar(&c.rotate, "rotate", false, "replace the refresh token at each refresh")
	flags.BoolVar(&c.soap, "soap", false, "allow the login of the SOAP API, up to v64.0, with any password")
	flags.IntVar(&c.pageSize, "page-size", 0, "answer at most this many `rows` of a query at a time, up to 2000")
	flags.BoolVar(&c.externalIDs, "external-ids", false,
		"add the external ID field LeadsyncKey__c to Lead, Contact, Account and Task")
	flags.DurationVar(&c.latency, "latency", 0, "minimum time per request")
	_ = flags.Parse(args) // ExitOnError
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return c, c.check()
}

// check refuses settings that cannot be.
func (c *config) check() error {
	switch {
	case c.n < 0:
		return errors.New("-n must not be negative")
	case c.number > math.MaxUint8:
		return errors.New("-number must be at most 255")
	case c.pageSize < 0 || c.pageSize > maxPage:
		return fmt.Errorf("-page-size must be 1 to %d", maxPage)
	case c.session < 0:
		return errors.New("-session must not be negative")
	case c.latency < 0:
		return errors.New("-latency must not be negative")
	case c.apiLimit < 0 || c.storage < 0:
		return errors.New("a limit must not be negative")
	case c.empty && c.n > 0:
		return errors.New("-empty and -n cannot be used together")
	case c.schema != "" && (c.empty || c.n > 0):
		return errors.New("-schema cannot be used with -empty or -n")
	}
	return nil
}

// run serves an org until ctx is done.
func run(ctx context.Context, c *config, stdout, stderr io.Writer) error {
	observe := func(sftest.Request) {}
	if c.log != "" {
		hook, closeLog, err := openLog(c.log, stderr)
		if err != nil {
			return err
		}
		defer closeLog()
		observe = hook
	}
	tb := &complaints{to: stderr}
	ctl, err := newControl(c, func(c *config, s *schema, now func() time.Time) (*sftest.Org, error) {
		org, err := newOrg(c, s, tb, now)
		if err == nil {
			org.OnRequest(observe)
		}
		return org, err
	})
	if err != nil {
		return err
	}
	defer func() { ctl.current().Close() }()
	listener, scheme, err := listen(c)
	if err != nil {
		return err
	}
	ctl.url = scheme + "://" + listener.Addr().String()
	ready := map[string]string{
		"url": ctl.url, "token": ctl.current().Token(), "refresh_token": ctl.current().RefreshToken(),
	}
	stop := func() {}
	if c.control != "" {
		if stop, err = ctl.listen(ctx, c.control, ready); err != nil {
			_ = listener.Close()
			return err
		}
	}
	defer stop()
	if err := json.NewEncoder(stdout).Encode(ready); err != nil {
		_ = listener.Close()
		return err
	}
	return serve(ctx, listener, http.HandlerFunc(ctl.serveOrg))
}

// listen listens on the address, with TLS if it is asked for.
func listen(c *config) (listener net.Listener, scheme string, err error) {
	if listener, err = net.Listen("tcp", c.addr); err != nil || c.tls == "" {
		return listener, "http", err
	}
	certificate, err := newCertificate(c.addr, c.tls)
	if err != nil {
		_ = listener.Close()
		return nil, "", err
	}
	return tls.NewListener(listener, &tls.Config{
		Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12,
	}), "https", nil
}

// bulkDelay is how long a bulk job waits for its turn.
const bulkDelay = time.Second

// plenty is a limit on API calls that nobody reaches.
const plenty = 5_000_000

// newOrg makes an org with the schema of the file, nil for none.
func newOrg(c *config, s *schema, tb sftest.TB, now func() time.Time) (*sftest.Org, error) {
	opts := []sftest.Option{
		sftest.WithNow(now), sftest.WithResends(), sftest.WithLatency(c.latency),
		sftest.WithAPILimit(cmp.Or(c.apiLimit, plenty)), sftest.WithLogSize(0),
		sftest.WithBulkDelay(bulkDelay), sftest.WithSessionTimeout(c.session),
	}
	if c.control != "" {
		opts = append(opts, sftest.WithLogSize(controlLog))
	}
	if c.storage > 0 {
		opts = append(opts, sftest.WithStorageLimit(c.storage))
	}
	if c.number >= 0 {
		opts = append(opts, sftest.WithNumber(uint8(c.number)))
	}
	if c.pageSize > 0 {
		opts = append(opts, sftest.WithPageSize(c.pageSize))
	}
	if !c.rotate {
		opts = append(opts, sftest.WithoutRotation())
	}
	if c.soap {
		opts = append(opts, sftest.WithSOAPLogin())
	}
	org := sftest.NewOrg(tb, opts...)
	switch {
	case s != nil:
		if err := s.apply(org); err != nil {
			org.Close()
			return nil, err
		}
	case c.empty:
		demoorg.Setup(org)
	case c.n > 0:
		demoorg.SeedMix(org, c.n)
	default:
		demoorg.Seed(org)
	}
	c.addExternalIDs(org)
	return org, nil
}

func (c *config) addExternalIDs(org *sftest.Org) {
	if c.externalIDs {
		org.AddExternalID("Lead", "Contact", "Account", "Task")
	}
}

func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	// Let requests in progress finish, but do not wait for idle keep-alive
	// connections.
	grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		return server.Close()
	}
	return nil
}

// A logLine is one request in the log file. Calls is the number of API calls so
// far, Writes the number of rows in the request.
type logLine struct {
	Time   time.Time `json:"time"`
	Method string    `json:"method"`
	Path   string    `json:"path"`
	SOQL   []string  `json:"soql,omitempty"`
	Status int       `json:"status"`
	Calls  int       `json:"calls"`
	Writes int       `json:"writes"`
}

func lineOf(r sftest.Request) logLine {
	return logLine{r.Time, r.Method, r.Path, r.SOQL, r.Status, r.Total, r.Writes}
}

// openLog returns a function that appends each request to the file. A line that
// cannot be written is reported once.
func openLog(name string, stderr io.Writer) (observe func(sftest.Request), closeLog func(), err error) {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, nil, err
	}
	var mu sync.Mutex
	failed := false
	lines := json.NewEncoder(file)
	observe = func(r sftest.Request) {
		mu.Lock()
		defer mu.Unlock()
		if err := lines.Encode(lineOf(r)); err != nil && !failed {
			failed = true
			fmt.Fprintln(stderr, "fakeorg: log:", err)
		}
	}
	return observe, func() {
		mu.Lock()
		defer mu.Unlock()
		failed = true
		_ = file.Close()
	}, nil
}
