// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
)

// A mapping is plain data: it marshals to JSON and back.
func TestMappingSurvivesJSON(t *testing.T) {
	t.Parallel()
	m := mapping.Default()
	m.TooLong, m.Locked, m.Missing = mapping.Fail, mapping.Fail, mapping.Skip
	m.Sections[0].Rules = append(m.Sections[0].Rules, mapping.Rule{
		Source: "custom.x", Field: "X__c", Write: mapping.Clear, CreateOnly: true, Default: "d",
		Transforms: []string{"trim", "split:,"},
		TooLong:    mapping.Truncate, Locked: mapping.Skip, Missing: mapping.Fail,
	}, mapping.Rule{Constant: false, Field: "Y__c"},
		mapping.Rule{Constant: json.Number("9007199254740993"), Field: "Z__c"})
	m.Sections = append(m.Sections, mapping.Section{Object: "Visit__c", Key: "VisitKey__c",
		Lookups: []mapping.Lookup{{Field: "Contact__c", To: mapping.ToPerson},
			{Field: "Deal__c", To: "Opportunity", CreateOnly: true}},
		Rules: []mapping.Rule{{Source: "custom.region", Field: "Region__c", By: "Region__c.Code__c"}}})
	data, err := json.Marshal(m)
	require.NoError(t, err)
	var back mapping.Mapping
	require.NoError(t, json.Unmarshal(data, &back))
	require.Equal(t, *m, back)
	again, err := json.Marshal(&back)
	require.NoError(t, err)
	require.JSONEq(t, string(data), string(again))
}

func TestMappingJSONForm(t *testing.T) {
	t.Parallel()
	var m mapping.Mapping
	require.NoError(t, json.Unmarshal([]byte(`{
		"version": 1, "tooLong": "fail",
		"objects": [{"object": "Lead", "rules": [
			{"source": "email", "field": "Email", "write": "write-if-blank"},
			{"constant": 1.5, "field": "X__c", "createOnly": true, "transforms": ["trim"]}
		]}]
	}`), &m))
	require.Equal(t, mapping.Mapping{Version: 1, TooLong: mapping.Fail,
		Sections: []mapping.Section{{Object: "Lead", Rules: []mapping.Rule{
			{Source: "email", Field: "Email", Write: mapping.WriteIfBlank},
			{Constant: json.Number("1.5"), Field: "X__c", CreateOnly: true, Transforms: []string{"trim"}},
		}}}}, m)
}

func TestMappingRefusesBadJSONWithItsPath(t *testing.T) {
	t.Parallel()
	for path, text := range map[string]string{
		"colour":                            `{"version":1,"colour":1}`,
		"Objects":                           `{"Objects":[]}`,
		"version":                           `{"version":2}`,
		"tooLong":                           `{"tooLong":5}`,
		"":                                  `[]`,
		"objects":                           `{"objects":{}}`,
		"objects[0].x":                      `{"objects":[{"object":"Lead","x":[]}]}`,
		"objects[1].object":                 `{"objects":[{},{"object":3}]}`,
		"objects[0].rules":                  `{"objects":[{"rules":"x"}]}`,
		"objects[1]":                        `{"objects":[{},7]}`,
		"objects[0].rules[1].wrte":          `{"objects":[{"rules":[{},{"wrte":"never"}]}]}`,
		"objects[0].rules[0].createOnly":    `{"objects":[{"rules":[{"createOnly":"yes"}]}]}`,
		"objects[0].rules[0]":               `{"objects":[{"rules":["x"]}]}`,
		"objects[0].rules[0].transforms[0]": `{"objects":[{"rules":[{"transforms":[1]}]}]}`,
		"objects[0].lookups":                `{"objects":[{"lookups":{}}]}`,
		"objects[0].lookups[1].too":         `{"objects":[{"lookups":[{},{"too":"person"}]}]}`,
		"objects[0].lookups[0].to":          `{"objects":[{"lookups":[{"to":["person"]}]}]}`,
		"objects[0].lookups[0]":             `{"objects":[{"lookups":["person"]}]}`,
		"objects[0].key":                    `{"objects":[{"key":1}]}`,
		"objects[0].rules[0].by":            `{"objects":[{"rules":[{"by":1}]}]}`,
	} {
		m := mapping.Mapping{Version: 1}
		err := json.Unmarshal([]byte(text), &m)
		require.ErrorIs(t, err, leadtype.DataValueValidation, text)
		var e *leadtype.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, []string{path}, e.Fields, text)
		require.Equal(t, mapping.Mapping{Version: 1}, m, "a refused text changes nothing")
	}
}

func TestRuleRefusesUnknownKeysAnywhere(t *testing.T) {
	t.Parallel()
	var link mapping.CampaignLink
	err := json.Unmarshal([]byte(`{"fields":[{"field":"X__c","sorce":"email"}]}`), &link)
	require.ErrorIs(t, err, leadtype.DataValueValidation)
	require.ErrorContains(t, err, "sorce")
}

func TestPartsOfAMappingRefuseUnknownKeysAlone(t *testing.T) {
	t.Parallel()
	for _, part := range []any{new(mapping.Mapping), new(mapping.Section), new(mapping.Lookup), new(mapping.Rule)} {
		require.ErrorIs(t, json.Unmarshal([]byte(`{"shoeSize":1}`), part), leadtype.DataValueValidation, "%T", part)
	}
}

func FuzzMappingJSON(f *testing.F) {
	data, err := json.Marshal(mapping.Default())
	require.NoError(f, err)
	f.Add(string(data))
	f.Add(`{"objects":[{"rules":[{"constant":{"a":[1]}}]},null]}`)
	f.Fuzz(func(t *testing.T, text string) {
		var m mapping.Mapping
		if json.Unmarshal([]byte(text), &m) != nil {
			return
		}
		m.Validate(nil)
		_, err := json.Marshal(m)
		require.NoError(t, err)
	})
}

func TestSectionJSONForm(t *testing.T) {
	t.Parallel()
	const text = `{"object":"Visit__c","key":"VisitKey__c","lookups":[{"field":"Contact__c","to":"person"},` +
		`{"field":"Deal__c","to":"Opportunity","createOnly":true}],` +
		`"rules":[{"source":"custom.region","field":"Region__c","by":"Region__c.Code__c"}]}`
	var section mapping.Section
	require.NoError(t, json.Unmarshal([]byte(text), &section))
	require.Equal(t, mapping.Lookup{Field: "Deal__c", To: "Opportunity", CreateOnly: true}, section.Lookups[1])
	data, err := json.Marshal(section)
	require.NoError(t, err)
	require.Equal(t, text, string(data))
}
