// SPDX-License-Identifier: Apache-2.0

package fleet_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/salesforce/login"
	"github.com/leadsync/leadsync/store/memory"
)

// A host takes leads for a customer before the customer has connected an org, and lets its pages
// connect one.
func Example() {
	ctx := context.Background()
	cipher, err := login.NewTokenCipher(bytes.Repeat([]byte{1}, 32)) // the host's secret key
	if err != nil {
		log.Fatal(err)
	}
	f, err := fleet.New(memory.New(nil), &fleet.Config{ // sqlite.Open in production
		App:         login.AppConfig{ClientID: "the app's consumer key"},
		Cipher:      cipher,
		RedirectURL: "https://host.example/salesforce/callback",
	})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /salesforce/callback", f.Callback())
	mux.HandleFunc("POST /salesforce/connect", func(w http.ResponseWriter, r *http.Request) {
		signIn, err := f.By("ada@acme.example").BeginConnect(r.Context(), "acme", nil)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		signIn.Redirect(w, r)
	})

	report, err := f.Capture(ctx, "acme", &leadsync.Lead{ID: "L1", LastName: "Lovelace", Email: "ada@example.com"})
	if err != nil {
		log.Fatal(err)
	}
	health, err := f.Health(ctx, "acme")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.New, health.Connected, health.Leads.States)
	// Output:
	// 1 false map[queued:1]
}
