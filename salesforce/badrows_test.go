// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
)

// rowCodes are the codes that Salesforce refuses a row with.
var rowCodes = []salesforce.StatusCode{
	salesforce.CannotExecuteFlowTrigger, salesforce.CannotInsertUpdateActivateEntity, salesforce.CannotUpdateConvertedLead,
	salesforce.DuplicateExternalID, salesforce.DuplicatesDetected, salesforce.DuplicateValue, salesforce.EntityIsDeleted,
	salesforce.EntityIsLocked, salesforce.FieldCustomValidationException, salesforce.FieldFilterValidationException,
	salesforce.FieldIntegrityException, salesforce.InactiveOwnerOrUser,
	salesforce.InsertUpdateDeleteNotAllowedDuringMaintenance,
	salesforce.InsufficientAccessOnCrossReferenceEntity, salesforce.InsufficientAccessOrReadonly,
	salesforce.InvalidCrossReferenceKey,
	salesforce.InvalidEmailAddress, salesforce.InvalidFieldForInsertUpdate, salesforce.InvalidOrNullForRestrictedPicklist,
	salesforce.InvalidStatus, salesforce.InvalidTypeOnFieldInRecord, salesforce.MalformedID,
	salesforce.MaxTaskDescriptionExceeded,
	salesforce.NotFound, salesforce.NumberOutsideValidRange, salesforce.RecordInUseByWorkflow,
	salesforce.RequestLimitExceeded,
	salesforce.RequiredFieldMissing, salesforce.SelfReferenceFromTrigger, salesforce.StorageLimitExceeded,
	salesforce.StringTooLong,
	salesforce.TooManyApexRequests, salesforce.TxnSecurityNoAccess, salesforce.UnableToLockRow,
	salesforce.UnknownException,
	"A_CODE_OF_NEXT_YEAR",
}

// A drawnBatch is 200 writes, of which Salesforce refuses the bad ones with a code.
type drawnBatch struct {
	writes []salesforce.Write
	bad    map[int]salesforce.StatusCode
	// created are the writes by the ids that they were given.
	created map[salesforce.ID]int
}

func drawBatch(random *rand.Rand) *drawnBatch {
	b := &drawnBatch{
		writes:  make([]salesforce.Write, 200),
		bad:     map[int]salesforce.StatusCode{},
		created: map[salesforce.ID]int{},
	}
	share := random.IntN(60)
	for i := range b.writes {
		b.writes[i] = create(packingObjects[random.IntN(3)], salesforce.Fields{"Number": i})
		if random.IntN(100) < share {
			b.bad[i] = rowCodes[random.IntN(len(rowCodes))]
		}
	}
	return b
}

// answer carries a subrequest out, but the bad rows.
func (b *drawnBatch) answer(org *scriptedOrg, s sub) reply {
	answer := org.success(s)
	rows := answer.body.([]record)
	for n, row := range s.records(org.t) {
		number := int(row["Number"].(float64))
		if code := b.bad[number]; code != "" {
			rows[n] = record{
				"success": false,
				"errors":  []record{{"statusCode": code, "message": "no", "fields": []string{"LastName"}}},
			}
			continue
		}
		b.created[rows[n]["id"].(salesforce.ID)] = number
	}
	return answer
}

// misplaced says which result is not that of its write, nil when each is.
func (b *drawnBatch) misplaced(results []salesforce.WriteResult) error {
	if len(results) != len(b.writes) {
		return fmt.Errorf("%d results for %d writes", len(results), len(b.writes))
	}
	for i, result := range results {
		if b.bad[i] == "" {
			if number, ok := b.created[result.ID]; result.Err != nil || !ok || number != i {
				return fmt.Errorf("result %d is not that of a good row: %w", i, result.Err)
			}
			continue
		}
		var e *salesforce.Error
		if !errors.As(result.Err, &e) || e.Code != b.bad[i] || !slices.Equal(e.Fields, []string{"LastName"}) || e.Uncertain ||
			result.ID != "" {
			return fmt.Errorf("result %d is not that of a bad row: %w", i, result.Err)
		}
	}
	return nil
}

// TestWriteFailsOnlyTheBadRowsOfABatch draws batches of 200 rows of which some
// fail, each with one of the codes.
func TestWriteFailsOnlyTheBadRowsOfABatch(t *testing.T) {
	t.Parallel()
	batches := 100
	if os.Getenv("LEADSYNC_TEST_FULL") != "" {
		batches = 2000
	}
	random := rand.New(rand.NewPCG(5, 6))
	seen := map[salesforce.StatusCode]bool{}
	org := newOrg(t)
	client := org.client(salesforce.Config{})
	for range batches {
		b := drawBatch(random)
		for _, code := range b.bad {
			seen[code] = true
		}
		org.answer = func(s sub) reply { return b.answer(org, s) }
		org.forget()
		results, err := client.Write(t.Context(), b.writes...)
		require.NoError(t, err)
		require.NoError(t, b.misplaced(results))
	}
	require.Len(t, seen, len(rowCodes))
}

// The control: rows in another order than they were sent in are noticed.
func TestMisplacedRowsAreNoticed(t *testing.T) {
	t.Parallel()
	org, b := newOrg(t), drawBatch(rand.New(rand.NewPCG(5, 6)))
	org.answer = func(s sub) reply {
		answer := b.answer(org, s)
		rows := answer.body.([]record)
		answer.body = append(rows[1:len(rows):len(rows)], rows[0])
		return answer
	}
	results, err := org.client(salesforce.Config{}).Write(t.Context(), b.writes...)
	require.NoError(t, err)
	require.ErrorContains(t, b.misplaced(results), "is not that of")
}

// forget drops the calls so far.
func (o *scriptedOrg) forget() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.calls = nil
}

// TestWriteFindsAPoisonRowAnywhere draws the one row for which Salesforce refuses
// every request that holds it.
func TestWriteFindsAPoisonRowAnywhere(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 8))
	for range 100 {
		count := 1 + random.IntN(1000)
		calls := writePoison(t, count, random.IntN(count), func() salesforce.Write {
			return create(packingObjects[random.IntN(3)], nil)
		})
		require.LessOrEqual(t, calls, 16)
	}
}

// The control: to send each row alone finds it too, and takes more calls.
func TestAPoisonRowAmongRowsSentAloneTakesManyCalls(t *testing.T) {
	t.Parallel()
	calls := writePoison(t, 1000, 500, func() salesforce.Write {
		return salesforce.Write{Op: salesforce.OpCreate, Object: salesforce.ObjectLead, Alone: true}
	})
	require.Greater(t, calls, 16)
}

// writePoison writes to an org that refuses every request which holds the poison
// row, checks that the others are written, and returns the calls that it took.
func writePoison(t *testing.T, count, poison int, draw func() salesforce.Write) int {
	writes := make([]salesforce.Write, count)
	for i := range writes {
		writes[i] = draw()
		writes[i].Fields = salesforce.Fields{"Number": i}
	}
	org := newOrg(t)
	org.answer = func(s sub) reply {
		rows := make([]record, 1)
		if s.isCollection() {
			rows = s.records(t)
		} else {
			require.NoError(t, json.Unmarshal(s.Body, &rows[0]))
		}
		for _, row := range rows {
			if int(row["Number"].(float64)) == poison {
				return reply{status: http.StatusBadRequest, body: []record{{"errorCode": "JSON_PARSER_ERROR", "message": "x"}}}
			}
		}
		return reply{}
	}
	results, err := org.client(salesforce.Config{}).Write(t.Context(), writes...)
	require.NoError(t, err)
	for i, result := range results {
		if i == poison {
			require.ErrorContains(t, result.Err, "JSON_PARSER_ERROR")
			continue
		}
		require.NoError(t, result.Err)
	}
	return org.callCount()
}
