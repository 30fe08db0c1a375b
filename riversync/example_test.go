// SPDX-License-Identifier: Apache-2.0

package riversync_test

import (
	"bytes"
	"context"
	"log"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/riversync"
	"github.com/leadsync/leadsync/salesforce/login"
	"github.com/leadsync/leadsync/store/postgres"
)

// A host keeps a form, the lead that it makes and the job that syncs the lead in one transaction. Its
// database has River's tables (package rivermigrate).
func Example() {
	ctx := context.Background()
	const dsn = "postgres://host@localhost/host"
	kept, err := postgres.Open(ctx, dsn, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer kept.Close()
	cipher, err := login.NewTokenCipher(bytes.Repeat([]byte{1}, 32)) // the host's secret key
	if err != nil {
		log.Fatal(err)
	}
	f, err := fleet.New(kept, &fleet.Config{App: login.AppConfig{ClientID: "the app's consumer key"}, Cipher: cipher})
	if err != nil {
		log.Fatal(err)
	}
	jobs, err := riversync.New(f, nil)
	if err != nil {
		log.Fatal(err)
	}

	cfg := new(river.Config)
	if err := jobs.AddTo(cfg, 8); err != nil { // in processes that sync, not in those that only capture
		log.Fatal(err)
	}
	pool, err := pgxpool.New(ctx, dsn)
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	client, err := river.NewClient(riverpgxv5.New(pool), cfg)
	if err != nil {
		log.Fatal(err)
	}
	if err := client.Start(ctx); err != nil { // as above
		log.Fatal(err)
	}

	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO form (id, email) VALUES ('F1', 'ada@example.com')`); err != nil {
			return err
		}
		_, err := jobs.CaptureTx(ctx, client, tx, "acme",
			&leadsync.Lead{ID: "F1", LastName: "Lovelace", Email: "ada@example.com"})
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
}
