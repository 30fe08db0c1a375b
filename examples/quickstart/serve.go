// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/leadsync/leadsync/dashboard"
	"github.com/leadsync/leadsync/examples/internal/demoorg"
)

// demoUser is who decides on the pages of the demo, which have no sign-in.
const demoUser = "you@demo.example"

// connection is where the Syncer of the quickstart keeps its leads: that of a Config which names none.
const connection = "default"

// listen takes the address of the pages, before any lead is synced.
func (s *session) listen(ctx context.Context) error {
	if s.opts.serve == "" {
		return nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.opts.serve)
	if err != nil {
		return fmt.Errorf("-serve: %w", err)
	}
	s.listener = listener
	return nil
}

func (s *session) unlisten() {
	if s.listener != nil {
		_ = s.listener.Close()
	}
}

// serve serves the pages until ctx ends, and syncs what is retried on them. Over the fake org they are
// those of a Fleet, whose settings can be edited; over another org only the Syncer's, as an access token
// alone is no sign-in that a Fleet could keep.
func (s *session) serve(ctx context.Context, stdout io.Writer) error {
	address := "http://" + s.listener.Addr().String()
	pages, syncing, opened := s.pages(), s.syncer.Run, func(context.Context) error { return nil }
	if s.org != nil {
		demo, err := s.newDemo(address)
		if err != nil {
			return errors.Join(err, s.listener.Close())
		}
		pages, syncing, opened = demo.pages(), demo.fleet.Run, demo.open
	}
	server := &http.Server{Handler: pages, ReadHeaderTimeout: 10 * time.Second}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := server.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		return server.Close()
	})
	group.Go(func() error {
		if err := opened(ctx); err != nil {
			return err
		}
		fmt.Fprintf(stdout, "\nThe pages are at %s/ until you press Ctrl+C.\n", address)
		return syncing(ctx)
	})
	return group.Wait()
}

// options are those of the dashboard.
func (s *session) pageOptions() *dashboard.Options {
	return &dashboard.Options{
		Title: "leadsync demo", User: func(*http.Request) string { return demoUser },
		InstanceURL: s.client.InstanceURL(), Settings: s.set, Client: s.client,
	}
}

// pages are those over the Syncer.
func (s *session) pages() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/salesforce/", http.StripPrefix("/salesforce", dashboard.NewSyncer(s.syncer, s.pageOptions())))
	mux.Handle("GET /{$}", http.RedirectHandler("/salesforce/", http.StatusSeeOther))
	return mux
}

// pages are those over the Fleet, and a page from which its org is changed.
func (d *demo) pages() http.Handler {
	opts := d.session.pageOptions()
	opts.Home = "/"
	opts.Connection = func(*http.Request) (string, error) { return connection, nil }
	mux := http.NewServeMux()
	mux.Handle("/salesforce/", http.StripPrefix("/salesforce", dashboard.New(d.fleet, opts)))
	mux.Handle("GET "+callbackPath, d.fleet.Callback())
	mux.HandleFunc("GET /{$}", d.showFront)
	mux.HandleFunc("POST /admin/option", func(w http.ResponseWriter, r *http.Request) {
		demoorg.AddInterest(d.session.org, demoorg.MissingInterest)
		http.Redirect(w, r, "/?done", http.StatusSeeOther)
	})
	return http.NewCrossOriginProtection().Handler(mux)
}
