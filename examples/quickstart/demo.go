// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/examples/internal/demoorg"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/login"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
)

// callbackPath is where the browser comes back to from the org.
const callbackPath = "/callback"

// A demo is the Fleet of -serve over the fake org of this process: what a host with many customers has,
// with one.
type demo struct {
	session *session
	fleet   *fleet.Fleet
	address string
}

// newDemo returns the demo, whose pages are at address, before its org is connected.
func (s *session) newDemo(address string) (*demo, error) {
	s.org.AddApp(sftest.App{ClientID: "demo", Callback: address + callbackPath, PKCE: true})
	key := make([]byte, 32)
	_, _ = rand.Read(key) // it never fails
	cipher, err := login.NewTokenCipher(key)
	if err != nil {
		return nil, err
	}
	org, err := url.Parse(s.org.URL())
	if err != nil {
		return nil, err
	}
	hosts := []string{org.Host}
	f, err := fleet.New(s.store, &fleet.Config{
		App:    login.AppConfig{ClientID: "demo", LoginURL: s.org.URL(), Hosts: hosts},
		Cipher: cipher, RedirectURL: address + callbackPath, Connected: connected,
		Client: salesforce.Config{ClientName: "leadsync-quickstart", Hosts: hosts}, Base: s.base,
	})
	return &demo{session: s, fleet: f, address: address}, err
}

// connected leads the browser back to the pages.
func connected(w http.ResponseWriter, r *http.Request, _ string, _ store.Link, err error) {
	if err != nil {
		fleet.WriteError(w, err)
		return
	}
	http.Redirect(w, r, "/salesforce/connect", http.StatusSeeOther)
}

// open connects the org as its administrator would in a browser, and gives the connection the
// settings and the mode of the run.
func (d *demo) open(ctx context.Context) error {
	f := d.fleet.By(demoUser)
	begun, err := f.BeginConnect(ctx, connection, nil)
	if err != nil {
		return err
	}
	back, err := url.Parse(d.address + callbackPath)
	if err != nil {
		return err
	}
	browser := &http.Client{}
	if browser.Jar, err = cookiejar.New(nil); err != nil {
		return err
	}
	browser.Jar.SetCookies(back, []*http.Cookie{begun.Cookie})
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, begun.URL, nil)
	if err != nil {
		return err
	}
	reply, err := browser.Do(request)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, reply.Body)
	if err = errors.Join(err, reply.Body.Close()); err != nil || reply.StatusCode != http.StatusOK {
		return fmt.Errorf("-serve: the org was not connected: %s: %w", reply.Status, err)
	}
	return d.configure(ctx, f)
}

// configure keeps the settings that were edited in an earlier run of the same -db.
func (d *demo) configure(ctx context.Context, f *fleet.Fleet) error {
	_, revision, err := f.Settings(ctx, connection)
	if err == nil && revision == 0 {
		err = f.SetSettings(ctx, connection, d.session.set, 0)
	}
	if err == nil && d.session.opts.mode != leadsync.Automatic {
		err = f.SetMode(ctx, connection, d.session.opts.mode)
	}
	return err
}

// front is the page beside those of the dashboard: it stands for the org's administrator.
//
//go:embed front.html
var front string

// showFront shows what there is to try, and the buttons that change the org.
func (d *demo) showFront(w http.ResponseWriter, r *http.Request) {
	page, err := template.New("front").Parse(front)
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = page.Execute(w, map[string]any{
		"Option": demoorg.MissingInterest, "Done": r.URL.Query().Has("done"),
		"Refused": d.session.refused, "Leads": len(d.session.leads),
	})
}
