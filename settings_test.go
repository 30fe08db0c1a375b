// SPDX-License-Identifier: Apache-2.0

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
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// readSettings reads the committed file of a version. Such a file is never
// changed: a version that adds or changes a key raises SettingsVersion (or
// mapping.Version), gets a file of its own, and UnmarshalJSON learns to read the
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
		_, err := leadsync.New(scenario.ClientOf(t, sftest.NewOrg(t)), cfg)
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
	for _, plain := range []any{leadsync.Settings{}, leadsync.Mapping{}, mapping.Section{}, mapping.Lookup{},
		leadsync.Rule{}, leadsync.Qualifier{}, leadsync.CampaignLink{}, mapping.StatusBy{}} {
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
		"ambiguous":                           `{"ambiguous":"hold","ambiguous":"take-best"}`,
		"qualifiers[0].name":                  `{"qualifiers":[{"name":"a","type":"text","name":"b"}]}`,
		`qualifiers[0].options["a"]`:          `{"qualifiers":[{"options":{"a":"b","a":"c"}}]}`,
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
	for _, text := range []string{"", " ", "{", `{"strategy"`, `{"strategy":`, `{"campaigns":[{"fields":`} {
		require.Error(t, new(leadsync.Settings).UnmarshalJSON([]byte(text)), "what is no JSON is refused too")
	}
}

// Validate finds all that is wrong at once, each with its path in the JSON.
func TestConfigValidateFindsEverythingWithItsPath(t *testing.T) {
	t.Parallel()
	cfg := &leadsync.Config{
		Mapper: &leadsync.Mapping{
			Sections: []mapping.Section{{Object: salesforce.ObjectLead,
				Rules: []leadsync.Rule{{Source: "shoeSize", Field: "X__c"},
					{Source: "custom.a", Field: "Y__c", Transforms: []string{"mine"}},
					{Source: "custom.b", Field: "Z__c", Transforms: []string{"yours"}}}}}},
		Transforms: map[string]mapping.TransformFunc{"mine": func(v any) (any, error) { return v, nil }},
		Qualifiers: []leadsync.Qualifier{{Name: " "}, {Name: "A", Type: "essay"}},
		Campaigns: []leadsync.CampaignLink{{CampaignID: "expo", MinScans: -1, Ladder: []string{"Sent", " "},
			StatusBy: &mapping.StatusBy{}},
			{CampaignID: "701000000000001AAA",
				StatusBy: &mapping.StatusBy{Qualifier: "A", Statuses: map[string]string{"yes": ""}},
				Fields:   []leadsync.Rule{{Source: "email", Field: "E__c"}, {Field: "F__c"}}}},
		Converted: "x", Ambiguous: "x", Duplicates: "x", Owners: "x", FallbackOwner: "x",
		ExternalIDs: map[salesforce.Object]string{"Lead": "no name"},
	}
	const bad, missing = " DATA_VALUE_VALIDATION", " REQUIRED_FIELD_MISSING"
	require.Equal(t, []string{
		"converted" + bad, "ambiguous" + bad, "duplicates" + bad, "owners" + bad, "fallbackOwner" + bad,
		`externalIds["Lead"]` + bad,
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
	}, scenario.IssuePaths(cfg.Validate(nil)))
	_, err := leadsync.New(scenario.ClientOf(t, sftest.NewOrg(t)), cfg)
	var e *leadsync.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, []string{"converted"}, e.Fields)
	require.Empty(t, new(leadsync.Config).Validate(nil))
	odd := &leadsync.Config{Mapper: (*leadsync.Mapping)(nil),
		Qualifiers: []leadsync.Qualifier{{Name: "A", Fields: map[salesforce.Object]string{"Visit__c": "X__c"}}}}
	require.Equal(t, []string{`qualifiers[0].fields["Visit__c"]` + bad}, scenario.IssuePaths(odd.Validate(nil)),
		"a nil pointer is for New to refuse")
	unlinked := &leadsync.Config{Campaigns: []leadsync.CampaignLink{{Ladder: []string{"Sent", "Met"}},
		{Ladder: []string{"Met", "Sent"}}}}
	require.Equal(t, []string{"campaigns[0].campaignId" + bad, "campaigns[1].campaignId" + bad},
		scenario.IssuePaths(unlinked.Validate(nil)), "no campaign is not one campaign")
	blank := &leadsync.Config{ExternalIDs: map[salesforce.Object]string{"Contact": "K__c"},
		Mapper: &leadsync.Mapping{
			Sections: []mapping.Section{{Object: "Lead", Rules: []leadsync.Rule{{Source: "notes"}}}}}}
	require.Equal(t, []string{"mapping.objects[0].rules[0].field" + missing}, scenario.IssuePaths(blank.Validate(nil)),
		"no field is not the key field of an object without one")
}

// What Salesforce or the library would drop or replace without a word is refused:
// two keys that differ in case, two answers for one field, an object that nothing
// writes, a field of a member that the link fills itself.
func TestSettingsRefuseWhatWouldBeDroppedInSilence(t *testing.T) {
	t.Parallel()
	const visit = `"mapping":{"objects":[{"object":"Visit__c","key":"K__c","rules":[]}]},`
	const link = `{"campaigns":[{"campaignId":"701000000000001",`
	for name, row := range map[string]struct{ text, path string }{
		"an answer to two fields of an object": {`{"qualifiers":[{"name":"q","fields":{"Lead":"A__c","lead":"B__c"}}]}`,
			`qualifiers[0].fields["lead"]`},
		"an answer to what nothing writes": {`{"qualifiers":[{"name":"q","fields":{"Visit__c":"A__c"}}]}`,
			`qualifiers[0].fields["Visit__c"]`},
		"an answer to a member": {`{"qualifiers":[{"name":"q","fields":{"CampaignMember":"A__c"}}]}`,
			`qualifiers[0].fields["CampaignMember"]`},
		"an answer to what the mapping writes": {`{` + visit +
			`"qualifiers":[{"name":"q","fields":{"visit__c":"A__c"}}]}`, ""},
		"an answer to what the library fills": {`{"mapping":{"objects":[{"object":"Visit__c","key":"K__c",` +
			`"lookups":[{"field":"P__c","to":"person"}],"rules":[]}]},"qualifiers":[{"name":"q","fields":{"visit__c":"p__C"}}]}`,
			`qualifiers[0].fields["visit__c"]`},
		"an archived answer to what it wrote": {
			`{"qualifiers":[{"name":"q","archived":true,"fields":{"Visit__c":"A__c"}}]}`, ""},
		"two answers for one field": {`{"qualifiers":[{"name":"q","fields":{"Lead":"A__c"}},{"name":"r",` +
			`"events":["e"],"fields":{"lead":"a__c"}}]}`, `qualifiers[1].fields["lead"]`},
		"two answers for one field, by event": {`{"qualifiers":[{"name":"q","events":["d"],"fields":{"Lead":"A__c"}},` +
			`{"name":"r","events":["e"],"fields":{"lead":"a__c"}}]}`, ""},
		"two answers for one field, one archived": {
			`{"qualifiers":[{"name":"q","archived":true,"fields":{"Lead":"A__c"}},{"name":"r","fields":{"lead":"a__c"}}]}`, ""},
		"two keys of an object":              {`{"externalIds":{"Lead":"A__c","lead":"B__c"}}`, `externalIds["lead"]`},
		"a key of an object that takes none": {`{"externalIds":{"Visit__c":"A__c"}}`, `externalIds["Visit__c"]`},
		"two statuses for an answer": {link +
			`"statusBy":{"qualifier":"q","statuses":{"Yes":"A","yes ":"B"}}}]}`, `campaigns[0].statusBy.statuses["yes "]`},
		"a status that is not on the ladder": {link + `"ladder":["Sent","Met"],"status":"Seen"}]}`,
			"campaigns[0].status"},
		"a status on the ladder of another link": {link +
			`"ladder":["Sent","Met"]},{"campaignId":"701000000000001AAA","status":"met"}]}`, ""},
		"an answer's status that is not on it": {link +
			`"statusBy":{"qualifier":"q","statuses":{"yes":"Seen"}}},{"campaignId":"701000000000001","ladder":["Sent","Met"]}]}`,
			`campaigns[0].statusBy.statuses["yes"]`},
		"two ladders of a campaign": {link +
			`"eventId":"a","ladder":["Sent","Met"]},{"campaignId":"701000000000001AAA","eventId":"b","ladder":["Met","Sent"]}]}`,
			"campaigns[1].ladder"},
		"two ladders of a campaign, one archived": {link +
			`"archived":true,"ladder":["Sent","Met"]},{"campaignId":"701000000000001AAA","ladder":["Met","Sent"]}]}`, ""},
		"two ladders of two campaigns": {link +
			`"ladder":["Sent","Met"]},{"campaignId":"701000000000002AAA","ladder":["Met","Sent"]}]}`, ""},
		"a ladder given twice": {link +
			`"ladder":["Sent","Met"]},{"campaignId":"701000000000001AAA","ladder":["sent","met"]}]}`, ""},
		"a status twice on the ladder": {link + `"ladder":["Sent","sent"]}]}`, "campaigns[0].ladder[1]"},
		"a status by a row": {link + `"fields":[{"constant":"Met","field":"status"}]}]}`,
			"campaigns[0].fields[0].field"},
		"a person by a row": {link + `"fields":[{"source":"leadId","field":"LeadId"}]}]}`,
			"campaigns[0].fields[0].field"},
		"a campaign that is a contact": {`{"campaigns":[{"campaignId":"003000000000001"}]}`, "campaigns[0].campaignId"},
		"a section for tasks":          {`{"mapping":{"objects":[{"object":"task","rules":[]}]}}`, ""},
		"a key for tasks": {`{"mapping":{"objects":[{"object":"task","key":"Key__c","rules":[]}]}}`,
			"mapping.objects[0].key"},
		"a section for members": {`{"mapping":{"objects":[{"object":"CampaignMember","rules":[]}]}}`,
			"mapping.objects[0].object"},
	} {
		var settings leadsync.Settings
		require.NoError(t, json.Unmarshal([]byte(row.text), &settings), name)
		cfg := new(leadsync.Config)
		require.NoError(t, settings.Fill(cfg))
		_, err := leadsync.New(scenario.ClientOf(t, sftest.NewOrg(t)), cfg)
		if row.path == "" {
			require.NoError(t, err, name)
			require.Empty(t, cfg.Validate(nil), name)
			continue
		}
		require.Equal(t, []string{row.path + " DATA_VALUE_VALIDATION"}, scenario.IssuePaths(cfg.Validate(nil)), name)
		var e *leadsync.Error
		require.ErrorAs(t, err, &e, name)
		require.Equal(t, []string{row.path}, e.Fields)
	}
}

func TestSettingsFillKeepsWhatTheyOmit(t *testing.T) {
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
