package salesforce_test

import (
	"io"
	"testing"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/stretchr/testify/require"
)

func TestErrorSaysWhetherALaterTryMayPass(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err       salesforce.Error
		retryable bool
		limit     salesforce.LimitKind
	}{
		"no answer":       {salesforce.Error{Err: io.ErrUnexpectedEOF, Uncertain: true}, true, salesforce.LimitNone},
		"page":            {salesforce.Error{HTTPStatus: 502}, true, salesforce.LimitNone},
		"500":             {salesforce.Error{HTTPStatus: 500, Code: "UNKNOWN_EXCEPTION"}, true, salesforce.LimitNone},
		"408":             {salesforce.Error{HTTPStatus: 408}, true, salesforce.LimitNone},
		"lock":            {salesforce.Error{HTTPStatus: 200, Code: "UNABLE_TO_LOCK_ROW"}, true, salesforce.LimitNone},
		"lock in trigger": {salesforce.Error{HTTPStatus: 200, Code: "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", Message: "T: execution of BeforeInsert caused by: UNABLE_TO_LOCK_ROW"}, true, salesforce.LimitNone},
		"trigger":         {salesforce.Error{HTTPStatus: 200, Code: "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", Message: "entity type cannot be inserted: Campaign"}, false, salesforce.LimitNone},
		"query timeout":   {salesforce.Error{HTTPStatus: 400, Code: "QUERY_TIMEOUT"}, true, salesforce.LimitNone},
		"daily":           {salesforce.Error{HTTPStatus: 403, Code: "REQUEST_LIMIT_EXCEEDED", Message: "TotalRequests Limit exceeded."}, true, salesforce.LimitDaily},
		"concurrent":      {salesforce.Error{HTTPStatus: 403, Code: "REQUEST_LIMIT_EXCEEDED", Message: "ConcurrentRequests (Concurrent API) Limit exceeded."}, true, salesforce.LimitConcurrent},
		"long running":    {salesforce.Error{HTTPStatus: 403, Code: "REQUEST_LIMIT_EXCEEDED", Message: "ConcurrentPerOrgLongTxn Limit exceeded."}, true, salesforce.LimitConcurrent},
		"limit unnamed":   {salesforce.Error{HTTPStatus: 403, Code: "REQUEST_LIMIT_EXCEEDED"}, true, salesforce.LimitDaily},
		"429":             {salesforce.Error{HTTPStatus: 429}, true, salesforce.LimitConcurrent},
		"data":            {salesforce.Error{HTTPStatus: 200, Code: "STRING_TOO_LONG"}, false, salesforce.LimitNone},
		"session":         {salesforce.Error{HTTPStatus: 401, Code: "INVALID_SESSION_ID"}, false, salesforce.LimitNone},
		"404 page":        {salesforce.Error{HTTPStatus: 404}, false, salesforce.LimitNone},
		"wrong reply":     {salesforce.Error{HTTPStatus: 200, Err: io.ErrUnexpectedEOF}, false, salesforce.LimitNone},
		"token refused":   {salesforce.Error{HTTPStatus: 400, Code: "invalid_grant"}, false, salesforce.LimitNone},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.retryable, test.err.Retryable())
			require.Equal(t, test.limit, test.err.Limit())
		})
	}
}
