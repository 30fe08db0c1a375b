package leadsync

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

	"github.com/leadsync/leadsync/salesforce"
)

// wireCodes is every code of SALESFORCE.md 1, 3 and 5 and of PRODUCT.md 10.
var wireCodes = map[salesforce.StatusCode]Code{
	"ALL_OR_NONE_OPERATION_ROLLED_BACK":                   BatchCollateral,
	"APEX_ERROR":                                          RemoteAutomation,
	"API_CURRENTLY_DISABLED":                              ConnectionPermission,
	"API_DISABLED_FOR_ORG":                                ConnectionPermission,
	"BATCH_PROCESSING_HALTED":                             BatchCollateral,
	"CANNOT_EXECUTE_FLOW_TRIGGER":                         RemoteAutomation,
	"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY":                RemoteAutomation,
	"CANNOT_UPDATE_CONVERTED_LEAD":                        StaleRemoteRecord,
	"DUPLICATES_DETECTED":                                 DuplicateRecord,
	"DUPLICATE_EXTERNAL_ID":                               AmbiguousMatch,
	"DUPLICATE_VALUE":                                     DuplicateRecord,
	"ENTITY_IS_DELETED":                                   StaleRemoteRecord,
	"ENTITY_IS_LOCKED":                                    RecordLocked,
	"EXCEEDED_ID_LIMIT":                                   Unknown,
	"FIELD_CUSTOM_VALIDATION_EXCEPTION":                   DataValueValidation,
	"FIELD_FILTER_VALIDATION_EXCEPTION":                   DataValueValidation,
	"FIELD_INTEGRITY_EXCEPTION":                           DataValueValidation,
	"INACTIVE_OWNER_OR_USER":                              OwnerInvalid,
	"INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": RemoteUnavailable,
	"INSUFFICIENT_ACCESS":                                 ConnectionPermission,
	"INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY":       ConnectionPermission,
	"INSUFFICIENT_ACCESS_OR_READONLY":                     ConnectionPermission,
	"INVALID_AUTH_HEADER":                                 Authentication,
	"INVALID_CROSS_REFERENCE_KEY":                         StaleRemoteRecord,
	"INVALID_EMAIL_ADDRESS":                               DataValueValidation,
	"INVALID_ENTITY_FOR_UPSERT":                           Unknown,
	"INVALID_EXTERNAL_ID_FIELD_NAME":                      MissingRemoteField,
	"INVALID_FIELD":                                       MissingRemoteField,
	"INVALID_FIELD_FOR_INSERT_UPDATE":                     ConnectionPermission,
	"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST":             DataValueValidation,
	"INVALID_QUERY_LOCATOR":                               RemoteUnavailable,
	"INVALID_SESSION_ID":                                  Authentication,
	"INVALID_STATUS":                                      Unknown,
	"INVALID_TYPE":                                        MissingRemoteField,
	"INVALID_TYPE_FOR_OPERATION":                          Unknown,
	"INVALID_TYPE_ON_FIELD_IN_RECORD":                     DataValueValidation,
	"JSON_PARSER_ERROR":                                   Unknown,
	"LIMIT_EXCEEDED":                                      RateLimit,
	"MALFORMED_ID":                                        StaleRemoteRecord,
	"MALFORMED_QUERY":                                     Unknown,
	"MALFORMED_SEARCH":                                    Unknown,
	"MAX_TASK_DESCRIPTION_EXCEEEDED":                      DataValueValidation,
	"METHOD_NOT_ALLOWED":                                  Unknown,
	"MISSING_ARGUMENT":                                    Unknown,
	"NOT_FOUND":                                           StaleRemoteRecord,
	"NUMBER_OUTSIDE_VALID_RANGE":                          DataValueValidation,
	"OAUTH_APP_BLOCKED":                                   Authentication,
	"OPERATION_TOO_LARGE":                                 Unknown,
	"PROCESSING_HALTED":                                   BatchCollateral,
	"QUERY_TIMEOUT":                                       RemoteUnavailable,
	"QUERY_TOO_COMPLICATED":                               Unknown,
	"RECORD_IN_USE_BY_WORKFLOW":                           RemoteAutomation,
	"REQUEST_LIMIT_EXCEEDED":                              RateLimit,
	"REQUIRED_FIELD_MISSING":                              RequiredFieldMissing,
	"SELF_REFERENCE_FROM_TRIGGER":                         RemoteAutomation,
	"SERVER_UNAVAILABLE":                                  RemoteUnavailable,
	"STORAGE_LIMIT_EXCEEDED":                              StorageLimit,
	"STRING_TOO_LONG":                                     DataValueValidation,
	"TOO_MANY_APEX_REQUESTS":                              RateLimit,
	"TRANSFER_REQUIRES_READ":                              OwnerInvalid,
	"TXN_SECURITY_NO_ACCESS":                              ConnectionPermission,
	"UNABLE_TO_LOCK_ROW":                                  RowContention,
	"UNKNOWN_EXCEPTION":                                   RemoteUnavailable,
	"UNSUPPORTED_MEDIA_TYPE":                              Unknown,
}

func TestClassifyKnowsEveryWireCode(t *testing.T) {
	t.Parallel()
	for status, want := range wireCodes {
		cause := &salesforce.Error{HTTPStatus: 400, Code: status}
		got := classify("create", salesforce.ObjectLead, cause)
		require.Equal(t, want, got.Code, status)
		require.ErrorIs(t, got, want)
		require.ErrorIs(t, got, cause)
	}
	require.Equal(t, slices.Sorted(maps.Keys(wireCodes)), slices.Sorted(maps.Keys(codeOf)), "every code of the table has its row here and the other way round")
}

func TestClassifyDecides(t *testing.T) {
	t.Parallel()
	lock := "FillRegion: execution of BeforeInsert\n\ncaused by: System.DmlException: first error: UNABLE_TO_LOCK_ROW, unable to obtain exclusive access to this record"
	for name, tc := range map[string]struct {
		object salesforce.Object
		err    error
		want   Code
		fields []string
	}{
		"no answer to a write": {err: &salesforce.Error{Uncertain: true, Err: io.ErrUnexpectedEOF}, want: UncertainWrite},
		"5xx that may have written": {err: &salesforce.Error{Uncertain: true, HTTPStatus: 503, Code: "SERVER_UNAVAILABLE"},
			want: UncertainWrite},
		"not sent":       {err: fmt.Errorf("write 3: %w", salesforce.ErrNotSent), want: BatchCollateral},
		"owner by field": {err: &salesforce.Error{Code: "INVALID_CROSS_REFERENCE_KEY", Fields: []string{"OwnerId"}}, want: OwnerInvalid, fields: []string{"OwnerId"}},
		"owner by field, whatever the case": {err: &salesforce.Error{Code: "FIELD_INTEGRITY_EXCEPTION", Fields: []string{"ownerid"}},
			want: OwnerInvalid, fields: []string{"ownerid"}},
		"owner that the user may not set": {err: &salesforce.Error{Code: "INVALID_FIELD_FOR_INSERT_UPDATE", Fields: []string{"OwnerId"}},
			want: ConnectionPermission, fields: []string{"OwnerId"}},
		"owner that is not given": {err: &salesforce.Error{Code: "REQUIRED_FIELD_MISSING", Fields: []string{"OwnerId"}},
			want: RequiredFieldMissing, fields: []string{"OwnerId"}},
		"campaign gone": {object: salesforce.ObjectCampaignMember, err: &salesforce.Error{Code: "INVALID_CROSS_REFERENCE_KEY", Fields: []string{"CampaignId"}},
			want: CampaignStatus, fields: []string{"CampaignId"}},
		"member status": {object: "campaignmember", err: &salesforce.Error{Code: "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", Fields: []string{"Status"}},
			want: CampaignStatus, fields: []string{"Status"}},
		"status of a lead": {object: salesforce.ObjectLead, err: &salesforce.Error{Code: "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", Fields: []string{"Status"}},
			want: DataValueValidation, fields: []string{"Status"}},
		"lock inside a trigger": {err: &salesforce.Error{Code: "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", Message: lock}, want: RowContention},
		"lock inside a flow":    {err: &salesforce.Error{Code: "CANNOT_EXECUTE_FLOW_TRIGGER", Message: lock}, want: RowContention},
		"lock named by a rule":  {err: &salesforce.Error{Code: "FIELD_CUSTOM_VALIDATION_EXCEPTION", Message: lock}, want: DataValueValidation},
		"limit inside a trigger": {err: &salesforce.Error{Code: "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", Message: "FillRegion: System.LimitException: Too many SOQL queries: 101"},
			want: RemoteAutomation},
		"no right to create": {err: &salesforce.Error{Code: "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", Message: "entity type cannot be inserted: Lead"}, want: ConnectionPermission},
		"batch retries": {err: &salesforce.Error{Code: "UNKNOWN_EXCEPTION", Message: "Too many batch retries in the presence of Apex triggers and partial failures."},
			want: RemoteAutomation},
		"typed parser error": {err: &salesforce.Error{Code: "JSON_PARSER_ERROR", Message: "Cannot deserialize instance of datetime from VALUE_STRING value x at [line:1, column:179]"},
			want: DataValueValidation},
		"untyped parser error": {err: &salesforce.Error{Code: "JSON_PARSER_ERROR", Message: "Unexpected character ('j' (code 106)): was expecting comma"}, want: Unknown},
		"key field gone":       {err: &salesforce.Error{HTTPStatus: 404, Code: "NOT_FOUND", Message: "Provided external ID field does not exist or is not accessible: Key__c"}, want: MissingRemoteField},
		"column in the message": {err: &salesforce.Error{Code: "INVALID_FIELD", Message: "No such column 'Tier__c' on sobject of type Lead"},
			want: MissingRemoteField, fields: []string{"Tier__c"}},
		"column in a query's message": {err: &salesforce.Error{Code: "INVALID_FIELD", Message: "\nSELECT Tier__c\n       ^\nERROR at Row:1:Column:8\nNo such column 'Tier__c' on entity 'Lead'. If you are"},
			want: MissingRemoteField, fields: []string{"Tier__c"}},
		"unique field in the message": {err: &salesforce.Error{Code: "DUPLICATE_VALUE", Message: "duplicate value found: LeadsyncKey__c duplicates value on record with id: 00Qak00000696HF"},
			want: DuplicateRecord, fields: []string{"LeadsyncKey__c"}},
		"unique field unknown": {err: &salesforce.Error{Code: "DUPLICATE_VALUE", Message: "duplicate value found: <unknown> duplicates value on record with id: <unknown>"},
			want: DuplicateRecord},
		"new access code":   {err: &salesforce.Error{HTTPStatus: 400, Code: "INSUFFICIENT_ACCESS_SOMEHOW"}, want: ConnectionPermission},
		"new code":          {err: &salesforce.Error{HTTPStatus: 400, Code: "NOVELTY"}, want: Unknown},
		"new code of a row": {err: &salesforce.Error{HTTPStatus: 200, Code: "NOVELTY"}, want: Unknown},
		"new code with 500": {err: &salesforce.Error{HTTPStatus: 500, Code: "NOVELTY"}, want: RemoteUnavailable},
		"new code with 401": {err: &salesforce.Error{HTTPStatus: 401, Code: "NOVELTY"}, want: Authentication},
		"new code with 429": {err: &salesforce.Error{HTTPStatus: 429, Code: "NOVELTY"}, want: RateLimit},
		"several by key":    {err: &salesforce.Error{HTTPStatus: 300}, want: AmbiguousMatch},
		"401 without code":  {err: &salesforce.Error{HTTPStatus: 401}, want: Authentication},
		"429 without code":  {err: &salesforce.Error{HTTPStatus: 429}, want: RateLimit},
		"502 page":          {err: &salesforce.Error{HTTPStatus: 502}, want: RemoteUnavailable},
		"200 page":          {err: &salesforce.Error{HTTPStatus: 200}, want: RemoteUnavailable},
		"404 page":          {err: &salesforce.Error{HTTPStatus: 404}, want: RemoteUnavailable},
		"uri too long":      {err: &salesforce.Error{HTTPStatus: 414}, want: Unknown},
		"no answer":         {err: &salesforce.Error{Err: io.EOF}, want: RemoteUnavailable},
		"dial error":        {err: &net.OpError{Op: "dial", Err: errors.New("connection refused")}, want: RemoteUnavailable},
		"time out":          {err: context.DeadlineExceeded, want: RemoteUnavailable},
		"cancelled":         {err: context.Canceled, want: RemoteUnavailable},
		"anything else":     {err: errors.New("surprise"), want: Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := classify("create", tc.object, tc.err)
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
		want              Code
	}{
		{400, "invalid_grant", "expired access/refresh token", Authentication},
		{400, "invalid_grant", "inactive user", Authentication},
		{400, "invalid_grant", "inactive organization", Authentication},
		{400, "invalid_grant", "login rate exceeded", RateLimit},
		{400, "invalid_client_id", "client identifier invalid", Authentication},
		{401, "invalid_client", "invalid client credentials", Authentication},
		{400, "unsupported_grant_type", "grant type not supported", Authentication},
		{400, "app_not_found", "External client app is not installed in this org", Authentication},
		{400, "OAUTH_APP_BLOCKED", "", Authentication},
		{400, "rate_limit_exceeded", "", RateLimit},
		{400, "unknown_error", "retry your request", RemoteUnavailable},
		{429, "", "", RateLimit},
		{503, "", "", RemoteUnavailable},
		{200, "", "", RemoteUnavailable},
		{403, "", "", Authentication},
	} {
		cause := &oauth2.RetrieveError{Response: &http.Response{StatusCode: tc.status, Status: http.StatusText(tc.status)},
			Body: []byte("access_token=secret"), ErrorCode: tc.code, ErrorDescription: tc.description}
		for _, err := range []error{cause, &url.Error{Op: "Post", URL: "https://login.example/?u=ada@example.com", Err: cause}} {
			got := classify("session", "", err)
			require.Equal(t, tc.want, got.Code, "%+v", tc)
			require.ErrorIs(t, got, cause)
			require.NotContains(t, got.Error(), "secret")
			require.NotContains(t, got.Error(), "ada@")
		}
		require.Equal(t, tc.want, classify("session", "", &salesforce.Error{Err: cause}).Code, "%+v under the client's error", tc)
	}
}

func TestClassifyReadsATokenErrorWithoutAReply(t *testing.T) {
	t.Parallel()
	cause := &oauth2.RetrieveError{ErrorCode: "invalid_grant", ErrorDescription: "no refresh token"}
	require.Equal(t, Authentication, classify("session", "", &salesforce.Error{Code: "invalid_grant", Err: cause}).Code)
}

func TestClassifyHidesAddresses(t *testing.T) {
	t.Parallel()
	cause := &url.Error{Op: "Get", URL: "https://acme.example/query?q=ada@example.com", Err: errors.New("connection refused")}
	got := classify("match", "", cause)
	require.Equal(t, RemoteUnavailable, got.Code)
	require.EqualError(t, got, "leadsync: match: REMOTE_UNAVAILABLE: connection refused")
	require.ErrorIs(t, got, cause)
}

func TestClassifyKeepsContextErrorsRecognisable(t *testing.T) {
	t.Parallel()
	require.ErrorIs(t, classify("match", "", &salesforce.Error{Err: context.Canceled}), context.Canceled)
	require.ErrorIs(t, classify("match", "", fmt.Errorf("%w: %w", salesforce.ErrNotSent, context.Canceled)), context.Canceled)
}

func TestClassifyKeepsAnErrorOfOurs(t *testing.T) {
	t.Parallel()
	require.Nil(t, classify("create", salesforce.ObjectLead, nil))
	ours := &Error{Code: NoTagMapping, LeadID: "L1"}
	got := classify("create", salesforce.ObjectLead, fmt.Errorf("map: %w", ours))
	require.Equal(t, &Error{Op: "create", Code: NoTagMapping, LeadID: "L1", Object: salesforce.ObjectLead}, got)
	require.Empty(t, ours.Op, "the error that was given is left as it is")

	source := classify("create", salesforce.ObjectLead, &Error{Op: "map", Code: DataValueValidation, Fields: []string{"score"}})
	require.Equal(t, &Error{Op: "map", Code: DataValueValidation, Fields: []string{"score"}}, source, "a source field belongs to no object")
}

func TestErrorTellsWhatStopsTheConnection(t *testing.T) {
	t.Parallel()
	for status, want := range wireCodes {
		e := classify("create", salesforce.ObjectLead, &salesforce.Error{Code: status})
		stops := want == Authentication || want == StorageLimit || status == "API_CURRENTLY_DISABLED" || status == "API_DISABLED_FOR_ORG"
		require.Equal(t, stops, pauses(e), status)
	}
}
