package salesforce_test

import (
	"math/rand/v2"
	"net/http"
	"os"
	"runtime/debug"
	"slices"
	"testing"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/stretchr/testify/require"
)

// rowCodes are the codes that Salesforce refuses a row with.
var rowCodes = []salesforce.StatusCode{
	salesforce.CannotExecuteFlowTrigger, salesforce.CannotInsertUpdateActivateEntity, salesforce.CannotUpdateConvertedLead,
	salesforce.DuplicateExternalID, salesforce.DuplicatesDetected, salesforce.DuplicateValue, salesforce.EntityIsDeleted,
	salesforce.EntityIsLocked, salesforce.FieldCustomValidationException, salesforce.FieldFilterValidationException,
	salesforce.FieldIntegrityException, salesforce.InactiveOwnerOrUser, salesforce.InsertUpdateDeleteNotAllowedDuringMaintenance,
	salesforce.InsufficientAccessOnCrossReferenceEntity, salesforce.InsufficientAccessOrReadonly, salesforce.InvalidCrossReferenceKey,
	salesforce.InvalidEmailAddress, salesforce.InvalidFieldForInsertUpdate, salesforce.InvalidOrNullForRestrictedPicklist,
	salesforce.InvalidStatus, salesforce.InvalidTypeOnFieldInRecord, salesforce.MalformedID, salesforce.MaxTaskDescriptionExceeded,
	salesforce.NotFound, salesforce.NumberOutsideValidRange, salesforce.RecordInUseByWorkflow, salesforce.RequestLimitExceeded,
	salesforce.RequiredFieldMissing, salesforce.SelfReferenceFromTrigger, salesforce.StorageLimitExceeded, salesforce.StringTooLong,
	salesforce.TooManyApexRequests, salesforce.TxnSecurityNoAccess, salesforce.UnableToLockRow, salesforce.UnknownException,
	"A_CODE_OF_NEXT_YEAR",
}

// TestWriteFailsOnlyTheBadRowsOfABatch draws batches of 200 rows of which some
// fail, each with one of the codes.
func TestWriteFailsOnlyTheBadRowsOfABatch(t *testing.T) {
	t.Parallel()
	batches := 100
	if os.Getenv("LEADSYNC_TEST_FULL") != "" && !raceDetector() { // CI runs it without the detector too
		batches = 2000
	}
	random := rand.New(rand.NewPCG(5, 6))
	seen := map[salesforce.StatusCode]bool{}
	org := newOrg(t)
	client := org.client(salesforce.Config{})
	for range batches {
		writes, bad := make([]salesforce.Write, 200), map[int]salesforce.StatusCode{}
		share := random.IntN(60)
		for i := range writes {
			writes[i] = create(packingObjects[random.IntN(3)], salesforce.Fields{"Number": i})
			if random.IntN(100) < share {
				bad[i] = rowCodes[random.IntN(len(rowCodes))]
				seen[bad[i]] = true
			}
		}
		numbers := map[salesforce.ID]int{}
		org.answer = func(s sub) reply {
			answer := org.success(s)
			rows := answer.body.([]record)
			for n, row := range s.records(t) {
				number := int(row["Number"].(float64))
				if code := bad[number]; code != "" {
					rows[n] = record{"success": false, "errors": []record{{"statusCode": code, "message": "no", "fields": []string{"LastName"}}}}
					continue
				}
				numbers[rows[n]["id"].(salesforce.ID)] = number
			}
			return answer
		}
		org.forget()
		results, err := client.Write(t.Context(), writes...)
		require.NoError(t, err)
		require.Len(t, results, len(writes))
		for i, result := range results {
			if bad[i] == "" {
				require.NoError(t, result.Err)
				require.Equal(t, i, numbers[result.ID])
				continue
			}
			var e *salesforce.Error
			require.ErrorAs(t, result.Err, &e)
			require.Equal(t, bad[i], e.Code)
			require.Equal(t, []string{"LastName"}, e.Fields)
			require.False(t, e.Uncertain)
			require.Empty(t, result.ID)
		}
	}
	require.Len(t, seen, len(rowCodes))
}

// raceDetector reports whether the test was built with -race.
func raceDetector() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
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
		writes := make([]salesforce.Write, 1+random.IntN(1000))
		for i := range writes {
			writes[i] = create(packingObjects[random.IntN(3)], salesforce.Fields{"Number": i})
		}
		poison := random.IntN(len(writes))
		org := newOrg(t)
		org.answer = func(s sub) reply {
			for _, row := range s.records(t) {
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
		require.LessOrEqual(t, org.callCount(), 16)
	}
}
