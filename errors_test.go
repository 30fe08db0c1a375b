package leadsync_test

import (
	"bytes"
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
