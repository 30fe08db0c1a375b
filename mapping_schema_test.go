package leadsync_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// describesOf reads describes as a host does.
func describesOf(t *testing.T, org *sftest.Org, objects ...salesforce.Object) map[salesforce.Object]*salesforce.Describe {
	t.Helper()
	var reads []salesforce.Read
	for _, object := range objects {
		reads = append(reads, salesforce.DescribeObject(object, ""))
	}
	results, err := clientOf(t, org).Read(t.Context(), reads...)
	require.NoError(t, err)
	describes := make(map[salesforce.Object]*salesforce.Describe)
	for i, result := range results {
		require.NoError(t, result.Err)
		describes[objects[i]] = result.Describe
	}
	return describes
}

func TestMappingSchemaOffersWhatValidateAccepts(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.DefineField("Lead", sftest.Field{Name: "Interest__c", Label: "Interest", Type: "picklist", Restricted: true, Options: []string{"Demo", "Old"}, Inactive: []string{"Old"}})
	org.ReadOnlyField("Lead", "Fax")
	org.AddExternalID("Opportunity")
	org.DefineField("CampaignMember", sftest.Field{Name: "Topic__c"})
	describes := describesOf(t, org, "Lead", "Contact", "Account", "CampaignMember", "Task", "Opportunity")
	schema := leadsync.NewMappingSchema(describes, nil)
	require.Len(t, schema.Objects, len(describes)-1, "no row fills a Task")
	valid := func(section leadsync.ObjectMapping) bool {
		cfg := &leadsync.Config{Mapper: &leadsync.Mapping{Sections: []leadsync.ObjectMapping{section}}}
		if section.Object == salesforce.ObjectCampaignMember {
			cfg = &leadsync.Config{Campaigns: []leadsync.CampaignLink{{CampaignID: "701000000000001", Fields: section.Rules}}}
		}
		return len(cfg.Validate(describes)) == 0
	}
	for _, object := range schema.Objects {
		offered := make(map[string]leadsync.SchemaField)
		for _, field := range object.Fields {
			offered[field.Name] = field
		}
		require.NotEmpty(t, offered, object.Object)
		for _, field := range describes[object.Object].Fields {
			for _, write := range []leadsync.WriteRule{leadsync.Overwrite, leadsync.WriteIfBlank, leadsync.Append, leadsync.Clear} {
				section := leadsync.ObjectMapping{Object: object.Object, Key: firstOf(object.Keys), Rules: []leadsync.Rule{
					{Source: "notes", Field: field.Name, Write: write, CreateOnly: offered[field.Name].CreateOnly}}}
				require.Equal(t, slices.Contains(offered[field.Name].Writes, write), valid(section), "%s.%s %s", object.Object, field.Name, write)
			}
		}
	}
}

func firstOf(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

func TestMappingSchemaDescribesFields(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.DefineField("Lead", sftest.Field{Name: "Interest__c", Label: "Interest", Type: "picklist", Restricted: true, Options: []string{"Demo", "Old"}, Inactive: []string{"Old"}})
	schema := leadsync.NewMappingSchema(describesOf(t, org, "Lead", "Contact"), nil)
	require.Equal(t, salesforce.Object("Contact"), schema.Objects[0].Object)
	lead := schema.Objects[1]
	require.Equal(t, "Lead", lead.Label)
	field := func(name string) leadsync.SchemaField {
		i := slices.IndexFunc(lead.Fields, func(f leadsync.SchemaField) bool { return f.Name == name })
		require.GreaterOrEqual(t, i, 0, name)
		return lead.Fields[i]
	}
	require.True(t, field("Company").Required)
	require.Equal(t, 255, field("Company").Length)
	require.Contains(t, field("OwnerId").ReferenceTo, salesforce.ObjectUser)
	interest := field("Interest__c")
	require.True(t, interest.Restricted && interest.Custom)
	require.Equal(t, []leadsync.SchemaOption{{Value: "Demo", Label: "Demo"}}, interest.Options)
	require.NotContains(t, interest.Writes, leadsync.Append)
	require.Contains(t, field("Description").Writes, leadsync.Append)
}

func TestMappingSchemaLeavesOutWhatCannotBeWritten(t *testing.T) {
	t.Parallel()
	describe := &salesforce.Describe{Name: "X__c", Fields: []salesforce.Field{
		{Name: "Body", Type: salesforce.TypeBase64, Createable: true},
		{Name: "Odd", Type: "complexvalue", Createable: true},
		{Name: "Sum__c", Type: salesforce.TypeDouble, Calculated: true},
		{Name: "Once__c", Type: salesforce.TypeString, Createable: true},
	}}
	schema := leadsync.NewMappingSchema(map[salesforce.Object]*salesforce.Describe{"X__c": describe, "Hidden__c": nil}, nil)
	require.Len(t, schema.Objects, 1)
	require.Len(t, schema.Objects[0].Fields, 1)
	require.Equal(t, "Once__c", schema.Objects[0].Fields[0].Name)
	require.True(t, schema.Objects[0].Fields[0].CreateOnly)
}

func TestMappingSchemaSourcesAreThoseOfLeads(t *testing.T) {
	t.Parallel()
	schema := leadsync.NewMappingSchema(nil, leadsync.NewMappingSet(leadsync.MappingConfig{Qualifiers: []leadsync.Qualifier{
		{Name: "Interest", Multiple: true, Options: map[string]string{"Price": "Pricing", "Demo": "Product Demo"}},
		{Name: "Budget", Type: leadsync.QualifierNumber}, {Name: "Old", Archived: true},
	}}))
	sample := map[leadsync.SourceType]string{leadsync.SourceText: "x", leadsync.SourceNumber: "7", leadsync.SourceTime: "2026-05-04T09:30:00Z"}
	byName := make(map[string]leadsync.SchemaSource)
	for _, source := range schema.Sources {
		byName[source.Name] = source
		lead := new(leadsync.Lead)
		require.NoError(t, lead.Set(source.Name, sample[source.Type]), source.Name)
		switch value := lead.Value(source.Name).(type) {
		case time.Time:
			require.Equal(t, leadsync.SourceTime, source.Type, source.Name)
		case int, float64:
			require.Equal(t, leadsync.SourceNumber, source.Type, source.Name)
		case []string:
			require.True(t, source.Multiple || source.Name == "qualifier.Budget", source.Name)
		default:
			require.Equal(t, "x", value, source.Name)
			require.Equal(t, leadsync.SourceText, source.Type, source.Name)
		}
	}
	for _, name := range leadsync.SourceFields() {
		require.Contains(t, byName, name)
	}
	require.Equal(t, []string{"Demo", "Price"}, byName["qualifier.Interest"].Options)
	require.NotContains(t, byName, "qualifier.Old")
	require.Contains(t, byName, "activity.sms")
}

func TestMappingSchemaTransformsAreKnown(t *testing.T) {
	t.Parallel()
	shout := func(value any) (any, error) { return fmt.Sprint(value, "!"), nil }
	transforms := map[string]leadsync.TransformFunc{"shout": shout, "trim": shout, "none": nil, "upper": nil}
	schema := leadsync.NewMappingSchema(nil, leadsync.NewMappingSet(leadsync.MappingConfig{Transforms: transforms}))
	argument := map[string]string{"calling code": ":49", "Go time layout": ":02.01.2006", "separator": ":,", "number of days": ":-7", "": ""}
	var names, rows []string
	for _, transform := range schema.Transforms {
		require.Contains(t, argument, transform.Argument)
		names = append(names, transform.Name)
		rows = append(rows, transform.Name+argument[transform.Argument])
		if !transform.Needed {
			rows = append(rows, transform.Name)
		}
	}
	require.Equal(t, []string{"trim", "lower", "title", "digits", "number", "e164", "date", "addDays", "split", "join", "first", "shout"}, names)
	_, err := leadsync.New(clientOf(t, sftest.NewOrg(t)), &leadsync.Config{Transforms: transforms, Mapper: &leadsync.Mapping{
		Sections: []leadsync.ObjectMapping{{Object: "Lead", Rules: []leadsync.Rule{{Source: "notes", Field: "Description", Transforms: rows}}}}}})
	require.NoError(t, err)
}

func TestMappingSchemaSurvivesJSON(t *testing.T) {
	t.Parallel()
	schema := leadsync.NewMappingSchema(describesOf(t, sftest.NewOrg(t), "Lead"), nil)
	data, err := json.Marshal(schema)
	require.NoError(t, err)
	var again leadsync.MappingSchema
	require.NoError(t, json.Unmarshal(data, &again))
	twice, err := json.Marshal(&again)
	require.NoError(t, err)
	require.Equal(t, string(data), string(twice))

	data, err = json.Marshal(leadsync.NewMappingSchema(nil, nil))
	require.NoError(t, err)
	require.Contains(t, string(data), `{"version":1,"sources":[{"name":"id","type":"text"},`)
	require.Contains(t, string(data), `"objects":[]}`)
}
