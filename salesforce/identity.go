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
	"strings"

	"golang.org/x/oauth2"
)

// ErrOtherOrg is returned by CheckOrg, and by FinishLogin of a Login that names
// its org. Source: SALESFORCE.md 5.
var ErrOtherOrg = errors.New("salesforce: token is for another org")

// CheckOrg returns ErrOtherOrg unless token is for org, as far as a token tells.
// A host that lets a customer connect again calls it, or sets Login.Org, so that
// the leads of one org do not end up in another. Source: SALESFORCE.md 5.
func CheckOrg(token *oauth2.Token, org ID) error {
	if got, _ := identityOf(token); got == "" || !got.Equal(org) {
		return ErrOtherOrg
	}
	return nil
}

// Identity returns the ids of the org and of the connected user, as far as the
// token tells them: from the token reply's id URL, else the org alone from the
// access token (SALESFORCE.md 5). Unknown ids are empty. It makes no request of
// its own beyond what the TokenSource does. The error is a *Error or the context's.
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

// identityOf returns the org and the user of a token: from its identity URL, such
// as https://login.salesforce.com/id/00D../005.., else the org alone from the
// access token (SALESFORCE.md 5).
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

// A UserInfo is what Salesforce tells of the connected user (SALESFORCE.md 5,
// userinfo).
type UserInfo struct {
	Org  ID
	User ID
	// Username is the login name, which is unique over all orgs.
	Username string
	Name     string
	Email    string
	// Type is STANDARD for an ordinary user.
	Type   string
	Active bool
	// Integration says that the user has the licence that is made for integrations.
	Integration bool
	// MyDomain is the address of the org's My Domain, empty when it is not told.
	MyDomain string
}

// Format hides the person, whatever the verb.
func (u UserInfo) Format(f fmt.State, _ rune) { redact(f) }

// LogValue hides the person.
func (u UserInfo) LogValue() slog.Value { return slog.StringValue(redacted) }

const redacted = "[redacted]"

func redact(f fmt.State) { _, _ = io.WriteString(f, redacted) }

// UserInfo asks who the connected user is. It counts as no API call. The error
// is a *Error or the context's. Source: SALESFORCE.md 5.
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
		return nil, failure
	}
	info, err := parseUserInfo(x.body)
	if err != nil {
		return nil, x.malformed(err, false)
	}
	return info, nil
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
		Org: idWithPrefix("00D", reply.Org), User: idWithPrefix("005", reply.User), Username: reply.Username, Name: reply.Name,
		Email: reply.Email, Type: reply.Type, Active: reply.Active, Integration: reply.Integration, MyDomain: reply.URLs.CustomDomain,
	}
	if info.Org == "" || info.User == "" {
		return nil, errors.New("reply names no org or no user")
	}
	return info, nil
}
