// SPDX-License-Identifier: Apache-2.0

package verdict

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

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// codeOf is the one table from Salesforce's codes to ours
// (docs/salesforce.md, Errors). The codes that map to Unknown are those that
// only a mistake of this library causes. decide refines some of the rest.
var codeOf = map[salesforce.StatusCode]leadtype.Code{
	"INVALID_FIELD":                  leadtype.MissingRemoteField,
	"INVALID_TYPE":                   leadtype.MissingRemoteField,
	"INVALID_EXTERNAL_ID_FIELD_NAME": leadtype.MissingRemoteField,

	"FIELD_CUSTOM_VALIDATION_EXCEPTION":       leadtype.DataValueValidation,
	"FIELD_FILTER_VALIDATION_EXCEPTION":       leadtype.DataValueValidation,
	"FIELD_INTEGRITY_EXCEPTION":               leadtype.DataValueValidation,
	"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": leadtype.DataValueValidation,
	"STRING_TOO_LONG":                         leadtype.DataValueValidation,
	"INVALID_EMAIL_ADDRESS":                   leadtype.DataValueValidation,
	"NUMBER_OUTSIDE_VALID_RANGE":              leadtype.DataValueValidation,
	"MAX_TASK_DESCRIPTION_EXCEEEDED":          leadtype.DataValueValidation, // Salesforce's own spelling
	"INVALID_TYPE_ON_FIELD_IN_RECORD":         leadtype.DataValueValidation,

	"REQUIRED_FIELD_MISSING": leadtype.RequiredFieldMissing,

	"INVALID_SESSION_ID":  leadtype.Authentication,
	"INVALID_AUTH_HEADER": leadtype.Authentication,
	"OAUTH_APP_BLOCKED":   leadtype.Authentication,

	"INVALID_OPERATION_WITH_EXPIRED_PASSWORD": leadtype.Authentication,

	"API_CURRENTLY_DISABLED":                        leadtype.ConnectionPermission,
	"API_DISABLED_FOR_ORG":                          leadtype.ConnectionPermission,
	"INSUFFICIENT_ACCESS":                           leadtype.ConnectionPermission,
	"INSUFFICIENT_ACCESS_OR_READONLY":               leadtype.ConnectionPermission,
	"INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": leadtype.ConnectionPermission,
	"INVALID_FIELD_FOR_INSERT_UPDATE":               leadtype.ConnectionPermission,
	"TXN_SECURITY_NO_ACCESS":                        leadtype.ConnectionPermission,

	"DUPLICATES_DETECTED":   leadtype.DuplicateRecord,
	"DUPLICATE_VALUE":       leadtype.DuplicateRecord,
	"DUPLICATE_EXTERNAL_ID": leadtype.AmbiguousMatch,

	"CANNOT_UPDATE_CONVERTED_LEAD": leadtype.StaleRemoteRecord,
	"ENTITY_IS_DELETED":            leadtype.StaleRemoteRecord,
	"NOT_FOUND":                    leadtype.StaleRemoteRecord,
	"INVALID_CROSS_REFERENCE_KEY":  leadtype.StaleRemoteRecord,
	"MALFORMED_ID":                 leadtype.StaleRemoteRecord,

	"ENTITY_IS_LOCKED":   leadtype.RecordLocked,
	"UNABLE_TO_LOCK_ROW": leadtype.RowContention,

	"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": leadtype.RemoteAutomation,
	"CANNOT_EXECUTE_FLOW_TRIGGER":          leadtype.RemoteAutomation,
	"APEX_ERROR":                           leadtype.RemoteAutomation,
	"RECORD_IN_USE_BY_WORKFLOW":            leadtype.RemoteAutomation,
	"SELF_REFERENCE_FROM_TRIGGER":          leadtype.RemoteAutomation,

	"REQUEST_LIMIT_EXCEEDED": leadtype.RateLimit,
	"LIMIT_EXCEEDED":         leadtype.RateLimit,
	"TOO_MANY_APEX_REQUESTS": leadtype.RateLimit,

	"UNKNOWN_EXCEPTION":     leadtype.RemoteUnavailable,
	"SERVER_UNAVAILABLE":    leadtype.RemoteUnavailable,
	"QUERY_TIMEOUT":         leadtype.RemoteUnavailable,
	"INVALID_QUERY_LOCATOR": leadtype.RemoteUnavailable, // the pages expired: ask again
	"INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": leadtype.RemoteUnavailable,

	"INACTIVE_OWNER_OR_USER": leadtype.OwnerInvalid,
	"TRANSFER_REQUIRES_READ": leadtype.OwnerInvalid,

	"INVALID_PERSON_ACCOUNT_OPERATION": leadtype.PersonAccount,

	"STORAGE_LIMIT_EXCEEDED": leadtype.StorageLimit,

	"ALL_OR_NONE_OPERATION_ROLLED_BACK": leadtype.BatchCollateral,
	"BATCH_PROCESSING_HALTED":           leadtype.BatchCollateral,
	"PROCESSING_HALTED":                 leadtype.BatchCollateral,

	"EXCEEDED_ID_LIMIT":          leadtype.Unknown,
	"INVALID_ENTITY_FOR_UPSERT":  leadtype.Unknown,
	"INVALID_STATUS":             leadtype.Unknown,
	"INVALID_TYPE_FOR_OPERATION": leadtype.Unknown,
	"JSON_PARSER_ERROR":          leadtype.Unknown,
	"MALFORMED_QUERY":            leadtype.Unknown,
	"MALFORMED_SEARCH":           leadtype.Unknown,
	"METHOD_NOT_ALLOWED":         leadtype.Unknown,
	"MISSING_ARGUMENT":           leadtype.Unknown,
	"OPERATION_TOO_LARGE":        leadtype.Unknown,
	"QUERY_TOO_COMPLICATED":      leadtype.Unknown,
	"UNSUPPORTED_MEDIA_TYPE":     leadtype.Unknown,
}

// ofCall are the codes of what a call can be refused for as a whole. Others say something of a
// record, which Salesforce has not looked at then.
var ofCall = map[leadtype.Code]bool{
	leadtype.Authentication: true, leadtype.ConnectionPermission: true, leadtype.RateLimit: true,
	leadtype.RemoteUnavailable: true, leadtype.StorageLimit: true,
}

// Classify says what a failure of the Client means. It returns nil for nil, and
// a *Error as it is but for an operation and an object that it lacks. err stays
// reachable under the result.
func Classify(op string, object salesforce.Object, err error) *leadtype.Error {
	if err == nil {
		return nil
	}
	var known *leadtype.Error
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
	e := &leadtype.Error{Op: op, Object: object, Err: quiet(err)}
	var sf *salesforce.Error
	if errors.As(err, &sf) {
		e.Fields = blamed(sf)
	}
	e.Code = decide(err, sf, e)
	return e
}

// decide looks at the surest evidence first: the lost response, the token,
// Salesforce's code, the fields, the message, the HTTP status.
func decide(err error, sf *salesforce.Error, e *leadtype.Error) leadtype.Code {
	var token *oauth2.RetrieveError
	switch {
	case sf != nil && sf.Uncertain:
		return leadtype.UncertainWrite
	case errors.Is(err, salesforce.ErrNotSent):
		return leadtype.BatchCollateral
	case errors.Is(err, salesforce.ErrAddressChanged):
		return leadtype.Authentication
	case errors.As(err, &token):
		return tokenCode(token)
	case sf == nil && isNetwork(err):
		return leadtype.RemoteUnavailable
	case sf == nil:
		return leadtype.Unknown
	case sf.Code == "":
		return statusCode(sf.HTTPStatus)
	}
	code, ok := codeOf[sf.Code]
	switch {
	case !ok && strings.HasPrefix(string(sf.Code), "INSUFFICIENT_ACCESS"):
		code = leadtype.ConnectionPermission
	case !ok:
		return newCode(sf.HTTPStatus)
	case sf.RefusesCalls() && !ofCall[code]:
		return leadtype.Unknown
	}
	if refined := byField(sf.Code, code, e); refined != code {
		return refined
	}
	return byMessage(sf, code)
}

// byField refines a code by the fields at fault.
func byField(status salesforce.StatusCode, code leadtype.Code, e *leadtype.Error) leadtype.Code {
	// A field that the user may not write is a lack of rights whatever it is
	// called; the other refusals of an owner or a campaign are about which one.
	if status == "INVALID_FIELD_FOR_INSERT_UPDATE" {
		return code
	}
	switch code {
	case leadtype.DataValueValidation, leadtype.StaleRemoteRecord, leadtype.ConnectionPermission:
	default:
		return code
	}
	switch {
	case status == salesforce.InvalidCrossReferenceKey && value.ContainsFold(e.Fields, value.RecordTypeField):
		return leadtype.ConnectionPermission // not the user's (docs/salesforce.md, Errors)
	case value.ContainsFold(e.Fields, "OwnerId"):
		return leadtype.OwnerInvalid
	case e.Object.Equal(salesforce.ObjectCampaignMember) &&
		(value.ContainsFold(e.Fields, "CampaignId") || value.ContainsFold(e.Fields, "Status")):
		return leadtype.CampaignStatus
	}
	return code
}

// byMessage refines a code by the message. The message is in the connected
// user's language, so only words are looked for that Salesforce does not
// translate or that cost nothing when they are missed
// (docs/salesforce.md, Errors).
func byMessage(sf *salesforce.Error, code leadtype.Code) leadtype.Code {
	says := func(text string) bool { return strings.Contains(sf.Message, text) }
	switch {
	case says("Too many batch retries in the presence of Apex triggers"):
		return leadtype.RemoteAutomation
	case code == leadtype.RemoteAutomation && says("UNABLE_TO_LOCK_ROW"):
		return leadtype.RowContention
	case sf.Code == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY" &&
		(says("entity type cannot be") || says(value.RecordTypeMissing)):
		return leadtype.ConnectionPermission
	case sf.Code == "JSON_PARSER_ERROR" && (says("deserialize") || says("value for the type")):
		return leadtype.DataValueValidation
	case sf.Code == "INVALID_FIELD" && says("Foreign key external ID: "): // no record has the key
		return leadtype.DataValueValidation
	case sf.Code == "NOT_FOUND" && says("external ID field does not exist"):
		return leadtype.MissingRemoteField
	}
	return code
}

// statusCode is the code of a reply without one of Salesforce's: something in front of
// the API answered with its own page.
func statusCode(status int) leadtype.Code {
	switch status {
	case http.StatusMultipleChoices:
		return leadtype.AmbiguousMatch
	case http.StatusUnauthorized:
		return leadtype.Authentication
	case http.StatusTooManyRequests:
		return leadtype.RateLimit
	case http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong, http.StatusRequestHeaderFieldsTooLarge:
		return leadtype.Unknown
	}
	return leadtype.RemoteUnavailable
}

// newCode is the code of a reply whose Salesforce code is not in the table.
func newCode(status int) leadtype.Code {
	switch {
	case status == http.StatusUnauthorized:
		return leadtype.Authentication
	case status == http.StatusTooManyRequests:
		return leadtype.RateLimit
	case status >= http.StatusInternalServerError:
		return leadtype.RemoteUnavailable
	}
	return leadtype.Unknown
}

// tokenCode is the code of a refused token request (docs/salesforce.md, OAuth).
// Whatever is neither a limit nor an outage needs a person to reconnect or to
// set up the app.
func tokenCode(e *oauth2.RetrieveError) leadtype.Code {
	status := 0
	if e.Response != nil {
		status = e.Response.StatusCode
	}
	switch {
	case e.ErrorCode == "rate_limit_exceeded", status == http.StatusTooManyRequests,
		strings.Contains(e.ErrorDescription, "rate exceeded"): // "login rate exceeded" comes as invalid_grant (unverified)
		return leadtype.RateLimit
	case e.ErrorCode == "invalid_grant" &&
		strings.Contains(strings.ToLower(e.ErrorDescription), salesforce.TokenBeingProcessed),
		e.ErrorCode == "unknown_error", e.ErrorCode == "server_error", e.ErrorCode == "temporarily_unavailable",
		status >= http.StatusInternalServerError, e.ErrorCode == "" && status < http.StatusBadRequest:
		return leadtype.RemoteUnavailable
	}
	return leadtype.Authentication
}

// isNetwork reports whether err says that Salesforce was not reached or did not
// answer in time. A context's error is one: the caller asks its own context whether it
// has ended.
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
