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
	"fmt"
	"io"
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
