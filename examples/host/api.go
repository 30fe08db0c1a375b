// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

// callbackPath is where browsers come back to from Salesforce: the app has it as its callback.
const callbackPath = "/salesforce/callback"

// maxBody is the longest body of a request, in bytes.
const maxBody = 8 << 20

type (
	none     struct{}
	revision struct {
		Revision int64              `json:"revision"`
		Settings *leadsync.Settings `json:"settings"`
	}
	choice struct {
		Lead   leadsync.LeadID `json:"lead"`
		Record salesforce.ID   `json:"record"`
	}
	captured struct {
		Report  store.CaptureReport `json:"report"`
		Refused map[int]error       `json:"refused,omitempty"` // by the place of the lead
	}
)

// user returns who asks: a host knows it by its own sign-in.
func user(*http.Request) string { return "demo user" }

// A captureFunc takes leads of a customer.
type captureFunc func(ctx context.Context, customer string, leads ...*leadsync.Lead) (store.CaptureReport, error)

// handler serves what pages and other systems call. Filters are posted, as they may hold a person's name.
func handler(f *fleet.Fleet, capture captureFunc) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+callbackPath, f.Callback())
	mux.HandleFunc("POST /{customer}/connect", func(w http.ResponseWriter, r *http.Request) { connect(f, w, r) })
	mux.Handle("POST /{customer}/leads", on(f, capture.take))
	mux.Handle("POST /{customer}/disconnect", on(f, disconnect))
	mux.Handle("GET /{customer}/settings", on(f, settings))
	mux.Handle("PUT /{customer}/settings", on(f, setSettings))
	mux.Handle("PUT /{customer}/mode", on(f, setMode))
	mux.Handle("GET /{customer}/health", on(f, health))
	mux.Handle("POST /{customer}/preflight", review(f, preflight))
	mux.Handle("POST /{customer}/summary", review(f, summary))
	mux.Handle("POST /{customer}/find", review(f, find))
	mux.Handle("POST /{customer}/push", review(f, push))
	mux.Handle("POST /{customer}/choose", review(f, choose))
	return http.NewCrossOriginProtection().Handler(mux) // no other site posts with a user's cookies
}

func connect(f *fleet.Fleet, w http.ResponseWriter, r *http.Request) {
	opts := &fleet.ConnectOptions{LoginURL: r.FormValue("loginUrl")}
	signIn, err := f.By(user(r)).BeginConnect(r.Context(), r.PathValue("customer"), opts)
	if err != nil {
		answer(w, nil, err)
		return
	}
	signIn.Redirect(w, r)
}

// take takes leads. What is answered with 200 is safe.
func (c captureFunc) take(ctx context.Context, _ *fleet.Fleet, name string, leads []*leadsync.Lead) (any, error) {
	report, err := c(ctx, name, leads...)
	var some *leadsync.BatchError
	if errors.As(err, &some) {
		return captured{report, some.Failed}, nil
	}
	return captured{Report: report}, err
}

func disconnect(ctx context.Context, f *fleet.Fleet, name string, _ none) (any, error) {
	return nil, f.Disconnect(ctx, name)
}

func settings(ctx context.Context, f *fleet.Fleet, name string, _ none) (any, error) {
	settings, number, err := f.Settings(ctx, name)
	return revision{number, settings}, err
}

func setSettings(ctx context.Context, f *fleet.Fleet, name string, in revision) (any, error) {
	return nil, f.SetSettings(ctx, name, in.Settings, in.Revision)
}

func setMode(ctx context.Context, f *fleet.Fleet, name string, in leadsync.Mode) (any, error) {
	return nil, f.SetMode(ctx, name, in)
}

func health(ctx context.Context, f *fleet.Fleet, name string, _ none) (any, error) {
	return f.Health(ctx, name)
}

func preflight(ctx context.Context, s *leadsync.Syncer, _ none) (any, error) { return s.Preflight(ctx) }

func summary(ctx context.Context, s *leadsync.Syncer, in leadsync.Filter) (any, error) {
	return s.Summary(ctx, in)
}

// find answers with a page: the next one is After the sequence of its last lead.
func find(ctx context.Context, s *leadsync.Syncer, in leadsync.Filter) (any, error) {
	in.Limit = 50
	return s.Leads(ctx, in)
}

func push(ctx context.Context, s *leadsync.Syncer, in leadsync.Filter) (any, error) {
	return s.Push(ctx, in)
}

func choose(ctx context.Context, s *leadsync.Syncer, in choice) (any, error) {
	return nil, s.Choose(ctx, in.Lead, in.Record)
}

// on answers what do returns for the customer in the path and the body of the request.
func on[In any](f *fleet.Fleet, do func(context.Context, *fleet.Fleet, string, In) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in In
		if err := read(r, &in); err != nil {
			answer(w, nil, err)
			return
		}
		out, err := do(r.Context(), f.By(user(r)), r.PathValue("customer"), in)
		answer(w, out, err)
	}
}

// review answers what do returns with the Syncer of the customer in the path.
func review[In any](f *fleet.Fleet, do func(context.Context, *leadsync.Syncer, In) (any, error)) http.HandlerFunc {
	return on(f, func(ctx context.Context, f *fleet.Fleet, customer string, in In) (any, error) {
		s, err := f.Syncer(ctx, customer)
		if err != nil {
			return nil, err
		}
		return do(ctx, s, in)
	})
}

// read reads the JSON of a request's body. One without a body changes nothing.
func read(r *http.Request, into any) error {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if len(body) == 0 && err == nil {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(body, into)
	}
	var named *leadsync.Error
	if err == nil || errors.As(err, &named) {
		return err
	}
	return &leadsync.Error{Op: "read", Code: leadsync.DataValueValidation, Fields: []string{"body"},
		Reason: "is too long, or not the JSON that is expected here"}
}

// answer answers in JSON, an error with what happened and what to do.
func answer(w http.ResponseWriter, out any, err error) {
	status := http.StatusOK
	if err != nil {
		named := &leadsync.Error{Op: "serve", Code: leadsync.Unknown}
		_ = errors.As(err, &named)
		out = map[string]any{"error": named, "description": named.Description(), "fix": named.Fix()}
		switch named.Code {
		case leadsync.RowContention, leadsync.StaleRemoteRecord, leadsync.Authentication:
			status = http.StatusConflict
		case leadsync.DataValueValidation:
			status = http.StatusUnprocessableEntity
		default:
			status = http.StatusInternalServerError
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(out)
}
