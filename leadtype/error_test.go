package leadtype_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

func TestWhatDidNotHappenHasNoFixAndNoCode(t *testing.T) {
	t.Parallel()
	var entry store.Entry // of a lead that was not tried yet
	require.Empty(t, entry.Last.Code())
	require.Empty(t, entry.Last.CauseKey())
	var outcome leadtype.Outcome // of a lead that went through
	require.Empty(t, outcome.Err.Fix())
	require.Equal(t, "<nil>", outcome.Err.Error())
}

func TestErrorIsLoggedWithoutTheRawMessage(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	err := &leadtype.Error{Op: "create", Code: leadtype.DataValueValidation, Err: &salesforce.Error{Code: "STRING_TOO_LONG", Message: "s3cret"}}

	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "error", err)

	require.NotContains(t, log.String(), "s3cret")
	require.Contains(t, log.String(), "DATA_VALUE_VALIDATION")
}

func TestCodeOfIsTheFirstInTheChain(t *testing.T) {
	t.Parallel()
	require.Equal(t, leadtype.RateLimit, leadtype.CodeOf(fmt.Errorf("host: %w", &leadtype.Error{Code: leadtype.RateLimit, Err: leadtype.RecordLocked})))
	require.Equal(t, leadtype.RecordLocked, leadtype.CodeOf(leadtype.RecordLocked))
	require.Equal(t, leadtype.Unknown, leadtype.CodeOf(errors.New("of the host")))
	require.Empty(t, leadtype.CodeOf(nil))
	require.Empty(t, leadtype.CodeOf((*leadtype.Error)(nil)))
}

func TestBatchErrorCountsByCodeOrIsThatOfTheOneLead(t *testing.T) {
	t.Parallel()
	own := &leadtype.Error{Op: "capture", LeadID: "L1", Code: leadtype.RequiredFieldMissing, Fields: []string{"id"}}
	require.EqualError(t, &leadtype.BatchError{Failed: map[int]error{7: own}}, own.Error())
	many := &leadtype.BatchError{Failed: map[int]error{0: leadtype.RateLimit, 1: errors.New("x"), 2: leadtype.RateLimit}}
	require.EqualError(t, many, "leadsync: 3 leads failed: 1 UNKNOWN, 2 RATE_LIMIT")
}
