// SPDX-License-Identifier: Apache-2.0

// Command host is a product whose customers each connect a Salesforce org: web hooks bring
// leads, pages connect, configure and review, and the leads are synced meanwhile. Its
// own sign-in is left out: whoever reaches it may do everything. Without -app it serves a
// demo with a fake org and needs no Salesforce account:
//
//	go run ./examples/host
package main

import (
	"context"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/login"
	"github.com/leadsync/leadsync/store/postgres"
	"github.com/leadsync/leadsync/store/sqlite"
)

const about = `usage: host [flags]

A product whose customers each connect a Salesforce org. It takes leads as JSON, connects orgs,
keeps settings, answers what became of the leads, and syncs them. Several processes share one
PostgreSQL database; a file is used by one process. Without -app it serves a demo with a fake org.

The environment holds the secrets: HOST_KEY, 32 bytes in base64 that seal the tokens, and
HOST_APP_SECRET, the app's consumer secret if it has one.

`

// options are the command line and the environment.
type options struct {
	addr, url, db, postgres string
	app, trust              string
	idle, river             bool
	key, secret             string
	base                    leadsync.Config // what all customers share, such as the Sink, Strategies and Transforms
}

func main() {
	o, err := parse(os.Args[1:], os.Getenv)
	if err != nil {
		fmt.Fprintln(os.Stderr, "host:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "host:", err)
		os.Exit(1) //nolint:gocritic // stop has nothing left to do
	}
}

// parse reads the command line. The flag package exits on what it rejects.
func parse(args []string, env func(string) string) (*options, error) {
	o := &options{key: env("HOST_KEY"), secret: env("HOST_APP_SECRET")}
	o.base.LeaseTTL = time.Minute // so long the customers of a process that is killed wait for another
	flags := flag.NewFlagSet("host", flag.ExitOnError)
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), about)
		flags.PrintDefaults()
	}
	flags.StringVar(&o.addr, "addr", "127.0.0.1:8080", "`address` to listen on")
	flags.StringVar(&o.url, "url", "", "`address` of the host for browsers (default http:// and -addr)")
	flags.StringVar(&o.db, "db", "leads.db", "`file` of the leads; without -app it is a temporary one")
	flags.StringVar(&o.postgres, "postgres", "", "keep the leads in this PostgreSQL `database` instead of a file")
	flags.StringVar(&o.app, "app", "", "consumer `key` of the app in Salesforce")
	flags.StringVar(&o.trust, "trust", "", "`hosts` that are trusted besides Salesforce's own, separated by commas")
	flags.BoolVar(&o.idle, "idle", false, "sync nothing: leave it to other processes of the same database")
	flags.BoolVar(&o.river, "river", false, "sync by jobs of River, in the database of -postgres")
	_ = flags.Parse(args) // ExitOnError
	switch {
	case o.river && o.postgres == "":
		return nil, errors.New("-river needs -postgres")
	case flags.NArg() > 0:
		return nil, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case o.app != "" && o.key == "":
		return nil, errors.New("HOST_KEY is not set: make one with `openssl rand -base64 32` and keep it")
	}
	return o, nil
}

// run serves until ctx is done.
func run(ctx context.Context, o *options, stdout, stderr io.Writer) error {
	listener, err := net.Listen("tcp", o.addr)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	if o.url == "" {
		o.url = "http://" + listener.Addr().String()
	}
	if o.app == "" {
		stop, err := o.demo(stdout)
		if err != nil {
			return err
		}
		defer stop()
	}
	kept, closeStore, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer closeStore()
	f, err := o.fleet(kept, slog.New(slog.NewTextHandler(stderr, nil)))
	if err != nil {
		return err
	}
	work, take := f.Run, captureFunc(f.Capture)
	if o.river {
		if work, take, err = o.jobs(ctx, f); err != nil {
			return err
		}
	}
	fmt.Fprintln(stdout, "listening on", o.url)

	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	if !o.idle {
		all.Go(func() { _ = work(ctx) })
	}
	return serve(ctx, listener, handler(f, take))
}

// open opens the store.
func (o *options) open(ctx context.Context) (fleet.Store, func(), error) {
	if o.postgres != "" {
		kept, err := postgres.Open(ctx, o.postgres, nil)
		if err != nil {
			return nil, nil, err
		}
		return kept, func() { _ = kept.Close() }, nil
	}
	kept, err := sqlite.Open(o.db, nil)
	if err != nil {
		return nil, nil, err
	}
	return kept, func() { _ = kept.Close() }, nil
}

// hosts returns the hosts that are trusted besides Salesforce's own.
func (o *options) hosts() []string {
	return strings.FieldsFunc(o.trust, func(r rune) bool { return r == ',' || r == ' ' })
}

// fleet returns the fleet of all customers.
func (o *options) fleet(kept fleet.Store, logger *slog.Logger) (*fleet.Fleet, error) {
	key, err := base64.StdEncoding.DecodeString(o.key)
	if err != nil {
		return nil, errors.New("HOST_KEY is not base64")
	}
	cipher, err := login.NewTokenCipher(key)
	if err != nil {
		return nil, fmt.Errorf("HOST_KEY: %w", err)
	}
	hosts := o.hosts()
	return fleet.New(kept, &fleet.Config{
		App:         login.AppConfig{ClientID: o.app, ClientSecret: o.secret, Hosts: hosts},
		Cipher:      cipher,
		RedirectURL: o.url + callbackPath,
		Client:      salesforce.Config{Hosts: hosts},
		Base:        o.base,
		Logger:      logger,
	})
}

// serve serves until ctx is done.
func serve(ctx context.Context, listener net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() {
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		_ = server.Shutdown(grace)
	})
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
