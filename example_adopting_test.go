// SPDX-License-Identifier: Apache-2.0

package leadsync_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/login"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store/memory"
)

// docs/adopting.md shows the parts of this example; a test compares them.
func Example_adopting() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	for _, object := range []string{"Lead", "Task"} {
		org.DefineField(object,
			sftest.Field{Name: "LeadsyncKey__c", Type: "string", Length: 255, ExternalID: true, Unique: true})
	}
	loginURL, hosts := org.URL(), []string{strings.TrimPrefix(org.URL(), "http://")} // of a fake org; none for a real one
	secrets := struct{ consumerKey, consumerSecret string }{"consumer key", ""}
	encryptionKey := make([]byte, 32)
	_, _ = rand.Read(encryptionKey)
	var row []byte // of the host's database
	leads := memory.New(nil)
	ctx := context.Background()

	// The app, once in a process.
	app, err := login.NewApp(login.AppConfig{
		ClientID:     secrets.consumerKey,
		ClientSecret: secrets.consumerSecret,
		LoginURL:     loginURL, // https://test.salesforce.com for a sandbox
		Hosts:        hosts,
	})
	if err != nil {
		log.Fatal(err)
	}
	cipher, err := login.NewTokenCipher(encryptionKey) // 32 random bytes from the host's secret store
	if err != nil {
		log.Fatal(err)
	}

	// The customer presses "Connect": keep the attempt in the session, redirect to its URL.
	attempt, err := app.BeginLogin("https://host.example/salesforce/callback", "api", "refresh_token")
	if err != nil {
		log.Fatal(err)
	}
	answer := visit(attempt.URL)

	// Salesforce sends the browser back to the callback.
	token, err := app.FinishLogin(ctx, attempt, answer)
	if err != nil {
		log.Fatal(err)
	}
	var orgID salesforce.ID
	save := func(_ context.Context, token *oauth2.Token) error {
		sealed, err := cipher.Seal(orgID, token) // sealed for this org alone
		if err == nil {
			row = sealed
		}
		return err
	}
	client, err := salesforce.New(login.InstanceURL(token), app.Refresh(token, save), &salesforce.Config{Hosts: hosts})
	if err != nil {
		log.Fatal(err)
	}
	if orgID, _, err = client.Identity(ctx); err != nil {
		log.Fatal(err)
	}
	if err := save(ctx, token); err != nil { // Refresh saves those that follow
		log.Fatal(err)
	}

	// Settings that the customer edits, over what the host decides.
	cfg := &leadsync.Config{
		Connection: "acme", // the customer; also the prefix of its keys
		Store:      leads,  // sqlite.Open("leads.db", nil) in production
		Mode:       leadsync.Manual,
	}
	var settings leadsync.Settings
	if err := json.Unmarshal([]byte(`{"version": 1, "strategy": "leads-only", "leadSource": "Trade Show"}`),
		&settings); err != nil {
		log.Fatal(err)
	}
	if err := settings.Fill(cfg); err != nil {
		log.Fatal(err)
	}
	syncer, err := leadsync.New(client, cfg)
	if err != nil {
		log.Fatal(err)
	}

	// What is wrong, before anything happens.
	report, err := syncer.Preflight(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range report.Findings {
		fmt.Println(f.Severity, f.Object) // and on a page f.Path, f.Reason and f.Fix
	}

	// Leads are captured and held; a plan shows what would be written.
	ada := &leadsync.Lead{ID: "L1", LastName: "Lovelace", Email: "ada@example.com", Company: "Engines"}
	if _, err := syncer.Capture(ctx, ada); err != nil {
		log.Fatal(err)
	}
	plan, err := syncer.Plan(ctx, ada)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(plan)

	// Go live: what was held is released, and Run syncs what comes.
	if err := syncer.SetMode(ctx, leadsync.Automatic); err != nil {
		log.Fatal(err)
	}
	if err := syncer.Drain(ctx); err != nil { // Run(ctx) in a service
		log.Fatal(err)
	}

	// A page or an alarm.
	health, err := syncer.Health(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("failed:", health.Failed, "paused:", health.Paused != nil, "API calls:", health.Used, "of", health.Limit)

	// The right to be forgotten: the store keeps nothing of the lead. Its records in
	// Salesforce are the customer's to erase.
	if err := syncer.Forget(ctx, "L1"); err != nil {
		log.Fatal(err)
	}
	fmt.Println("sealed:", len(row) > 0)
	// Output:
	// warning Lead
	// info Lead
	// info Lead
	// info Task
	// lead L1: no hit
	//   create Lead
	//     Company: Engines (unless-edited from company)
	//     Email: ada@example.com (unless-edited from email)
	//     LastName: Lovelace (unless-edited from lastName)
	//     LeadSource: Trade Show (overwrite from settings.leadSource)
	//     LeadsyncKey__c: ls1:4:acme,1:p,4:%4c1, (key)
	// 1 record to write in 1 API call
	// failed: 0 paused: false API calls: 4 of 15000
	// sealed: true
}

// visit is the customer's browser, whose user agrees: it returns the query of the redirect.
func visit(address string) url.Values {
	request, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		log.Fatal(err)
	}
	resp, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		log.Fatal(err)
	}
	_ = resp.Body.Close()
	back, err := resp.Location()
	if err != nil {
		log.Fatal(err)
	}
	return back.Query()
}
