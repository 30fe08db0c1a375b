// SPDX-License-Identifier: Apache-2.0

package leadsync_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/review"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A page shows the groups of a summary, and sends a group's Filter back to dismiss its
// leads. Those that have changed in the meantime are left alone.
func ExampleFilter() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	syncer, ctx := newSyncer(org, nil), context.Background()
	lead := leadsync.Lead{ID: "L1", EventID: "expo", LastName: "Menabrea", Email: "luigi(at)example.com", Company: "Turin"}
	if _, err := syncer.Capture(ctx, &lead); err != nil {
		log.Fatal(err)
	}
	if err := syncer.Drain(ctx); err != nil {
		log.Fatal(err)
	}

	summary, err := syncer.Summary(ctx, leadsync.Filter{Event: "expo"})
	if err != nil {
		log.Fatal(err)
	}
	page, err := json.Marshal(summary)
	if err != nil {
		log.Fatal(err)
	}
	var shown struct {
		Groups []struct {
			Code   string
			Count  int
			Filter json.RawMessage // the page need not know what is in it
		}
	}
	if err := json.Unmarshal(page, &shown); err != nil {
		log.Fatal(err)
	}
	fmt.Println(shown.Groups[0].Count, shown.Groups[0].Code)

	var filter leadsync.Filter
	if err := json.Unmarshal(shown.Groups[0].Filter, &filter); err != nil {
		log.Fatal(err)
	}
	for range 2 {
		n, err := syncer.By("eve@example.com").Dismiss(ctx, filter, "a test of the badge reader")
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(n, "dismissed")
	}
	// Output:
	// 1 DATA_VALUE_VALIDATION
	// 1 dismissed
	// 0 dismissed
}

// A person chooses among the records that match a lead. What the page shows of them it
// reads from Salesforce.
func ExampleSyncer_Choose() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	org.Insert("Contact", map[string]any{"FirstName": "Ada", "LastName": "Byron", "Email": "ada@example.com"})
	org.Insert("Contact", map[string]any{"FirstName": "Ada", "LastName": "Lovelace", "Email": "ada@example.com"})
	client, ctx := connect(org), context.Background()
	syncer, err := leadsync.New(client, &leadsync.Config{Ambiguous: leadsync.HoldAmbiguous})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := syncer.Capture(ctx,
		&leadsync.Lead{ID: "L1", LastName: "Lovelace", Email: "ada@example.com"}); err != nil {
		log.Fatal(err)
	}
	if err := syncer.Drain(ctx); err != nil {
		log.Fatal(err)
	}

	held, err := syncer.Leads(ctx, leadsync.Filter{Codes: []leadsync.Code{leadsync.AmbiguousMatch}, Limit: 100})
	if err != nil {
		log.Fatal(err)
	}
	candidates := leadtype.Candidates(held[0].Last)
	ids := make([]salesforce.ID, len(candidates))
	for i, c := range candidates {
		ids[i] = c.ID
	}
	records, err := client.Retrieve(ctx, candidates[0].Object, ids, "Name")
	if err != nil {
		log.Fatal(err)
	}
	for _, record := range records { // nil for one that is gone
		fmt.Println(record.Object, record.Text("Name"))
	}

	if err := syncer.By("eve@host.example").Choose(ctx, held[0].Lead.ID, records[1].ID); err != nil {
		log.Fatal(err)
	}
	if err := syncer.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	history, err := syncer.History(ctx, "L1")
	if err != nil {
		log.Fatal(err)
	}
	for _, step := range history {
		fmt.Printf("%s %s %q\n", step.Kind, step.Stage, step.By)
	}
	// Output:
	// Contact Ada Byron
	// Contact Ada Lovelace
	// captured pre-sync ""
	// settled failed ""
	// resolved pre-sync "eve@host.example"
	// settled cleared ""
}

// Leads that failed are exported, corrected in a spreadsheet, and captured again.
func ExampleSyncer_ReadCSV() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	syncer, ctx := newSyncer(org, nil), context.Background()
	leads := []*leadsync.Lead{
		{ID: "L1", LastName: "Menabrea", Email: "luigi(at)example.com", Company: "Turin"},
		{ID: "L2", LastName: "Lovelace", Email: "ada@example.com", Company: "Analytical Engines"},
	}
	if _, err := syncer.Capture(ctx, leads...); err != nil {
		log.Fatal(err)
	}
	if err := syncer.Drain(ctx); err != nil {
		log.Fatal(err)
	}

	var file bytes.Buffer
	if err := syncer.ExportCSV(ctx, &file, leadsync.Filter{}, &review.CSVOptions{Raw: true}); err != nil {
		log.Fatal(err)
	}
	corrected := bytes.Replace(file.Bytes(), []byte("luigi(at)example.com"), []byte("luigi@example.com"), 1)

	again, err := syncer.ReadCSV(ctx, bytes.NewReader(corrected), nil)
	if err != nil {
		log.Fatal(err)
	}
	report, err := syncer.Capture(ctx, again...)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Replaced, "corrected,", report.Same, "as before")
	if err := syncer.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println(org.Count("Lead"), "Leads")
	// Output:
	// 1 corrected, 1 as before
	// 2 Leads
}
