// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestFormOffersWhatValidateAccepts(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.DefineField("Lead", sftest.Field{Name: "Interest__c", Label: "Interest", Type: "picklist", Restricted: true,
		Options: []string{"Demo", "Old"}, Inactive: []string{"Old"}})
	org.ReadOnlyField("Lead", "Fax")
	org.AddExternalID("Opportunity")
	org.DefineField("CampaignMember", sftest.Field{Name: "Topic__c"})
	describes := scenario.DescribesOf(t, org, "Lead", "Contact", "Account", "CampaignMember", "Task", "Opportunity")
	form := mapping.NewForm(describes, nil, nil)
	require.Len(t, form.Objects, len(describes))
	valid := func(section mapping.Section) bool {
		cfg := &leadsync.Config{Mapper: &mapping.Mapping{Sections: []mapping.Section{section}}}
		if section.Object == salesforce.ObjectCampaignMember {
			cfg = &leadsync.Config{Campaigns: []mapping.CampaignLink{{CampaignID: "701000000000001", Fields: section.Rules}}}
		}
		return len(cfg.Validate(describes)) == 0
	}
	for _, object := range form.Objects {
		offered := make(map[string]mapping.FormField)
		for _, field := range object.Fields {
			offered[field.Name] = field
		}
		require.NotEmpty(t, offered, object.Object)
		for _, field := range describes[object.Object].Fields {
			for _, write := range []mapping.WriteRule{mapping.Overwrite, mapping.UnlessEdited, mapping.WriteIfBlank,
				mapping.Append, mapping.Raise, mapping.Lower, mapping.Clear} {
				section := mapping.Section{Object: object.Object, Key: firstOf(object.Keys), Rules: []mapping.Rule{
					{Source: "notes", Field: field.Name, Write: write, CreateOnly: offered[field.Name].CreateOnly}}}
				require.Equal(t, slices.Contains(offered[field.Name].Writes, write), valid(section), "%s.%s %s", object.Object,
					field.Name, write)
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

func TestFormDescribesFields(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.DefineField("Lead", sftest.Field{Name: "Interest__c", Label: "Interest", Type: "picklist", Restricted: true,
		Options: []string{"Demo", "Old"}, Inactive: []string{"Old"}})
	form := mapping.NewForm(scenario.DescribesOf(t, org, "Lead", "Contact"), nil, nil)
	require.Equal(t, salesforce.Object("Contact"), form.Objects[0].Object)
	lead := form.Objects[1]
	require.Equal(t, "Lead", lead.Label)
	field := func(name string) mapping.FormField {
		i := slices.IndexFunc(lead.Fields, func(f mapping.FormField) bool { return f.Name == name })
		require.GreaterOrEqual(t, i, 0, name)
		return lead.Fields[i]
	}
	require.True(t, field("Company").Required)
	require.Equal(t, 255, field("Company").Length)
	require.Contains(t, field("OwnerId").ReferenceTo, salesforce.ObjectUser)
	interest := field("Interest__c")
	require.True(t, interest.Restricted && interest.Custom)
	require.Equal(t, []mapping.FormOption{{Value: "Demo", Label: "Demo"}}, interest.Options)
	require.NotContains(t, interest.Writes, mapping.Append)
	require.Contains(t, field("Description").Writes, mapping.Append)
}

func TestFormLeavesOutWhatCannotBeWritten(t *testing.T) {
	t.Parallel()
	describe := &salesforce.Describe{Name: "X__c", Fields: []salesforce.Field{
		{Name: "Body", Type: salesforce.TypeBase64, Createable: true},
		{Name: "Odd", Type: "complexvalue", Createable: true},
		{Name: "Sum__c", Type: salesforce.TypeDouble, Calculated: true},
		{Name: "Once__c", Type: salesforce.TypeString, Createable: true},
	}}
	form := mapping.NewForm(map[salesforce.Object]*salesforce.Describe{"X__c": describe, "Hidden__c": nil}, nil, nil)
	require.Len(t, form.Objects, 1)
	require.Len(t, form.Objects[0].Fields, 1)
	require.Equal(t, "Once__c", form.Objects[0].Fields[0].Name)
	require.True(t, form.Objects[0].Fields[0].CreateOnly)
}

func TestFormSourcesAreThoseOfLeads(t *testing.T) {
	t.Parallel()
	form := mapping.NewForm(nil, []mapping.Qualifier{
		{Name: "Interest", Multiple: true, Options: map[string]string{"Price": "Pricing", "Demo": "Product Demo"}},
		{Name: "Budget", Type: mapping.QualifierNumber}, {Name: "Old", Archived: true},
	}, nil)
	sample := map[mapping.SourceType]string{mapping.SourceText: "x", mapping.SourceNumber: "7",
		mapping.SourceTime: "2026-05-04T09:30:00Z"}
	byName := make(map[string]mapping.FormSource)
	for _, source := range form.Sources {
		byName[source.Name] = source
		if source.Name == mapping.SourceLeadSource {
			continue // it is the configuration's
		}
		if source.Object != "" {
			require.Equal(t, salesforce.ObjectTask, source.Object, source.Name)
			require.False(t, leadtype.IsSourceField(source.Name), "it is an activity's")
			continue
		}
		lead := new(leadtype.Lead)
		require.NoError(t, lead.Set(source.Name, sample[source.Type]), source.Name)
		switch value := lead.Value(source.Name).(type) {
		case time.Time:
			require.Equal(t, mapping.SourceTime, source.Type, source.Name)
		case int, int64, float64:
			require.Equal(t, mapping.SourceNumber, source.Type, source.Name)
		case []string:
			require.True(t, source.Multiple || source.Name == "qualifier.Budget", source.Name)
		default:
			require.Equal(t, "x", value, source.Name)
			require.Equal(t, mapping.SourceText, source.Type, source.Name)
		}
	}
	for _, name := range leadtype.SourceFields() {
		require.Contains(t, byName, name)
	}
	require.Equal(t, []string{"Demo", "Price"}, byName["qualifier.Interest"].Options)
	require.NotContains(t, byName, "qualifier.Old")
	require.Contains(t, byName, "activity.sms")
	require.Equal(t, mapping.SourceTime, byName["activity.at"].Type)
	require.Contains(t, byName["activity.kind"].Options, "sms")
}

func TestFormTransformsAreKnown(t *testing.T) {
	t.Parallel()
	shout := func(value any) (any, error) { return fmt.Sprint(value, "!"), nil }
	transforms := map[string]mapping.TransformFunc{"shout": shout, "trim": shout, "none": nil, "upper": nil}
	form := mapping.NewForm(nil, nil, transforms)
	argument := map[string]string{"calling code": ":49",
		"Go time layout": ":02.01.2006", "separator": ":,", "language": ":de",
		"number of days": ":-7", "": ""}
	var names, rows []string
	for _, transform := range form.Transforms {
		require.Contains(t, argument, transform.Argument)
		names = append(names, transform.Name)
		rows = append(rows, transform.Name+argument[transform.Argument])
		if !transform.Needed {
			rows = append(rows, transform.Name)
		}
	}
	require.Equal(t, []string{"trim", "lower", "title", "digits", "number", "e164", "date", "datetime", "addDays",
		"split", "join", "first", "shout"}, names)
	_, err := leadsync.New(scenario.ClientOf(t, sftest.NewOrg(t)),
		&leadsync.Config{Transforms: transforms, Mapper: &mapping.Mapping{
			Sections: []mapping.Section{{Object: "Lead",
				Rules: []mapping.Rule{{Source: "notes", Field: "Description", Transforms: rows}}}}}})
	require.NoError(t, err)
}

func TestFormSurvivesJSON(t *testing.T) {
	t.Parallel()
	form := mapping.NewForm(scenario.DescribesOf(t, sftest.NewOrg(t), "Lead"), nil, nil)
	data, err := json.Marshal(form)
	require.NoError(t, err)
	var again mapping.Form
	require.NoError(t, json.Unmarshal(data, &again))
	twice, err := json.Marshal(&again)
	require.NoError(t, err)
	require.Equal(t, string(data), string(twice))

	data, err = json.Marshal(mapping.NewForm(nil, nil, nil))
	require.NoError(t, err)
	require.Contains(t, string(data), `{"version":1,"sources":[{"name":"id","type":"text"},`)
	require.Contains(t, string(data), `"objects":[]}`)
}

// Who names a transform that is none is told of all that the form offers.
func TestAnUnknownTransformListsThoseOfTheForm(t *testing.T) {
	t.Parallel()
	own := map[string]mapping.TransformFunc{"booth": func(v any) (any, error) { return v, nil }}
	m := (&mapping.Mapping{Sections: []mapping.Section{{Object: "Lead",
		Rules: []mapping.Rule{{Source: "company", Field: "Company", Transforms: []string{"cut"}}}}}}).With(own)
	issues := m.Validate(nil)
	require.Len(t, issues, 1)
	var names []string
	for _, transform := range mapping.NewForm(nil, nil, own).Transforms {
		names = append(names, transform.Name)
	}
	require.Equal(t, "is not a known transform: it must be one of "+strings.Join(names, ", "), issues[0].Reason)
}
