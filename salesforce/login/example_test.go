// SPDX-License-Identifier: Apache-2.0

package login_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/login"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A customer's connection outlives the process: sealed at the first sign-in and at
// each refresh, opened when the host starts, and never another org's.
func ExampleTokenCipher() {
	acme, globex := sftest.NewOrg(nil, sftest.WithNumber(1)), sftest.NewOrg(nil, sftest.WithNumber(2))
	defer acme.Close()
	defer globex.Close()
	cipher, err := login.NewTokenCipher([]byte("0123456789abcdef0123456789abcdef")) // of a host: random bytes
	if err != nil {
		panic(err)
	}
	var customer struct { // a row of the host's database
		org    salesforce.ID
		sealed []byte
	}
	save := func(_ context.Context, token *oauth2.Token) error {
		sealed, err := cipher.Seal(customer.org, token)
		if err == nil {
			customer.sealed = sealed
		}
		return err
	}
	ctx := context.Background()

	// The customer connects.
	app := exampleApp(acme)
	attempt, err := app.BeginLogin("https://host.example/connected", "api", "refresh_token")
	if err != nil {
		panic(err)
	}
	token, err := app.FinishLogin(ctx, attempt, browse(attempt.URL))
	if err != nil {
		panic(err)
	}
	client := exampleClient(acme, token, app.Refresh(token, save))
	if customer.org, _, err = client.Identity(ctx); err != nil {
		panic(err)
	}
	if err := save(ctx, token); err != nil { // Refresh saves those that come after it
		panic(err)
	}

	// The host starts again, and meanwhile the session has ended.
	acme.ExpireToken()
	if token, err = cipher.Open(customer.org, customer.sealed); err != nil {
		panic(err)
	}
	before := customer.sealed
	client = exampleClient(acme, token, app.Refresh(token, save))
	if _, err := client.Retrieve(ctx, "Lead", []salesforce.ID{"00Q000000000001"}, "Name"); err != nil {
		panic(err)
	}
	fmt.Println("refreshed and sealed again:", string(before) != string(customer.sealed))

	// The customer connects again, with a user of another org.
	app = exampleApp(globex)
	if attempt, err = app.BeginLogin("https://host.example/connected"); err != nil {
		panic(err)
	}
	attempt.Org = customer.org
	_, err = app.FinishLogin(ctx, attempt, browse(attempt.URL))
	fmt.Println("another org refused:", errors.Is(err, salesforce.ErrOtherOrg))
	// Output:
	// refreshed and sealed again: true
	// another org refused: true
}

// exampleApp is a connected app of a fake org. A real one needs no Hosts.
func exampleApp(org *sftest.Org) *login.App {
	app, err := login.NewApp(
		login.AppConfig{
			ClientID: "consumer key",
			LoginURL: org.URL(),
			Hosts:    []string{strings.TrimPrefix(org.URL(), "http://")},
		},
	)
	if err != nil {
		panic(err)
	}
	return app
}

func exampleClient(org *sftest.Org, token *oauth2.Token, tokens oauth2.TokenSource) *salesforce.Client {
	client, err := salesforce.New(
		login.InstanceURL(token), tokens, &salesforce.Config{Hosts: []string{strings.TrimPrefix(org.URL(), "http://")}},
	)
	if err != nil {
		panic(err)
	}
	return client
}

// browse is a browser whose user agrees. It answers the query of the redirect.
func browse(address string) url.Values {
	request, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		panic(err)
	}
	resp, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	back, err := resp.Location()
	if err != nil {
		panic(err)
	}
	return back.Query()
}
