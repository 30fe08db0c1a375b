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

	"github.com/leadsync/leadsync/salesforce"
	"github.com/stretchr/testify/require"
)

// wireErrors are codes with a reply that holds them. Where docs/salesforce.md has
// a message, it is that one.
var wireErrors = map[salesforce.StatusCode]struct {
	status int
	body   string
}{
	salesforce.RequiredFieldMissing:                     {400, `[{"message":"Required fields are missing: [LastName, Company]","errorCode":"REQUIRED_FIELD_MISSING","fields":["LastName","Company"]}]`},
	salesforce.StringTooLong:                            {400, `[{"message":"First Name: data value too large: s3cret (max length=40)","errorCode":"STRING_TOO_LONG","fields":["FirstName"]}]`},
	salesforce.InvalidEmailAddress:                      {400, `[{"message":"Email: invalid email address: s3cret","errorCode":"INVALID_EMAIL_ADDRESS","fields":["Email"]}]`},
	salesforce.InvalidOrNullForRestrictedPicklist:       {400, `[{"message":"Race: bad value for restricted picklist field: s3cret","errorCode":"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST","fields":["Race__c"]}]`},
	salesforce.FieldCustomValidationException:           {400, `[{"message":"s3cret","errorCode":"FIELD_CUSTOM_VALIDATION_EXCEPTION","fields":[]},{"message":"two","errorCode":"FIELD_CUSTOM_VALIDATION_EXCEPTION","fields":["Phone"]}]`},
	salesforce.FieldFilterValidationException:           {400, `[{"message":"Value does not exist or does not match filter criteria.","errorCode":"FIELD_FILTER_VALIDATION_EXCEPTION","fields":["Owner__c"]}]`},
	salesforce.FieldIntegrityException:                  {400, `[{"message":"There's a problem with this state","errorCode":"FIELD_INTEGRITY_EXCEPTION","fields":["State"]}]`},
	salesforce.NumberOutsideValidRange:                  {400, `[{"message":"N: value outside of valid range on numeric field: s3cret","errorCode":"NUMBER_OUTSIDE_VALID_RANGE","fields":["N__c"]}]`},
	salesforce.InvalidTypeOnFieldInRecord:               {400, `[{"message":"N: value not of required type: s3cret","errorCode":"INVALID_TYPE_ON_FIELD_IN_RECORD","fields":["N__c"]}]`},
	salesforce.JSONParserError:                          {400, `[{"message":"Cannot deserialize instance of datetime from VALUE_STRING value s3cret at [line:1, column:179]","errorCode":"JSON_PARSER_ERROR"}]`},
	salesforce.InvalidField:                             {400, `[{"message":"No such column 'X' on sobject of type Account","errorCode":"INVALID_FIELD"}]`},
	salesforce.InvalidType:                              {400, `[{"message":"\nERROR at Row:1:Column:21\nsObject type 'XYZZY' is not supported.","errorCode":"INVALID_TYPE"}]`},
	salesforce.MalformedQuery:                           {400, `[{"message":"unexpected token: '<EOF>'","errorCode":"MALFORMED_QUERY"}]`},
	salesforce.InvalidFieldForInsertUpdate:              {400, `[{"message":"Unable to create/update fields: A, B.","errorCode":"INVALID_FIELD_FOR_INSERT_UPDATE","fields":["A","B"]}]`},
	salesforce.MalformedID:                              {400, `[{"message":"Contact ID: id value of incorrect type: s3cret","errorCode":"MALFORMED_ID","fields":["ContactId"]}]`},
	salesforce.InvalidCrossReferenceKey:                 {404, `[{"message":"invalid cross reference id","errorCode":"INVALID_CROSS_REFERENCE_KEY","fields":[]}]`},
	salesforce.EntityIsDeleted:                          {404, `[{"message":"entity is deleted","errorCode":"ENTITY_IS_DELETED","fields":[]}]`},
	salesforce.NotFound:                                 {404, `[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]`},
	salesforce.DuplicateValue:                           {400, `[{"message":"Already a campaign member.","errorCode":"DUPLICATE_VALUE","fields":[]}]`},
	salesforce.DuplicateExternalID:                      {400, `[{"message":"x","errorCode":"DUPLICATE_EXTERNAL_ID","fields":["Key__c"]}]`},
	salesforce.DuplicatesDetected:                       {400, `[{"message":"Use one of these records?","errorCode":"DUPLICATES_DETECTED"}]`},
	salesforce.CannotUpdateConvertedLead:                {400, `[{"message":"cannot reference converted lead","errorCode":"CANNOT_UPDATE_CONVERTED_LEAD","fields":[]}]`},
	salesforce.CannotInsertUpdateActivateEntity:         {400, `[{"message":"entity type cannot be inserted: Campaign","errorCode":"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY","fields":[]}]`},
	salesforce.CannotExecuteFlowTrigger:                 {400, `[{"message":"We can't save this record because the \"X\" process failed.","errorCode":"CANNOT_EXECUTE_FLOW_TRIGGER","fields":[]}]`},
	salesforce.InsufficientAccessOrReadonly:             {403, `[{"message":"insufficient access rights on object id","errorCode":"INSUFFICIENT_ACCESS_OR_READONLY","fields":[]}]`},
	salesforce.InsufficientAccessOnCrossReferenceEntity: {400, `[{"message":"insufficient access rights on cross-reference id","errorCode":"INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY","fields":[]}]`},
	salesforce.InactiveOwnerOrUser:                      {400, `[{"message":"operation performed with inactive user [005000000000001] as owner of lead","errorCode":"INACTIVE_OWNER_OR_USER","fields":["OwnerId"]}]`},
	salesforce.UnableToLockRow:                          {400, `[{"message":"unable to obtain exclusive access to this record or 1 records: 001000000000001AAA","errorCode":"UNABLE_TO_LOCK_ROW","fields":[]}]`},
	salesforce.EntityIsLocked:                           {400, `[{"message":"the entity is locked for editing","errorCode":"ENTITY_IS_LOCKED","fields":[]}]`},
	salesforce.StorageLimitExceeded:                     {403, `[{"message":"storage limit exceeded","errorCode":"STORAGE_LIMIT_EXCEEDED"}]`},
	salesforce.QueryTimeout:                             {400, `[{"message":"Your query request was running for too long.","errorCode":"QUERY_TIMEOUT"}]`},
	salesforce.TxnSecurityNoAccess:                      {403, `[{"message":"The operation you requested isn't allowed due to a security policy in your organization.","errorCode":"TXN_SECURITY_NO_ACCESS"}]`},
	salesforce.RequestLimitExceeded:                     {403, `[{"message":"TotalRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]`},
	salesforce.ServerUnavailable:                        {503, `[{"message":"Server Unavailable","errorCode":"SERVER_UNAVAILABLE"}]`},
	salesforce.InvalidSessionID:                         {401, `[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]`},
	salesforce.InvalidAuthHeader:                        {401, `[{"message":"INVALID_HEADER_TYPE","errorCode":"INVALID_AUTH_HEADER"}]`},
	salesforce.APICurrentlyDisabled:                     {403, `[{"message":"API is disabled for this user","errorCode":"API_CURRENTLY_DISABLED"}]`},
	salesforce.APIDisabledForOrg:                        {403, `[{"message":"API is not enabled for this Organization or Partner","errorCode":"API_DISABLED_FOR_ORG"}]`},
	salesforce.UnknownException:                         {500, `[{"message":"An unexpected error occurred. Please include this ErrorId if you contact support: 1","errorCode":"UNKNOWN_EXCEPTION"}]`},
	salesforce.MethodNotAllowed:                         {405, `[{"message":"HTTP Method 'DELETE' not allowed. Allowed are HEAD,GET,PATCH","errorCode":"METHOD_NOT_ALLOWED"}]`},
	salesforce.ProcessingHalted:                         {400, `[{"message":"The transaction was rolled back since another operation in the same transaction failed.","errorCode":"PROCESSING_HALTED"}]`},
	salesforce.ExceededIDLimit:                          {400, `[{"message":"record limit reached. cannot submit more than 200 records in this operation","errorCode":"EXCEEDED_ID_LIMIT"}]`},
	salesforce.AllOrNoneOperationRolledBack:             {400, `[{"message":"Record rolled back","errorCode":"ALL_OR_NONE_OPERATION_ROLLED_BACK"}]`},
	salesforce.ApexError:                                {500, bare("APEX_ERROR")},

	// Of these only the name is known.
	salesforce.InsertUpdateDeleteNotAllowedDuringMaintenance: {503, bare("INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE")},
	salesforce.InvalidEntityForUpsert:                        {400, bare("INVALID_ENTITY_FOR_UPSERT")},
	salesforce.InvalidExternalIDFieldName:                    {400, bare("INVALID_EXTERNAL_ID_FIELD_NAME")},
	salesforce.InvalidQueryLocator:                           {404, bare("INVALID_QUERY_LOCATOR")},
	salesforce.InvalidStatus:                                 {400, bare("INVALID_STATUS")},
	salesforce.InvalidTypeForOperation:                       {400, bare("INVALID_TYPE_FOR_OPERATION")},
	salesforce.LimitExceeded:                                 {400, bare("LIMIT_EXCEEDED")},
	salesforce.MalformedSearch:                               {400, bare("MALFORMED_SEARCH")},
	salesforce.MaxTaskDescriptionExceeded:                    {400, bare("MAX_TASK_DESCRIPTION_EXCEEEDED")},
	salesforce.MissingArgument:                               {400, bare("MISSING_ARGUMENT")},
	salesforce.OperationTooLarge:                             {400, bare("OPERATION_TOO_LARGE")},
	salesforce.QueryTooComplicated:                           {400, bare("QUERY_TOO_COMPLICATED")},
	salesforce.RecordInUseByWorkflow:                         {400, bare("RECORD_IN_USE_BY_WORKFLOW")},
	salesforce.SelfReferenceFromTrigger:                      {400, bare("SELF_REFERENCE_FROM_TRIGGER")},
	salesforce.TooManyApexRequests:                           {400, bare("TOO_MANY_APEX_REQUESTS")},
	salesforce.TransferRequiresRead:                          {400, bare("TRANSFER_REQUIRES_READ")},
	salesforce.UnsupportedMediaType:                          {415, bare("UNSUPPORTED_MEDIA_TYPE")},
}

func bare(code string) string { return `[{"message":"","errorCode":"` + code + `"}]` }

// readError is the error of a read whose call Salesforce answers like that.
func readError(t *testing.T, status int, body string) *salesforce.Error {
	w := &wire{script: []line{{status: status, body: body}}}
	results, err := w.client(t, salesforce.Config{MaxRetries: -1}, nil).Read(t.Context(), salesforce.DescribeObject("Lead", ""))
	require.NoError(t, err)
	var e *salesforce.Error
	require.ErrorAs(t, results[0].Err, &e)
	return e
}

// subrequestError is the error of a read whose subrequest is answered like that.
func subrequestError(t *testing.T, status int, body string) *salesforce.Error {
	return readError(t, 200, fmt.Sprintf(`{"compositeResponse":[{"referenceId":"r0","httpStatusCode":%d,"body":%s}]}`, status, body))
}

// rowError is the error of a row of a collection that is refused like that.
func rowError(t *testing.T, _ int, body string) *salesforce.Error {
	errs := strings.ReplaceAll(body, `"errorCode"`, `"statusCode"`)
	w := &wire{script: []line{{status: 200, body: `{"compositeResponse":[{"referenceId":"r0","httpStatusCode":200,"body":[{"success":false,"errors":` + errs + `}]}]}`}}}
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
				require.Equal(t, &salesforce.Error{HTTPStatus: status, Code: code, Message: strings.Join(messages, "\n"), Fields: fields}, e, form)
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
		"expired access/refresh token", "expired authorization code", "inactive user", "inactive organization", "ip restricted",
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
	e := readError(t, 400, `[{"message":"one","errorCode":"A","fields":["X","Y"]},{"message":"two","errorCode":"B","fields":["Y","Z","not a field: s3cret"]}]`)
	require.Equal(t, &salesforce.Error{HTTPStatus: 400, Code: "A", Message: "one\ntwo", Fields: []string{"X", "Y", "Z"}}, e)
	require.Equal(t, "salesforce: A on X, Y, Z", e.Error())
}

func TestErrorNamesTheRecordThatHoldsTheValue(t *testing.T) {
	t.Parallel()
	for message, want := range map[string][]salesforce.Duplicate{
		"duplicate value found: Key__c duplicates value on record with id: 001dM00003kRs59":              {{ID: "001dM00003kRs59QAC"}},
		"duplicate value found: Key__c duplicates value on record with id: 001dM00003kRs59QAC":           {{ID: "001dM00003kRs59QAC"}},
		"valor duplicado encontrado: Key__c duplica el valor en el registro con el Id.: 001dM00003kRs59": {{ID: "001dM00003kRs59QAC"}},
		"duplicate value found: <unknown> duplicates value on record with id: <unknown>":                 nil,
		"Duplicate external id specified: 001dM00003kRs59":                                               nil,
		"Already a campaign member.": nil,
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
		e := readError(t, 400, `[{"errorCode":"DUPLICATES_DETECTED","message":"m","`+key+`":{"allowSave":true,"matchResults":[{"matchRecords":[
			{"record":{"attributes":{"type":"Contact"},"Id":"003000000000001"}},{"record":{"Id":"junk"}},{"record":null}]}]}}]`)
		require.True(t, e.AllowSave)
		require.Equal(t, []salesforce.Duplicate{{Object: "Contact", ID: "003000000000001AAA"}}, e.Duplicates)
	}
}

func TestErrorKeepsTheStatusOfABodyItCannotRead(t *testing.T) {
	t.Parallel()
	// Those of docs/salesforce.md, and some that a proxy may answer.
	statuses := []int{300, 304, 400, 401, 403, 404, 405, 407, 408, 409, 410, 412, 414, 415, 420, 428, 429, 431, 500, 502, 503, 504}
	for _, status := range statuses {
		for _, body := range []string{"", "<html>s3cret</html>", "null", "{}", "[]", "7", `"s3cret"`, `[7]`, `[{}]`, `[{"errorCode":"s3cret s3cret"}]`} {
			e := readError(t, status, body)
			require.Equal(t, &salesforce.Error{HTTPStatus: status}, e, body)
			require.Equal(t, strings.TrimSpace(fmt.Sprintf("salesforce: http status %d %s", status, http.StatusText(status))), e.Error())
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
		require.Equal(t, &salesforce.Error{HTTPStatus: 400, Code: "X"}, readError(t, 400, body), body)
	}
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]salesforce.Error{
		"salesforce: no answer (may have been carried out): context canceled": {Uncertain: true, Err: context.Canceled},
		"salesforce: STRING_TOO_LONG on A, B":                                 {HTTPStatus: 400, Code: "STRING_TOO_LONG", Message: "s3cret", Fields: []string{"A", "B"}},
		"salesforce: http status 404 Not Found":                               {HTTPStatus: 404},
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
		"subrequest": `{"compositeResponse":[{"referenceId":"r0","httpStatusCode":404,"body":[{"errorCode":"NOT_FOUND","message":"x"}]}]}`,
		"row":        `{"compositeResponse":[{"referenceId":"r0","httpStatusCode":200,"body":[{"success":false,"errors":[{"statusCode":"STRING_TOO_LONG","message":"x"}]}]}]}`,
		"no id":      `{"compositeResponse":[{"referenceId":"r0","httpStatusCode":200,"body":[{"success":true}]}]}`,
		"no list":    `{"compositeResponse":[{"referenceId":"r0","httpStatusCode":200,"body":{}}]}`,
		"page":       `<html>`,
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
