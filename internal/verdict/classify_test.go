// SPDX-License-Identifier: Apache-2.0

package verdict

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// wireCodes is every code of docs/salesforce.md, Requests, Errors and OAuth,
// and every one that a lead can fail with.
var wireCodes = map[salesforce.StatusCode]leadtype.Code{
	"ALL_OR_NONE_OPERATION_ROLLED_BACK":                   leadtype.BatchCollateral,
	"APEX_ERROR":                                          leadtype.RemoteAutomation,
	"API_CURRENTLY_DISABLED":                              leadtype.ConnectionPermission,
	"API_DISABLED_FOR_ORG":                                leadtype.ConnectionPermission,
	"BATCH_PROCESSING_HALTED":                             leadtype.BatchCollateral,
	"CANNOT_EXECUTE_FLOW_TRIGGER":                         leadtype.RemoteAutomation,
	"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY":                leadtype.RemoteAutomation,
	"CANNOT_UPDATE_CONVERTED_LEAD":                        leadtype.StaleRemoteRecord,
	"DUPLICATES_DETECTED":                                 leadtype.DuplicateRecord,
	"DUPLICATE_EXTERNAL_ID":                               leadtype.AmbiguousMatch,
	"DUPLICATE_VALUE":                                     leadtype.DuplicateRecord,
	"ENTITY_IS_DELETED":                                   leadtype.StaleRemoteRecord,
	"ENTITY_IS_LOCKED":                                    leadtype.RecordLocked,
	"EXCEEDED_ID_LIMIT":                                   leadtype.Unknown,
	"FIELD_CUSTOM_VALIDATION_EXCEPTION":                   leadtype.DataValueValidation,
	"FIELD_FILTER_VALIDATION_EXCEPTION":                   leadtype.DataValueValidation,
	"FIELD_INTEGRITY_EXCEPTION":                           leadtype.DataValueValidation,
	"INACTIVE_OWNER_OR_USER":                              leadtype.OwnerInvalid,
	"INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": leadtype.RemoteUnavailable,
	"INSUFFICIENT_ACCESS":                                 leadtype.ConnectionPermission,
	"INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY":       leadtype.ConnectionPermission,
	"INSUFFICIENT_ACCESS_OR_READONLY":                     leadtype.ConnectionPermission,
	"INVALID_AUTH_HEADER":                                 leadtype.Authentication,
	"INVALID_OPERATION_WITH_EXPIRED_PASSWORD":             leadtype.Authentication,
	"INVALID_CROSS_REFERENCE_KEY":                         leadtype.StaleRemoteRecord,
	"INVALID_EMAIL_ADDRESS":                               leadtype.DataValueValidation,
	"INVALID_ENTITY_FOR_UPSERT":                           leadtype.Unknown,
	"INVALID_EXTERNAL_ID_FIELD_NAME":                      leadtype.MissingRemoteField,
	"INVALID_FIELD":                                       leadtype.MissingRemoteField,
	"INVALID_FIELD_FOR_INSERT_UPDATE":                     leadtype.ConnectionPermission,
	"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST":             leadtype.DataValueValidation,
	"INVALID_PERSON_ACCOUNT_OPERATION":                    leadtype.PersonAccount,
	"INVALID_QUERY_LOCATOR":                               leadtype.RemoteUnavailable,
	"INVALID_SESSION_ID":                                  leadtype.Authentication,
	"INVALID_STATUS":                                      leadtype.Unknown,
	"INVALID_TYPE":                                        leadtype.MissingRemoteField,
	"INVALID_TYPE_FOR_OPERATION":                          leadtype.Unknown,
	"INVALID_TYPE_ON_FIELD_IN_RECORD":                     leadtype.DataValueValidation,
	"JSON_PARSER_ERROR":                                   leadtype.Unknown,
	"LIMIT_EXCEEDED":                                      leadtype.RateLimit,
	"MALFORMED_ID":                                        leadtype.StaleRemoteRecord,
	"MALFORMED_QUERY":                                     leadtype.Unknown,
	"MALFORMED_SEARCH":                                    leadtype.Unknown,
	"MAX_TASK_DESCRIPTION_EXCEEEDED":                      leadtype.DataValueValidation,
	"METHOD_NOT_ALLOWED":                                  leadtype.Unknown,
	"MISSING_ARGUMENT":                                    leadtype.Unknown,
	"NOT_FOUND":                                           leadtype.StaleRemoteRecord,
	"NUMBER_OUTSIDE_VALID_RANGE":                          leadtype.DataValueValidation,
	"OAUTH_APP_BLOCKED":                                   leadtype.Authentication,
	"OPERATION_TOO_LARGE":                                 leadtype.Unknown,
	"PROCESSING_HALTED":                                   leadtype.BatchCollateral,
	"QUERY_TIMEOUT":                                       leadtype.RemoteUnavailable,
	"QUERY_TOO_COMPLICATED":                               leadtype.Unknown,
	"RECORD_IN_USE_BY_WORKFLOW":                           leadtype.RemoteAutomation,
	"REQUEST_LIMIT_EXCEEDED":                              leadtype.RateLimit,
	"REQUIRED_FIELD_MISSING":                              leadtype.RequiredFieldMissing,
	"SELF_REFERENCE_FROM_TRIGGER":                         leadtype.RemoteAutomation,
	"SERVER_UNAVAILABLE":                                  leadtype.RemoteUnavailable,
	"STORAGE_LIMIT_EXCEEDED":                              leadtype.StorageLimit,
	"STRING_TOO_LONG":                                     leadtype.DataValueValidation,
	"TOO_MANY_APEX_REQUESTS":                              leadtype.RateLimit,
	"TRANSFER_REQUIRES_READ":                              leadtype.OwnerInvalid,
	"TXN_SECURITY_NO_ACCESS":                              leadtype.ConnectionPermission,
	"UNABLE_TO_LOCK_ROW":                                  leadtype.RowContention,
	"UNKNOWN_EXCEPTION":                                   leadtype.RemoteUnavailable,
	"UNSUPPORTED_MEDIA_TYPE":                              leadtype.Unknown,
}

func TestClassifyKnowsEveryWireCode(t *testing.T) {
	t.Parallel()
	for status, want := range wireCodes {
		cause := &salesforce.Error{HTTPStatus: 400, Code: status}
		got := Classify("create", salesforce.ObjectLead, cause)
		require.Equal(t, want, got.Code, status)
		require.ErrorIs(t, got, want)
		require.ErrorIs(t, got, cause)
	}
	require.Equal(t, slices.Sorted(maps.Keys(wireCodes)), slices.Sorted(maps.Keys(codeOf)),
		"every code of the table has its row here and the other way round")
}

func TestClassifyDecides(t *testing.T) {
	t.Parallel()
	lock := "FillRegion: execution of BeforeInsert\n\ncaused by: System.DmlException: first error: UNABLE_TO_LOCK_ROW, " +
		"unable to obtain exclusive access to this record"
	for name, tc := range map[string]struct {
		object salesforce.Object
		err    error
		want   leadtype.Code
		fields []string
	}{
		"no answer to a write": {err: &salesforce.Error{Uncertain: true, Err: io.ErrUnexpectedEOF},
			want: leadtype.UncertainWrite},
		"5xx that may have written": {err: &salesforce.Error{Uncertain: true, HTTPStatus: 503, Code: "SERVER_UNAVAILABLE"},
			want: leadtype.UncertainWrite},
		"not sent": {err: fmt.Errorf("write 3: %w", salesforce.ErrNotSent), want: leadtype.BatchCollateral},
		"owner by field": {err: &salesforce.Error{Code: "INVALID_CROSS_REFERENCE_KEY", Fields: []string{"OwnerId"}},
			want: leadtype.OwnerInvalid, fields: []string{"OwnerId"}},
		"owner by field, whatever the case": {err: &salesforce.Error{Code: "FIELD_INTEGRITY_EXCEPTION",
			Fields: []string{"ownerid"}},
			want: leadtype.OwnerInvalid, fields: []string{"ownerid"}},
		"owner that the user may not set": {err: &salesforce.Error{Code: "INVALID_FIELD_FOR_INSERT_UPDATE",
			Fields: []string{"OwnerId"}},
			want: leadtype.ConnectionPermission, fields: []string{"OwnerId"}},
		"owner that is not given": {err: &salesforce.Error{Code: "REQUIRED_FIELD_MISSING", Fields: []string{"OwnerId"}},
			want: leadtype.RequiredFieldMissing, fields: []string{"OwnerId"}},
		"campaign gone": {object: salesforce.ObjectCampaignMember,
			err:  &salesforce.Error{Code: "INVALID_CROSS_REFERENCE_KEY", Fields: []string{"CampaignId"}},
			want: leadtype.CampaignStatus, fields: []string{"CampaignId"}},
		"member status": {object: "campaignmember",
			err:  &salesforce.Error{Code: "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", Fields: []string{"Status"}},
			want: leadtype.CampaignStatus, fields: []string{"Status"}},
		"status of a lead": {object: salesforce.ObjectLead,
			err:  &salesforce.Error{Code: "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", Fields: []string{"Status"}},
			want: leadtype.DataValueValidation, fields: []string{"Status"}},
		"lock inside a trigger": {err: &salesforce.Error{Code: "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", Message: lock},
			want: leadtype.RowContention},
		"lock inside a flow": {err: &salesforce.Error{Code: "CANNOT_EXECUTE_FLOW_TRIGGER", Message: lock},
			want: leadtype.RowContention},
		"lock named by a rule": {err: &salesforce.Error{Code: "FIELD_CUSTOM_VALIDATION_EXCEPTION", Message: lock},
			want: leadtype.DataValueValidation},
		"limit inside a trigger": {err: &salesforce.Error{Code: "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
			Message: "FillRegion: System.LimitException: Too many SOQL queries: 101"},
			want: leadtype.RemoteAutomation},
		"no right to create": {err: &salesforce.Error{Code: "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
			Message: "entity type cannot be inserted: Lead"}, want: leadtype.ConnectionPermission},
		"batch retries": {err: &salesforce.Error{Code: "UNKNOWN_EXCEPTION",
			Message: "Too many batch retries in the presence of Apex triggers and partial failures."},
			want: leadtype.RemoteAutomation},
		"typed parser error": {err: &salesforce.Error{Code: "JSON_PARSER_ERROR",
			Message: "Cannot deserialize instance of datetime from VALUE_STRING value x at [line:1, column:179]"},
			want: leadtype.DataValueValidation},
		"untyped parser error": {err: &salesforce.Error{Code: "JSON_PARSER_ERROR",
			Message: "Unexpected character ('j' (code 106)): was expecting comma"}, want: leadtype.Unknown},
		"key field gone": {err: &salesforce.Error{HTTPStatus: 404, Code: "NOT_FOUND",
			Message: "Provided external ID field does not exist or is not accessible: Key__c"},
			want: leadtype.MissingRemoteField},
		"column in the message": {err: &salesforce.Error{Code: "INVALID_FIELD",
			Message: "No such column 'Tier__c' on sobject of type Lead"},
			want: leadtype.MissingRemoteField, fields: []string{"Tier__c"}},
		"column in a query's message": {err: &salesforce.Error{Code: "INVALID_FIELD",
			Message: "\nSELECT Tier__c\n       ^\nERROR at Row:1:Column:8\nNo such column 'Tier__c' on entity 'Lead'. " +
				"If you are"},
			want: leadtype.MissingRemoteField, fields: []string{"Tier__c"}},
		"unique field in the message": {err: &salesforce.Error{Code: "DUPLICATE_VALUE",
			Message: "duplicate value found: LeadsyncKey__c duplicates value on record with id: 00Qak00000696HF"},
			want: leadtype.DuplicateRecord, fields: []string{"LeadsyncKey__c"}},
		"unique field unknown": {err: &salesforce.Error{Code: "DUPLICATE_VALUE",
			Message: "duplicate value found: <unknown> duplicates value on record with id: <unknown>"},
			want: leadtype.DuplicateRecord},
		"new access code": {err: &salesforce.Error{HTTPStatus: 400, Code: "INSUFFICIENT_ACCESS_SOMEHOW"},
			want: leadtype.ConnectionPermission},
		"new code":          {err: &salesforce.Error{HTTPStatus: 400, Code: "NOVELTY"}, want: leadtype.Unknown},
		"new code of a row": {err: &salesforce.Error{HTTPStatus: 200, Code: "NOVELTY"}, want: leadtype.Unknown},
		"new code with 500": {err: &salesforce.Error{HTTPStatus: 500, Code: "NOVELTY"}, want: leadtype.RemoteUnavailable},
		"new code with 401": {err: &salesforce.Error{HTTPStatus: 401, Code: "NOVELTY"}, want: leadtype.Authentication},
		"new code with 429": {err: &salesforce.Error{HTTPStatus: 429, Code: "NOVELTY"}, want: leadtype.RateLimit},
		"several by key":    {err: &salesforce.Error{HTTPStatus: 300}, want: leadtype.AmbiguousMatch},
		"401 without code":  {err: &salesforce.Error{HTTPStatus: 401}, want: leadtype.Authentication},
		"429 without code":  {err: &salesforce.Error{HTTPStatus: 429}, want: leadtype.RateLimit},
		"502 page":          {err: &salesforce.Error{HTTPStatus: 502}, want: leadtype.RemoteUnavailable},
		"200 page":          {err: &salesforce.Error{HTTPStatus: 200}, want: leadtype.RemoteUnavailable},
		"404 page":          {err: &salesforce.Error{HTTPStatus: 404}, want: leadtype.RemoteUnavailable},
		"uri too long":      {err: &salesforce.Error{HTTPStatus: 414}, want: leadtype.Unknown},
		"no answer":         {err: &salesforce.Error{Err: io.EOF}, want: leadtype.RemoteUnavailable},
		"dial error": {err: &net.OpError{Op: "dial", Err: errors.New("connection refused")},
			want: leadtype.RemoteUnavailable},
		"time out":      {err: context.DeadlineExceeded, want: leadtype.RemoteUnavailable},
		"cancelled":     {err: context.Canceled, want: leadtype.RemoteUnavailable},
		"anything else": {err: errors.New("surprise"), want: leadtype.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := Classify("create", tc.object, tc.err)
			require.Equal(t, tc.want, got.Code)
			require.Equal(t, tc.fields, got.Fields)
			require.ErrorIs(t, got, tc.err)
		})
	}
}

func TestClassifyReadsTokenErrors(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		status            int
		code, description string
		want              leadtype.Code
	}{
		{400, "invalid_grant", "expired access/refresh token", leadtype.Authentication},
		{400, "invalid_grant", "inactive user", leadtype.Authentication},
		{400, "invalid_grant", "inactive organization", leadtype.Authentication},
		{400, "invalid_grant", "login rate exceeded", leadtype.RateLimit},
		{400, "invalid_client_id", "client identifier invalid", leadtype.Authentication},
		{401, "invalid_client", "invalid client credentials", leadtype.Authentication},
		{400, "unsupported_grant_type", "grant type not supported", leadtype.Authentication},
		{400, "app_not_found", "External client app is not installed in this org", leadtype.Authentication},
		{400, "OAUTH_APP_BLOCKED", "", leadtype.Authentication},
		{400, "invalid_grant", "token request is already being processed", leadtype.RemoteUnavailable},
		{400, "rate_limit_exceeded", "", leadtype.RateLimit},
		{400, "unknown_error", "retry your request", leadtype.RemoteUnavailable},
		{429, "", "", leadtype.RateLimit},
		{503, "", "", leadtype.RemoteUnavailable},
		{200, "", "", leadtype.RemoteUnavailable},
		{403, "", "", leadtype.Authentication},
	} {
		cause := &oauth2.RetrieveError{Response: &http.Response{StatusCode: tc.status, Status: http.StatusText(tc.status)},
			Body: []byte("access_token=secret"), ErrorCode: tc.code, ErrorDescription: tc.description}
		for _, err := range []error{cause,
			&url.Error{Op: "Post", URL: "https://login.example/?u=ada@example.com", Err: cause}} {
			got := Classify("session", "", err)
			require.Equal(t, tc.want, got.Code, "%+v", tc)
			require.ErrorIs(t, got, cause)
			require.NotContains(t, got.Error(), "secret")
			require.NotContains(t, got.Error(), "ada@")
		}
		require.Equal(t, tc.want, Classify("session", "", &salesforce.Error{Err: cause}).Code,
			"%+v under the client's error", tc)
	}
}

func TestClassifyReadsATokenErrorWithoutAReply(t *testing.T) {
	t.Parallel()
	cause := &oauth2.RetrieveError{ErrorCode: "invalid_grant", ErrorDescription: "no refresh token"}
	require.Equal(t, leadtype.Authentication,
		Classify("session", "", &salesforce.Error{Code: "invalid_grant", Err: cause}).Code)
}

func TestClassifyHidesAddresses(t *testing.T) {
	t.Parallel()
	cause := &url.Error{Op: "Get", URL: "https://acme.example/query?q=ada@example.com",
		Err: errors.New("connection refused")}
	got := Classify("match", "", cause)
	require.Equal(t, leadtype.RemoteUnavailable, got.Code)
	require.EqualError(t, got, "leadsync: match: REMOTE_UNAVAILABLE: connection refused")
	require.ErrorIs(t, got, cause)
}

func TestClassifyKeepsContextErrorsRecognisable(t *testing.T) {
	t.Parallel()
	require.ErrorIs(t, Classify("match", "", &salesforce.Error{Err: context.Canceled}), context.Canceled)
	require.ErrorIs(t, Classify("match", "", fmt.Errorf("%w: %w", salesforce.ErrNotSent, context.Canceled)),
		context.Canceled)
}

func TestClassifyKeepsAnErrorOfOurs(t *testing.T) {
	t.Parallel()
	require.Nil(t, Classify("create", salesforce.ObjectLead, nil))
	ours := &leadtype.Error{Code: leadtype.NoTagMapping, LeadID: "L1"}
	got := Classify("create", salesforce.ObjectLead, fmt.Errorf("map: %w", ours))
	require.Equal(t, &leadtype.Error{Op: "create", Code: leadtype.NoTagMapping, LeadID: "L1",
		Object: salesforce.ObjectLead}, got)
	require.Empty(t, ours.Op, "the error that was given is left as it is")

	source := Classify("create", salesforce.ObjectLead,
		&leadtype.Error{Op: "map", Code: leadtype.DataValueValidation, Fields: []string{"score"}})
	require.Equal(t, &leadtype.Error{Op: "map", Code: leadtype.DataValueValidation, Fields: []string{"score"}}, source,
		"a source field belongs to no object")
}

func TestErrorReportsWhatStopsTheConnection(t *testing.T) {
	t.Parallel()
	for status, want := range wireCodes {
		e := Classify("create", salesforce.ObjectLead, &salesforce.Error{Code: status})
		stops := want == leadtype.Authentication || want == leadtype.StorageLimit || status == "API_CURRENTLY_DISABLED" ||
			status == "API_DISABLED_FOR_ORG"
		require.Equal(t, stops, Pauses(e), status)
	}
}

// BenchmarkClassify classifies a refusal of each code.
func BenchmarkClassify(b *testing.B) {
	refusals := make([]error, 0, len(wireCodes))
	for _, code := range slices.Sorted(maps.Keys(wireCodes)) {
		refusals = append(refusals, &salesforce.Error{HTTPStatus: http.StatusBadRequest, Code: code,
			Message: "Budget is required", Fields: []string{"Budget__c"}})
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, refusal := range refusals {
			if Classify("create", "Lead", refusal) == nil {
				b.Fatal("a refusal without an error")
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(refusals)), "ns/refusal")
}
