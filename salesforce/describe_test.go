package salesforce_test

import (
	"testing"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/stretchr/testify/require"
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
