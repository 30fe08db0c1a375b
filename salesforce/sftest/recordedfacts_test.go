// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// Replies as real orgs gave them (docs/salesforce.md, under the heading that
// each fact names): errors of single rows, text by text.
func TestRecordedErrorFacts(t *testing.T) {
	t.Parallel()
	o := newBrokenOrg(t)
	set := Text(o.Rows("PermissionSet")[0]["Id"])
	for _, tc := range []struct {
		fact, method, path, body string
		status                   int
		want                     string
	}{
		{
			"Requests: fields is [] in an error of a row that names none", "PATCH", "/sobjects/Lead/" + o.converted,
			`{"Title":"T"}`, 400,
			`[{"message":"cannot reference converted lead","errorCode":"CANNOT_UPDATE_CONVERTED_LEAD","fields":[]}]`,
		},
		{
			"Requests: fields is [] in the error of a second delete", "DELETE", "/sobjects/Contact/" + o.deleted, "", 404,
			`[{"message":"entity is deleted","errorCode":"ENTITY_IS_DELETED","fields":[]}]`,
		},
		{
			"Requests: fields is [] in the error of a delete of nothing", "DELETE", "/sobjects/Contact/003dM00000zzzzz", "",
			404, `[{"message":"invalid cross reference id","errorCode":"INVALID_CROSS_REFERENCE_KEY","fields":[]}]`,
		},
		{
			"Requests: fields is absent in the error of what cannot be read", "POST", "/sobjects/Lead", `{"Nope":1}`, 400,
			`[{"message":"No such column 'Nope' on sobject of type Lead","errorCode":"INVALID_FIELD"}]`,
		},
		{
			"Requests: a malformed id is read as a key", "GET", "/sobjects/Contact/-1", "", 404,
			`[{"errorCode":"NOT_FOUND","message":"Provided external ID field does not exist or is not accessible: -1"}]`,
		},
		{
			"Requests: a malformed id of an update, too", "PATCH", "/sobjects/Contact/INVALID%20ID", `{"LastName":"L"}`, 404,
			`[{"errorCode":"NOT_FOUND",` +
				`"message":"Provided external ID field does not exist or is not accessible: INVALID ID"}]`,
		},
		{
			"Requests: a malformed id of a delete, too", "DELETE", "/sobjects/Contact/x", "", 404,
			`[{"errorCode":"NOT_FOUND","message":"Provided external ID field does not exist or is not accessible: x"}]`,
		},
		{
			"Requests: an id without a row is not found", "GET", "/sobjects/Contact/003dM00000zzzzz", "", 404,
			`[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]`,
		},
		{
			"Errors: a cross reference is named by 15 characters", "POST", "/sobjects/Visit__c",
			`{"Secret__c":"a0ydM0000000001"}`, 400,
			`[{"message":"insufficient access rights on cross-reference id: a0ydM0000000001",` +
				`"errorCode":"INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY","fields":[]}]`,
		},
		{
			"Errors: an unknown country names its address", "POST", "/sobjects/Contact",
			`{"LastName":"L","MailingCountry":"Nowhere"}`, 400,
			`[{"message":"There's a problem with this country, even though it may appear correct. Please select a ` +
				`country/territory from the list of valid countries.: Mailing Country",` +
				`"errorCode":"FIELD_INTEGRITY_EXCEPTION","fields":["MailingCountry"]}]`,
		},
		{
			"Errors: an unknown state names its address", "POST", "/sobjects/Account",
			`{"Name":"N","BillingCountry":"Canada","BillingState":"Nowhere"}`, 400,
			`[{"message":"There's a problem with this state, even though it may appear correct. Please select a ` +
				`state from the list of valid states.: Billing State/Province",` +
				`"errorCode":"FIELD_INTEGRITY_EXCEPTION","fields":["BillingState"]}]`,
		},
		{
			"Errors: a state without a country names its address", "POST", "/sobjects/Contact",
			`{"LastName":"L","MailingState":"California"}`, 400,
			`[{"message":"A country/territory must be specified before specifying a state value for field: ` +
				`Mailing State/Province","errorCode":"FIELD_INTEGRITY_EXCEPTION","fields":["MailingState"]}]`,
		},
		{
			"Errors: a permission set that the user has", "POST", "/sobjects/PermissionSetAssignment",
			"{" + permissionSet(o.Org) + "}", 400,
			`[{"message":"Duplicate PermissionSetAssignment.  Assignee: ` + o.UserID()[:15] + `; Permission Set: ` +
				set[:15] + `","errorCode":"DUPLICATE_VALUE","fields":["AssigneeId","PermissionSetId"]}]`,
		},
		{
			"Errors: a lock is named by 18 characters", "POST", "/sobjects/Lead",
			`{"LastName":"L","Company":"C","Title":"Locked"}`, 400,
			`[{"message":"unable to obtain exclusive access to this record or 1 records: ` + o.account +
				`","errorCode":"UNABLE_TO_LOCK_ROW","fields":[]}]`,
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
			require.JSONEq(t, tc.want, res.Text)
		})
	}
}

// Other replies of real orgs.
func TestRecordedFacts(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	checkFacts(t, []dataFact{
		{"Composite: blanks in the URL of a subrequest are taken", func(t *testing.T, org *sftest.Org, a *api) {
			addLead(org, "l@example.com")
			for _, url := range []string{
				base + "/query?q=SELECT Id FROM Lead WHERE Email = 'l@example.com'",
				base + "/query?q=SELECT+Id+FROM+Lead WHERE Email%20= 'l@example.com'",
			} {
				res := a.composite(false, part{Method: "GET", URL: url, Ref: "a"})[0]
				require.Equal(t, 200, res.Status, url)
				require.InDelta(t, 1, res.at("totalSize"), 0)
			}
			batch := a.do("POST", "/composite/batch", fields{"batchRequests": []fields{
				{"method": "GET", "url": "v62.0/query?q=SELECT Id FROM Lead"},
			}})
			require.InDelta(t, 1, batch.at("results", 0, "result", "totalSize"), 0, batch.Text)
		}},
		{"Upsert: by Id answers 200 with a body and a Location", func(t *testing.T, org *sftest.Org, a *api) {
			id := addLead(org, "l@example.com")
			res := a.do("PATCH", "/sobjects/Lead/Id/"+id, `{"Title":"T"}`)
			require.Equal(t, 200, res.Status, res.Text)
			require.JSONEq(t, `{"id":"`+id+`","success":true,"errors":[],"created":false}`, res.Text)
			require.Equal(t, base+"/sobjects/Lead/"+id, res.Header.Get("Location"))
			require.Equal(t, "T", org.Row("Lead", id)["Title"])
			require.Equal(t, 204, a.do("PATCH", "/sobjects/Lead/"+id, `{"Title":"T"}`).Status, "no upsert")
			require.Equal(t, 204, a.in("v45.0", "PATCH", "/sobjects/Lead/Id/"+id, `{"Title":"T"}`).Status)
			require.Equal(t, 404, a.do("PATCH", "/sobjects/Lead/Id/00QdM00000zzzzz", `{"Title":"T"}`).Status)
		}},
		{"Requests: an Account has an ETag, which changes with it", func(t *testing.T, org *sftest.Org, a *api) {
			id := org.Insert("Account", fields{"Name": "A"})
			tag := a.do("GET", "/sobjects/Account/"+id, nil).Header.Get("ETag")
			require.Regexp(t, `^"[A-Za-z0-9+/]+=*--gzip"$`, tag)
			require.Equal(t, tag, a.do("GET", "/sobjects/Account/"+id+"?fields=Name", nil).Header.Get("ETag"))
			res := a.do("PATCH", "/sobjects/Account/"+id, `{"Name":"B"}`)
			require.NotEqual(t, tag, res.Header.Get("ETag"))
			require.Equal(t, res.Header.Get("ETag"), a.do("GET", "/sobjects/Account/"+id, nil).Header.Get("ETag"))
			part := a.composite(false, get("a", "/sobjects/Account/"+id))[0]
			require.Equal(t, res.Header.Get("ETag"), part.Header.Get("ETag"))
			lead := a.do("GET", "/sobjects/Lead/"+addLead(org, "l@example.com"), nil)
			require.Empty(t, lead.Header.Get("ETag"), "only Accounts have one")
		}},
		{"Requests: conditions on the ETag of an Account", func(t *testing.T, org *sftest.Org, a *api) {
			account := "/sobjects/Account/" + org.Insert("Account", fields{"Name": "A"})
			tag := a.do("GET", account, nil).Header.Get("ETag")
			other := `"Jbjuzw7dbhaEG3fd90kJbx6A0ow=--gzip"`
			for _, tc := range []struct {
				method, header, value string
				status                int
			}{
				{"GET", "If-Match", tag, 200}, {"GET", "If-Match", other, 412},
				{"GET", "If-Match", other + ", " + strings.Replace(tag, "--gzip", "-gzip", 1), 200},
				{"GET", "If-None-Match", tag, 304}, {"GET", "If-None-Match", other, 200},
				{"PATCH", "If-Match", other, 412}, {"PATCH", "If-None-Match", tag, 412},
				{"PATCH", "If-Match", "junk", 400}, {"PATCH", "If-Match", tag, 204}, {"PATCH", "If-Match", tag, 412},
				{"PATCH", "If-Match", "*", 204}, {"PATCH", "If-None-Match", tag, 204},
				{"DELETE", "If-Match", other, 204},
			} {
				var body any
				if tc.method == "PATCH" {
					body = fields{"Name": "N" + tc.value + tc.header}
				}
				res := a.do(tc.method, account, body, tc.header, tc.value)
				require.Equal(t, tc.status, res.Status, "%s %s: %s", tc.method, tc.header, tc.value)
			}
		}},
		{"Requests: conditions on the date of a row", func(t *testing.T, org *sftest.Org, a *api) {
			lead := "/sobjects/Lead/" + addLead(org, "l@example.com")
			modified, err := time.Parse(time.RFC1123, a.do("GET", lead, nil).Header.Get("Last-Modified"))
			require.NoError(t, err)
			at := func(d time.Duration) string { return modified.Add(d).Format("Mon, 02 Jan 2006 15:04:05 GMT") }
			for _, tc := range []struct {
				method, header, value string
				status                int
			}{
				{"GET", "If-Modified-Since", at(0), 304}, {"GET", "If-Modified-Since", at(-day), 200},
				{"GET", "If-Modified-Since", "junk", 200}, {"GET", "If-Unmodified-Since", at(-day), 412},
				{"GET", "If-Unmodified-Since", at(0), 200}, {"PATCH", "If-Unmodified-Since", at(-day), 412},
				{"PATCH", "If-Unmodified-Since", "junk", 400}, {"PATCH", "If-Match", `"x"`, 204},
				{"PATCH", "If-Unmodified-Since", at(day), 204},
			} {
				var body any
				if tc.method == "PATCH" {
					body = fields{"Title": "T"}
				}
				require.Equal(t, tc.status, a.do(tc.method, lead, body, tc.header, tc.value).Status,
					"%s %s: %s", tc.method, tc.header, tc.value)
			}
		}},
	})
}

// A field that a real org has is never an unknown column: the org has it, or
// says that it does not support it (docs/salesforce.md, Fields).
func TestFieldsOfRealOrgsAreKnown(t *testing.T) {
	t.Parallel()
	for object, names := range map[string]string{
		"Opportunity": "IsPrivate ExpectedRevenue TotalOpportunityQuantity HasOpportunityLineItem FiscalYear Fiscal " +
			"FiscalQuarter LastActivityDate LastViewedDate LastReferencedDate ForecastCategory ForecastCategoryName " +
			"Pricebook2Id ContractId PushCount LastStageChangeDate HasOpenActivity HasOverdueTask IqScore SyncedQuoteId",
		"Event": "IsRecurrence RecurrenceActivityId Recurrence2PatternText IsRecurrence2 EventWhoIds",
		"Task":  "IsRecurrence RecurrenceInterval RecurrenceRegeneratedType IsVisibleInSelfService",
		"Organization": "Street City PostalCode Country Phone Fax PrimaryContact FiscalYearStartMonth IsReadOnly UiSkin " +
			"TrialExpirationDate DefaultOpportunityAccess PreferencesRequireOpportunityProducts Address",
		"User": "Division EmployeeNumber Extension Fax AboutMe FederationIdentifier SenderEmail Signature ManagerId " +
			"LastLoginDate CommunityNickname EmailEncodingKey ProfileId UserRoleId UserPermissionsMobileUser " +
			"UserPreferencesActivityRemindersPopup SmallPhotoUrl IsPortalEnabled ContactId",
		"Campaign": "ActualCost NumberSent HierarchyNumberOfLeads ExpectedResponse LastActivityDate",
		"Lead":     "IndividualId ActivityMetricId",
		"Case": "CaseNumber SuppliedEmail ContactPhone AssetId BusinessHoursId EntitlementId SourceId SlaStartDate " +
			"IsClosedOnCreate Comments ClosedDate",
		"ContentVersion":  "VersionData Checksum ContentUrl TagCsv TextPreview VersionDataUrl ContentSizeLong",
		"ContentDocument": "IsArchived ArchivedDate ParentId ContentAssetId LatestPublishedVersionId",
		"Profile":         "Name UserType PermissionsApiEnabled",
		"UserLicense":     "LicenseDefinitionKey MonthlyLoginsUsed",
		"UserRole":        "DeveloperName PortalType RollupDescription",
		"Individual":      "ShouldForget CanStorePiiElsewhere Website InfluencerRating",
	} {
		t.Run(object, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(nil)
			defer org.Close()
			org.Allow(object, "create")
			a := &api{t, org}
			for name := range strings.FieldsSeq(names) {
				status := a.query("SELECT " + name + " FROM " + object).Status
				require.Contains(t, []int{200, 501}, status, name)
				described := strings.Contains(a.do("GET", "/sobjects/"+object+"/describe", nil).Text, `"name":"`+name+`"`)
				require.Equal(t, status == 200, described, name)
				if status == 501 {
					require.Equal(t, 501, a.do("POST", "/sobjects/"+object, fields{name: "x"}).Status, name)
				}
			}
			a.query("SELECT Nope FROM "+object).refused(t, 400, "INVALID_FIELD")
		})
	}
}

func TestOpportunityComputesWhatFollows(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	org.Insert("Opportunity", fields{
		"Name": "O", "StageName": "Prospecting", "CloseDate": "2026-11-28", "Amount": 5000, "Probability": 10,
	})
	org.Insert("Opportunity", fields{"Name": "P", "StageName": "Prospecting", "CloseDate": "2026-01-02"})
	rows := a.query("SELECT ExpectedRevenue, FiscalYear, FiscalQuarter, Fiscal, IsPrivate FROM Opportunity ORDER BY Name")
	for i, want := range [][]any{{500.0, 2026.0, 4.0, "2026 4", false}, {nil, 2026.0, 1.0, "2026 1", false}} {
		require.Equal(t, want, []any{
			rows.at("records", i, "ExpectedRevenue"), rows.at("records", i, "FiscalYear"),
			rows.at("records", i, "FiscalQuarter"), rows.at("records", i, "Fiscal"), rows.at("records", i, "IsPrivate"),
		})
	}
}

// SOQL reference, USING SCOPE: describe says which scopes an object has, in
// lower case.
func TestScopesAreThoseOfTheDescribe(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	other := org.Insert("User", fields{
		"LastName": "O", "Username": "o@x.example", "Email": "o@x.example", "Alias": "o", "IsActive": true,
	})
	org.Insert("Task", fields{"Subject": "mine"})
	org.Insert("Task", fields{"Subject": "given", "OwnerId": other})
	org.Insert("Task", fields{"Subject": "theirs", "OwnerId": other, "CreatedById": other})
	for object, want := range map[string][]any{
		"Account":    {"All accounts", "everything", "My accounts", "mine"},
		"Task":       {"All tasks", "everything", "Delegated tasks", "delegated", "My tasks", "mine"},
		"RecordType": {"All record types", "everything"},
	} {
		var scopes []any
		for _, v := range a.do("GET", "/sobjects/"+object+"/describe", nil).at("supportedScopes").([]any) {
			scope := v.(map[string]any)
			scopes = append(scopes, scope["label"], scope["name"])
		}
		require.Equal(t, want, scopes)
	}
	for scope, want := range map[string][]string{
		"everything": {"given", "mine", "theirs"}, "MINE": {"mine"}, "delegated": {"given"},
	} {
		require.Equal(t, want, a.column("SELECT Subject FROM Task USING SCOPE "+scope+" ORDER BY Subject", "Subject"))
	}
	a.query("SELECT Id FROM Task USING SCOPE nonsense").refused(t, 400, "MALFORMED_QUERY")
}
