// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// tooling asks the Tooling API.
func (a *api) tooling(soql string) *response {
	a.t.Helper()
	return a.do("GET", "/tooling/query/?q="+url.QueryEscape(soql), nil)
}

// rows are those of a page, without their attributes.
func (r *response) rows(t *testing.T) []map[string]any {
	t.Helper()
	require.Equal(t, 200, r.Status, r.Text)
	rows := []map[string]any{}
	for _, v := range r.at("records").([]any) {
		row := v.(map[string]any)
		delete(row, "attributes")
		rows = append(rows, row)
	}
	return rows
}

// withVisits is an org with a custom object and custom fields of all kinds.
func withVisits(t *testing.T) (*sftest.Org, *api) {
	t.Helper()
	org, a := newAPI(t)
	org.DefineObject("Visit__c", "a0x",
		sftest.Field{Name: "Lead__c", Type: "reference", ReferenceTo: []string{"Lead"}},
		sftest.Field{Name: "Owner_Account__c", Type: "reference", ReferenceTo: []string{"Account"}, MasterDetail: true},
		sftest.Field{Name: "Badge__c", Length: 40, ExternalID: true, Unique: true},
		sftest.Field{Name: "Exact__c", Length: 9, Unique: true, CaseSensitive: true},
		sftest.Field{Name: "Key__c", Length: 9, ExternalID: true},
		sftest.Field{Name: "Notes__c", Type: "textarea", Length: 4096},
		sftest.Field{Name: "Short__c", Type: "textarea", Length: 255},
		sftest.Field{Name: "Rich__c", Type: "textarea", RichText: true},
		sftest.Field{Name: "Cost__c", Type: "currency", Precision: 18, Scale: 2},
		sftest.Field{Name: "Share__c", Type: "percent", Precision: 5, Scale: 2},
		sftest.Field{Name: "Guests__c", Type: "double", Precision: 3},
		sftest.Field{Name: "Page__c", Type: "url"},
		sftest.Field{Name: "Day__c", Type: "date"},
		sftest.Field{Name: "Start__c", Type: "time"},
		sftest.Field{Name: "Number__c", AutoNumber: true},
		sftest.Field{Name: "Label__c", Formula: true},
		sftest.Field{Name: "Kinds__c", Type: "multipicklist", Options: []string{"A", "B"}},
	)
	org.AddRule("Visit__c", sftest.Rule{Name: "Guests", Message: "Too many", Field: "Guests__c",
		Refuses: func(map[string]any) bool { return false }})
	return org, a
}

func TestEntityDefinitionsAreTheObjectsOfTheOrg(t *testing.T) {
	t.Parallel()
	org, a := withVisits(t)
	res := a.tooling("SELECT Id, DurableId, QualifiedApiName, DeveloperName, Label, PluralLabel, KeyPrefix, " +
		"NamespacePrefix, IsCustomSetting, IsQueryable, IsCustomizable, PublisherId, DeploymentStatus " +
		"FROM EntityDefinition WHERE QualifiedApiName IN ('Lead', 'visit__c') ORDER BY QualifiedApiName DESC")
	rows := res.rows(t)
	require.Equal(t, []any{2.0, 2.0, true, nil, "EntityDefinition"}, []any{res.at("size"), res.at("totalSize"),
		res.at("done"), res.at("queryLocator"), res.at("entityTypeName")})
	durable := rows[0]["DurableId"].(string)
	require.Regexp(t, "^01I[0-9A-Za-z]{12}$", durable)
	require.Equal(t, map[string]any{
		"Id": "000000000000000AAA", "DurableId": durable, "QualifiedApiName": "Visit__c", "DeveloperName": "Visit",
		"Label": "Visit", "PluralLabel": "Visits", "KeyPrefix": "a0x", "NamespacePrefix": nil, "IsCustomSetting": false,
		"IsQueryable": true, "IsCustomizable": true, "PublisherId": "<local>", "DeploymentStatus": "Deployed",
	}, rows[0])
	require.Equal(t, []any{"Lead", "Lead", "00Q", "System", nil}, []any{rows[1]["DurableId"], rows[1]["DeveloperName"],
		rows[1]["KeyPrefix"], rows[1]["PublisherId"], rows[1]["DeploymentStatus"]})

	org.DefineObject("Talk__c", "a0y")
	require.Equal(t, durable, a.tooling("SELECT DurableId FROM EntityDefinition WHERE QualifiedApiName = 'Visit__c'").
		rows(t)[0]["DurableId"], "ids stay the same when the schema changes")
	names := a.column("SELECT QualifiedApiName FROM EntityDefinition", "QualifiedApiName")
	for _, v := range a.do("GET", "/sobjects", nil).at("sobjects").([]any) {
		require.Contains(t, names, v.(map[string]any)["name"])
	}
}

// The REST API has definitions too, below its own paths and without what pages of the Tooling API
// have besides.
func TestDefinitionsAreInBothAPIs(t *testing.T) {
	t.Parallel()
	_, a := withVisits(t)
	const soql = "SELECT Label FROM EntityDefinition WHERE QualifiedApiName = 'Lead'"
	require.JSONEq(t, `{"totalSize":1,"done":true,"records":[{"attributes":{"type":"EntityDefinition",
		"url":"/services/data/v62.0/sobjects/EntityDefinition/Lead"},"Label":"Lead"}]}`, a.query(soql).Text)
	require.JSONEq(t, `{"size":1,"totalSize":1,"done":true,"queryLocator":null,"entityTypeName":"EntityDefinition",
		"records":[{"attributes":{"type":"EntityDefinition",
		"url":"/services/data/v62.0/tooling/sobjects/EntityDefinition/Lead"},"Label":"Lead"}]}`, a.tooling(soql).Text)
	a.query("SELECT Id FROM ValidationRule").refused(t, 400, "INVALID_TYPE")
	const rules = "SELECT Label, (SELECT ValidationName FROM ValidationRules) FROM EntityDefinition"
	require.Equal(t, 200, a.tooling(rules).Status)
	unknown := a.query(rules)
	unknown.refused(t, 400, "INVALID_TYPE")
	require.Contains(t, unknown.Text, "Didn't understand relationship 'ValidationRules' in FROM part of query call.")
	a.do("GET", "/tooling/query", nil).refused(t, 400, "MALFORMED_QUERY")
	require.Equal(t, []string{"Lead"}, a.column(soql, "Label"), "a call of the REST API after one of the other")
}

// A wrong name would be another answer.
func TestOtherObjectsOfTheSchemaAreUnsupported(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(&spy{})
	defer org.Close()
	a := &api{t, org}
	for object := range strings.FieldsSeq("EntityParticle RelationshipDomain RelationshipInfo PicklistValueInfo " +
		"SearchLayout UserEntityAccess UserFieldAccess Publisher DataType OwnerChangeOptionInfo DuplicateRecordSet") {
		require.Equal(t, 501, a.query("SELECT Id FROM "+object).Status, object)
	}
}

func TestFieldDefinitionsAreTheFieldsOfAnObject(t *testing.T) {
	t.Parallel()
	org, a := withVisits(t)
	org.HideField("Visit__c", "Notes__c")
	types := map[string]string{}
	for _, object := range []string{"Visit__c", "Lead", "Account"} {
		rows := a.tooling("SELECT QualifiedApiName, DataType FROM FieldDefinition " +
			"WHERE EntityDefinition.QualifiedApiName = '" + object + "'").rows(t)
		for _, row := range rows {
			types[object+"."+row["QualifiedApiName"].(string)] = row["DataType"].(string)
		}
	}
	for name, want := range map[string]string{
		"Visit__c.Id": "Lookup()", "Visit__c.Name": "Text(80)", "Visit__c.Lead__c": "Lookup(Lead)",
		"Visit__c.Owner_Account__c": "Master-Detail(Account)", "Visit__c.CreatedById": "Lookup(User)",
		"Visit__c.Badge__c": "Text(40) (External ID) (Unique Case Insensitive)",
		"Visit__c.Exact__c": "Text(9) (Unique Case Sensitive)", "Visit__c.Key__c": "Text(9) (External ID)",
		"Visit__c.Notes__c": "Long Text Area(4096)", "Visit__c.Short__c": "Text Area(255)",
		"Visit__c.Rich__c": "Rich Text Area(32768)", "Visit__c.Cost__c": "Currency(16, 2)",
		"Visit__c.Share__c": "Percent(3, 2)", "Visit__c.Guests__c": "Number(3, 0)", "Visit__c.Page__c": "URL(255)",
		"Visit__c.Day__c": "Date", "Visit__c.Start__c": "Time", "Visit__c.Number__c": "Auto Number",
		"Visit__c.Label__c": "Formula (Text)", "Visit__c.Kinds__c": "Picklist (Multi-Select)",
		"Visit__c.IsDeleted": "Checkbox", "Visit__c.CreatedDate": "Date/Time",
		"Lead.Name": "Name", "Lead.OwnerId": "Lookup(User,Group)", "Lead.Address": "Address", "Lead.Fax": "Fax",
		"Lead.Phone": "Phone", "Lead.Email": "Email", "Lead.Status": "Picklist", "Lead.Company": "Text(255)",
		"Account.NumberOfEmployees": "Number(8, 0)", "Account.AnnualRevenue": "Currency(18, 0)",
	} {
		require.Equal(t, want, types[name], name)
	}
	for _, part := range []string{"Lead.FirstName", "Lead.Street", "Account.BillingCity"} {
		require.NotContains(t, types, part, "parts of a field are particles, no definitions")
	}
}

func TestFieldDefinitionsSayWhatIsKnownOfAField(t *testing.T) {
	t.Parallel()
	_, a := withVisits(t)
	field := func(object, name, fields string) map[string]any {
		rows := a.query("SELECT " + fields + " FROM FieldDefinition WHERE EntityDefinition.QualifiedApiName = '" + object +
			"' AND QualifiedApiName = '" + name + "'").rows(t)
		require.Len(t, rows, 1, name)
		return rows[0]
	}
	require.Equal(t, map[string]any{
		"QualifiedApiName": "AccountId", "RelationshipName": "Account", "ReferenceTargetField": nil,
		"ReferenceTo": map[string]any{"referenceTo": []any{"Account"}}, "DurableId": "Contact.Account",
	}, field("Contact", "AccountId", "QualifiedApiName, RelationshipName, ReferenceTo, ReferenceTargetField, DurableId"))
	require.Equal(t, map[string]any{"DurableId": "Lead.Id", "IsIndexed": true, "Length": 18.0, "Precision": 0.0,
		"Scale": 0.0, "IsNillable": false, "Label": "Lead ID", "IsNameField": false, "IsCalculated": false,
		"ExtraTypeInfo": nil},
		field("Lead", "Id", "DurableId, IsIndexed, Length, Precision, Scale, IsNillable, Label, IsNameField, "+
			"IsCalculated, ExtraTypeInfo"))
	require.Regexp(t, `^01I\w{12}\.00N\w{12}$`, field("Visit__c", "Badge__c", "DurableId")["DurableId"])
	for name, indexed := range map[string]bool{
		"CreatedById": false, "LastModifiedById": false, "OwnerId": true, "Name": true, "CreatedDate": true,
		"SystemModstamp": true, "Email": true, "ConvertedContactId": true, "Company": false, "Status": false,
	} {
		require.Equal(t, indexed, field("Lead", name, "IsIndexed")["IsIndexed"], name)
	}
	require.Equal(t, []any{true, false}, []any{field("Visit__c", "Badge__c", "IsIndexed")["IsIndexed"],
		field("Visit__c", "Guests__c", "IsIndexed")["IsIndexed"]})
	require.Equal(t, true, field("Account", "BillingAddress", "IsCompound")["IsCompound"])
}

func TestDefinitionsAreFollowedAsRelationships(t *testing.T) {
	t.Parallel()
	_, a := withVisits(t)
	rows := a.tooling("SELECT Label, (SELECT QualifiedApiName FROM Fields WHERE QualifiedApiName LIKE 'G%'), " +
		"(SELECT ValidationName FROM ValidationRules) FROM EntityDefinition WHERE QualifiedApiName = 'Visit__c'").rows(t)
	require.Len(t, rows, 1)
	fields := rows[0]["Fields"].(map[string]any)["records"].([]any)
	require.Equal(t, "Guests__c", fields[0].(map[string]any)["QualifiedApiName"])
	rules := rows[0]["ValidationRules"].(map[string]any)["records"].([]any)
	require.Equal(t, "Guests", rules[0].(map[string]any)["ValidationName"])

	rows = a.tooling("SELECT QualifiedApiName, EntityDefinition.QualifiedApiName FROM FieldDefinition " +
		"WHERE EntityDefinition.DurableId = 'Task' ORDER BY QualifiedApiName LIMIT 1").rows(t)
	require.Equal(t, "Task", rows[0]["EntityDefinition"].(map[string]any)["QualifiedApiName"])
}

func TestValidationRulesAreRowsOfTheToolingAPI(t *testing.T) {
	t.Parallel()
	org, a := withVisits(t)
	never := func(map[string]any) bool { return false }
	for _, name := range []string{"One", "Two", "Two"} {
		org.AddRule("Lead", sftest.Rule{Name: name, Message: "No " + name, Refuses: never})
	}
	rows := a.tooling("SELECT Id, ValidationName, Active, EntityDefinitionId, EntityDefinition.QualifiedApiName, " +
		"ErrorDisplayField, ErrorMessage, NamespacePrefix, ManageableState FROM ValidationRule " +
		"WHERE Active = true AND EntityDefinition.QualifiedApiName = 'Visit__c'").rows(t)
	require.Len(t, rows, 1)
	id := rows[0]["Id"].(string)
	require.Regexp(t, "^03d[0-9A-Za-z]{15}$", id)
	require.Equal(t, []any{"Guests", true, "Guests__c", "Too many", nil, "unmanaged"},
		[]any{rows[0]["ValidationName"], rows[0]["Active"], rows[0]["ErrorDisplayField"], rows[0]["ErrorMessage"],
			rows[0]["NamespacePrefix"], rows[0]["ManageableState"]})
	require.Equal(t, "Visit__c", rows[0]["EntityDefinition"].(map[string]any)["QualifiedApiName"])
	require.Len(t, a.tooling("SELECT Id FROM ValidationRule WHERE Id = '"+id+"'").rows(t), 1)
	require.Empty(t, a.tooling("SELECT Id FROM ValidationRule WHERE Active = false").rows(t))
	require.Len(t, a.tooling("SELECT EntityDefinitionId, COUNT(Id) FROM ValidationRule GROUP BY EntityDefinitionId").
		rows(t), 2, "rules are rows like others")
}

func TestToolingQueriesHavePages(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t, sftest.WithPageSize(2))
	for _, name := range []string{"One", "Two", "Three"} {
		org.AddRule("Lead", sftest.Rule{Name: name, Refuses: func(map[string]any) bool { return false }})
	}
	first := a.tooling("SELECT ValidationName FROM ValidationRule")
	require.Len(t, first.rows(t), 2)
	next := first.at("nextRecordsUrl").(string)
	require.Regexp(t, "^/services/data/v62.0/tooling/query/"+first.at("queryLocator").(string)+"$", next)
	last, err := a.send("GET", next, nil)
	require.NoError(t, err)
	require.Len(t, last.rows(t), 1)
	require.Equal(t, []any{3.0, true, nil, "ValidationRule"},
		[]any{last.at("size"), last.at("done"), last.at("queryLocator"), last.at("entityTypeName")})
	a.do("GET", strings.TrimPrefix(next, base)+"0", nil).refused(t, 404, "INVALID_QUERY_LOCATOR")
	after := strings.TrimSuffix(strings.TrimPrefix(next, base), "2") + "3"
	require.Empty(t, a.do("GET", after, nil).rows(t), "after the last")

	page := a.tooling("SELECT QualifiedApiName FROM EntityDefinition")
	require.Equal(t, true, page.at("done"), "definitions have one page, whatever its size")
	require.Equal(t, page.at("totalSize"), a.tooling("SELECT COUNT() FROM EntityDefinition").at("totalSize"))
	require.Len(t, a.tooling("SELECT QualifiedApiName FROM EntityDefinition LIMIT 3 OFFSET 2").rows(t), 3)
}

func TestMoreDefinitionsThanAPageAreRefused(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	for n := range 2000 {
		prefix := strconv.FormatInt(int64(n+10*36*36), 36) // from a00 on
		org.DefineObject(fmt.Sprintf("Thing%d__c", n), prefix)
	}
	res := a.tooling("SELECT Label FROM EntityDefinition")
	res.refused(t, 400, "EXCEEDED_ID_LIMIT")
	require.Equal(t, "EntityDefinition does not support queryMore(), use LIMIT to restrict the results to a single batch",
		res.at(0, "message"))
	require.Len(t, a.tooling("SELECT Label FROM EntityDefinition LIMIT 2000").rows(t), 2000)
	require.Equal(t, 2000.0, a.tooling("SELECT COUNT() FROM EntityDefinition WHERE QualifiedApiName LIKE 'Thing%'").
		at("totalSize"))
}

// docs/salesforce.md, Tooling API: the statements and the messages are those of the Tooling API
// reference.
func TestDefinitionsAreNotQueriedLikeRows(t *testing.T) {
	t.Parallel()
	_, a := withVisits(t)
	const of = " FROM FieldDefinition WHERE EntityDefinitionId = 'Lead' AND "
	for soql, want := range map[string][2]string{
		"SELECT Label FROM FieldDefinition": {"MALFORMED_QUERY",
			"FieldDefinition: a filter on a reified column is required [EntityDefinitionId,DurableId]"},
		"SELECT Label FROM FieldDefinition WHERE QualifiedApiName = 'Id'": {"MALFORMED_QUERY",
			"FieldDefinition: a filter on a reified column is required [EntityDefinitionId,DurableId]"},
		"SELECT COUNT(QualifiedApiName), IsFeedEnabled FROM EntityDefinition GROUP BY IsFeedEnabled": {
			"EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION", "The requested operation is not yet supported by this SObject" +
				" storage type, contact salesforce.com support for more information."},
		"SELECT Label FROM EntityDefinition WHERE QualifiedApiName != 'Account'": {
			"EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION", "Only equals comparisons permitted"},
		"SELECT Label FROM EntityDefinition WHERE (NOT Label LIKE 'A%')": {
			"EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION", "Only equals comparisons permitted"},
		"SELECT Label FROM EntityDefinition WHERE IsQueryable = true OR (IsFeedEnabled = false AND KeyPrefix = '01j')": {
			"EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION", "Disjunctions not supported"},
		"SELECT Label" + of + "(Label = 'A' OR Label = 'B')": {
			"EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION", "Disjunctions not supported"},
		"SELECT Label" + of + "ComplianceGroup INCLUDES ('GDPR')": {
			"EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION", "Unsupported filter type"},
	} {
		res := a.tooling(soql)
		res.refused(t, 400, want[0])
		require.Equal(t, want[1], res.at(0, "message"), soql)
	}
	for _, soql := range []string{
		"SELECT Label FROM FieldDefinition WHERE DurableId = 'Lead.Company'",
		"SELECT Label FROM FieldDefinition f WHERE f.EntityDefinition.DeveloperName = 'Lead' AND f.DeveloperName = 'Company'",
		"SELECT Label" + of + "QualifiedApiName IN ('Company')",
		"SELECT Label FROM EntityDefinition WHERE DeploymentStatus != null",
	} {
		require.Len(t, a.tooling(soql).rows(t), 1, soql)
	}
}

func TestToolingAnswers501ForWhatItLacks(t *testing.T) {
	t.Parallel()
	for _, soql := range []string{
		"SELECT Id FROM ApexClass", "SELECT Id FROM Lead", "SELECT InternalSharingModel FROM EntityDefinition",
		"SELECT IsEverCreatable FROM EntityDefinition", "SELECT Publisher.Name FROM EntityDefinition",
		"SELECT Label, (SELECT Id FROM Layouts) FROM EntityDefinition", "SELECT Metadata FROM ValidationRule",
		"SELECT Label FROM FieldDefinition WHERE EntityDefinitionId IN (SELECT DurableId FROM EntityDefinition)" +
			" AND DurableId = 'Lead.Name'",
	} {
		tb := &spy{}
		org := sftest.NewOrg(tb)
		res := (&api{t, org}).tooling(soql)
		require.Equal(t, 501, res.Status, soql)
		require.Len(t, tb.complaints, 1, soql)
		org.Close()
	}
	_, a := newAPI(t)
	a.tooling("SELECT Nonsense FROM EntityDefinition").refused(t, 400, "INVALID_FIELD")
	a.tooling("SELECT Publishers.Name FROM EntityDefinition").refused(t, 400, "INVALID_FIELD")
	a.tooling("SELECT FROM").refused(t, 400, "MALFORMED_QUERY")
}

// Unverified: that a user without View Setup and Configuration sees none of the objects.
func TestToolingNeedsViewSetup(t *testing.T) {
	t.Parallel()
	org, a := withVisits(t)
	org.SetPermission("PermissionsViewSetup", false)
	a.tooling("SELECT Id FROM ValidationRule").refused(t, 400, "INVALID_TYPE")
	a.tooling("SELECT Id FROM EntityDefinition").refused(t, 400, "INVALID_TYPE")
	require.NotEmpty(t, a.query("SELECT Id FROM EntityDefinition").rows(t))
}
