package leadsync_test

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// readSettings reads the committed file of a version. Such a file is never
// changed: a version that adds or changes a key raises SettingsVersion (or
// MappingVersion), gets a file of its own, and UnmarshalJSON learns to read the
// older ones.
func readSettings(t *testing.T, version int) (*leadsync.Settings, []byte) {
	t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("testdata/settings_v%d.json", version))
	require.NoError(t, err)
	settings := new(leadsync.Settings)
	require.NoError(t, json.Unmarshal(data, settings))
	return settings, data
}

// Settings of every version load, make sense, and survive JSON.
func TestSettingsOfEveryVersionLoad(t *testing.T) {
	t.Parallel()
	for version := 1; version <= leadsync.SettingsVersion; version++ {
		settings, _ := readSettings(t, version)
		cfg := new(leadsync.Config)
		require.NoError(t, settings.Fill(cfg))
		require.Empty(t, cfg.Validate(nil))
		_, err := leadsync.New(clientOf(t, sftest.NewOrg(t)), cfg)
		require.NoError(t, err)

		first, err := json.Marshal(settings)
		require.NoError(t, err)
		var back leadsync.Settings
		require.NoError(t, json.Unmarshal(first, &back))
		require.Equal(t, *settings, back)
		second, err := json.Marshal(&back)
		require.NoError(t, err)
		require.Equal(t, string(first), string(second))
	}
}

// The newest file has every key, and writing what was read gives it back.
func TestSettingsFileOfTheNewestVersionIsWhole(t *testing.T) {
	t.Parallel()
	settings, data := readSettings(t, leadsync.SettingsVersion)
	written, err := json.Marshal(settings)
	require.NoError(t, err)
	require.JSONEq(t, string(data), string(written))
	for _, plain := range []any{leadsync.Settings{}, leadsync.Mapping{}, leadsync.ObjectMapping{}, leadsync.Lookup{}, leadsync.Rule{},
		leadsync.Qualifier{}, leadsync.CampaignLink{}, leadsync.StatusBy{}} {
		for _, f := range reflect.VisibleFields(reflect.TypeOf(plain)) {
			if key, _, _ := strings.Cut(f.Tag.Get("json"), ","); f.IsExported() {
				require.Contains(t, string(data), fmt.Sprintf("%q:", key), "%T", plain)
			}
		}
	}
}

func TestSettingsRefuseBadJSONWithItsPath(t *testing.T) {
	t.Parallel()
	for path, text := range map[string]string{
		"":                                    `[]`,
		"version":                             `{"version":2}`,
		"colour":                              `{"colour":1}`,
		"Mapping":                             `{"Mapping":{}}`,
		"strategy":                            `{"strategy":1}`,
		"mapping":                             `{"mapping":"default"}`,
		"mapping.version":                     `{"mapping":{"version":7}}`,
		"mapping.objects[0].rules[1].sorce":   `{"mapping":{"objects":[{"rules":[{},{"sorce":"x"}]}]}}`,
		"qualifiers":                          `{"qualifiers":{}}`,
		"qualifiers[1].values":                `{"qualifiers":[{},{"values":[]}]}`,
		"qualifiers[0].multiple":              `{"qualifiers":[{"multiple":"yes"}]}`,
		`qualifiers[0].options["a.b"]`:        `{"qualifiers":[{"options":{"a.b":1}}]}`,
		`qualifiers[0].fields["Lead"]`:        `{"qualifiers":[{"fields":{"Lead":["X__c"]}}]}`,
		"qualifiers[0].events[1]":             `{"qualifiers":[{"events":["a",2]}]}`,
		"campaigns[0].minScans":               `{"campaigns":[{"minScans":1.5}]}`,
		"campaigns[0].statusBy.status":        `{"campaigns":[{"statusBy":{"status":{}}}]}`,
		`campaigns[0].statusBy.statuses["y"]`: `{"campaigns":[{"statusBy":{"statuses":{"y":true}}}]}`,
		"campaigns[0].fields[0].Field":        `{"campaigns":[{"fields":[{"Field":"X__c"}]}]}`,
		"campaigns[0].ladder":                 `{"campaigns":[{"ladder":"Sent"}]}`,
		`externalIds["Lead"]`:                 `{"externalIds":{"Lead":1}}`,
		"owners":                              `{"owners":{}}`,
	} {
		settings := leadsync.Settings{Strategy: "as before"}
		err := json.Unmarshal([]byte(text), &settings)
		var e *leadsync.Error
		require.ErrorAs(t, err, &e, text)
		require.Equal(t, leadsync.DataValueValidation, e.Code)
		require.Equal(t, []string{path}, e.Fields, text)
		require.NotEmpty(t, e.Reason)
		require.Equal(t, leadsync.Settings{Strategy: "as before"}, settings, "a refused text changes nothing")
	}
	var q leadsync.Qualifier
	require.ErrorContains(t, json.Unmarshal([]byte(`{"nme":""}`), &q), "nme", "each part is as strict by itself")
	var c leadsync.CampaignLink
	require.ErrorContains(t, json.Unmarshal([]byte(`{"campaign":""}`), &c), "campaign")
}

// Validate finds all that is wrong at once, each with its path in the JSON.
func TestConfigValidateFindsEverythingWithItsPath(t *testing.T) {
	t.Parallel()
	cfg := &leadsync.Config{
		Mapper: mappingOf(leadsync.Rule{Source: "shoeSize", Field: "X__c"}, leadsync.Rule{Source: "custom.a", Field: "Y__c", Transforms: []string{"mine"}},
			leadsync.Rule{Source: "custom.b", Field: "Z__c", Transforms: []string{"yours"}}),
		Transforms: map[string]leadsync.TransformFunc{"mine": func(v any) (any, error) { return v, nil }},
		Qualifiers: []leadsync.Qualifier{{Name: " "}, {Name: "A", Type: "essay"}},
		Campaigns: []leadsync.CampaignLink{{CampaignID: "expo", MinScans: -1, Ladder: []string{"Sent", " "}, StatusBy: &leadsync.StatusBy{}},
			{CampaignID: "701000000000001AAA", StatusBy: &leadsync.StatusBy{Qualifier: "A", Statuses: map[string]string{"yes": ""}},
				Fields: []leadsync.Rule{{Source: "email", Field: "E__c"}, {Field: "F__c"}}}},
		Converted: "x", Ambiguous: "x", Duplicates: "x", Owners: "x", FallbackOwner: "x", ExternalIDs: map[salesforce.Object]string{"Lead": "no name"},
	}
	const bad, missing = " DATA_VALUE_VALIDATION", " REQUIRED_FIELD_MISSING"
	require.Equal(t, []string{
		"converted" + bad, "ambiguous" + bad, "duplicates" + bad, "owners" + bad, "fallbackOwner" + bad, `externalIds["Lead"]` + bad,
		"mapping.objects[0].rules[0].source" + bad,
		"mapping.objects[0].rules[2].transforms[0]" + bad,
		"qualifiers[0].name" + missing,
		"qualifiers[1].type" + bad,
		"campaigns[0].campaignId" + bad,
		"campaigns[0].minScans" + bad,
		"campaigns[0].statusBy.qualifier" + missing,
		"campaigns[0].statusBy.statuses" + missing,
		"campaigns[0].ladder[1]" + missing,
		`campaigns[1].statusBy.statuses["yes"]` + missing,
		"campaigns[1].fields[1].source" + missing,
	}, paths(cfg.Validate(nil)))
	_, err := leadsync.New(clientOf(t, sftest.NewOrg(t)), cfg)
	var e *leadsync.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, []string{"converted"}, e.Fields)
	require.Empty(t, new(leadsync.Config).Validate(nil))
}

func TestSettingsFillLeavesAloneWhatTheyDoNotSay(t *testing.T) {
	t.Parallel()
	cfg := leadsync.Config{Strategy: leadsync.LeadsOnly, Mapper: leadsync.DefaultMapping(), Owners: leadsync.HoldOwner,
		Qualifiers: []leadsync.Qualifier{{Name: "A"}}, ExternalIDs: map[salesforce.Object]string{}}
	before := cfg
	require.NoError(t, new(leadsync.Settings).Fill(&cfg))
	require.Equal(t, before, cfg)

	own := impostor{leadsync.LeadsOnly}
	cfg.Strategies = []leadsync.Strategy{nil, own}
	require.NoError(t, (&leadsync.Settings{Strategy: "leads-and-contacts"}).Fill(&cfg))
	require.Equal(t, leadsync.LeadsAndContacts, cfg.Strategy)
	err := (&leadsync.Settings{Strategy: "guess"}).Fill(&cfg)
	require.ErrorIs(t, err, leadsync.DataValueValidation)
	require.ErrorContains(t, err, "strategy")
}

func FuzzSettingsJSON(f *testing.F) {
	data, err := os.ReadFile("testdata/settings_v1.json")
	require.NoError(f, err)
	f.Add(string(data))
	f.Add(`{"qualifiers":[null],"campaigns":[{"statusBy":null}],"externalIds":{}}`)
	f.Fuzz(func(t *testing.T, text string) {
		var settings leadsync.Settings
		if json.Unmarshal([]byte(text), &settings) != nil {
			return
		}
		cfg := new(leadsync.Config)
		_ = settings.Fill(cfg)
		cfg.Validate(nil)
		first, err := json.Marshal(settings)
		require.NoError(t, err)
		var back leadsync.Settings
		require.NoError(t, json.Unmarshal(first, &back))
		second, err := json.Marshal(back)
		require.NoError(t, err)
		require.Equal(t, string(first), string(second))
	})
}
