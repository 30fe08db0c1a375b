package salesforce_test

import (
	"testing"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/stretchr/testify/require"
)

func TestListObjectsIsReadOnceUntilItChanges(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	client := connect(t, org)
	list := func(since string) salesforce.ReadResult {
		results, err := client.Read(t.Context(), salesforce.ListObjects(since))
		require.NoError(t, err)
		require.NoError(t, results[0].Err)
		return results[0]
	}
	first := list("")
	lead, found := first.Objects.Object("lead")
	require.True(t, found)
	require.Equal(t, salesforce.ObjectInfo{
		Name: "Lead", Label: "Lead", KeyPrefix: "00Q", Createable: true, Updateable: true, Deletable: true, Queryable: true,
	}, *lead)
	_, found = first.Objects.Object("Nothing__c")
	require.False(t, found)

	again := list(first.Objects.LastModified)
	require.True(t, again.NotModified)
	require.Nil(t, again.Objects)
	org.AddExternalID("Lead")
	require.False(t, list(first.Objects.LastModified).NotModified)
}

func TestListObjectsRefusesAWrongReply(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]any{"none": record{"sobjects": []any{}}, "list": []any{}, "null": nil, "text": "x"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := newOrg(t)
			org.answer = func(sub) reply { return reply{status: 200, body: body} }
			results, err := org.client(salesforce.Config{}).Read(t.Context(), salesforce.ListObjects(""))
			require.NoError(t, err)
			require.ErrorContains(t, results[0].Err, "not a list of objects")
		})
	}
	_, err := newOrg(t).client(salesforce.Config{}).Read(t.Context(), salesforce.ListObjects("yesterday"))
	require.ErrorContains(t, err, "Last-Modified")
}
