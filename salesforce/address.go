// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce/internal/dial"
)

// ErrAddressChanged is the error of a call when the org has moved to where the Client may
// not follow: its host is neither Salesforce's nor among Config.Hosts, the token is for
// another org, or no token names the new address. Source: docs/salesforce.md, OAuth.
var ErrAddressChanged = errors.New("the org's address changed")

// askAgain is the least time between two tokens that are requested only to learn where
// the org is.
const askAgain = 10 * time.Minute

// A place is where requests are sent.
type place struct {
	origin string // scheme and host
	listed bool   // among Config.Hosts
	http   *http.Client
}

// host returns the host, with its port where it has one.
func (p place) host() string {
	_, host, _ := strings.Cut(p.origin, "://")
	return host
}

func (c *Client) newPlace(origin string, listed bool) place {
	p := place{origin: origin, listed: listed, http: c.cfg.HTTPClient}
	if p.http == nil {
		p.http = &http.Client{Transport: dial.NewTransport(origin, !listed && !c.cfg.AllowPrivate)}
	}
	return p
}

// transport returns the host's transport.
func (p place) transport() http.RoundTripper {
	if p.http.Transport != nil {
		return p.http.Transport
	}
	return http.DefaultTransport
}

// An address is the place of the org, and what the tokens so far said of it.
type address struct {
	mu    sync.Mutex
	place place
	seen  bool   // whether there was a token
	named string // the instance_url of the newest token that has one
	shown string // the origin of named, "" where requests may not be sent there
	org   ID
	asked time.Time // when a token was last requested to learn the address
}

// InstanceURL returns the address at which people open the org's records, such as
// https://acme.my.salesforce.com: that of the newest token, if its host is Salesforce's or among
// Config.Hosts, else where requests are sent.
func (c *Client) InstanceURL() string {
	c.address.mu.Lock()
	defer c.address.mu.Unlock()
	return cmp.Or(c.address.shown, c.address.place.origin)
}

func (c *Client) place() place {
	c.address.mu.Lock()
	defer c.address.mu.Unlock()
	return c.address.place
}

// follow goes where a token says that the org is. What the first token says counts only
// when the place of New is gone: a host may give New another address of the org, such as
// that of its own gateway.
func (c *Client) follow(token *oauth2.Token, gone bool) *Error {
	named, _ := token.Extra("instance_url").(string)
	org, _ := identityOf(token)
	a := &c.address
	a.mu.Lock()
	defer a.mu.Unlock()
	first := !a.seen
	a.seen = true
	origin, listed, err := a.place.origin, a.place.listed, error(nil)
	if named != "" {
		origin, listed, err = dial.Origin(named, c.cfg.Hosts)
	}
	known := first || named == a.named
	switch {
	case err == nil && origin == a.place.origin, !gone && known, !gone && err == nil && a.place.listed && !listed:
		if named != "" {
			a.named, a.shown = named, origin
		}
		if a.org == "" {
			a.org = org
		}
		return nil
	case err == nil && a.place.listed && !listed:
		err = fmt.Errorf("%s is not among Hosts", origin)
	case err == nil && (org == "" || !org.Equal(a.org)):
		err = ErrOtherOrg
	}
	if err != nil {
		return &Error{Err: fmt.Errorf("%w: %w", ErrAddressChanged, err)}
	}
	a.place, a.named, a.shown = c.newPlace(origin, listed), named, origin
	return nil
}

// mayAsk reports whether a token may be requested only to learn the address.
func (a *address) mayAsk() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.asked.IsZero() && time.Since(a.asked) < askAgain {
		return false
	}
	a.asked = time.Now()
	return true
}

// isRedirect reports whether a status means that the org is elsewhere.
func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// gone reports whether the org may be at another address: this one redirects, or has a
// web page instead of Salesforce's JSON, such as "URL No Longer Exists"
// (docs/salesforce.md, OAuth, unverified).
func (x *exchange) gone(e *Error) bool {
	missing := x.status == http.StatusNotFound || x.status == http.StatusGone
	return isRedirect(x.status) || missing && e.Code == "" && bytes.HasPrefix(bytes.TrimSpace(x.body), []byte("<"))
}

// sendElsewhere sends the request once more where the token in use, or else a new one,
// says that the org is.
func (x *exchange) sendElsewhere(ctx context.Context, token *oauth2.Token, refused *Error) *Error {
	failure := x.client.follow(token, true)
	if failure == nil && !x.elsewhere() && x.client.address.mayAsk() {
		var renewed *oauth2.Token
		renewed, failure = x.otherToken(ctx, token)
		if renewed != nil {
			token = renewed
			failure = x.client.follow(token, true)
		}
	}
	switch {
	case failure == nil && !x.elsewhere():
		return x.lost(refused)
	case failure == nil && !x.repeatable && x.maybeDone:
		return refused
	case failure == nil:
		return x.send(ctx, token)
	}
	failure.Uncertain = x.maybeDone
	return failure
}

// lost is the error of an org that is gone, and no token says where to. A page that does
// not say so may be that of something between.
func (x *exchange) lost(refused *Error) *Error {
	if !isRedirect(x.status) && !bytes.Contains(x.body, []byte("URL No Longer Exists")) {
		return refused
	}
	lost := *refused
	lost.Err = ErrAddressChanged
	return &lost
}

// elsewhere reports whether the org is at another place than the request was sent to.
func (x *exchange) elsewhere() bool { return x.client.place().origin != x.place.origin }
