// SPDX-License-Identifier: Apache-2.0

package leadsync_test

import (
	"context"
	"fmt"
	"log"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A host's metrics: a Trace reports batches and waits, the client calls and repeats, the
// Sink outcomes, and Health the lag.
func ExampleTrace() {
	var batches, leads, calls, repeats, cleared, failed, waits atomic.Int64
	org := sftest.NewOrg(nil)
	defer org.Close()
	tokens := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: org.Token()})
	client, err := salesforce.New(org.URL(), tokens, &salesforce.Config{
		Hosts: []string{strings.TrimPrefix(org.URL(), "http://")},
		OnCall: func(_ context.Context, call salesforce.Call) {
			calls.Add(1)
			if call.Attempt > 1 {
				repeats.Add(1)
			}
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	syncer, err := leadsync.New(client, &leadsync.Config{
		Trace: &leadsync.Trace{
			BatchDone: func(_ context.Context, outcomes []*leadsync.Outcome, _ time.Duration, _ error) {
				batches.Add(1)
				leads.Add(int64(len(outcomes)))
			},
			Waits: func(context.Context, *leadsync.Error) { waits.Add(1) },
		},
		Sink: leadsync.SinkFunc(func(_ context.Context, outcomes []*leadsync.Outcome) error {
			for _, o := range outcomes {
				switch o.Stage {
				case leadsync.Cleared:
					cleared.Add(1)
				case leadsync.Failed:
					failed.Add(1)
				}
			}
			return nil
		}),
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	_, err = syncer.Capture(ctx,
		&leadsync.Lead{ID: "L1", LastName: "Lovelace", Email: "ada@example.com", Company: "Engines"},
		&leadsync.Lead{ID: "L2", LastName: "Menabrea", Email: "luigi(at)example.com", Company: "Turin"})
	if err != nil {
		log.Fatal(err)
	}
	if err := syncer.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	health, err := syncer.Health(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("batches", batches.Load(), "leads", leads.Load(), "waits", waits.Load())
	fmt.Println("calls", calls.Load(), "repeats", repeats.Load())
	fmt.Println("cleared", cleared.Load(), "failed", failed.Load(), "lag", health.Lag)
	// Output:
	// batches 1 leads 2 waits 0
	// calls 3 repeats 0
	// cleared 1 failed 1 lag 0s
}
