package leadsync_test

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
)

func TestErrorIsLoggedWithoutTheRawMessage(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	err := &leadsync.Error{Op: "create", Code: leadsync.DataValueValidation, Err: &salesforce.Error{Code: "STRING_TOO_LONG", Message: "s3cret"}}

	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "error", err)

	require.NotContains(t, log.String(), "s3cret")
	require.Contains(t, log.String(), "DATA_VALUE_VALIDATION")
}
