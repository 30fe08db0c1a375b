package leadsync_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
)

func TestWhatDidNotHappenHasNoFixAndNoCode(t *testing.T) {
	t.Parallel()
	var entry leadsync.Entry // of a lead that was not tried yet
	require.Empty(t, entry.Last.Code())
	require.Empty(t, entry.Last.CauseKey())
	var outcome leadsync.Outcome // of a lead that went through
	require.Empty(t, outcome.Err.Fix())
	require.Equal(t, "<nil>", outcome.Err.Error())
}

func TestErrorIsLoggedWithoutTheRawMessage(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	err := &leadsync.Error{Op: "create", Code: leadsync.DataValueValidation, Err: &salesforce.Error{Code: "STRING_TOO_LONG", Message: "s3cret"}}

	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "error", err)

	require.NotContains(t, log.String(), "s3cret")
	require.Contains(t, log.String(), "DATA_VALUE_VALIDATION")
}

func TestCodeOfIsTheFirstInTheChain(t *testing.T) {
	t.Parallel()
	require.Equal(t, leadsync.RateLimit, leadsync.CodeOf(fmt.Errorf("host: %w", &leadsync.Error{Code: leadsync.RateLimit, Err: leadsync.RecordLocked})))
	require.Equal(t, leadsync.RecordLocked, leadsync.CodeOf(leadsync.RecordLocked))
	require.Equal(t, leadsync.Unknown, leadsync.CodeOf(errors.New("of the host")))
	require.Empty(t, leadsync.CodeOf(nil))
	require.Empty(t, leadsync.CodeOf((*leadsync.Error)(nil)))
}

func TestBatchErrorCountsByCodeOrIsThatOfTheOneLead(t *testing.T) {
	t.Parallel()
	own := &leadsync.Error{Op: "capture", LeadID: "L1", Code: leadsync.RequiredFieldMissing, Fields: []string{"id"}}
	require.EqualError(t, &leadsync.BatchError{Failed: map[int]error{7: own}}, own.Error())
	many := &leadsync.BatchError{Failed: map[int]error{0: leadsync.RateLimit, 1: errors.New("x"), 2: leadsync.RateLimit}}
	require.EqualError(t, many, "leadsync: 3 leads failed: 1 UNKNOWN, 2 RATE_LIMIT")
}
