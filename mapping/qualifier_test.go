// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/blank"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// answerTarget has a field for each way of putting an answer.
func answerTarget(object salesforce.Object) Target {
	values := []salesforce.PicklistValue{
		{Value: "Hot", Label: "On fire", Active: true}, {Value: "Cold", Active: true}, {Value: "Retired"},
	}
	d := &salesforce.Describe{Name: object, Fields: []salesforce.Field{
		{Name: "Open__c", Type: salesforce.TypePicklist, Length: 255, PicklistValues: values},
		{Name: "Restricted__c", Type: salesforce.TypePicklist, Length: 255, PicklistValues: values, RestrictedPicklist: true},
		{Name: "Multi__c", Type: salesforce.TypeMultipicklist, Length: 4099, PicklistValues: values,
			RestrictedPicklist: true},
		{Name: "Text__c", Type: salesforce.TypeString, Length: 20},
		{Name: "Number__c", Type: salesforce.TypeDouble, Precision: 6, Scale: 1},
		{Name: "Flag__c", Type: salesforce.TypeBoolean},
	}}
	for i := range d.Fields {
		d.Fields[i].Createable, d.Fields[i].Updateable, d.Fields[i].Nillable = true, true, true
	}
	d.Fields = append(d.Fields, salesforce.Field{Name: "Locked__c", Type: salesforce.TypeString, Length: 20})
	return Target{Object: object, Describe: d, User: func(string) (salesforce.ID, bool) { return "", false }}
}

func oneAnswer(name, field string, answers ...string) ([]Qualifier, *leadtype.Lead) {
	return []Qualifier{{Name: name, Fields: map[salesforce.Object]string{"Lead": field}}},
		&leadtype.Lead{ID: "L1", EventID: "E1", Answers: map[string][]string{name: answers}}
}

// Types picklist, text, number, boolean; single or multiple; restricted and
// unrestricted picklists both work.
func TestAnswersGoToFieldsByType(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name      string
		qualifier Qualifier
		field     string
		answers   []string
		want      any
	}{
		{"option", Qualifier{}, "Restricted__c", []string{" hot "}, "Hot"},
		{"label", Qualifier{}, "Restricted__c", []string{"on fire"}, "Hot"},
		{"mapped option", Qualifier{Options: map[string]string{"Yes, Now ": "hot"}}, "Restricted__c",
			[]string{"yes, now"}, "Hot"},
		{"open picklist takes anything", Qualifier{}, "Open__c", []string{"Lukewarm"}, "Lukewarm"},
		{"open picklist spells options", Qualifier{}, "Open__c", []string{"COLD"}, "Cold"},
		{"mapped to a new option of an open picklist", Qualifier{Options: map[string]string{"a": "New"}}, "Open__c",
			[]string{"a"}, "New"},
		{"multipicklist", Qualifier{Multiple: true}, "Multi__c", []string{"cold", "hot"}, "Cold;Hot"},
		{"multipicklist value by value", Qualifier{Multiple: true, Options: map[string]string{"a": "Hot", "b": "Cold"}},
			"Multi__c", []string{"b", "a"}, "Cold;Hot"},
		{"joined into text", Qualifier{Type: QualifierText, Multiple: true}, "Text__c", []string{"a", " ", "b"}, "a; b"},
		{"separator", Qualifier{Type: QualifierText, Multiple: true, Separator: " | "}, "Text__c",
			[]string{"a", "b"}, "a | b"},
		{"options into text", Qualifier{Options: map[string]string{"a": "Alpha"}}, "Text__c", []string{"a"}, "Alpha"},
		{"two answers of one option", Qualifier{Multiple: true, Options: map[string]string{"a": "Hot", "b": "Hot"}},
			"Restricted__c", []string{"a", "b"}, "Hot"},
		{"the same answer twice", Qualifier{Multiple: true}, "Text__c", []string{"a", "b", " a"}, "a; b"},
		{"number", Qualifier{Type: QualifierNumber}, "Text__c", []string{"12.5"}, "12.5"},
		{"boolean", Qualifier{Type: QualifierBoolean}, "Flag__c", []string{"Yes"}, true},
		{"passes where open", Qualifier{Options: map[string]string{"a": "Hot"}, Unmapped: PassUnmapped}, "Open__c",
			[]string{"b"}, "b"},
	} {
		qualifiers, lead := oneAnswer("Q", tc.field, tc.answers...)
		tc.qualifier.Name, tc.qualifier.Fields = "Q", qualifiers[0].Fields
		fields, warnings, err := answersTo([]Qualifier{tc.qualifier}, lead, answerTarget("Lead"))
		require.NoError(t, err, tc.name)
		require.Empty(t, warnings, tc.name)
		require.Equal(t, salesforce.Fields{tc.field: tc.want}, fields, tc.name)
	}
}

// A value with no mapping is NO_TAG_MAPPING; only existing active options go
// into a restricted picklist.
func TestAnswersWithoutAnOptionHold(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name      string
		qualifier Qualifier
		field     string
		answers   []string
		reason    string
	}{
		{"no option", Qualifier{}, "Restricted__c", []string{"secret"},
			"Lead.Restricted__c has no active option for an answer"},
		{"inactive", Qualifier{}, "Restricted__c", []string{"Retired"}, "Lead.Restricted__c has no active option"},
		{"mapped to none", Qualifier{Options: map[string]string{"a": "Hot"}}, "Open__c", []string{"secret"},
			"Lead.Open__c has no option"},
		{"mapped to one that is not there", Qualifier{Options: map[string]string{"secret": "Tepid"}}, "Restricted__c",
			[]string{"secret"}, `Lead.Restricted__c has no active option "Tepid"`},
		{"pass into restricted", Qualifier{Unmapped: PassUnmapped}, "Restricted__c", []string{"secret"},
			"Lead.Restricted__c has no"},
		{"pass unmapped into restricted", Qualifier{Unmapped: PassUnmapped, Options: map[string]string{"a": "Hot"}},
			"Restricted__c", []string{"secret"}, "Lead.Restricted__c has no"},
		{"one of several", Qualifier{Multiple: true}, "Multi__c", []string{"hot", "secret"}, "Lead.Multi__c has no"},
	} {
		qualifiers, lead := oneAnswer("Q", tc.field, tc.answers...)
		tc.qualifier.Name, tc.qualifier.Fields = "Q", qualifiers[0].Fields
		fields, _, err := answersTo([]Qualifier{tc.qualifier}, lead, answerTarget("Lead"))
		require.ErrorIs(t, err, leadtype.NoTagMapping, tc.name)
		require.Nil(t, fields)
		var e *leadtype.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, []string{"qualifier.Q"}, e.Fields)
		require.Contains(t, e.Reason, tc.reason, tc.name)
		require.NotContains(t, err.Error(), "secret", tc.name)
	}
}

// The policy Drop drops an answer without an option, with a warning.
func TestAnswersWithoutAnOptionAreDropped(t *testing.T) {
	t.Parallel()
	qualifiers, lead := oneAnswer("Q", "Multi__c", "hot", "secret")
	qualifiers[0].Multiple, qualifiers[0].Unmapped = true, DropUnmapped
	fields, warnings, err := answersTo(qualifiers, lead, answerTarget("Lead"))
	require.NoError(t, err)
	require.Equal(t, salesforce.Fields{"Multi__c": "Hot"}, fields)
	require.Len(t, warnings, 1)
	require.Equal(t, leadtype.NoTagMapping, warnings[0].Code)
	require.Equal(t, "Multi__c", warnings[0].Field)
	require.NotContains(t, warnings[0].Reason, "secret")
}

func TestAnswersThatDoNotFitAreRefused(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name      string
		qualifier Qualifier
		field     string
		answers   []string
		code      leadtype.Code
	}{
		{"several to a single", Qualifier{}, "Text__c", []string{"secret", "b"}, leadtype.DataValueValidation},
		{"several to a picklist", Qualifier{Multiple: true}, "Open__c", []string{"secret", "b"},
			leadtype.DataValueValidation},
		{"no number", Qualifier{Type: QualifierNumber}, "Text__c", []string{"secret"}, leadtype.DataValueValidation},
		{"no boolean", Qualifier{Type: QualifierBoolean}, "Text__c", []string{"secret"}, leadtype.DataValueValidation},
		{"text to a number", Qualifier{Type: QualifierText}, "Number__c", []string{"secret"}, leadtype.DataValueValidation},
		{"no field", Qualifier{}, "Gone__c", []string{"secret"}, leadtype.MissingRemoteField},
	} {
		qualifiers, lead := oneAnswer("Q", tc.field, tc.answers...)
		tc.qualifier.Name, tc.qualifier.Fields = "Q", qualifiers[0].Fields
		_, _, err := answersTo([]Qualifier{tc.qualifier}, lead, answerTarget("Lead"))
		require.ErrorIs(t, err, tc.code, tc.name)
		require.ErrorContains(t, err, tc.field, tc.name)
		require.NotContains(t, err.Error(), "secret", tc.name)
	}
}

func TestAnswersToAnObjectOutOfSightHold(t *testing.T) {
	t.Parallel()
	qualifiers, lead := oneAnswer("Q", "Text__c", "a")
	_, _, err := answersTo(qualifiers, lead, Target{Object: "Lead"})
	require.ErrorIs(t, err, leadtype.ConnectionPermission)
}

func TestAnswersWarnOfCutsAndLocks(t *testing.T) {
	t.Parallel()
	qualifiers := []Qualifier{
		{Name: "A", Type: QualifierText, Fields: map[salesforce.Object]string{"Lead": "Text__c"}},
		{Name: "B", Type: QualifierText, Fields: map[salesforce.Object]string{"lead": "Locked__c"}},
	}
	lead := &leadtype.Lead{ID: "L1", Answers: map[string][]string{"A": {strings.Repeat("a", 21)}, "B": {"b"}}}
	fields, warnings, err := answersTo(qualifiers, lead, answerTarget("Lead"))
	require.NoError(t, err)
	require.Equal(t, salesforce.Fields{"Text__c": strings.Repeat("a", 20)}, fields)
	require.Equal(t, []leadtype.Warning{
		{Kind: leadtype.Truncated, Code: leadtype.DataValueValidation, Object: "Lead", Field: "Text__c",
			Reason: "was cut to 20 characters"},
		{Kind: leadtype.Locked, Code: leadtype.ConnectionPermission, Object: "Lead", Field: "Locked__c",
			Reason: "may not be written by the connected user"},
	}, warnings)
}

// Required or not, all events or some, active or archived; answers map to a
// field of any object.
func TestQualifiersTakePartByEventAndState(t *testing.T) {
	t.Parallel()
	to := func(field string) map[salesforce.Object]string {
		return map[salesforce.Object]string{"Lead": field, "Thing__c": field}
	}
	qualifiers := []Qualifier{
		{Name: "Required", Required: true, Fields: to("Text__c")},
		{Name: "Also", Required: true},
		{Name: "Archived", Required: true, Archived: true, Fields: to("Open__c")},
		{Name: "Elsewhere", Required: true, Events: []string{"E2"}, Fields: to("Open__c")},
		{Name: "Here", Events: []string{"E2", "E1"}, Fields: to("Restricted__c")},
	}
	lead := &leadtype.Lead{ID: "L1", EventID: "E1", Answers: map[string][]string{
		"Required": {" "}, "Archived": {"x"}, "Elsewhere": {"x"}, "Here": {"hot"}, "Unknown": {"x"}, "Empty": {""},
	}}
	_, _, err := answersTo(qualifiers, lead, answerTarget("Lead"))
	var e *leadtype.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, leadtype.RequiredFieldMissing, e.Code)
	require.Equal(t, []string{"qualifier.Required", "qualifier.Also"}, e.Fields)
	require.Equal(t, salesforce.ObjectLead, e.Object)
	cfg := Config{Mapper: &Mapping{}, Qualifiers: qualifiers}
	require.Equal(t, []leadtype.Warning{
		{Kind: leadtype.Unmapped, Code: leadtype.NoTagMapping, Field: "qualifier.Elsewhere",
			Reason: "does not belong to a qualifier of the event"},
		{Kind: leadtype.Unmapped, Code: leadtype.NoTagMapping, Field: "qualifier.Unknown",
			Reason: "does not belong to a qualifier of the event"},
	}, NewSet(cfg).unusedAnswers(lead))

	fields, warnings, err := answersTo(qualifiers, lead, answerTarget("Thing__c"))
	require.NoError(t, err, "what concerns the lead is said with the person")
	require.Empty(t, warnings)
	require.Equal(t, salesforce.Fields{"Restricted__c": "Hot"}, fields)
}

// A note qualifier becomes a Task.
func TestNoteQualifiersBecomeActivities(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	qualifiers := []Qualifier{
		{Name: "Budget", Type: QualifierNote, Multiple: true},
		{Name: "Blank", Type: QualifierNote},
		{Name: "Old", Type: QualifierNote, Archived: true},
		{Name: "Text", Type: QualifierText},
	}
	lead := &leadtype.Lead{ID: "L1", CapturedAt: at, CapturedBy: "rep@example.com", Answers: map[string][]string{
		"Budget": {"10k", " next year "}, "Blank": {" "}, "Old": {"x"}, "Text": {"x"},
	}}
	notes := noteAnswers(qualifiers, lead, blank.Words{})
	require.Len(t, notes, 1)
	require.Equal(t, leadtype.Activity{ID: notes[0].ID, Kind: leadtype.ActivityNote, At: at, By: "rep@example.com",
		Notes: "Budget: 10k\nnext year"}, notes[0])
	require.NotEmpty(t, notes[0].ID)

	lead.CapturedAt = at.Add(time.Hour)
	require.Equal(
		t,
		notes[0].ID,
		noteAnswers(qualifiers, lead, blank.Words{})[0].ID,
		"the same answer is the same activity",
	)
	lead.Answers["Budget"] = []string{"20k"}
	require.NotEqual(t, notes[0].ID, noteAnswers(qualifiers, lead, blank.Words{})[0].ID, "a new answer is a new one")

	fields, warnings, err := answersTo(qualifiers, lead, answerTarget("Lead"))
	require.NoError(t, err)
	require.Empty(t, warnings)
	require.Empty(t, fields)
}

func TestCheckQualifiers(t *testing.T) {
	t.Parallel()
	require.Empty(t, NewSet(Config{Qualifiers: []Qualifier{
		{Name: "A"}, {Name: "B", Type: QualifierNote},
		{Name: "C", Type: QualifierPicklist, Multiple: true, Unmapped: DropUnmapped,
			Fields: map[salesforce.Object]string{"Lead": "X__c"}, Options: map[string]string{"a": "A", "b": "A"}},
	}}).Validate(nil))
	issues := NewSet(Config{Qualifiers: []Qualifier{
		{Name: " "}, {Name: "A"}, {Name: "A"},
		{Name: "B", Type: "essay", Unmapped: "guess"},
		{Name: "C", Type: QualifierBoolean, Multiple: true},
		{Name: "D", Type: QualifierNote, Fields: map[salesforce.Object]string{"Lead": "X__c"}},
		{Name: "E", Fields: map[salesforce.Object]string{"Lead": "", "": "X__c"}},
		{Name: "F", Options: map[string]string{"a": "A", "A ": "B", "": "C", "d": " "}},
	}}).Validate(nil)
	got := make([]string, len(issues))
	for i, issue := range issues {
		require.NotEmpty(t, issue.Reason)
		got[i] = issue.Path
	}
	require.Equal(t, []string{
		"qualifiers[0].name", "qualifiers[2].name", "qualifiers[3].type", "qualifiers[3].unmapped", "qualifiers[4].multiple",
		"qualifiers[5].fields",
		`qualifiers[6].fields[""]`, `qualifiers[6].fields["Lead"]`, `qualifiers[7].options[""]`, `qualifiers[7].options["a"]`,
		`qualifiers[7].options["d"]`,
	}, got)
}

// An answer may be the source of a row or choose a member's status, without a
// qualifier of its own.
func TestAnswersThatRowsOrCampaignsUseAreNotCalledUnused(t *testing.T) {
	t.Parallel()
	lead := &leadtype.Lead{ID: "L1",
		Answers: map[string][]string{"Row": {"a"}, "Member": {"b"}, "Status": {"c"}, "Nothing": {"d"}}}
	cfg := Config{
		Mapper: &Mapping{Sections: []Section{{Object: "Lead",
			Rules: []Rule{{Source: "qualifier.Row", Field: "Description"}}}}},
		Campaigns: []CampaignLink{{Fields: []Rule{{Source: "qualifier.Member", Field: "Topic__c"}},
			StatusBy: &StatusBy{Qualifier: "Status"}}},
	}
	require.Equal(t, []leadtype.Warning{{Kind: leadtype.Unmapped, Code: leadtype.NoTagMapping, Field: "qualifier.Nothing",
		Reason: "does not belong to a qualifier of the event"}}, NewSet(cfg).unusedAnswers(lead))

	cfg.Mapper = struct{ Mapper }{new(Mapping)} // a host's own
	require.Empty(t, NewSet(cfg).unusedAnswers(lead), "what a host's own Mapper looks at is not known")
}

// answersTo maps the answers of a lead, with one error for all that is wrong.
func answersTo(qualifiers []Qualifier, lead *leadtype.Lead,
	target Target) (salesforce.Fields, []leadtype.Warning, error) {
	run := answering{lead: lead, target: target}
	mapAnswers(qualifiers, &run)
	if len(run.faults) > 0 {
		return nil, run.warnings, joinFaults(lead.ID, target.Object, run.faults)
	}
	return run.fields, run.warnings, nil
}
