// SPDX-License-Identifier: Apache-2.0

package leadtype_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leadsync/leadsync/leadtype"
)

// nested returns a list in lists, so deep, as encoding/json decodes it.
func nested(depth int) any {
	var v any = "x"
	for range depth {
		v = []any{v}
	}
	return v
}

// nestedObjects returns an object in objects, so deep.
func nestedObjects(depth int) any {
	var v any = "x"
	for range depth {
		v = map[string]any{"k": v}
	}
	return v
}

// A link holds another one, or itself.
type link struct {
	Next *link `json:"next,omitempty"`
}

func chain(depth int) *link {
	var l *link
	for range depth {
		l = &link{l}
	}
	return l
}

func listOf(n int, text string) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = text
	}
	return list
}

func activities(n int) []leadtype.Activity {
	list := make([]leadtype.Activity, n)
	for i := range list {
		list[i] = leadtype.Activity{ID: fmt.Sprint(i), Kind: leadtype.ActivityNote}
	}
	return list
}

func customOf(n int) map[string]any {
	custom := make(map[string]any)
	for i := range n {
		custom[fmt.Sprint(i)] = i
	}
	return custom
}

// Each limit: what is just within it is taken, what is just beyond is refused by the name of
// the field and of the limit, and without a value.
func TestLeadIsBoundedBeforeItIsCaptured(t *testing.T) {
	t.Parallel()
	const at = "canary"
	for name, limit := range map[string]struct {
		within, beyond leadtype.Lead
		fields         []string
		limit          int
	}{
		"id": {within: leadtype.Lead{ID: leadtype.LeadID(strings.Repeat("i", leadtype.MaxLeadID))},
			beyond: leadtype.Lead{ID: leadtype.LeadID(strings.Repeat("i", leadtype.MaxLeadID+1))},
			fields: []string{"id"}, limit: leadtype.MaxLeadID},
		"event": {within: leadtype.Lead{EventID: strings.Repeat("e", leadtype.MaxName)},
			beyond: leadtype.Lead{EventID: strings.Repeat("e", leadtype.MaxName+1)}, fields: []string{"eventId"},
			limit: leadtype.MaxName},
		"strategy": {within: leadtype.Lead{Strategy: strings.Repeat("s", leadtype.MaxName)},
			beyond: leadtype.Lead{Strategy: strings.Repeat("s", leadtype.MaxName+1)}, fields: []string{"strategy"},
			limit: leadtype.MaxName},
		"text": {within: leadtype.Lead{Notes: strings.Repeat("n", leadtype.MaxText)},
			beyond: leadtype.Lead{Notes: strings.Repeat("n", leadtype.MaxText+1)}, fields: []string{"notes"},
			limit: leadtype.MaxText},
		"list": {within: leadtype.Lead{OtherEmails: listOf(leadtype.MaxList, at)},
			beyond: leadtype.Lead{OtherEmails: listOf(leadtype.MaxList+1, at)}, fields: []string{"otherEmails"},
			limit: leadtype.MaxList},
		"phones": {within: leadtype.Lead{Phones: make([]leadtype.Phone, leadtype.MaxList)},
			beyond: leadtype.Lead{Phones: make([]leadtype.Phone, leadtype.MaxList+1)}, fields: []string{"phones"},
			limit: leadtype.MaxList},
		"answers": {within: leadtype.Lead{Answers: map[string][]string{"q": listOf(leadtype.MaxAnswers-1, at), "r": nil}},
			beyond: leadtype.Lead{Answers: map[string][]string{"q": listOf(leadtype.MaxAnswers, at), "r": nil}},
			fields: []string{"qualifiers"}, limit: leadtype.MaxAnswers},
		"name of a qualifier": {
			within: leadtype.Lead{Answers: map[string][]string{strings.Repeat("q", leadtype.MaxName): nil}},
			beyond: leadtype.Lead{Answers: map[string][]string{strings.Repeat("q", leadtype.MaxName+1): nil}},
			fields: []string{"qualifiers"}, limit: leadtype.MaxName},
		"answer": {within: leadtype.Lead{Answers: map[string][]string{"q": {strings.Repeat("a", leadtype.MaxText)}}},
			beyond: leadtype.Lead{Answers: map[string][]string{"q": {strings.Repeat("a", leadtype.MaxText+1)}}},
			fields: []string{"qualifier.q"}, limit: leadtype.MaxText},
		"custom": {within: leadtype.Lead{Custom: customOf(leadtype.MaxCustom)},
			beyond: leadtype.Lead{Custom: customOf(leadtype.MaxCustom + 1)}, fields: []string{"custom"},
			limit: leadtype.MaxCustom},
		"activities": {within: leadtype.Lead{Activities: activities(leadtype.MaxActivities)},
			beyond: leadtype.Lead{Activities: activities(leadtype.MaxActivities + 1)}, fields: []string{"activities"},
			limit: leadtype.MaxActivities},
		"id of an activity": {
			within: leadtype.Lead{Activities: []leadtype.Activity{{ID: strings.Repeat("a", leadtype.MaxName)}}},
			beyond: leadtype.Lead{Activities: []leadtype.Activity{{}, {ID: strings.Repeat("a", leadtype.MaxName+1)}}},
			fields: []string{"activities[1]"}, limit: leadtype.MaxName},
		"depth": {within: leadtype.Lead{Custom: map[string]any{"v": nested(leadtype.MaxDepth)}},
			beyond: leadtype.Lead{Custom: map[string]any{"v": nested(leadtype.MaxDepth + 1)}}, fields: []string{"custom.v"},
			limit: leadtype.MaxDepth},
		"depth of objects": {within: leadtype.Lead{Custom: map[string]any{"v": nestedObjects(leadtype.MaxDepth)}},
			beyond: leadtype.Lead{Custom: map[string]any{"v": nestedObjects(leadtype.MaxDepth + 1)}},
			fields: []string{"custom.v"}, limit: leadtype.MaxDepth},
		"depth of a struct": {within: leadtype.Lead{Custom: map[string]any{"v": chain(leadtype.MaxDepth)}},
			beyond: leadtype.Lead{Custom: map[string]any{"v": chain(leadtype.MaxDepth + 1)}}, fields: []string{"custom.v"},
			limit: leadtype.MaxDepth},
		"depth of raw JSON": {
			within: leadtype.Lead{Custom: map[string]any{"v": json.RawMessage(`"[[["`)}},
			beyond: leadtype.Lead{Custom: map[string]any{"v": json.RawMessage(`["\\\"",` + strings.Repeat("[", 9_999) +
				strings.Repeat("]", 9_999) + `]`)}}, fields: []string{"custom.v"}, limit: leadtype.MaxDepth},
		"size": {within: leadtype.Lead{Notes: strings.Repeat("\x01", leadtype.MaxLeadJSON/8)},
			beyond: leadtype.Lead{Notes: strings.Repeat("\x01", leadtype.MaxLeadJSON/6)}, fields: []string{"notes"},
			limit: leadtype.MaxLeadJSON},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check := func(l leadtype.Lead) error {
				if l.ID == "" {
					l.ID = "L1"
				}
				l.Email = "canary@example.com"
				return errors.Join(l.Check(), l.CheckJSON())
			}
			require.NoError(t, check(limit.within))
			err := check(limit.beyond)
			var e *leadtype.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, leadtype.DataValueValidation, e.Code)
			require.Equal(t, limit.fields, e.Fields)
			require.Contains(t, e.Reason, fmt.Sprint(limit.limit))
			require.NotContains(t, err.Error(), "canary")
			require.Less(t, len(err.Error()), 1000)
		})
	}
}

// A custom value that contains itself is refused too, before it exhausts the stack.
func TestLeadThatContainsItselfIsRefused(t *testing.T) {
	t.Parallel()
	list, object, linked := []any{nil}, map[string]any{}, &link{}
	list[0], object["k"], linked.Next = list, object, linked
	for _, v := range []any{list, object, linked, []any{object}} {
		lead := &leadtype.Lead{ID: "L1", Email: "a@example.com", Custom: map[string]any{"v": v}}
		err := lead.Check()
		if err == nil {
			err = lead.CheckJSON()
		}
		var e *leadtype.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, []string{"custom.v"}, e.Fields)
	}
}

// A fragile value has no JSON: its encoding panics.
type fragile struct{}

func (fragile) MarshalJSON() ([]byte, error) { panic("what the lead said") }

func TestLeadWhoseCustomValuePanicsIsRefused(t *testing.T) {
	t.Parallel()
	for _, v := range []any{fragile{}, []any{fragile{}}} {
		lead := &leadtype.Lead{ID: "L1", Email: "a@example.com", Custom: map[string]any{"v": v, "w": "x"}}
		require.NoError(t, lead.Check()) // a Sync that does not map the value does without
		err := lead.CheckJSON()
		var e *leadtype.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, []string{"custom.v"}, e.Fields)
		require.NotContains(t, err.Error(), "said")
	}
}

// What can be captured can be read again.
func TestLeadAtEveryLimitOfNestingIsReadAgain(t *testing.T) {
	t.Parallel()
	lead := &leadtype.Lead{ID: "L1", Email: "a@example.com", Custom: map[string]any{"v": nested(leadtype.MaxDepth)}}
	require.NoError(t, lead.CheckJSON())
	data, err := json.Marshal(lead)
	require.NoError(t, err)
	read := new(leadtype.Lead)
	require.NoError(t, json.Unmarshal(data, read))
	require.Equal(t, lead, read)
}

// A name becomes the header of a file, in which a line break would come back as another one.
func TestNamesHaveNoControlCharacters(t *testing.T) {
	t.Parallel()
	for _, broken := range []string{"a\rb", "a\nb", "a\r\nb", "a\tb", "\x00", "\x7f", "\u0085", "a\xff"} {
		for field, lead := range map[string]*leadtype.Lead{
			"custom":     {ID: "L1", LastName: "Hopper", Custom: map[string]any{broken: 1}},
			"qualifiers": {ID: "L1", LastName: "Hopper", Answers: map[string][]string{broken: {"yes"}}},
		} {
			var refused *leadtype.Error
			require.ErrorAs(t, lead.CheckJSON(), &refused)
			require.Equal(t, leadtype.DataValueValidation, refused.Code)
			require.Equal(t, []string{field}, refused.Fields)
			require.NotContains(t, refused.Error(), broken)
		}
	}
	spaced := &leadtype.Lead{ID: "L1", LastName: "Hopper", Custom: map[string]any{" a\u00a0b\u2028": 1, "": 2}}
	require.NoError(t, spaced.CheckJSON())
}

// CheckJSON does not encode a lead of which it knows that it has JSON. It takes exactly those
// that have it, within the limit.
func TestCheckJSONTakesWhatHasJSON(t *testing.T) {
	t.Parallel()
	day := func(year, offset int) time.Time {
		return time.Date(year, 12, 31, 23, 59, 0, 0, time.FixedZone("", offset))
	}
	var leads []leadtype.Lead
	for _, at := range []time.Time{day(-1, 0), day(0, 0), day(1, 0), day(9998, 0), day(9999, 0), day(10_000, 0),
		day(2026, 86_399), day(2026, 86_400), day(2026, -90_000), day(2026, 1<<30)} {
		leads = append(leads, leadtype.Lead{CapturedAt: at}, leadtype.Lead{EnrichedAt: at}, leadtype.Lead{UpdatedAt: at},
			leadtype.Lead{Activities: []leadtype.Activity{{}, {At: at}}})
	}
	for _, score := range []float64{0, -1.5, math.NaN(), math.Inf(-1)} {
		leads = append(leads, leadtype.Lead{Score: &score})
	}
	for _, custom := range []any{nil, true, "<", 1, math.NaN(), []any{"x"}, func() {}, json.Number("x")} {
		leads = append(leads, leadtype.Lead{Custom: map[string]any{"v": custom}})
	}
	for _, lead := range leads {
		checkJSON(t, &lead)
	}
	rapid.Check(t, func(rt *rapid.T) {
		letter := rapid.SampledFrom([]string{"a", "<", "\x00", "\xff", "é", "\u2028"})
		text := rapid.Custom(func(rt *rapid.T) string {
			return strings.Repeat(letter.Draw(rt, "letter"), rapid.SampledFrom([]int{0, 1, 1 << 17, 1 << 18}).Draw(rt, "times"))
		})
		checkJSON(rt, &leadtype.Lead{Notes: text.Draw(rt, "notes"), OtherEmails: []string{text.Draw(rt, "other")},
			Answers:    map[string][]string{"q": {text.Draw(rt, "answer")}},
			Phones:     []leadtype.Phone{{Number: text.Draw(rt, "number")}},
			Custom:     map[string]any{"v": text.Draw(rt, "custom")},
			Activities: make([]leadtype.Activity, rapid.IntRange(0, leadtype.MaxActivities).Draw(rt, "activities"))})
	})
}

func checkJSON(t require.TestingT, lead *leadtype.Lead) {
	data, err := json.Marshal(lead)
	fits := err == nil && len(data) <= leadtype.MaxLeadJSON
	if taken := lead.CheckJSON() == nil; taken != fits {
		require.Failf(t, "CheckJSON disagrees with encoding/json", "taken %t, bytes %d, error %v", taken, len(data), err)
	}
}
