// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/number"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// everyType returns a field of every type that a mapping may write.
func everyType() []sftest.Field {
	options := []string{"Hot", "Cold", "Retired"}
	return []sftest.Field{
		{Type: "string", Length: 10},
		{Type: "textarea", Length: 20},
		{Type: "encryptedstring", Length: 10},
		{Type: "email", Length: 20},
		{Type: "phone", Length: 10},
		{Type: "url", Length: 10},
		{Type: "picklist", Options: options, Inactive: options[2:]},
		{Type: "picklist", Options: options, Inactive: options[2:], Restricted: true},
		{Type: "multipicklist", Options: options, Inactive: options[2:]},
		{Type: "multipicklist", Options: options, Inactive: options[2:], Restricted: true},
		{Type: "boolean"},
		{Type: "int"},
		{Type: "double", Precision: 9, Scale: 3},
		{Type: "currency", Precision: 18},
		{Type: "currency", Precision: 12, Scale: 2},
		{Type: "percent", Precision: 5, Scale: 2},
		{Type: "date"},
		{Type: "datetime"},
		{Type: "time"},
		{Type: "reference", ReferenceTo: []string{"Account"}},
	}
}

// Conversion and the org agree, for random values of every type. What is converted,
// the org takes, and syncing it again changes nothing; what is refused, is refused
// before any write is spent, and the org would have refused it. LEADSYNC_TEST_FULL
// sets the full number of rounds.
func TestOrgTakesWhatIsConvertedAndRefusesWhatIsNot(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	account := org.Insert("Account", map[string]any{"Name": "Engines"})
	fields := everyType()
	m := mapping.Default()
	for i := range fields {
		fields[i].Name = fmt.Sprintf("F%d__c", i)
		org.DefineField("Lead", fields[i])
		m.Sections[0].Rules = append(m.Sections[0].Rules,
			mapping.Rule{Source: fmt.Sprintf("custom.%d", i), Field: fields[i].Name})
	}
	client := scenario.ClientOf(t, org)
	syncer, err := leadsync.New(client, &leadsync.Config{Mapper: m})
	require.NoError(t, err)
	round := 0
	rapid.Check(t, func(r *rapid.T) {
		round++
		if round > 40 && os.Getenv("LEADSYNC_TEST_FULL") == "" {
			return
		}
		leads := make([]*leadtype.Lead, len(fields))
		for i, f := range fields {
			value := anyValue().Draw(r, f.Type)
			if f.Type == "reference" {
				if id, _, err := mapping.Convert(&salesforce.Field{Type: salesforce.TypeReference}, value,
					mapping.ConvertOptions{}); err == nil && id != nil {
					value = account // which ids there are only the org knows
				}
			}
			id := fmt.Sprintf("L%d-%d", round, i)
			leads[i] = &leadtype.Lead{ID: leadtype.LeadID(id), Email: id + "@example.com", LastName: "L", Company: "C",
				Custom: map[string]any{fmt.Sprint(i): value}}
		}
		outcomes, _ := syncer.Sync(r.Context(), leads...)
		var raw []salesforce.Write
		var refused []string
		for i, out := range outcomes {
			if out.Err == nil {
				require.Equal(r, leadtype.Created, out.Action)
				continue
			}
			require.ErrorIs(r, out.Err, leadtype.DataValueValidation)
			var remote *salesforce.Error
			require.False(r, errors.As(out.Err, &remote), "%s: refused by the org: %v", fields[i].Type, remote)
			value, ok := asIs(leads[i].Custom[fmt.Sprint(i)], fields[i].Type)
			if ok && !stricter(fields[i].Type, value) {
				raw = append(raw, salesforce.Write{Op: salesforce.OpCreate, Object: salesforce.ObjectLead,
					Fields: salesforce.Fields{"LastName": "L", "Company": "C", fields[i].Name: value}})
				refused = append(refused, fmt.Sprintf("%s %v", fields[i].Type, value))
			}
		}
		if len(raw) > 0 {
			results, err := client.Write(r.Context(), raw...)
			require.NoError(r, err)
			for i, result := range results {
				require.Error(r, result.Err, "the org takes what is refused: %s", refused[i])
			}
		}
		before := scenario.WritesOf(org)
		outcomes, _ = syncer.Sync(r.Context(), leads...)
		for _, out := range outcomes {
			if out.Err == nil {
				require.Equal(r, leadtype.Unchanged, out.Action)
			}
		}
		require.Equal(r, before, scenario.WritesOf(org))
	})
}

// stricter reports whether a value is refused although the org would store it: a list of
// which a part is no option of an open picklist, and a phone number that a spreadsheet has
// changed or that ends with its calling code.
func stricter(fieldType string, value any) bool {
	text := fmt.Sprint(value)
	switch fieldType {
	case "multipicklist":
		return strings.ContainsAny(text, "|｜\n\r\v\f\u0085\u2028\u2029")
	case "phone":
		return changedPhone.MatchString(text) || callingCode.MatchString(text)
	}
	return false
}

var changedPhone = regexp.MustCompile(`^\s*['=]*(-|[0 .]*$|[+-]?[\pN.,]+[eEｅＥ])`)

var callingCode = regexp.MustCompile(`^[\s\pZ'=(]*[+＋]\PN*(\pN\PN*){0,3}$`)

// asIs is a value as a program would send it that converts nothing, and false for
// one that JSON cannot carry.
func asIs(value any, fieldType string) (any, bool) {
	switch v := value.(type) {
	case string:
		// A text that may be two numbers, or one without some of its digits, is refused although
		// the org takes it for one of them.
		_, reason := number.Read(v, number.Options{})
		return v, utf8.ValidString(v) && reason != number.Ambiguous && reason != number.Spreadsheet
	case []string:
		separator := "; "
		if fieldType == "multipicklist" {
			separator = ";"
		}
		text := strings.Join(v, separator)
		// A list of one would be that one, and an open picklist stores any text: several
		// values are refused all the same, because they would be one option.
		return text, len(v) != 1 && fieldType != "picklist" && utf8.ValidString(text)
	case float64:
		return json.Number(strconv.FormatFloat(v, 'f', -1, 64)), true
	case time.Time:
		return v.UTC().Format(time.RFC3339), true
	}
	return value, true
}
