// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/pgtest"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/postgres"
	"github.com/leadsync/leadsync/store/storetest"
)

// A breakage is a condition or an assignment of a statement that is changed, and the test of
// the suite that fails then.
type breakage struct{ test, from, to string }

// breakages take the conditions out of the statements on which the contract rests.
func breakages() map[string]breakage {
	return map[string]breakage{
		"settles an earlier claim": {"SettleLeavesStaleLeadsAndSettlesTheRest",
			`
		AND v.generation = v.of_generation`, ``},
		"settles a lead that is not in flight": {"RebindEndsTheClaimsOfLeadsInFlight",
			`AND v.state = 'in-flight'
		AND v.generation`, `AND v.generation`},
		"forgets a capture in flight": {"CaptureInFlightTakesEffectAtTheEnd",
			`state = CASE WHEN next_state = '' THEN v.to_state ELSE next_state END`, `state = v.to_state`},
		"claims the last first": {"ClaimFollowsTheOrderOfCapture",
			`ORDER BY sequence LIMIT $3`, `ORDER BY sequence DESC LIMIT $3`},
		"claims too early":         {"ClaimWaitsForRetryAt", `retry_at <= $2`, `retry_at + $2 > 0`},
		"claims without a number":  {"ClaimCountsAttemptsAndGenerations", `generation = generation + 1,`, ``},
		"journals what is not its": {"JournalIsForLeadsInFlightOnly", `AND held.state = 'in-flight'`, ``},
		"keeps dead claims": {"LeasePassesOnWhenItRanOut",
			`state = CASE WHEN next_state = '' THEN 'queued' ELSE next_state END`,
			`state = CASE WHEN next_state = '' THEN state ELSE next_state END`},
		"pushes what is in flight": {"PushQueuesWhatMatches", `AND state <> 'in-flight' AND sequence IN`, `AND sequence IN`},
		"resolves what is cleared": {"ResolveLeavesOtherLeadsUntouched", `stage || '' = 'failed'`, `stage <> ''`},
		"prunes the last step":     {"PruneLeavesTheLastStepOfEachLead", `latest.id > page.id`, `latest.id >= page.id`},
		"keeps search terms":       {"TextFollowsTheLead", `AND term = listed.term`, `AND term <> listed.term`},
		"finds leads of other connections": {"TextKeepsToTheConnection",
			`FROM leadsync.search WHERE connection = (SELECT id FROM leadsync.connection WHERE name = $1)`,
			`FROM leadsync.search WHERE true`},
		"knows no version": {"FiltersKnowWhatHasChangedSinceACount", `history.id > `, `0 > `},
		"keeps what others wrote": {"ForgetRemovesValuesOfSharedRecords",
			`sequence IN (
			SELECT sequence FROM leadsync.image`, `sequence NOT IN (
			SELECT sequence FROM leadsync.image`},
		"keeps journals of others": {"ForgetRemovesValuesFromJournals",
			`sequence <> $2 AND sequence IN`, `sequence <> $2 AND false AND sequence IN`},
		"keeps images for ever": {"ExpireRemovesImagesAndCandidates", `held < $2`, `held < $2 AND false`},
		"rebinds in name only": {"RebindDropsWhatIsKnownOfTheRecords",
			`DELETE FROM leadsync.record`, `DELETE FROM leadsync.image`},
		"binds to any org": {"BindKeepsTheFirstOrg",
			`SELECT org FROM leadsync.connection`, `SELECT '' FROM leadsync.connection`},
		"takes any plan": {"PlanIsTakenOnce",
			`VALUES ($1, $2) ON CONFLICT`, `VALUES ($1, $2 || random()) ON CONFLICT`},
		"hastens every wait": {"HastenLeavesOtherWaitsAlone", `AND gathers AND`, `AND`},
		"counts an old waiting lead as due": {"LeadsThatWaitForEnrichmentAreDueInTheirTime",
			`state = 'waiting' AND retry_at > 0`, `state = 'waiting'`},
		"suppresses nothing": {"SuppressRefusesTheIDAndTheAddress",
			`hash = ANY ($2::bytea[])`, `hash = ANY ($2::bytea[]) AND false`},
	}
}

// brokenStore names the breakage that TestBrokenStore checks.
const brokenStore = "LEADSYNC_TEST_BROKEN_STORE"

// Each statement that breaks the contract fails the corresponding test of the suite.
func TestContractFailsForBrokenStatements(t *testing.T) {
	t.Parallel()
	dsn := server.DSN(t)
	for name, broken := range breakages() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			suite := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestBrokenStore$/^"+broken.test+"$")
			suite.Env = append(os.Environ(), brokenStore+"="+name, pgtest.Variable+"="+dsn)
			printed, err := suite.CombinedOutput()
			var exit *exec.ExitError
			require.ErrorAs(t, err, &exit, "the suite passes")
			require.Contains(t, string(printed), "--- FAIL: TestBrokenStore/"+broken.test)
			require.NotContains(t, string(printed), "SQLSTATE 42", "the statement is no SQL any more")
		})
	}
}

// TestBrokenStore is run by TestContractFailsForBrokenStatements in a separate process.
func TestBrokenStore(t *testing.T) {
	t.Parallel()
	name := os.Getenv(brokenStore)
	if name == "" {
		t.Skip("is run by TestContractFailsForBrokenStatements")
	}
	broken := breakages()[name]
	storetest.Run(t, func(t *testing.T, now func() time.Time) store.Store {
		opened := open(t, now)
		opened.Rewrite(func(statement string) string {
			return strings.ReplaceAll(statement, broken.from, broken.to)
		})
		return opened
	})
}

// race captures leads of one connection from two pools at once.
func race(t *testing.T, rewrite func(string) string) error {
	t.Helper()
	on := pool(t)
	name := schema(t, on)
	var wg sync.WaitGroup
	const callers, each = 4, 20
	errs := make([]error, 2*callers)
	var opened *postgres.Store
	for p := range 2 {
		var err error
		opened, err = postgres.New(t.Context(), pool(t), &postgres.Options{Schema: name})
		require.NoError(t, err)
		opened.Rewrite(rewrite)
		for c := range callers {
			of := opened
			wg.Go(func() {
				for i := range each {
					id := leadtype.LeadID(fmt.Sprintf("L%d-%d-%d", p, c, i))
					if _, err := of.Capture(t.Context(), connection, captured(id)); err != nil {
						errs[p*callers+c] = err
						return
					}
				}
			})
		}
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	require.Len(t, kept(t, opened), 2*callers*each)
	return nil
}

func TestCapturesOfManyProcessesTakeTurns(t *testing.T) {
	t.Parallel()
	require.NoError(t, race(t, nil))
}

// The control: without the lock on the connection they take the same sequences.
func TestCapturesWouldCollideWithoutTheLock(t *testing.T) {
	t.Parallel()
	unlocked := func(statement string) string {
		return strings.ReplaceAll(statement, `version FROM leadsync.connection WHERE name = $1 FOR UPDATE`,
			`version FROM leadsync.connection WHERE name = $1`)
	}
	for range 20 {
		if race(t, unlocked) != nil {
			return
		}
	}
	t.Fatal("they do not collide")
}
