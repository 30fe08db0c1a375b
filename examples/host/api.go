// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/dashboard"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

// callbackPath is where browsers come back to from Salesforce: the app has it as its callback.
const callbackPath = "/salesforce/callback"

// user returns who asks: a host knows it by its own sign-in.
func user(*http.Request) string { return "demo user" }

// A captureFunc takes leads of a customer.
type captureFunc func(ctx context.Context, customer string, leads ...*leadsync.Lead) (store.CaptureReport, error)

// handler serves what pages and other systems call. Filters are posted, as they may hold a person's name.
func handler(f *fleet.Fleet, capture captureFunc) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+callbackPath, f.Callback())
	mux.Handle("/salesforce/ui/", http.StripPrefix("/salesforce/ui", dashboard.New(f, &dashboard.Options{User: user})))
	mux.HandleFunc("POST /{customer}/connect", func(w http.ResponseWriter, r *http.Request) { connect(f, w, r) })
	mux.Handle("POST /{customer}/leads", on(f, capture.take))
	mux.Handle("POST /{customer}/disconnect", on(f, disconnect))
	mux.Handle("GET /{customer}/settings", on(f, settings))
	mux.Handle("PUT /{customer}/settings", on(f, setSettings))
	mux.Handle("PUT /{customer}/mode", on(f, setMode))
	mux.Handle("GET /{customer}/health", on(f, health))
	mux.Handle("POST /{customer}/preflight", review(f, preflight))
	mux.Handle("POST /{customer}/summary", review(f, (*leadsync.Syncer).Summary))
	mux.Handle("POST /{customer}/find", review(f, find))
	mux.Handle("POST /{customer}/push", review(f, push))
	mux.Handle("POST /{customer}/choose", review(f, choose))
	return http.NewCrossOriginProtection().Handler(mux) // no other site posts with a user's cookies
}

func connect(f *fleet.Fleet, w http.ResponseWriter, r *http.Request) {
	opts := &fleet.ConnectOptions{LoginURL: r.FormValue("loginUrl")}
	signIn, err := f.By(user(r)).BeginConnect(r.Context(), r.PathValue("customer"), opts)
	if err != nil {
		fleet.WriteError(w, err)
		return
	}
	signIn.Redirect(w, r)
}

// A request is one for a customer.
type request struct {
	*http.Request
	fleet    *fleet.Fleet // for who asks
	customer string
}

// take takes leads. What is answered with 200 is safe; refused leads are named by their place.
func (c captureFunc) take(r request, leads []*leadsync.Lead) (any, error) {
	report, err := c(r.Context(), r.customer, leads...)
	var some *leadsync.BatchError
	if errors.As(err, &some) {
		return map[string]any{"report": report, "refused": some.Failed}, nil
	}
	return map[string]any{"report": report}, err
}

func disconnect(r request, _ struct{}) (any, error) {
	return nil, r.fleet.Disconnect(r.Context(), r.customer)
}

type revision struct {
	Revision int64              `json:"revision"`
	Settings *leadsync.Settings `json:"settings"`
}

func settings(r request, _ struct{}) (out revision, err error) {
	out.Settings, out.Revision, err = r.fleet.Settings(r.Context(), r.customer)
	return out, err
}

func setSettings(r request, in revision) (any, error) {
	return nil, r.fleet.SetSettings(r.Context(), r.customer, in.Settings, in.Revision)
}

func setMode(r request, in leadsync.Mode) (any, error) {
	return nil, r.fleet.SetMode(r.Context(), r.customer, in)
}

func health(r request, _ struct{}) (fleet.Health, error) {
	return r.fleet.Health(r.Context(), r.customer)
}

func preflight(s *leadsync.Syncer, ctx context.Context, _ struct{}) (any, error) {
	return s.Preflight(ctx)
}

// find answers with a page: the next one is After the sequence of its last lead.
func find(s *leadsync.Syncer, ctx context.Context, in leadsync.Filter) (any, error) {
	in.Limit = 50
	return s.Leads(ctx, in)
}

func push(s *leadsync.Syncer, ctx context.Context, in leadsync.Filter) (any, error) {
	return s.Push(ctx, in)
}

type choice struct {
	Lead   leadsync.LeadID `json:"lead"`
	Record salesforce.ID   `json:"record"`
}

func choose(s *leadsync.Syncer, ctx context.Context, in choice) (any, error) {
	return nil, s.Choose(ctx, in.Lead, in.Record)
}

// on answers what do returns for the customer in the path and the JSON of the body.
func on[In, Out any](f *fleet.Fleet, do func(request, In) (Out, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in In
		var out Out
		err := read(r, &in)
		if err == nil {
			out, err = do(request{r, f.By(user(r)), r.PathValue("customer")}, in)
		}
		answer(w, out, err)
	}
}

// review answers what do returns with the Syncer of the customer in the path.
func review[In, Out any](f *fleet.Fleet, do func(*leadsync.Syncer, context.Context, In) (Out, error)) http.HandlerFunc {
	return on(f, func(r request, in In) (out Out, err error) {
		s, err := r.fleet.Syncer(r.Context(), r.customer)
		if err == nil {
			out, err = do(s, r.Context(), in)
		}
		return out, err
	})
}

// read reads the JSON of a request's body of at most 8 MiB. One without a body changes nothing.
func read(r *http.Request, into any) error {
	d := json.NewDecoder(http.MaxBytesReader(nil, r.Body, 8<<20))
	d.DisallowUnknownFields() // what is misspelt would be lost
	err := d.Decode(into)
	switch {
	case errors.Is(err, io.EOF): // there is no body
		return nil
	case err == nil && !d.More() || errors.As(err, new(*leadsync.Error)):
		return err
	}
	return &leadsync.Error{Op: "check", Code: leadsync.DataValueValidation, Fields: []string{"body"},
		Reason: "is too long, has an unknown key, or is not the JSON that is expected here"}
}

// answer answers in JSON.
func answer(w http.ResponseWriter, out any, err error) {
	if err != nil {
		fleet.WriteError(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out)
}
