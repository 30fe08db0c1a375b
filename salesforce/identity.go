// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/oauth2"
)

// ErrOtherOrg is returned by CheckOrg, and by login.App.FinishLogin for an Attempt that
// names its org. Source: docs/salesforce.md, OAuth.
var ErrOtherOrg = errors.New("salesforce: token is for another org")

// CheckOrg returns ErrOtherOrg unless the token says that it is for org. A host that
// lets a customer connect again calls it, or sets login.Attempt.Org, so that the leads
// of one org do not end up in another. Source: docs/salesforce.md, OAuth.
func CheckOrg(token *oauth2.Token, org ID) error {
	if got, _ := identityOf(token); got == "" || !got.Equal(org) {
		return ErrOtherOrg
	}
	return nil
}

// Identity returns the ids of the org and of the connected user that the token
// contains: both from the id URL of the token reply, else only the org from the access
// token. Unknown ids are empty. It makes no request besides those of the TokenSource.
// The error is a *Error or the context's. Source: docs/salesforce.md, OAuth.
func (c *Client) Identity(ctx context.Context) (org, user ID, err error) {
	if err := ctx.Err(); err != nil {
		return "", "", err
	}
	token, failure := c.token(ctx)
	switch {
	case failure != nil && ctx.Err() != nil:
		return "", "", ctx.Err()
	case failure != nil:
		return "", "", failure
	}
	org, user = identityOf(token)
	return org, user, nil
}

// identityOf returns the org and the user of a token: from its identity URL, such as
// https://login.salesforce.com/id/00D../005.., else only the org from the access token.
func identityOf(token *oauth2.Token) (org, user ID) {
	address, _ := token.Extra("id").(string)
	if u, err := url.Parse(address); err == nil {
		parts := strings.Split(strings.Trim(u.Path, "/"), "/")
		if len(parts) == 3 && parts[0] == "id" {
			org, user = idWithPrefix("00D", parts[1]), idWithPrefix("005", parts[2])
		}
	}
	if org == "" {
		prefix, _, _ := strings.Cut(token.AccessToken, "!")
		org = idWithPrefix("00D", prefix)
	}
	return org, user
}

// A UserInfo describes the connected user. Source: docs/salesforce.md, OAuth.
type UserInfo struct {
	Org  ID
	User ID
	// Username is the login name, which is unique across all orgs.
	Username string
	Name     string
	Email    string
	// Type is STANDARD for an ordinary user.
	Type   string
	Active bool
	// Integration means that the user has an integration licence.
	Integration bool
	// MyDomain is the address of the org's My Domain, empty if unknown.
	MyDomain string
}

// Format hides the user's data, whatever the verb.
func (u UserInfo) Format(f fmt.State, _ rune) { redact(f) }

// LogValue hides the user's data.
func (u UserInfo) LogValue() slog.Value { return slog.StringValue(redacted) }

const redacted = "[redacted]"

func redact(f fmt.State) { _, _ = io.WriteString(f, redacted) }

// UserInfo reads the connected user. It does not count as an API call. The error is a
// *Error or the context's. Source: docs/salesforce.md, OAuth.
func (c *Client) UserInfo(ctx context.Context) (*UserInfo, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	x, failure := c.do(ctx, request{
		method: http.MethodGet, path: "/services/oauth2/userinfo", subrequests: 1, repeatable: true, free: true,
	})
	switch {
	case failure != nil && ctx.Err() != nil:
		return nil, ctx.Err()
	case failure != nil:
		failure.Uncertain = false // it only reads
		// There is no exchange where there was no token to send.
		if x != nil {
			refusedToken(failure, x.body)
		}
		return nil, failure
	}
	info, err := parseUserInfo(x.body)
	if err != nil {
		return nil, x.malformed(err, false)
	}
	return info, nil
}

// oauthRefusal is what OAuth resources say of a token with status 403: a word such as Bad_OAuth_Token, and no JSON.
var oauthRefusal = regexp.MustCompile(`^\s*[A-Za-z]+(_[A-Za-z]+)+\s*$`)

// refusedToken makes of that the error that other resources have for it, with the word as its message.
func refusedToken(failure *Error, body []byte) {
	if failure.HTTPStatus == http.StatusForbidden && failure.Code == "" && len(body) < 80 && oauthRefusal.Match(body) {
		failure.Code, failure.Message = InvalidSessionID, strings.TrimSpace(string(body))
	}
}

func parseUserInfo(body []byte) (*UserInfo, error) {
	var reply struct {
		Org         string `json:"organization_id"`
		User        string `json:"user_id"`
		Username    string `json:"preferred_username"`
		Name        string `json:"name"`
		Email       string `json:"email"`
		Type        string `json:"user_type"`
		Active      bool   `json:"active"`
		Integration bool   `json:"is_salesforce_integration_user"`
		URLs        struct {
			CustomDomain string `json:"custom_domain"`
		} `json:"urls"`
	}
	if json.Unmarshal(body, &reply) != nil {
		return nil, errors.New("reply is not a user info")
	}
	info := &UserInfo{
		Org: idWithPrefix("00D", reply.Org), User: idWithPrefix("005", reply.User),
		Username: reply.Username, Name: reply.Name, Email: reply.Email, Type: reply.Type,
		Active: reply.Active, Integration: reply.Integration, MyDomain: reply.URLs.CustomDomain,
	}
	if info.Org == "" || info.User == "" {
		return nil, errors.New("reply names no org or no user")
	}
	return info, nil
}
