// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
)

// readError is the error of a read whose call Salesforce answers like that.
func readError(t *testing.T, status int, body string) *salesforce.Error {
	w := &wire{script: []line{{status: status, body: body}}}
	results, err := w.client(
		t, salesforce.Config{MaxRetries: -1}, nil).Read(t.Context(), salesforce.DescribeObject("Lead", ""))
	require.NoError(t, err)
	var e *salesforce.Error
	require.ErrorAs(t, results[0].Err, &e)
	return e
}

// subrequestError is the error of a read whose subrequest is answered like that.
func subrequestError(t *testing.T, status int, body string) *salesforce.Error {
	return readError(t, 200, fmt.Sprintf(`{"compositeResponse":[{"referenceId":"r0","httpStatusCode":%d,`+
		`"body":%s}]}`, status, body))
}

// rowError is the error of a row of a collection that is refused like that.
func rowError(t *testing.T, _ int, body string) *salesforce.Error {
	errs := strings.ReplaceAll(body, `"errorCode"`, `"statusCode"`)
	w := &wire{script: []line{{status: 200, body: `{"compositeResponse":[{"referenceId":"r0","httpStatusCode":200,` +
		`"body":[{"success":false,"errors":` + errs + `}]}]}`}}}
	results, err := w.client(t, salesforce.Config{}, nil).Write(t.Context(), unkeyed)
	require.NoError(t, err)
	var e *salesforce.Error
	require.ErrorAs(t, results[0].Err, &e)
	return e
}

// passing are the codes that end without a change (docs/salesforce.md, Errors).
var passing = []salesforce.StatusCode{
	salesforce.InsertUpdateDeleteNotAllowedDuringMaintenance, salesforce.QueryTimeout, salesforce.RequestLimitExceeded,
	salesforce.ServerUnavailable, salesforce.UnableToLockRow, salesforce.UnknownException,
}

// The same problem comes as the answer to a call, to a subrequest and to a row.
func TestErrorReadsTheCodesOfSalesforce(t *testing.T) {
	t.Parallel()
	for code, wireError := range wireErrors {
		t.Run(string(code), func(t *testing.T) {
			t.Parallel()
			var sent []struct {
				Message string
				Fields  []string
			}
			require.NoError(t, json.Unmarshal([]byte(wireError.body), &sent))
			var messages, fields []string
			for _, problem := range sent {
				fields = append(fields, problem.Fields...)
				if problem.Message != "" {
					messages = append(messages, problem.Message)
				}
			}
			for form, e := range map[string]*salesforce.Error{
				"call":       readError(t, wireError.status, wireError.body),
				"subrequest": subrequestError(t, wireError.status, wireError.body),
				"row":        rowError(t, wireError.status, wireError.body),
			} {
				status := wireError.status
				if form == "row" {
					status = 200
				}
				require.Equal(
					t, &salesforce.Error{HTTPStatus: status, Code: code, Message: strings.Join(messages, "\n"), Fields: fields,
						WholeCall: form == "call"}, e,
					form,
				)
				require.Equal(t, status >= 500 || slices.Contains(passing, code), e.Retryable(), form)
				require.NotContains(t, e.Error(), "s3cret", form)
			}
		})
	}
}

// The table above is of all codes that have a name: but those of bulk jobs, which
// TestBulkErrorsKeepTheirCodes has, and of OAuth.
func TestEveryStatusCodeIsReadFromTheWire(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "statuscode.go", nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	named := 0
	for _, decl := range file.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			continue
		}
		for _, spec := range group.Specs {
			text, err := strconv.Unquote(spec.(*ast.ValueSpec).Values[0].(*ast.BasicLit).Value)
			require.NoError(t, err)
			code := salesforce.StatusCode(text)
			_, ofAPI := wireErrors[code]
			_, ofOAuth := oauthErrors[code]
			require.True(t, ofAPI != ofOAuth, code)
			named++
		}
	}
	require.Equal(t, len(wireErrors)+len(oauthErrors), named)
}

// oauthErrors are the refusals of the token endpoint (docs/salesforce.md, OAuth).
var oauthErrors = map[salesforce.StatusCode]struct {
	status       int
	descriptions []string
	retryable    bool
}{
	salesforce.InvalidGrant: {400, []string{
		"expired access/refresh token", "expired authorization code", "inactive user", "inactive organization",
		"ip restricted",
		"authentication failure", "user hasn't approved this consumer", "Audience validation failed", "audience is invalid",
		"user is not admin approved to access this app", "no client credentials user enabled",
	}, false},
	salesforce.InvalidClientID:      {400, []string{"client identifier invalid"}, false},
	salesforce.InvalidClient:        {401, []string{"invalid client credentials"}, false},
	salesforce.UnsupportedGrantType: {400, []string{"grant type not supported"}, false},
	salesforce.AppNotFound:          {400, []string{"External client app is not installed in this org"}, false},
	salesforce.OAuthAppBlocked:      {400, []string{""}, false},
	salesforce.RateLimitExceeded:    {400, []string{""}, true},
	salesforce.UnknownError:         {400, []string{"retry your request"}, true},
}

func TestErrorReadsTheRefusalsOfOAuth(t *testing.T) {
	t.Parallel()
	for code, refusal := range oauthErrors {
		for _, description := range refusal.descriptions {
			t.Run(string(code)+" "+description, func(t *testing.T) {
				t.Parallel()
				body, err := json.Marshal(map[string]string{"error": string(code), "error_description": description})
				require.NoError(t, err)
				w := &wire{script: []line{{status: refusal.status, body: string(body)}}}
				results, err := w.client(t, salesforce.Config{}, newApp(t, w).ClientCredentials()).Write(t.Context(), unkeyed)
				require.NoError(t, err)
				var e *salesforce.Error
				require.ErrorAs(t, results[0].Err, &e)
				require.Equal(t, code, e.Code)
				require.Equal(t, refusal.status, e.HTTPStatus)
				require.Equal(t, description, e.Message)
				require.Equal(t, refusal.retryable, e.Retryable())
				require.False(t, e.Uncertain)
				require.EqualError(t, e, "salesforce: "+string(code)+": no access token")
				require.Len(t, w.sent, 1, "asked once, and sent nothing without a token")
			})
		}
	}
}

func TestErrorJoinsSeveralProblems(t *testing.T) {
	t.Parallel()
	e := readError(t, 400, `[{"message":"one","errorCode":"A","fields":["X","Y"]},{"message":"two","errorCode":"B",`+
		`"fields":["Y","Z","not a field: s3cret"]}]`)
	require.Equal(
		t, &salesforce.Error{HTTPStatus: 400, Code: "A", Message: "one\ntwo", Fields: []string{"X", "Y", "Z"},
			WholeCall: true}, e,
	)
	require.Equal(t, "salesforce: A on X, Y, Z", e.Error())
}

func TestErrorNamesTheRecordThatHoldsTheValue(t *testing.T) {
	t.Parallel()
	for message, want := range map[string][]salesforce.Duplicate{
		"duplicate value found: Key__c duplicates value on record with id: 001dM00003kRs59": {
			{ID: "001dM00003kRs59QAC"},
		},
		"duplicate value found: Key__c duplicates value on record with id: 001dM00003kRs59QAC": {
			{ID: "001dM00003kRs59QAC"},
		},
		"valor duplicado encontrado: Key__c duplica el valor en el registro con el Id.: 001dM00003kRs59": {
			{ID: "001dM00003kRs59QAC"},
		},
		"duplicate value found: <unknown> duplicates value on record with id: <unknown>": nil,
		"Duplicate external id specified: 001dM00003kRs59":                               nil,
		"Already a campaign member.":                                                     nil,
	} {
		body, err := json.Marshal([]map[string]any{{"errorCode": "DUPLICATE_VALUE", "message": message}})
		require.NoError(t, err)
		require.Equal(t, want, readError(t, 400, string(body)).Duplicates, message)
	}
}

func TestErrorNamesAtMostAThousand(t *testing.T) {
	t.Parallel()
	var fields, addresses []string
	for i := range 2000 {
		fields = append(fields, fmt.Sprintf("F%d__c", i))
		addresses = append(addresses, fmt.Sprintf("/services/data/v62.0/sobjects/Lead/00Q%012d", i))
	}
	body, err := json.Marshal([]map[string]any{{"errorCode": "X", "fields": fields}})
	require.NoError(t, err)
	require.Equal(t, fields[:1000], readError(t, 400, string(body)).Fields)
	body, err = json.Marshal(addresses)
	require.NoError(t, err)
	require.Len(t, readError(t, 300, string(body)).Duplicates, 1000)
}

func TestErrorTakesBothSpellingsOfDuplicateResult(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"duplicateResut", "duplicateResult"} {
		e := readError(t, 400, `[{"errorCode":"DUPLICATES_DETECTED","message":"m","`+key+`":{"allowSave":true,
			"matchResults":[{"matchRecords":[{"record":{"attributes":{"type":"Contact"},"Id":"003000000000001"}},
			{"record":{"Id":"junk"}},{"record":null}]}]}}]`)
		require.True(t, e.AllowSave)
		require.Equal(t, []salesforce.Duplicate{{Object: "Contact", ID: "003000000000001AAA"}}, e.Duplicates)
	}
}

func TestErrorKeepsTheStatusOfABodyItCannotRead(t *testing.T) {
	t.Parallel()
	// Those of docs/salesforce.md, and some that a proxy may answer.
	statuses := []int{
		300, 304, 400, 401, 403, 404, 405, 407, 408, 409, 410, 412, 414, 415, 420, 428, 429, 431, 500, 502, 503, 504,
	}
	for _, status := range statuses {
		for _, body := range []string{
			"", "<html>s3cret</html>", "null", "{}", "[]", "7", `"s3cret"`, `[7]`, `[{}]`, `[{"errorCode":"s3cret s3cret"}]`,
		} {
			e := readError(t, status, body)
			require.Equal(t, &salesforce.Error{HTTPStatus: status, WholeCall: true}, e, body)
			require.Equal(
				t, strings.TrimSpace(fmt.Sprintf("salesforce: http status %d %s", status, http.StatusText(status))), e.Error(),
			)
		}
	}
}

// A detail in an unknown form must not hide the code, which proves that
// nothing was done.
func TestErrorKeepsTheCodeOfABodyInAnotherForm(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"errorCode":"X"}`,
		`{"errorCode":"X","statusCode":"X"}`,
		`[{"errorCode":"X","statusCode":400}]`,
		`[{"fields":"LastName","errorCode":"X"}]`,
		`[{"message":{"text":"x"},"errorCode":"X"}]`,
		`[{"errorCode":"X","duplicateResut":{"matchResults":{}}}]`,
		`[{"errorCode":"X","duplicateResut":{"matchResults":[{"matchRecords":[{"record":7}]}]}}]`,
		`[{"errorCode":"X","duplicateResut":{"matchResults":[{"matchRecords":[{"record":{"attributes":7,"Id":7}}]}]}}]`,
	} {
		require.Equal(t, &salesforce.Error{HTTPStatus: 400, Code: "X", WholeCall: true}, readError(t, 400, body), body)
	}
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]salesforce.Error{
		"salesforce: no response (may have been carried out): context canceled": {Uncertain: true, Err: context.Canceled},
		"salesforce: STRING_TOO_LONG on A, B": {
			HTTPStatus: 400, Code: "STRING_TOO_LONG", Message: "s3cret", Fields: []string{"A", "B"},
		},
		"salesforce: http status 404 Not Found": {HTTPStatus: 404},
	} {
		require.Equal(t, want, e.Error())
	}
	require.ErrorIs(t, fmt.Errorf("x: %w", &salesforce.Error{Err: context.Canceled}), context.Canceled)
	require.NoError(t, errors.Unwrap(&salesforce.Error{}))
}

func FuzzErrorBody(f *testing.F) {
	for _, wireError := range wireErrors {
		f.Add(wireError.status, wireError.body)
	}
	f.Add(300, `["/services/data/v62.0/sobjects/Lead/00Q000000000003AAA"]`)
	f.Add(502, "<html>")
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 300 || status > 599 {
			return
		}
		e := readError(t, status, body)
		require.Equal(t, status, e.HTTPStatus)
		require.Empty(t, e.Err)
		for _, duplicate := range e.Duplicates {
			require.Len(t, string(duplicate.ID), 18)
		}
		require.Regexp(t, `^salesforce: [A-Za-z0-9_ .,'()-]+$`, e.Error())
	})
}

func TestErrorsOfRowsAndSubrequestsNameTheRequest(t *testing.T) {
	t.Parallel()
	id := map[string]string{"X-Sfdc-Request-Id": "req-1"}
	for name, body := range map[string]string{
		"subrequest": `{"compositeResponse":[{"referenceId":"r0","httpStatusCode":404,"body":[{"errorCode":"NOT_FOUND",` +
			`"message":"x"}]}]}`,
		"row": `{"compositeResponse":[{"referenceId":"r0","httpStatusCode":200,"body":[{"success":false,` +
			`"errors":[{"statusCode":"STRING_TOO_LONG","message":"x"}]}]}]}`,
		"no id":   `{"compositeResponse":[{"referenceId":"r0","httpStatusCode":200,"body":[{"success":true}]}]}`,
		"no list": `{"compositeResponse":[{"referenceId":"r0","httpStatusCode":200,"body":{}}]}`,
		"page":    `<html>`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &wire{script: []line{{status: 200, headers: id, body: body}}}
			results, err := w.client(t, salesforce.Config{}, nil).Write(t.Context(), unkeyed)
			require.NoError(t, err)
			var e *salesforce.Error
			require.ErrorAs(t, results[0].Err, &e)
			require.Equal(t, "req-1", e.RequestID)
		})
	}
}

func TestStatusOfFindsTheCodeUnderAnError(t *testing.T) {
	t.Parallel()
	refused := &salesforce.Error{Code: "STRING_TOO_LONG"}
	require.Equal(t, salesforce.StatusCode("STRING_TOO_LONG"), salesforce.StatusOf(fmt.Errorf("write: %w", refused)))
	require.Empty(t, salesforce.StatusOf(io.EOF))
	require.Empty(t, salesforce.StatusOf(nil))
}

func TestErrorSaysWhetherALaterTryMayPass(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err       salesforce.Error
		retryable bool
		limit     salesforce.LimitKind
	}{
		"no answer": {salesforce.Error{Err: io.ErrUnexpectedEOF, Uncertain: true}, true, salesforce.LimitNone},
		"page":      {salesforce.Error{HTTPStatus: 502}, true, salesforce.LimitNone},
		"500":       {salesforce.Error{HTTPStatus: 500, Code: "UNKNOWN_EXCEPTION"}, true, salesforce.LimitNone},
		"408":       {salesforce.Error{HTTPStatus: 408}, true, salesforce.LimitNone},
		"lock":      {salesforce.Error{HTTPStatus: 200, Code: "UNABLE_TO_LOCK_ROW"}, true, salesforce.LimitNone},
		"lock in trigger": {
			salesforce.Error{HTTPStatus: 200, Code: "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", Message: "T: execution of " +
				"BeforeInsert caused by: UNABLE_TO_LOCK_ROW"},
			true,
			salesforce.LimitNone,
		},
		"trigger": {
			salesforce.Error{HTTPStatus: 200, Code: "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", Message: "entity type cannot be " +
				"inserted: Campaign"},
			false,
			salesforce.LimitNone,
		},
		"query timeout": {salesforce.Error{HTTPStatus: 400, Code: "QUERY_TIMEOUT"}, true, salesforce.LimitNone},
		"daily": {
			salesforce.Error{HTTPStatus: 403, Code: "REQUEST_LIMIT_EXCEEDED", Message: "TotalRequests Limit exceeded."},
			true,
			salesforce.LimitDaily,
		},
		"concurrent": {
			salesforce.Error{HTTPStatus: 403, Code: "REQUEST_LIMIT_EXCEEDED", Message: "ConcurrentRequests (Concurrent API) " +
				"Limit exceeded."},
			true,
			salesforce.LimitConcurrent,
		},
		"long running": {
			salesforce.Error{HTTPStatus: 403, Code: "REQUEST_LIMIT_EXCEEDED", Message: "ConcurrentPerOrgLongTxn Limit " +
				"exceeded."},
			true,
			salesforce.LimitConcurrent,
		},
		"limit unnamed": {salesforce.Error{HTTPStatus: 403, Code: "REQUEST_LIMIT_EXCEEDED"}, true, salesforce.LimitDaily},
		"429":           {salesforce.Error{HTTPStatus: 429}, true, salesforce.LimitConcurrent},
		"data":          {salesforce.Error{HTTPStatus: 200, Code: "STRING_TOO_LONG"}, false, salesforce.LimitNone},
		"session":       {salesforce.Error{HTTPStatus: 401, Code: "INVALID_SESSION_ID"}, false, salesforce.LimitNone},
		"404 page":      {salesforce.Error{HTTPStatus: 404}, false, salesforce.LimitNone},
		"wrong reply":   {salesforce.Error{HTTPStatus: 200, Err: io.ErrUnexpectedEOF}, false, salesforce.LimitNone},
		"token refused": {salesforce.Error{HTTPStatus: 400, Code: "invalid_grant"}, false, salesforce.LimitNone},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.retryable, test.err.Retryable())
			require.Equal(t, test.limit, test.err.Limit())
		})
	}
}
