// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// The codes of docs/salesforce.md, Errors that answer whole requests, with
// their statuses.
func TestRequestErrorFacts(t *testing.T) {
	t.Parallel()
	o := newBrokenOrg(t)
	opportunity := o.Insert("Opportunity", fields{"Name": "O", "StageName": "Prospecting", "CloseDate": "2026-01-02"})
	unknown := "00QdM00000ZZZZZ"
	for _, tc := range []struct {
		fact, method, path, body string
		status                   int
		code, message            string // a message that ends in ... is compared up to there
	}{
		{
			"3: datetime with a zone but no colon or milliseconds", "POST", "/sobjects/Lead",
			`{"Met__c":"2013-08-12T15:20:00+0000"}`, 400, "JSON_PARSER_ERROR",
			"Cannot deserialize instance of datetime from VALUE_STRING value 2013-08-12T15:20:00+0000 or request may be " +
				"missing a required field at [line:1, column:...",
		},
		{
			"3: object for a text", "POST", "/sobjects/Lead", `{"City":{"a":"b"}}`, 400, "JSON_PARSER_ERROR",
			"Cannot deserialize instance of string from START_OBJECT value {",
		},
		{
			"3: body that is not JSON", "POST", "/sobjects/Lead", `{"LastName":j}`, 400, "JSON_PARSER_ERROR",
			"Unexpected character ('j' (code 106)): was expecting ...",
		},
		{
			"3: no body", "POST", "/sobjects/Lead", "", 400, "JSON_PARSER_ERROR",
			"The HTTP entity body is required, but this request has no entity body.",
		},
		{
			"3: unknown column in SOQL", "GET", "/query?q=" + escape("SELECT Nope FROM Account"), "", 400,
			"INVALID_FIELD",
			"\nSELECT Nope FROM Account\n       ^\nERROR at Row:1:Column:8\nNo such column 'Nope' on entity 'Account'. " +
				"If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. " +
				"Please reference your WSDL or the describe call for the appropriate names.",
		},
		{
			"3: unknown object in SOQL", "GET", "/query?q=" + escape("SELECT Id FROM XYZZY"), "", 400, "INVALID_TYPE",
			"\nSELECT Id FROM XYZZY\n               ^\nERROR at Row:1:Column:16\nsObject type 'XYZZY' is not supported. " +
				"If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please " +
				"reference your WSDL or the describe call for the appropriate names.",
		},
		{
			"3: object in SOQL that the user cannot read", "GET", "/query?q=" + escape("SELECT Id FROM Secret__c"), "",
			400, "INVALID_TYPE",
			"\nSELECT Id FROM Secret__c\n               ^\nERROR at Row:1:Column:16\nsObject type 'Secret__c' is not " +
				"supported. ...",
		},
		{
			"3: SOQL that ends early", "GET", "/query?q=" + escape("SELECT Id FROM Lead WHERE"), "", 400,
			"MALFORMED_QUERY", "...",
		},
		{
			"3: unknown id on a row URL", "GET", "/sobjects/Lead/" + unknown, "", 404, "NOT_FOUND",
			"The requested resource does not exist",
		},
		{
			"1 and 3: unknown object in a URL", "GET", "/sobjects/Nope/describe", "", 404, "NOT_FOUND",
			"The requested resource does not exist",
		},
		{
			"6: object in a URL that the user cannot read", "GET", "/sobjects/Secret__c/describe", "", 404,
			"NOT_FOUND", "The requested resource does not exist",
		},
		{
			"1 and 3: key that is none", "PATCH", "/sobjects/Account/Website/acme.com", `{}`, 404, "NOT_FOUND",
			"Provided external ID field does not exist or is not accessible: Website",
		},
		{
			"1: get of a deleted row", "GET", "/sobjects/Contact/" + o.deleted, "", 404, "NOT_FOUND",
			"The requested resource does not exist",
		},
		{
			"3: update of a deleted row", "PATCH", "/sobjects/Contact/" + o.deleted, `{"Title":"x"}`, 404,
			"ENTITY_IS_DELETED", "entity is deleted",
		},
		{
			"3: delete of a deleted row", "DELETE", "/sobjects/Contact/" + o.deleted, "", 404, "ENTITY_IS_DELETED",
			"entity is deleted",
		},
		{
			"3: delete of nothing", "DELETE", "/sobjects/Lead/" + unknown, "", 404, "INVALID_CROSS_REFERENCE_KEY",
			"invalid cross reference id",
		},
		{
			"3: update of a converted lead", "PATCH", "/sobjects/Lead/" + o.converted, `{"Title":"x"}`, 400,
			"CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead",
		},
		{
			"3: no right to update", "PATCH", "/sobjects/Opportunity/" + opportunity, `{"Name":"x"}`, 400,
			"INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id",
		},
		{
			"3: no right to delete", "DELETE", "/sobjects/Campaign/" + o.campaign, "", 400,
			"INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id",
		},
		{
			"3: upsert of members", "PATCH", "/sobjects/CampaignMember/LeadsyncKey__c/k",
			`{"CampaignId":"` + o.campaign + `"}`, 400, "INVALID_TYPE_FOR_OPERATION",
			"entity type does not support upsert: Campaign Member",
		},
		{"3: locator of no query", "GET", "/query/0r8dM0000000001AAA-2000", "", 404, "INVALID_QUERY_LOCATOR", "..."},
		{
			"1 and 3: wrong method", "POST", "/sobjects/Lead/" + o.lead, `{}`, 405, "METHOD_NOT_ALLOWED",
			"HTTP Method 'POST' not allowed. Allowed are HEAD,GET,PATCH,DELETE",
		},
		{"1: no ids", "DELETE", "/composite/sobjects?ids=", "", 400, "REQUIRED_FIELD_MISSING", "At least 1 Id is required."},
		{
			"1: empty collection", "POST", "/composite/sobjects", `{"records":[]}`, 400, "REQUIRED_FIELD_MISSING",
			"At least 1 record is required",
		},
		{
			"1: collection over 200", "POST", "/composite/sobjects",
			`{"records":[` + strings.Repeat("{},", 200) + `{}]}`, 400, "EXCEEDED_ID_LIMIT",
			"record limit reached. cannot submit more than 200 records in this operation",
		},
	} {
		t.Run(tc.fact, func(t *testing.T) {
			t.Parallel()
			var body any
			if tc.body != "" {
				body = tc.body
			}
			res := (&api{t, o.Org}).do(tc.method, tc.path, body)
			require.Equal(t, tc.status, res.Status, res.Text)
			require.Equal(t, tc.code, res.code())
			if start, open := strings.CutSuffix(tc.message, "..."); open {
				require.True(t, strings.HasPrefix(Text(res.at(0, "message")), start), res.Text)
				return
			}
			require.Equal(t, tc.message, res.at(0, "message"))
		})
	}
}

// The codes of docs/salesforce.md, Errors by which the org turns every request
// away.
func TestOrgErrorFacts(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		fact          string
		options       []sftest.Option
		arrange       func(*sftest.Org)
		header        string
		status        int
		code, message string
	}{
		{"3: storage is full", []sftest.Option{sftest.WithStorageLimit(1)}, func(org *sftest.Org) {
			addLead(org, "a@example.com")
		}, "", 400, "STORAGE_LIMIT_EXCEEDED", "storage limit exceeded"},
		{
			"3: API calls are used up", []sftest.Option{sftest.WithAPILimit(0)}, nil, "", 403,
			"REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.",
		},
		{"3: session has ended", nil, func(org *sftest.Org) {
			org.ExpireToken()
		}, "Bearer 00Dold!token", 401, "INVALID_SESSION_ID", "Session expired or invalid"},
		{"3: user is not active", nil, func(org *sftest.Org) {
			org.DeactivateUser()
		}, "", 401, "INVALID_SESSION_ID", "Session expired or invalid"},
		{"3: no token", nil, nil, "Basic x", 401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE"},
		{"3: user has no API right", nil, func(org *sftest.Org) {
			org.DisableAPI()
		}, "", 403, "API_CURRENTLY_DISABLED", "API is disabled for this user"},
		{"3: servers are busy", nil, failWith(503), "", 503, "SERVER_UNAVAILABLE", "Server Unavailable"},
		{
			"3: too many long requests", nil, failWith(403), "", 403, "REQUEST_LIMIT_EXCEEDED",
			"ConcurrentPerOrgLongTxn Limit exceeded.",
		},
		{
			"3: unknown exception", nil, failWith(500), "", 500, "UNKNOWN_EXCEPTION",
			"An unexpected error occurred. Please include this ErrorId if you contact support: 1234567890-12345 (123456789)",
		},
		{
			"3: API is off for the whole org", nil,
			failAs(403, "API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner"), "", 403,
			"API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner",
		},
		{
			"3: security policy", nil,
			failAs(403, "TXN_SECURITY_NO_ACCESS",
				"The operation you requested isn't allowed due to a security policy in your organization. Contact your "+
					"administrator."),
			"", 403, "TXN_SECURITY_NO_ACCESS",
			"The operation you requested isn't allowed due to a security policy in your organization. Contact your " +
				"administrator.",
		},
		{
			"3: maintenance", nil, failAs(503, "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE", "retry later"),
			"", 503, "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE", "retry later",
		},
	} {
		t.Run(tc.fact, func(t *testing.T) {
			t.Parallel()
			org, a := newAPI(t, tc.options...)
			if tc.arrange != nil {
				tc.arrange(org)
			}
			var headers []string
			if tc.header != "" {
				headers = []string{"Authorization", tc.header}
			}
			res := a.do("POST", "/sobjects/Lead", `{"LastName":"L","Company":"C"}`, headers...)
			require.Equal(t, tc.status, res.Status, res.Text)
			require.Equal(t, []any{tc.code, tc.message}, []any{res.code(), res.at(0, "message")})
		})
	}
}

func failWith(status int) func(*sftest.Org) {
	return func(org *sftest.Org) {
		org.Fail(func(*http.Request, int) *sftest.Fault { return &sftest.Fault{Status: status} })
	}
}

// failAs is for the codes that the org has no state for: the test gives the body.
func failAs(status int, code, message string) func(*sftest.Org) {
	return func(org *sftest.Org) {
		body := `[{"message":"` + message + `","errorCode":"` + code + `"}]`
		org.Fail(func(*http.Request, int) *sftest.Fault { return &sftest.Fault{Status: status, Body: body} })
	}
}
