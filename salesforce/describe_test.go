// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestDescribeFindsAFieldInAnyCase(t *testing.T) {
	t.Parallel()
	literal := &salesforce.Describe{Fields: []salesforce.Field{{Name: "Id"}, {Name: "Email"}}}
	org := newOrg(t)
	org.answer = func(sub) reply {
		return reply{status: 200, body: record{"name": "Lead", "fields": []record{{"name": "Id"}, {"name": "Email"}}}}
	}
	results, err := org.client(salesforce.Config{}).Read(t.Context(), salesforce.DescribeObject("lead", ""))
	require.NoError(t, err)
	for _, d := range []*salesforce.Describe{literal, results[0].Describe} {
		field, ok := d.Field("eMAIL")
		require.True(t, ok)
		require.Equal(t, "Email", field.Name)
		_, ok = d.Field("Phone")
		require.False(t, ok)
	}
}

func TestFieldIsRequiredOnCreate(t *testing.T) {
	t.Parallel()
	required := salesforce.Field{Createable: true, Type: salesforce.TypeString}
	require.True(t, required.RequiredOnCreate())
	for name, change := range map[string]func(*salesforce.Field){
		"nillable":       func(f *salesforce.Field) { f.Nillable = true },
		"not createable": func(f *salesforce.Field) { f.Createable = false },
		"defaulted":      func(f *salesforce.Field) { f.DefaultedOnCreate = true },
		"boolean":        func(f *salesforce.Field) { f.Type = salesforce.TypeBoolean },
	} {
		field := required
		change(&field)
		require.False(t, field.RequiredOnCreate(), name)
	}
}

func TestFieldOptionIsAnActiveOne(t *testing.T) {
	t.Parallel()
	field := salesforce.Field{PicklistValues: []salesforce.PicklistValue{
		{Value: "Old"}, {Value: "Hot", Label: "Heiß", Active: true},
	}}
	option, ok := field.Option("hOT")
	require.True(t, ok)
	require.Equal(t, "Heiß", option.Label)
	_, ok = field.Option("Old")
	require.False(t, ok)
	_, ok = field.Option("Heiß")
	require.False(t, ok)
}

func TestDescribeAgainAnswersOnlyAChange(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	client := connect(t, org)
	again := func(reads ...salesforce.Read) []salesforce.ReadResult {
		results, err := client.Read(t.Context(), reads...)
		require.NoError(t, err)
		for _, result := range results {
			require.NoError(t, result.Err)
		}
		return results
	}
	first := again(salesforce.DescribeObject("Lead", ""), salesforce.ListObjects(""))
	lead, objects := first[0].Describe, first[1].Objects
	require.Regexp(t, `^"[0-9a-f]{8}--gzip"$`, lead.ETag)
	for _, result := range again(lead.Again(), objects.Again()) {
		require.True(t, result.NotModified)
		require.Nil(t, result.Describe)
		require.Nil(t, result.Objects)
	}
	org.AddExternalID("Lead")
	for _, result := range again(lead.Again(), objects.Again()) {
		require.False(t, result.NotModified)
	}
}

func TestDescribeSendsItsValidators(t *testing.T) {
	t.Parallel()
	const date = "Wed, 21 Oct 2026 07:28:00 GMT"
	for name, test := range map[string]struct {
		describe salesforce.Describe
		want     map[string]string
	}{
		"none":   {salesforce.Describe{}, nil},
		"date":   {salesforce.Describe{LastModified: date}, map[string]string{"If-Modified-Since": date}},
		"tag":    {salesforce.Describe{ETag: `W/"a"`}, map[string]string{"If-None-Match": `W/"a"`}},
		"packed": {salesforce.Describe{ETag: `"a--gzip"`}, map[string]string{"If-None-Match": `"a--gzip", "a"`}},
		"both": {
			salesforce.Describe{LastModified: date, ETag: `"a"`},
			map[string]string{"If-Modified-Since": date, "If-None-Match": `"a"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := newOrg(t)
			org.answer = func(s sub) reply {
				require.Equal(t, test.want, s.Headers)
				return reply{status: 304}
			}
			test.describe.Name = "Lead"
			results, err := org.client(salesforce.Config{}).Read(t.Context(), test.describe.Again())
			require.NoError(t, err)
			// Without a validator nothing can be unmodified.
			require.Equal(t, test.want != nil, results[0].NotModified)
			require.Equal(t, test.want == nil, results[0].Err != nil)
		})
	}
}

func TestReadRefusesAMalformedETag(t *testing.T) {
	t.Parallel()
	for _, tag := range []string{"a", `"a`, `"a"b"`, "\"a\r\n\"", `"a b"`} {
		_, err := newOrg(
			t,
		).client(salesforce.Config{}).
			Read(t.Context(), salesforce.Read{Kind: salesforce.ReadObjects, ETag: tag})
		require.ErrorContains(t, err, "read 0: etag is not an ETag header", tag)
	}
}

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
	for name, body := range map[string]any{
		"none": record{"sobjects": []any{}}, "list": []any{}, "null": nil, "text": "x",
	} {
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
