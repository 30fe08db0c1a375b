package leadsync

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
)

// codeOf is the one table from Salesforce's codes to ours (PRODUCT.md 10,
// SALESFORCE.md 3). The codes that map to Unknown are those that only a
// mistake of this library causes. decide refines some of the rest.
var codeOf = map[salesforce.StatusCode]Code{
	"INVALID_FIELD":                  MissingRemoteField,
	"INVALID_TYPE":                   MissingRemoteField,
	"INVALID_EXTERNAL_ID_FIELD_NAME": MissingRemoteField,

	"FIELD_CUSTOM_VALIDATION_EXCEPTION":       DataValueValidation,
	"FIELD_FILTER_VALIDATION_EXCEPTION":       DataValueValidation,
	"FIELD_INTEGRITY_EXCEPTION":               DataValueValidation,
	"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": DataValueValidation,
	"STRING_TOO_LONG":                         DataValueValidation,
	"INVALID_EMAIL_ADDRESS":                   DataValueValidation,
	"NUMBER_OUTSIDE_VALID_RANGE":              DataValueValidation,
	"MAX_TASK_DESCRIPTION_EXCEEEDED":          DataValueValidation, // Salesforce's own spelling
	"INVALID_TYPE_ON_FIELD_IN_RECORD":         DataValueValidation,

	"REQUIRED_FIELD_MISSING": RequiredFieldMissing,

	"INVALID_SESSION_ID":  Authentication,
	"INVALID_AUTH_HEADER": Authentication,
	"OAUTH_APP_BLOCKED":   Authentication,

	"API_CURRENTLY_DISABLED":                        ConnectionPermission,
	"API_DISABLED_FOR_ORG":                          ConnectionPermission,
	"INSUFFICIENT_ACCESS":                           ConnectionPermission,
	"INSUFFICIENT_ACCESS_OR_READONLY":               ConnectionPermission,
	"INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": ConnectionPermission,
	"INVALID_FIELD_FOR_INSERT_UPDATE":               ConnectionPermission,
	"TXN_SECURITY_NO_ACCESS":                        ConnectionPermission,

	"DUPLICATES_DETECTED":   DuplicateRecord,
	"DUPLICATE_VALUE":       DuplicateRecord,
	"DUPLICATE_EXTERNAL_ID": AmbiguousMatch,

	"CANNOT_UPDATE_CONVERTED_LEAD": StaleRemoteRecord,
	"ENTITY_IS_DELETED":            StaleRemoteRecord,
	"NOT_FOUND":                    StaleRemoteRecord,
	"INVALID_CROSS_REFERENCE_KEY":  StaleRemoteRecord,
	"MALFORMED_ID":                 StaleRemoteRecord,

	"ENTITY_IS_LOCKED":   RecordLocked,
	"UNABLE_TO_LOCK_ROW": RowContention,

	"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": RemoteAutomation,
	"CANNOT_EXECUTE_FLOW_TRIGGER":          RemoteAutomation,
	"APEX_ERROR":                           RemoteAutomation,
	"RECORD_IN_USE_BY_WORKFLOW":            RemoteAutomation,
	"SELF_REFERENCE_FROM_TRIGGER":          RemoteAutomation,

	"REQUEST_LIMIT_EXCEEDED": RateLimit,
	"LIMIT_EXCEEDED":         RateLimit,
	"TOO_MANY_APEX_REQUESTS": RateLimit,

	"UNKNOWN_EXCEPTION":     RemoteUnavailable,
	"SERVER_UNAVAILABLE":    RemoteUnavailable,
	"QUERY_TIMEOUT":         RemoteUnavailable,
	"INVALID_QUERY_LOCATOR": RemoteUnavailable, // the pages expired: ask again
	"INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": RemoteUnavailable,

	"INACTIVE_OWNER_OR_USER": OwnerInvalid,
	"TRANSFER_REQUIRES_READ": OwnerInvalid,

	"STORAGE_LIMIT_EXCEEDED": StorageLimit,

	"ALL_OR_NONE_OPERATION_ROLLED_BACK": BatchCollateral,
	"BATCH_PROCESSING_HALTED":           BatchCollateral,
	"PROCESSING_HALTED":                 BatchCollateral,

	"EXCEEDED_ID_LIMIT":          Unknown,
	"INVALID_ENTITY_FOR_UPSERT":  Unknown,
	"INVALID_STATUS":             Unknown,
	"INVALID_TYPE_FOR_OPERATION": Unknown,
	"JSON_PARSER_ERROR":          Unknown,
	"MALFORMED_QUERY":            Unknown,
	"MALFORMED_SEARCH":           Unknown,
	"METHOD_NOT_ALLOWED":         Unknown,
	"MISSING_ARGUMENT":           Unknown,
	"OPERATION_TOO_LARGE":        Unknown,
	"QUERY_TOO_COMPLICATED":      Unknown,
	"UNSUPPORTED_MEDIA_TYPE":     Unknown,
}

// classify says what a failure of the Client means. It returns nil for nil, and
// a *Error as it is but for an operation and an object that it lacks. err stays
// reachable under the result.
func classify(op string, object salesforce.Object, err error) *Error {
	if err == nil {
		return nil
	}
	var known *Error
	if errors.As(err, &known) {
		named := *known
		if named.Op == "" {
			named.Op = op
		}
		if named.Object == "" && len(named.Fields) == 0 {
			named.Object = object
		}
		return &named
	}
	e := &Error{Op: op, Object: object, Err: quiet(err)}
	var sf *salesforce.Error
	if errors.As(err, &sf) {
		e.Fields = blamed(sf)
	}
	e.Code = decide(err, sf, e)
	return e
}

// decide looks at the surest evidence first: the lost response, the token,
// Salesforce's code, the fields, the message, the HTTP status.
func decide(err error, sf *salesforce.Error, e *Error) Code {
	var token *oauth2.RetrieveError
	switch {
	case sf != nil && sf.Uncertain:
		return UncertainWrite
	case errors.Is(err, salesforce.ErrNotSent):
		return BatchCollateral
	case errors.As(err, &token):
		return tokenCode(token)
	case sf == nil && isNetwork(err):
		return RemoteUnavailable
	case sf == nil:
		return Unknown
	case sf.Code == "":
		return statusCode(sf.HTTPStatus)
	}
	code, ok := codeOf[sf.Code]
	switch {
	case !ok && strings.HasPrefix(string(sf.Code), "INSUFFICIENT_ACCESS"):
		code = ConnectionPermission
	case !ok:
		return newCode(sf.HTTPStatus)
	}
	if refined := byField(sf.Code, code, e); refined != code {
		return refined
	}
	return byMessage(sf, code)
}

// byField refines a code by the fields at fault.
func byField(status salesforce.StatusCode, code Code, e *Error) Code {
	// A field that the user may not write is a matter of rights whatever it is
	// called; the other refusals of an owner or a campaign are about which one.
	if status == "INVALID_FIELD_FOR_INSERT_UPDATE" {
		return code
	}
	switch code {
	case DataValueValidation, StaleRemoteRecord, ConnectionPermission:
	default:
		return code
	}
	switch {
	case blames(e.Fields, "OwnerId"):
		return OwnerInvalid
	case e.Object.Equal(salesforce.ObjectCampaignMember) &&
		(blames(e.Fields, "CampaignId") || blames(e.Fields, "Status")):
		return CampaignStatus
	}
	return code
}

// byMessage refines a code by the message. The message is in the connected
// user's language, so only words are looked for that Salesforce does not
// translate or that cost nothing when they are missed (SALESFORCE.md 3).
func byMessage(sf *salesforce.Error, code Code) Code {
	says := func(text string) bool { return strings.Contains(sf.Message, text) }
	switch {
	case says("Too many batch retries in the presence of Apex triggers"):
		return RemoteAutomation
	case code == RemoteAutomation && says("UNABLE_TO_LOCK_ROW"):
		return RowContention
	case sf.Code == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY" && says("entity type cannot be"):
		return ConnectionPermission
	case sf.Code == "JSON_PARSER_ERROR" && (says("deserialize") || says("value for the type")):
		return DataValueValidation
	case sf.Code == "INVALID_FIELD" && says("Foreign key external ID: "): // no record has the key
		return DataValueValidation
	case sf.Code == "NOT_FOUND" && says("external ID field does not exist"):
		return MissingRemoteField
	}
	return code
}

// statusCode is the code of a reply without one of Salesforce's: something in front of
// the API answered with its own page.
func statusCode(status int) Code {
	switch status {
	case http.StatusMultipleChoices:
		return AmbiguousMatch
	case http.StatusUnauthorized:
		return Authentication
	case http.StatusTooManyRequests:
		return RateLimit
	case http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong, http.StatusRequestHeaderFieldsTooLarge:
		return Unknown
	}
	return RemoteUnavailable
}

// newCode is the code of a reply whose Salesforce code is not in the table.
func newCode(status int) Code {
	switch {
	case status == http.StatusUnauthorized:
		return Authentication
	case status == http.StatusTooManyRequests:
		return RateLimit
	case status >= http.StatusInternalServerError:
		return RemoteUnavailable
	}
	return Unknown
}

// tokenCode is the code of a refused token request (SALESFORCE.md 5). Whatever
// is neither a limit nor an outage needs a person to reconnect or to set up the
// app.
func tokenCode(e *oauth2.RetrieveError) Code {
	status := 0
	if e.Response != nil {
		status = e.Response.StatusCode
	}
	switch {
	case e.ErrorCode == "rate_limit_exceeded", status == http.StatusTooManyRequests,
		strings.Contains(e.ErrorDescription, "rate exceeded"): // "login rate exceeded" comes as invalid_grant (unverified)
		return RateLimit
	case e.ErrorCode == "unknown_error", e.ErrorCode == "server_error", e.ErrorCode == "temporarily_unavailable",
		status >= http.StatusInternalServerError, e.ErrorCode == "" && status < http.StatusBadRequest:
		return RemoteUnavailable
	}
	return Authentication
}

// isNetwork reports whether err says that Salesforce was not reached or did not
// answer in time. A context's error is one: the caller who asks whether it was
// his own context finds it with errors.Is.
func isNetwork(err error) bool {
	var network net.Error // *url.Error and context.DeadlineExceeded are some
	return errors.As(err, &network) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.Canceled)
}

// fieldInMessage finds the API name in messages that carry one where Salesforce
// leaves the fields empty. Only an identifier in its fixed place matches, never
// a value.
var fieldInMessage = regexp.MustCompile(`No such column '([A-Za-z][\w.]*)' on |` +
	`duplicate value found: ([A-Za-z]\w*) duplicates value on record with id: |` +
	`Foreign key external ID: .* not found for field ([A-Za-z]\w*) in entity [A-Za-z]\w*$`)

// blamed returns the fields at fault.
func blamed(sf *salesforce.Error) []string {
	if len(sf.Fields) > 0 {
		return slices.Clone(sf.Fields)
	}
	if m := fieldInMessage.FindStringSubmatch(sf.Message); m != nil {
		return []string{m[1] + m[2] + m[3]}
	}
	return nil
}
