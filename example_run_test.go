// SPDX-License-Identifier: Apache-2.0

package leadsync_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"sync"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// A service captures leads in its handlers and syncs them in a goroutine. Settings that
// an administrator has changed replace the old ones while it runs.
func ExampleSyncer_Run() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	client := connect(org)
	kept := memory.New(nil) // a service uses one that survives it, such as store/sqlite
	synced := make(chan string)

	start := func(settings string) (syncer *leadsync.Syncer, stop func()) {
		cfg := leadsync.Config{
			Store: kept,
			Mode:  leadsync.Automatic, // kept by the host: it decides what happens to frozen leads
			// A service leaves it at zero: leads that come one by one wait some seconds for others.
			Gather: leadsync.NoGather,
			Sink: leadsync.SinkFunc(func(_ context.Context, outcomes []*leadsync.Outcome) error {
				for _, o := range outcomes {
					synced <- fmt.Sprintln(o.LeadID, o.Stage, o.Object)
				}
				return nil
			}),
		}
		var s leadsync.Settings
		if err := json.Unmarshal([]byte(settings), &s); err != nil {
			log.Fatal(err)
		}
		if err := s.Fill(&cfg); err != nil {
			log.Fatal(err)
		}
		syncer, err := leadsync.New(client, &cfg)
		if err != nil {
			log.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background()) // of a service: signal.NotifyContext
		var running sync.WaitGroup
		running.Go(func() {
			if err := syncer.Run(ctx); err != nil {
				log.Print("paused: manual action required: ", err)
			}
		})
		return syncer, func() {
			cancel()
			running.Wait() // for the batch under way; only then close the store
		}
	}

	syncer, stop := start(`{"version": 1}`)
	_, err := syncer.Capture(context.Background(),
		&leadsync.Lead{ID: "L1", LastName: "Lovelace", Email: "ada@example.com", Company: "Engines"})
	if err != nil {
		log.Fatal(err) // a *BatchError names the leads that are unfit; otherwise capture them again
	}
	fmt.Print(<-synced)

	stop()
	syncer, stop = start(`{"version": 1, "strategy": "accounts-and-contacts"}`)
	_, err = syncer.Capture(context.Background(),
		&leadsync.Lead{ID: "L2", LastName: "Babbage", Email: "charles@example.com", Company: "Engines"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(<-synced)
	stop()
	// Output:
	// L1 cleared Lead
	// L2 cleared Contact
}

// A host's own table has each lead's last outcome. When the host starts, it adds the
// outcomes that the Sink did not get, for example because the process died.
func ExampleSink() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	var mu sync.Mutex
	table := map[leadsync.LeadID]*leadsync.Outcome{} // in a database it is one upsert
	keep := func(outcomes ...*leadsync.Outcome) {
		mu.Lock()
		defer mu.Unlock()
		for _, o := range outcomes {
			if old := table[o.LeadID]; old == nil || o.At.After(old.At) {
				table[o.LeadID] = o
			}
		}
	}
	down := true
	syncer := newSyncer(org,
		&leadsync.Config{Sink: leadsync.SinkFunc(func(_ context.Context, outcomes []*leadsync.Outcome) error {
			if down {
				return errors.New("the database is down")
			}
			keep(outcomes...)
			return nil
		})})
	ctx := context.Background()
	for _, id := range []leadsync.LeadID{"L1", "L2", "L3"} {
		if _, err := syncer.Capture(ctx,
			&leadsync.Lead{ID: id, LastName: "Lovelace", Company: "Engines", Email: string(id) + "@example.com"}); err != nil {
			log.Fatal(err)
		}
		if err := syncer.Drain(ctx); err != nil {
			log.Fatal(err)
		}
		down = id == "L1"
	}
	fmt.Println(len(table), "in the table")

	page := leadsync.Filter{Stages: []leadsync.Stage{leadsync.Cleared, leadsync.Failed}, Limit: 500}
	for {
		entries, err := syncer.Leads(ctx, page)
		if err != nil {
			log.Fatal(err)
		}
		if len(entries) == 0 {
			break
		}
		for _, e := range entries {
			keep(e.Last)
			page.After = e.Sequence
		}
	}
	fmt.Println(len(table), "in the table")
	// Output:
	// 1 in the table
	// 3 in the table
}

// A connection whose authorisation has expired is paused, and no lead fails. When the
// customer has connected again, a Syncer with the new tokens continues.
func ExampleSyncer_Health() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	cfg := &leadsync.Config{Store: memory.New(nil), Connection: "acme", // each tenant has a Connection in the Store
		Gather: leadsync.NoGather}
	syncer := newSyncer(org, cfg)
	ctx := context.Background()
	if _, err := syncer.Capture(ctx,
		&leadsync.Lead{ID: "L1", LastName: "Lovelace", Email: "ada@example.com", Company: "Engines"}); err != nil {
		log.Fatal(err)
	}
	show := func() {
		health, err := syncer.Health(ctx)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("waiting:", health.States[store.StateQueued], "failed:", health.Failed, "paused:", health.Paused != nil,
			health.Paused.Fix())
	}

	org.ExpireToken()
	err := syncer.Run(ctx)
	fmt.Println("reconnect:", errors.Is(err, leadsync.Authentication))
	show()

	syncer = newSyncer(org, cfg) // with the new tokens
	if err := syncer.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	show()
	// Output:
	// reconnect: true
	// waiting: 1 failed: 0 paused: true Reconnect with an active user. The leads wait in Pre-Sync until then.
	// waiting: 0 failed: 0 paused: false
}
