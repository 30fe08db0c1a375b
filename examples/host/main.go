// SPDX-License-Identifier: Apache-2.0

// Command host is a product whose customers each connect a Salesforce org: web hooks bring
// leads, pages connect, configure and review, and the leads are synced meanwhile. Its
// own sign-in is left out: whoever reaches it may do everything. Without -app it serves a
// demo with a fake org and needs no Salesforce account:
//
//	go run ./examples/host
//
// The pages of package dashboard are under /salesforce/ui/. Several processes share one
// PostgreSQL database; a file is used by one process. The environment holds the secrets: HOST_KEY,
// 32 bytes in base64 that seal the tokens (make them with openssl rand -base64 32), and
// HOST_APP_SECRET, the app's consumer secret if it has one.
package main

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"
	"golang.org/x/sync/errgroup"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/otelsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/login"
	"github.com/leadsync/leadsync/store/postgres"
	"github.com/leadsync/leadsync/store/sqlite"
)

// options are the command line and the environment.
type options struct {
	addr, url, db, postgres, metrics string
	app, key, secret                 string
	hosts                            []string // trusted besides Salesforce's own
	idle, river                      bool
	base                             leadsync.Config // of all customers: also its Sink, Strategies and Transforms
}

func main() {
	o, err := parse(os.Args[1:], os.Getenv)
	if err == nil {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		err = run(ctx, o, os.Stdout)
		stop()
	}
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		fmt.Fprintln(os.Stderr, "host:", err)
		os.Exit(1)
	}
}

// parse reads the command line. The flag package exits on what it rejects.
func parse(args []string, env func(string) string) (*options, error) {
	o := &options{key: env("HOST_KEY"), secret: env("HOST_APP_SECRET")}
	o.base.LeaseTTL = time.Minute // so long the customers of a process that is killed wait for another
	flags := newFlags()
	flags.StringVar(&o.addr, "addr", "127.0.0.1:8080", "`address` to listen on")
	flags.StringVar(&o.url, "url", "", "`address` of the host for browsers (default http:// and -addr)")
	flags.StringVar(&o.db, "db", "leads.db", "`file` of the leads; without -app it is a temporary one")
	flags.StringVar(&o.postgres, "postgres", "", "keep the leads in this PostgreSQL `database` instead of a file")
	flags.StringVar(&o.app, "app", "", "consumer `key` of the app in Salesforce; it takes HOST_KEY, too (default a demo)")
	flags.StringVar(&o.metrics, "metrics", "", "`address` that Prometheus reads metrics from (default none)")
	trust := flags.String("trust", "", "`hosts` that are trusted besides Salesforce's own, separated by commas")
	flags.BoolVar(&o.idle, "idle", false, "sync nothing: leave it to other processes of the same database")
	flags.BoolVar(&o.river, "river", false, "sync by jobs of River, in the database of -postgres")
	_ = flags.Parse(args) // ExitOnError
	o.hosts = strings.FieldsFunc(*trust, func(r rune) bool { return r == ',' || r == ' ' })
	at, err := url.Parse(o.url)
	switch {
	case flags.NArg() > 0:
		return nil, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case o.url != "" && (err != nil || at.Host == ""):
		return nil, errors.New("-url must be an address such as https://leads.example.com")
	case o.river && o.postgres == "":
		return nil, errors.New("-river needs -postgres")
	}
	return o, nil
}

// run serves until ctx is done. The error then is http.ErrServerClosed.
func run(ctx context.Context, o *options, stdout io.Writer) error {
	listener, err := net.Listen("tcp", o.addr)
	if err != nil {
		return err
	}
	o.url = cmp.Or(strings.TrimSuffix(o.url, "/"), "http://"+listener.Addr().String())
	if o.app == "" {
		stop, err := o.demo(stdout)
		if err != nil {
			return err
		}
		defer stop()
	}
	kept, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = kept.Close() }()
	f, err := o.fleet(kept)
	if err != nil {
		return err
	}
	work, take := f.Run, captureFunc(f.Capture)
	if o.river {
		if work, take, err = o.jobs(ctx, f); err != nil {
			return err
		}
	}
	all, ctx := errgroup.WithContext(ctx)
	if o.metrics != "" {
		scraped, err := net.Listen("tcp", o.metrics)
		if err != nil {
			return err
		}
		serve(ctx, all, scraped, promhttp.Handler())
	}
	serve(ctx, all, listener, handler(f, take))
	if !o.idle {
		all.Go(func() error { return work(ctx) })
	}
	fmt.Fprintln(stdout, "listening on", o.url)
	return all.Wait()
}

// serve serves until ctx is done, and then finishes what it has begun.
func serve(ctx context.Context, all *errgroup.Group, listener net.Listener, h http.Handler) {
	server := &http.Server{Handler: h, ReadTimeout: time.Minute, WriteTimeout: time.Minute}
	all.Go(func() error { return server.Serve(listener) })
	all.Go(func() error {
		<-ctx.Done()
		return server.Shutdown(context.WithoutCancel(ctx))
	})
}

type openStore interface {
	fleet.Store
	io.Closer
}

// open opens the store.
func (o *options) open(ctx context.Context) (openStore, error) {
	if o.postgres != "" {
		return postgres.Open(ctx, o.postgres, nil)
	}
	return sqlite.Open(o.db, nil)
}

// fleet returns the fleet of all customers. promhttp.Handler serves its metrics: docs/grafana has a dashboard.
func (o *options) fleet(kept fleet.Store) (*fleet.Fleet, error) {
	key, err := base64.StdEncoding.DecodeString(o.key)
	if err != nil {
		return nil, errors.New("HOST_KEY is not base64")
	}
	cipher, err := login.NewTokenCipher(key)
	if err != nil {
		return nil, fmt.Errorf("HOST_KEY: %w", err)
	}
	exporter, err := prometheus.New(prometheus.WithoutScopeInfo())
	if err != nil {
		return nil, err
	}
	meters := metric.NewMeterProvider(metric.WithReader(exporter))
	telemetry, err := otelsync.New(&otelsync.Config{MeterProvider: meters})
	if err != nil {
		return nil, err
	}
	o.base.Trace = telemetry.Trace()
	f, err := fleet.New(kept, &fleet.Config{
		App:         login.AppConfig{ClientID: o.app, ClientSecret: o.secret, Hosts: o.hosts},
		Cipher:      cipher,
		RedirectURL: o.url + callbackPath,
		Client:      salesforce.Config{Hosts: o.hosts, OnCall: telemetry.OnCall},
		Base:        o.base,
		Logger:      slog.Default(),
	})
	if err == nil {
		telemetry.Watch(f.EachHealth)
	}
	return f, err
}
