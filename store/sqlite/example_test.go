package sqlite_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store/sqlite"
)

// A lead that was captured is in the file, whatever becomes of the process.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for range 2 {
		store, err := sqlite.Open(filepath.Join(dir, "leads.db"), nil)
		if err != nil {
			log.Fatal(err)
		}
		client, err := salesforce.New("https://example.my.salesforce.com", oauth2.StaticTokenSource(&oauth2.Token{}), nil)
		if err != nil {
			log.Fatal(err)
		}
		syncer, err := leadsync.New(client, &leadsync.Config{Store: store})
		if err != nil {
			log.Fatal(err)
		}
		report, err := syncer.Capture(context.Background(), &leadsync.Lead{ID: "L1", LastName: "Lovelace"})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("new:", report.New, "known:", report.Same)
		if err := store.Close(); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// new: 1 known: 0
	// new: 0 known: 1
}
