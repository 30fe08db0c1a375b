// SPDX-License-Identifier: Apache-2.0

package leadsync_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// A captured lead is synced later; in manual mode, once it is pushed. A service calls Run,
// once, instead of Drain.
func ExampleSyncer_Capture() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	syncer, err := leadsync.New(connect(org), &leadsync.Config{
		Store: memory.New(nil), // sqlite.Open keeps leads in a file
		Mode:  leadsync.Manual,
		Sink: leadsync.SinkFunc(func(_ context.Context, outcomes []*leadsync.Outcome) error {
			for _, o := range outcomes {
				fmt.Println(o.LeadID, o.Stage, o.Object, o.Action)
			}
			return nil
		}),
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	lead := &leadsync.Lead{ID: "L1", EventID: "expo", CapturedAt: time.Now(), LastName: "Lovelace", Company: "Engines",
		Email: "ada@example.com"}
	for range 2 { // capturing again does no harm
		report, err := syncer.Capture(ctx, lead)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("new:", report.New, "known:", report.Same)
	}
	pushed, err := syncer.Push(ctx, leadsync.Filter{Event: "expo", States: []store.State{store.StateFrozen}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("pushed:", pushed)
	if err := syncer.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	// Output:
	// new: 1 known: 0
	// new: 0 known: 1
	// pushed: 1
	// L1 cleared Lead created
}
