// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"errors"
	"net/http"
	"strings"

	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// refusedBy is what the org refuses a Lead with.
func refusedBy(status, message string, fields ...string) func(*sftest.Org) {
	return func(org *sftest.Org) {
		org.OnRow("Lead", func(string, map[string]any) *sftest.RowError {
			return &sftest.RowError{StatusCode: status, Message: message, Fields: fields}
		})
	}
}

// waysToBeRefused are what only Salesforce knows.
func waysToBeRefused() map[string]arising {
	ways := make(map[string]arising)
	for _, row := range []struct {
		status, message string
		fields          []string
		code            leadsync.Code
		names           []string
	}{
		{"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "FillRegion: execution of BeforeInsert\n\ncaused by: null", nil,
			leadsync.RemoteAutomation, []string{`trigger "FillRegion"`, "Lead"}},
		{"CANNOT_EXECUTE_FLOW_TRIGGER", `We can't save this record because the "Route Leads" process failed.`, nil,
			leadsync.RemoteAutomation, []string{`"Route Leads"`, "Lead"}},
		{"CANNOT_EXECUTE_FLOW_TRIGGER", "Nicht gespeichert, weil der Prozess „Leads verteilen“ fehlgeschlagen ist.", nil,
			leadsync.RemoteAutomation, []string{`"Leads verteilen"`, "Lead"}},
		{"CANNOT_EXECUTE_FLOW_TRIGGER", "A flow trigger failed to execute the flow with version ID 3015e000000abcD.", nil,
			leadsync.RemoteAutomation, []string{`"3015e000000abcD"`, "Lead"}},
		{"CANNOT_EXECUTE_FLOW_TRIGGER", `for "ada@acme.example"`, nil,
			leadsync.RemoteAutomation, []string{"administrator"}},
		{"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "record type missing for: Lead", nil,
			leadsync.ConnectionPermission, []string{"record type of Lead", "profile or a permission set"}},
		{"INVALID_CROSS_REFERENCE_KEY", "Record Type ID: this ID value isn't valid for the user: 0125e000000abcDAAQ",
			[]string{"RecordTypeId"}, leadsync.ConnectionPermission, []string{"record type of Lead", "assign it"}},
		{"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "entity type cannot be inserted: Lead", nil,
			leadsync.ConnectionPermission, []string{"create and edit on Lead"}},
		{"INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", nil,
			leadsync.ConnectionPermission, []string{"Lead refers to"}},
		{"INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "insufficient access rights on cross-reference id", nil,
			leadsync.ConnectionPermission, []string{"Lead refers to"}},
		{"TXN_SECURITY_NO_ACCESS", "The operation isn't allowed due to a security policy", nil,
			leadsync.ConnectionPermission, []string{"security policy"}},
		{"INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: Title", []string{"Title"},
			leadsync.ConnectionPermission, []string{"Lead.Title", "permission set"}},
		{"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "Status: bad value for restricted picklist field: Warm",
			[]string{"Status"}, leadsync.DataValueValidation,
			[]string{`"Warm"`, "picklist Lead.Status", "lift", "text field"}},
		{"FIELD_FILTER_VALIDATION_EXCEPTION", "Value does not exist or does not match filter criteria.",
			[]string{"Partner__c"}, leadsync.DataValueValidation, []string{"Lead.Partner__c", "lookup filter"}},
		{"STRING_TOO_LONG", "Company: data value too large", []string{"Company"},
			leadsync.DataValueValidation, []string{"Lead.Company", "Shorten"}},
		{"REQUIRED_FIELD_MISSING", "Required fields are missing: [Budget__c]", []string{"Budget__c"},
			leadsync.RequiredFieldMissing, []string{"Lead.Budget__c"}},
		{"ENTITY_IS_LOCKED", "the entity is locked for editing", nil, leadsync.RecordLocked, []string{"unlock"}},
		{"INACTIVE_OWNER_OR_USER", "operation performed with inactive user", []string{"OwnerId"},
			leadsync.OwnerInvalid, []string{"owner"}},
		{"INVALID_PERSON_ACCOUNT_OPERATION", "not allowed", nil, leadsync.PersonAccount, []string{"IsPersonAccount"}},
		{"STORAGE_LIMIT_EXCEEDED", "storage limit exceeded", nil, leadsync.StorageLimit, []string{"buy storage"}},
		{"INVALID_EMAIL_ADDRESS", "Email: invalid email address", []string{"Email"},
			leadsync.DataValueValidation, []string{"e-mail address for Lead.Email"}},
		{"NUMBER_OUTSIDE_VALID_RANGE", "Company: value outside of valid range", []string{"Company"},
			leadsync.DataValueValidation, []string{"number for Lead.Company"}},
		{"INVALID_TYPE_ON_FIELD_IN_RECORD", "Company: value not of required type", []string{"Company"},
			leadsync.DataValueValidation, []string{"value for Lead.Company", "type"}},
		{"INVALID_FIELD", "Foreign key external ID: x not found for field Short__c in entity Region__c",
			[]string{"Region__c"}, leadsync.DataValueValidation, []string{"record that Lead.Region__c refers to"}},
		{"FIELD_INTEGRITY_EXCEPTION", "Company: integrity", []string{"Company"},
			leadsync.DataValueValidation, []string{"value of Lead.Company"}},
		{"INVALID_FIELD", "No such column 'Gone__c' on sobject of type Lead", []string{"Gone__c"},
			leadsync.MissingRemoteField, []string{"Create Lead.Gone__c"}},
		{"INVALID_TYPE", "sObject type 'Lead' is not supported.", nil,
			leadsync.MissingRemoteField, []string{"object Lead"}},
		{"DUPLICATE_VALUE", "duplicate value found: Code__c duplicates value on record with id: 00Q5e00000abcDE", nil,
			leadsync.DuplicateRecord, []string{"Lead.Code__c, which is unique", "00Q5e00000abcDE"}},
		{"DUPLICATE_VALUE", "duplicate value found: <unknown> duplicates value on record with id: <unknown>", nil,
			leadsync.DuplicateRecord, []string{"which is unique"}},
		{"DUPLICATES_DETECTED", "Use one of these records?", nil,
			leadsync.DuplicateRecord, []string{"merge or delete"}},
		{"DUPLICATE_EXTERNAL_ID", "more than one record found", nil,
			leadsync.AmbiguousMatch, []string{"record of Lead"}},
		{"CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", nil,
			leadsync.StaleRemoteRecord, []string{`policy "converted"`, "the Contact"}},
		{"ENTITY_IS_DELETED", "entity is deleted", nil, leadsync.StaleRemoteRecord, []string{"id of Lead"}},
		{"ENTITY_IS_DELETED", "entity is deleted, too", []string{"IndividualId"},
			leadsync.StaleRemoteRecord, []string{"record of Lead.IndividualId"}},
		{"INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", nil,
			leadsync.StaleRemoteRecord, []string{"id of Lead"}},
		{"MALFORMED_ID", "bad id 001", []string{"Id"}, leadsync.StaleRemoteRecord, []string{"id of Lead"}},
		{"UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", nil,
			leadsync.RowContention, []string{"records of Lead"}},
		{"TOO_MANY_APEX_REQUESTS", "too many", nil, leadsync.RateLimit, []string{"limit allows"}},
		{"INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE", "maintenance", nil,
			leadsync.RemoteUnavailable, []string{"status site"}},
		{"ALL_OR_NONE_OPERATION_ROLLED_BACK", "rolled back", nil, leadsync.BatchCollateral, []string{"on its own"}},
		{"NOVEL_EXCEPTION", "new", nil, leadsync.Unknown, []string{"report it"}},
	} {
		ways[row.status+" "+row.message] = arising{define: refusedBy(row.status, row.message, row.fields...),
			code: row.code, names: row.names, synced: true}
	}
	ways["a record of another user"] = arising{define: func(org *sftest.Org) {
		org.Insert("Lead", map[string]any{"LastName": scenario.Ada().LastName, "Company": "Somewhere",
			"Email": scenario.Ada().Email})
		refusedBy("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")(org)
	}, code: leadsync.ConnectionPermission, names: []string{"edit access to the record of Lead"}, synced: true}
	return ways
}

// waysToMatchBadly are about which record a lead is, and about settings.
func waysToMatchBadly() map[string]arising {
	people := func(names ...string) func(*sftest.Org) {
		return func(org *sftest.Org) {
			for _, name := range names {
				org.Insert("Contact", map[string]any{"FirstName": name, "LastName": name,
					"Email": scenario.Ada().Email})
			}
		}
	}
	ada := scenario.Ada()
	rule := func(r mapping.Rule, f sftest.Field, custom any, names ...string) arising {
		r.Field, f.Name = "Value__c", "Value__c"
		r.Source = "custom.value"
		return arising{row: r, define: func(org *sftest.Org) { org.DefineField("Lead", f) },
			code:  leadsync.DataValueValidation,
			names: append(names, "Lead.Value__c"), lead: func(l *leadsync.Lead) { l.Custom = map[string]any{"value": custom} }}
	}
	locked := func(f sftest.Field, names ...string) arising {
		way := rule(mapping.Rule{Locked: mapping.Fail}, f, "x", names...)
		way.code, way.foreseen = leadsync.ConnectionPermission, true
		return way
	}
	return map[string]arising{
		"a formula":      locked(sftest.Field{Formula: true}, "computes"),
		"an auto-number": locked(sftest.Field{AutoNumber: true}, "numbers"),
		"several records": {cfg: leadsync.Config{Ambiguous: leadsync.HoldAmbiguous},
			define: people(ada.FirstName+" "+ada.LastName, ada.FirstName+" "+ada.LastName),
			code:   leadsync.AmbiguousMatch, names: []string{"record of Contact"}},
		"another person": {define: people("Grace"), code: leadsync.AmbiguousMatch, names: []string{"record of Contact"}},
		"another person's value in a unique field": {
			define: func(org *sftest.Org) {
				org.DefineField("Lead", sftest.Field{Name: "Code__c", Unique: true})
				org.Insert("Lead", map[string]any{"FirstName": "Grace", "LastName": "Hopper", "Company": "Navy", "Code__c": "A7"})
			}, row: mapping.Rule{Source: "custom.code", Field: "Code__c"},
			lead: func(l *leadsync.Lead) { l.Custom = map[string]any{"code": "A7"} },
			code: leadsync.AmbiguousMatch, names: []string{"record of Lead", "has to be unique"}},
		"an address by which nobody is found": {define: func(org *sftest.Org) { org.EncryptField("Lead", "Email") },
			code: leadsync.DataValueValidation, names: []string{"Lead.Email", "deterministic"}, foreseen: true},
		"a hidden field by which people are found": {cfg: leadsync.Config{Strategy: scenario.Probing{
			{Object: "Lead", Field: "Badge__c", Value: "7"}}},
			code: leadsync.MissingRemoteField, names: []string{"access to Lead.Badge__c", "strategy"}, foreseen: true},
		"an activity of an unknown kind": {code: leadsync.DataValueValidation, names: []string{"call or note"},
			lead: func(l *leadsync.Lead) { l.Activities = []leadsync.Activity{{Kind: "Email", Notes: "hello"}} }},
		"a converted Lead": {cfg: leadsync.Config{Converted: leadsync.HoldConverted},
			define: func(org *sftest.Org) {
				org.Convert(org.Insert("Lead", map[string]any{"FirstName": ada.FirstName, "LastName": ada.LastName,
					"Email": ada.Email, "Company": ada.Company}))
				for _, row := range org.Rows("Contact") {
					org.Update("Contact", row["Id"].(string), map[string]any{"Email": nil})
				}
			},
			code: leadsync.StaleRemoteRecord, names: []string{`policy "converted"`}, foreseen: true, synced: true},
		"no section for the person": {arrange: func(_ *sftest.Org, _ *leadsync.Config, m *leadsync.Mapping) {
			m.Sections = m.Sections[1:]
		},
			code: leadsync.RequiredFieldMissing, names: []string{"section for Lead"}, foreseen: true},
		"a strategy that is not configured": {lead: func(l *leadsync.Lead) { l.Strategy = "gone" }, synced: true,
			code: leadsync.DataValueValidation, names: []string{"Config.Strategies"}},
		"a member status that the campaign lacks": {
			arrange: func(org *sftest.Org, cfg *leadsync.Config, _ *leadsync.Mapping) {
				cfg.Campaigns = []leadsync.CampaignLink{{CampaignID: scenario.Expo(org), Status: "Hot"}}
			}, code: leadsync.CampaignStatus, names: []string{"status to the campaign"}, foreseen: true},
		"a person account without a company": {options: []sftest.Option{sftest.WithPersonAccounts()},
			lead: func(l *leadsync.Lead) { l.Company = "" },
			code: leadsync.RequiredFieldMissing, names: []string{"Lead.Company", "personLeads"}, foreseen: true},
		"a strategy that panics": {cfg: leadsync.Config{Strategy: panicking{}}, code: leadsync.Unknown,
			names: []string{"code of the host"}, foreseen: true},
		"a text that is no number": rule(mapping.Rule{}, sftest.Field{Type: "int"}, "many", "transform"),
		"a text that is no address": rule(mapping.Rule{}, sftest.Field{Type: "email"}, "ada at home",
			"e-mail address"),
		"a text that is too long": rule(mapping.Rule{TooLong: mapping.Fail}, sftest.Field{Length: 3}, "countess",
			"Shorten"),
		"a number that is too large": rule(mapping.Rule{}, sftest.Field{Type: "double", Precision: 3}, 12345,
			"more digits"),
		"several texts for one option": rule(mapping.Rule{}, sftest.Field{Type: "picklist", Options: []string{"a", "b"},
			Restricted: true}, []any{"a", "b"}, "multi-select"),
		"an option that its controller does not allow": {
			define: func(org *sftest.Org) {
				org.DefineField("Lead", sftest.Field{Name: "Land__c", Type: "picklist", Restricted: true,
					Options: []string{"DE", "IT"}})
				org.DefineField("Lead", sftest.Field{Name: "Value__c", Type: "picklist", Restricted: true,
					Options: []string{"Rom"}, Controller: "Land__c", ValidFor: map[string][]string{"Rom": {"IT"}}})
			}, row: mapping.Rule{Source: "custom.value", Field: "Value__c"},
			arrange: func(_ *sftest.Org, _ *leadsync.Config, m *leadsync.Mapping) {
				m.Sections[0].Rules = append(m.Sections[0].Rules, mapping.Rule{Constant: "DE", Field: "Land__c"})
			},
			lead: func(l *leadsync.Lead) { l.Custom = map[string]any{"value": "Rom"} },
			code: leadsync.DataValueValidation, names: []string{"Lead.Value__c", "controlling"}},
		"a Mapper that refuses": {arrange: func(_ *sftest.Org, cfg *leadsync.Config, m *leadsync.Mapping) {
			cfg.Mapper = refusingMapper{m}
		}, code: leadsync.Unknown, names: []string{"the Mapper's"}, synced: true},
	}
}

// refusingMapper is a Mapper of a host that refuses each lead.
type refusingMapper struct{ leadsync.Mapper }

func (refusingMapper) Map(*leadsync.Lead, mapping.Target) (salesforce.Fields, []leadtype.Warning, error) {
	return nil, nil, errors.New("not this one")
}

// panicking is a strategy with a bug.
type panicking struct{}

func (panicking) Name() string                           { return "panicking" }
func (panicking) Probes(*leadsync.Lead) []leadtype.Probe { panic("a bug") }
func (panicking) NoHit(*leadsync.Lead) leadtype.NoHit    { return leadtype.NoHit{Person: "Lead"} }

// waysToLoseTheConnection are faults of all requests, or of those that write the lead.
func waysToLoseTheConnection() map[string]arising {
	always := func(fault sftest.Fault, code leadsync.Code, names ...string) arising {
		return arising{fault: func(string) *sftest.Fault { return &fault }, code: code, names: names, foreseen: true,
			synced: true}
	}
	answer := func(status int, code string, message string) sftest.Fault {
		return sftest.Fault{Status: status, Body: `[{"errorCode":"` + code + `","message":"` + message + `"}]`}
	}
	return map[string]arising{
		"an outage": always(sftest.Fault{Status: http.StatusServiceUnavailable, HTML: true},
			leadsync.RemoteUnavailable, "retried"),
		"no network": always(sftest.Fault{DropBefore: true}, leadsync.RemoteUnavailable, "status site"),
		"the calls of a day": always(answer(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
			leadsync.RateLimit, "24 hours"),
		"too many at a time": always(answer(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded."),
			leadsync.RateLimit, "limit allows"),
		"no right to the API": always(answer(403, "API_CURRENTLY_DISABLED", "no"),
			leadsync.ConnectionPermission, "API Enabled"),
		"an org without an API": always(answer(403, "API_DISABLED_FOR_ORG", "no"),
			leadsync.ConnectionPermission, "edition"),
		"calls that a policy forbids": always(answer(403, "TXN_SECURITY_NO_ACCESS", "no"),
			leadsync.ConnectionPermission, "resume"),
		"calls that are refused anew": always(answer(403, "NOVELTY", "no"), leadsync.Unknown, "about the connection"),
		"a session that ended": always(answer(401, "INVALID_SESSION_ID", "Session expired or invalid"),
			leadsync.Authentication, "Reconnect"),
		"an expired password": always(answer(403, "INVALID_OPERATION_WITH_EXPIRED_PASSWORD", "expired"),
			leadsync.Authentication, "password"),
		"a scope that is missing": always(answer(403, "INVALID_SESSION_ID",
			"One of the following scopes is required: api"),
			leadsync.Authentication, `"api"`),
		"an answer that is lost": {fault: func(body string) *sftest.Fault {
			if strings.Contains(body, "Lovelace") {
				return &sftest.Fault{DropAfter: true}
			}
			return nil
		}, code: leadsync.UncertainWrite, names: []string{"record of Lead"}, synced: true},
	}
}

// waysToGetNoToken are refusals of the token endpoint, or of the client itself.
func waysToGetNoToken() map[string]arising {
	ways := make(map[string]arising)
	for _, row := range []struct{ code, says, names string }{
		{"invalid_grant", "expired access/refresh token", "refresh token policy"},
		{"invalid_grant", "expired authorization code", "Connect again"},
		{"invalid_grant", "ip restricted or invalid login hours", "IP addresses"},
		{"invalid_grant", "user hasn't approved this consumer", "assign the app"},
		{"invalid_grant", "app must be installed into org", "install the app"},
		{"invalid_grant", "this app is blocked by admin", "unblock"},
		{"invalid_grant", "expired password", "new password"},
		{"invalid_grant", "no client credentials user enabled", "Run As"},
		{"invalid_grant", "audience is invalid", "login URL"},
		{"invalid_grant", "inactive user", "Activate the connected user"},
		{"invalid_grant", "inactive organization", "org activated"},
		{"invalid_grant", "authentication failure", "Login History"},
		{"invalid_client", "invalid client credentials", "client secret"},
		{"invalid_scope", "", `"refresh_token"`},
		{"redirect_uri_mismatch", "", "callback URL"},
		{"access_denied", "end-user denied authorization", "allow the app"},
		{"unsupported_grant_type", "grant type not supported", "OAuth flow"},
		{"invalid_request", "", "Report it"},
	} {
		ways["no token: "+row.code+" "+row.says] = arising{code: leadsync.Authentication, names: []string{row.names},
			foreseen: true, synced: true,
			token: &oauth2.RetrieveError{Response: &http.Response{StatusCode: http.StatusBadRequest},
				ErrorCode: row.code, ErrorDescription: row.says}}
	}
	of := func(err error, code leadsync.Code, names ...string) arising {
		return arising{token: err, code: code, names: names, foreseen: true, synced: true}
	}
	ways["no token: two processes"] = of(&oauth2.RetrieveError{Response: &http.Response{StatusCode: http.StatusBadRequest},
		ErrorCode: "invalid_grant", ErrorDescription: "token request is already being processed"},
		leadsync.RemoteUnavailable, "RefreshShared")
	ways["an org that moved"] = of(salesforce.ErrAddressChanged, leadsync.Authentication, "Config.Hosts")
	return ways
}
