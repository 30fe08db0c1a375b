// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

const formType = "application/x-www-form-urlencoded"

func TestLeadingSlashesCollapse(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	for _, slashes := range []string{"/", "//", "///"} {
		res, err := a.send("GET", slashes+base[1:]+"/query?q=SELECT+Id+FROM+Lead", nil)
		require.NoError(t, err)
		require.Equal(t, 200, res.Status, res.Text)
	}
	res, err := a.send("GET", "//services/data", nil)
	require.NoError(t, err)
	require.Equal(t, 200, res.Status)
	requests := org.Requests()
	require.Equal(t, base+"/query", requests[2].Path)
}

// A slash within the path is no such thing.
func TestSlashesWithinAPathStay(t *testing.T) {
	t.Parallel()
	tb := &spy{}
	org := sftest.NewOrg(tb)
	defer org.Close()
	res, err := (&api{t, org}).send("GET", "/services//data", nil)
	require.NoError(t, err)
	require.Equal(t, 501, res.Status)
}

func TestRetiredVersionsAreGone(t *testing.T) {
	t.Parallel()
	_, a := newAPI(t)
	for version, status := range map[string]int{
		"v19.0": 404, "v20.0": 410, "v30.0": 410, "v31.0": 200, "v68.0": 200, "v69.0": 404,
	} {
		res, err := a.send("GET", "/services/data/"+version+"/sobjects/Lead/describe", nil)
		require.NoError(t, err)
		require.Equal(t, status, res.Status, version)
		if status == 410 {
			require.Equal(t, "GONE", res.code())
		}
	}
	res, err := a.send("GET", "/services/data", nil)
	require.NoError(t, err)
	require.Equal(t, map[string]any{"label": "Winter '27", "url": "/services/data/v68.0", "version": "68.0"}, res.at(37))
}

// Some clients send the parameters of a token request in its URL.
func TestTokenRequestMayCarryItsParametersInTheURL(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	res, err := a.send("POST", "/services/oauth2/token?"+url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {org.RefreshToken()}, "client_id": {"app"},
	}.Encode(), "", "Content-Type", formType)
	require.NoError(t, err)
	require.Equal(t, 200, res.Status, res.Text)
	require.Equal(t, org.Token(), res.at("access_token"))

	res, err = a.send("POST", "/services/oauth2/token?client_id=app&grant_type=none", url.Values{
		"grant_type": {"client_credentials"},
	}.Encode(), "Content-Type", formType)
	require.NoError(t, err)
	require.Equal(t, 200, res.Status, "those of the body come first")
}

func TestUserNamesIgnoreCase(t *testing.T) {
	t.Parallel()
	_, a := newAPI(t)
	for name, status := range map[string]int{
		"integration@fake.example": 200, "Integration@Fake.Example": 200, "other@fake.example": 400,
	} {
		res, err := a.send("POST", "/services/oauth2/token", url.Values{
			"grant_type": {"password"}, "username": {name}, "password": {"p"},
		}.Encode(), "Content-Type", formType)
		require.NoError(t, err)
		require.Equal(t, status, res.Status, name)
	}
}

// Behind a proxy that ends TLS the org is reached by https, whatever the connection.
func TestForwardedProtoIsTheSchemeOfTheInstance(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	host := strings.TrimPrefix(org.URL(), "http://")
	for forwarded, want := range map[string]string{
		"": "http://", "https": "https://", "HTTPS, http": "https://", "http": "http://", "gopher": "http://",
	} {
		res, err := a.send("POST", "/services/oauth2/token", "grant_type=client_credentials", "Content-Type", formType,
			"X-Forwarded-Proto", forwarded)
		require.NoError(t, err)
		require.Equal(t, want+host, res.at("instance_url"), forwarded)
		require.True(t, strings.HasPrefix(res.at("id").(string), want+host), forwarded)
	}
}

type soapFault struct {
	Code    string `xml:"Body>Fault>faultcode"`
	String  string `xml:"Body>Fault>faultstring"`
	Message string `xml:"Body>Fault>detail>ApiFault>exceptionMessage"`
}

func (a *api) soap(path, operation string) (*response, soapFault) {
	a.t.Helper()
	wsdl := "partner"
	if strings.HasPrefix(path, "/services/Soap/c/") {
		wsdl = "enterprise"
	}
	res, err := a.send("POST", path, `<?xml version="1.0"?>`+
		`<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/">`+
		`<e:Header><x/></e:Header><e:Body><p:`+operation+` xmlns:p="urn:`+wsdl+`.soap.sforce.com"/></e:Body></e:Envelope>`,
		"Content-Type", "text/xml", "SOAPAction", `""`)
	require.NoError(a.t, err)
	var fault soapFault
	require.NoError(a.t, xml.Unmarshal([]byte(res.Text), &fault), res.Text)
	require.Equal(a.t, "text/xml;charset=UTF-8", res.Header.Get("Content-Type"))
	require.Equal(a.t, http.StatusInternalServerError, res.Status)
	return res, fault
}

// docs/salesforce.md, OAuth: what Salesforce says of a SOAP login.
func TestSOAPLoginIsRefusedWithAFault(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	for path, want := range map[string]soapFault{
		"/services/Soap/u/64.0": {
			"sf:INVALID_OPERATION", "INVALID_OPERATION: ",
			"SOAP API login() is disabled by default in this org. " +
				"Contact the org administrator to enable SOAP API login().",
		},
		"/services/Soap/c/65.0/" + org.OrgID()[:15]: {
			"sf:INVALID_OPERATION", "INVALID_OPERATION: ", "The SOAP Login operation is not available in the API version " +
				"specified (65.0). Refer to the documentation for supported versions.",
		},
		"/services/Soap/u/30.0": {
			"sf:UNSUPPORTED_API_VERSION", "UNSUPPORTED_API_VERSION: ", "Invalid Api version specified on URL",
		},
	} {
		_, fault := a.soap(path, "login")
		want.String += want.Message
		require.Equal(t, want, fault, path)
	}
	require.Zero(t, org.Calls())
}

// The test is told of what is not an answer of Salesforce.
func TestOtherSOAPOperationsFailTheTestWithAFault(t *testing.T) {
	t.Parallel()
	tb := &spy{}
	org := sftest.NewOrg(tb)
	defer org.Close()
	a := &api{t, org}
	_, fault := a.soap("/services/Soap/m/62.0", "listMetadata")
	require.Equal(t, "sf:NOT_IMPLEMENTED", fault.Code)
	require.Contains(t, fault.Message, "listMetadata")
	require.Len(t, tb.complaints, 1)
	res, err := a.send("GET", "/services/Soap/", nil)
	require.NoError(t, err)
	require.Equal(t, 501, res.Status)
}

// The columns of the statements that the command line tool's tests have
// (docs/salesforce.md, Queries).
func TestColumnsAreDescribedAsTheCommandLineToolReadsThem(t *testing.T) {
	t.Parallel()
	_, a := newAPI(t)
	for _, tc := range []struct{ soql, want string }{
		{"SELECT Name FROM Lead", "Name:Name:String:false"},
		{"SELECT Id, Owner.Name FROM Contact", "Id:Id:Id:false Owner:Owner:null:false[Name:Name:String:false]"},
		{
			"SELECT Account.Owner.Alias FROM Contact",
			"Account:Account:null:false[Owner:Owner:null:false[Alias:Alias:String:false]]",
		},
		{
			"SELECT Name, (SELECT LastName, Account.Name FROM Contacts) FROM Account",
			"Name:Name:String:false Contacts:Contacts:null:true[LastName:LastName:String:false " +
				"Account:Account:null:false[Name:Name:String:false]]",
		},
		{
			"SELECT CampaignId, AVG(Amount) FROM Opportunity GROUP BY CampaignId",
			"CampaignId:CampaignId:Id:false expr0:avg(Amount):null:true",
		},
		{
			"SELECT COUNT(Id) n, MAX(Account.Name) FROM Contact",
			"n:count(Id):null:true expr0:max(Account.Name):null:true",
		},
		{"SELECT FORMAT(Amount) FROM Opportunity", "Amount:format(Amount):String:false"},
		{"SELECT FORMAT(AnnualRevenue) money FROM Account", "money:format(AnnualRevenue):String:false"},
		{"SELECT FORMAT(SUM(Amount)) FROM Opportunity", "expr0:format(sum(Amount)):null:true"},
		{
			"SELECT CALENDAR_YEAR(CreatedDate) FROM Lead GROUP BY CALENDAR_YEAR(CreatedDate)",
			"expr0:calendar_year(CreatedDate):null:true",
		},
		{"SELECT TYPEOF Who WHEN Lead THEN Id END FROM Task", "Who:Who:null:false"},
		{"SELECT COUNT() FROM Lead", ""},
	} {
		res := a.do("GET", "/query?columns=true&q="+url.QueryEscape(tc.soql), nil)
		require.Equal(t, 200, res.Status, res.Text)
		require.Equal(t, tc.want, columnsText(res.at("columnMetadata").([]any)), tc.soql)
	}
	res := a.do("GET", "/query?columns=true&q="+url.QueryEscape("SELECT Id, Owner.Name FROM Contact"), nil)
	require.Equal(t, []any{"OwnerId", nil, false, true}, []any{
		res.at("columnMetadata", 1, "foreignKeyName"), res.at("columnMetadata", 0, "foreignKeyName"),
		res.at("columnMetadata", 1, "textType"), res.at("columnMetadata", 1, "joinColumns", 0, "textType"),
	})
}

// columnsText shows name, display name, type and whether it is an aggregate of
// each column, with what is joined to it in brackets.
func columnsText(columns []any) string {
	var texts []string
	for _, v := range columns {
		c := v.(map[string]any)
		apexType, _ := c["apexType"].(string)
		if apexType == "" {
			apexType = "null"
		}
		text := c["columnName"].(string) + ":" + c["displayName"].(string) + ":" + apexType + ":"
		text += map[bool]string{true: "true", false: "false"}[c["aggregate"].(bool)]
		if joined := c["joinColumns"].([]any); len(joined) > 0 {
			text += "[" + columnsText(joined) + "]"
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, " ")
}
