// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// wordsOf are the runs of letters and digits of a text.
var wordsOf = regexp.MustCompile(`[\pL\pN]+`)

// No date, phone number or list is a part of what was read: whatever stands before, between
// or behind the parts of a text, each of them is understood, or the value is unfit.
func TestNothingThatIsNotUnderstoodIsDropped(t *testing.T) {
	t.Parallel()
	options := labelled(
		"Demo",
		"Demo",
		"Pricing",
		"Pricing",
		"Sales, Marketing",
		"Sales, Marketing",
		"Yes, please",
		"Yes, please",
	)
	fields := map[string]*salesforce.Field{
		"date":     {Name: "F", Type: salesforce.TypeDate, Createable: true},
		"datetime": {Name: "F", Type: salesforce.TypeDatetime, Createable: true},
		"time":     {Name: "F", Type: salesforce.TypeTime, Createable: true},
		"e164:49":  {Name: "F", Type: salesforce.TypePhone, Length: 60, Createable: true},
		"multi": {Name: "F", Type: salesforce.TypeMultipicklist, Length: 4099, RestrictedPicklist: true,
			PicklistValues: options, Createable: true},
		"boolean": {Name: "F", Type: salesforce.TypeBoolean, Createable: true},
		"email":   {Name: "F", Type: salesforce.TypeEmail, Length: 80, Createable: true},
	}
	samples := map[string][]string{
		"date": {"2026-05-04", "4. Mai 2026", "13/04/2026"}, "datetime": {"2026-05-04 10:00", "May 4, 2026 9:00 AM"},
		"time": {"10:00", "9:30 PM"}, "e164:49": {"+49 30 1234567", "030/1234567", "(415) 555-0100 x12"},
		"multi": {"Demo, Pricing", "Demo;Pricing", "Sales, Marketing|Demo"}, "boolean": {"yes", "nein"},
		"email": {"ann@acme.example"},
	}
	strange := rapid.SampledFrom([]string{"qq", "zz9", "wqq", "7q7", "quux", "Qq q"})
	rapid.Check(t, func(r *rapid.T) {
		kind := rapid.SampledFrom([]string{"date", "datetime", "time", "e164:49", "multi", "boolean", "email"}).
			Draw(r, "kind")
		rule := mapping.Rule{Source: "custom.x", Field: "F"}
		if strings.HasPrefix(kind, "e164") {
			rule.Transforms = []string{kind}
		}
		m := &mapping.Mapping{Sections: []mapping.Section{{Object: "Lead", Rules: []mapping.Rule{rule}}}}
		read := func(text string) (any, error) {
			fields, _, err := m.Map(&leadtype.Lead{ID: "L", Custom: map[string]any{"x": text}}, mapping.Target{Object: "Lead",
				Describe: &salesforce.Describe{Name: "Lead", Fields: []salesforce.Field{*fields[kind]}}})
			return fields["F"], err
		}
		sample := rapid.SampledFrom(samples[kind]).Draw(r, "sample")
		more := strange.Draw(r, "more")
		between := rapid.SampledFrom([]string{" ", ", ", "; ", " / ", "|", "\n", " - ", ""}).Draw(r, "between")
		text := sample + between + more
		if rapid.Bool().Draw(r, "before") {
			text = more + between + sample
		}
		plain, err := read(sample)
		require.NoError(r, err, sample)
		got, err := read(text)
		if err != nil {
			return
		}
		require.NotEqual(r, plain, got, "%q is read as %q", text, sample)
		shown, _ := json.Marshal(got)
		for _, word := range wordsOf.FindAllString(more, -1) {
			require.Contains(r, strings.ToLower(string(shown)), strings.ToLower(word), fmt.Sprintf("%q", text))
		}
	})
}
