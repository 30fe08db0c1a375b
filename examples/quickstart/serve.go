// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"html/template"
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

// front is the page beside those of the dashboard: it stands for the org's administrator.
var front = template.Must(template.New("front").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>leadsync demo</title>
<h1>leadsync demo</h1>
<p><a href="salesforce/">The pages of the event team</a></p>
{{if .Fake}}<h2>The Salesforce org</h2>
<p>It is a fake one in this process. You are its administrator:</p>
<form method="post" action="admin/option"><button>Add the option “{{.Option}}” to Interest__c</button></form>
{{if .Done}}<p role="status">Added. Retry the leads that failed for it.</p>{{end}}{{end}}
</html>`))

// serve serves the pages until ctx ends, and syncs what is retried on them.
func (s *session) serve(ctx context.Context, stdout io.Writer) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.opts.serve)
	if err != nil {
		return fmt.Errorf("-serve: %w", err)
	}
	server := &http.Server{Handler: s.pages(), ReadHeaderTimeout: 10 * time.Second}
	fmt.Fprintf(stdout, "\nThe pages are at http://%s/ until you press Ctrl+C.\n", listener.Addr())
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.syncer.Run(ctx) })
	group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		return server.Close()
	})
	return group.Wait()
}

// pages are the dashboard, and a page from which the demo org is changed.
func (s *session) pages() http.Handler {
	opts := &dashboard.Options{
		Title:       "leadsync demo",
		User:        func(*http.Request) string { return demoUser },
		InstanceURL: s.client.InstanceURL(),
	}
	mux := http.NewServeMux()
	mux.Handle("/salesforce/", http.StripPrefix("/salesforce", dashboard.NewSyncer(s.syncer, opts)))
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = front.Execute(w, map[string]any{
			"Fake": s.org != nil, "Option": demoorg.MissingInterest, "Done": r.URL.Query().Has("done"),
		})
	})
	if s.org != nil {
		mux.HandleFunc("POST /admin/option", func(w http.ResponseWriter, r *http.Request) {
			demoorg.AddInterest(s.org, demoorg.MissingInterest)
			http.Redirect(w, r, "/?done", http.StatusSeeOther)
		})
	}
	return mux
}
