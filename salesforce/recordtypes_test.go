package salesforce_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestReadReturnsTheValuesOfEachRecordType(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.DefineField(
		"Lead", sftest.Field{Name: "Tier__c", Type: "picklist", Options: []string{"Gold", "Silver", "Tin"}, Restricted: true},
	)
	org.DefineField("Lead", sftest.Field{Name: "Open__c", Type: "picklist", Options: []string{"A", "B"}})
	partner := org.DefineRecordType(
		"Lead", sftest.RecordType{Name: "Partner", Picklists: map[string][]string{"Tier__c": {"Gold"}, "Open__c": {"A"}}},
	)
	address, err := url.Parse(org.URL())
	require.NoError(t, err)
	client, err := newClient(
		t,
		org.URL(),
		oauth2.StaticTokenSource(&oauth2.Token{AccessToken: org.Token()}),
		salesforce.Config{Hosts: []string{address.Host}},
	)
	require.NoError(t, err)

	results, err := client.Read(
		t.Context(),
		salesforce.RecordTypePicklists("Lead"),
		salesforce.DescribeObject("Lead", ""),
		salesforce.RecordTypePicklists("Gone__c"),
	)
	require.NoError(t, err)
	require.NoError(t, results[0].Err)
	offered := results[0].RecordTypes[salesforce.ID(partner)]
	require.Equal(t, []string{"Gold"}, offered["Tier__c"])
	require.Error(t, results[2].Err)

	describe := results[1].Describe
	narrowed := describe.ForRecordType(offered)
	tier, ok := narrowed.Field("Tier__c")
	require.True(t, ok)
	_, gold := tier.Option("gold")
	_, tin := tier.Option("Tin")
	require.Equal(t, []bool{true, false}, []bool{gold, tin})
	open, _ := narrowed.Field("Open__c")
	_, b := open.Option("B")
	require.True(t, b, "an open picklist takes anything")
	whole, _ := describe.Field("Tier__c")
	_, tin = whole.Option("Tin")
	require.True(t, tin, "the describe itself is as before")

	_, err = client.Read(t.Context(), salesforce.RecordTypePicklists("no object"))
	require.Error(t, err)
}

const oneLayout = `{"recordTypeMappings":[{"recordTypeId":"012000000000000AAA","picklistsForRecordType":[
	{"picklistName":"Tier__c","picklistValues":[{"value":"Gold","active":true}]}]}]}`

func TestReadRefusesWrongLayouts(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"page":     "<html>s3cret</html>",
		"cut":      oneLayout[:60],
		"none":     `{}`,
		"null":     `null`,
		"list":     `[]`,
		"no id":    `{"recordTypeMappings":[{"picklistsForRecordType":[]}]}`,
		"other id": `{"recordTypeMappings":[{"recordTypeId":"s3cret"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &wire{script: []line{{status: 200, body: body}}}
			results, err := w.client(t, salesforce.Config{}, nil).Read(t.Context(), salesforce.RecordTypePicklists("Lead"))
			require.NoError(t, err)
			require.Nil(t, results[0].RecordTypes)
			require.EqualError(t, results[0].Err, "salesforce: http status 200 OK: reply is not an object's layouts")
		})
	}
}
