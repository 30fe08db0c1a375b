// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

var berlin = time.FixedZone("CEST", 2*60*60)

func picklistValues(values ...string) []salesforce.PicklistValue {
	options := make([]salesforce.PicklistValue, len(values))
	for i, v := range values {
		options[i] = salesforce.PicklistValue{Value: v, Label: "The " + v, Active: v != "Retired"}
	}
	return options
}

// convertible holds a field of every type that takes values.
func convertible() map[string]*salesforce.Field {
	restricted := func(f salesforce.Field) *salesforce.Field {
		f.Name, f.Length = "F", 255
		f.PicklistValues = picklistValues("Hot", "Cold", "Retired")
		return &f
	}
	return map[string]*salesforce.Field{
		"string":        {Name: "F", Type: salesforce.TypeString, Length: 10},
		"textarea":      {Name: "F", Type: salesforce.TypeTextarea, Length: 20},
		"encrypted":     {Name: "F", Type: salesforce.TypeEncrypted, Length: 10},
		"combobox":      {Name: "F", Type: salesforce.TypeCombobox, Length: 10},
		"email":         {Name: "F", Type: salesforce.TypeEmail, Length: 20},
		"phone":         {Name: "F", Type: salesforce.TypePhone, Length: 10},
		"url":           {Name: "F", Type: salesforce.TypeURL, Length: 10},
		"picklist":      restricted(salesforce.Field{Type: salesforce.TypePicklist}),
		"restricted":    restricted(salesforce.Field{Type: salesforce.TypePicklist, RestrictedPicklist: true}),
		"multi":         restricted(salesforce.Field{Type: salesforce.TypeMultipicklist}),
		"multiRestrict": restricted(salesforce.Field{Type: salesforce.TypeMultipicklist, RestrictedPicklist: true}),
		"boolean":       {Name: "F", Type: salesforce.TypeBoolean},
		"int":           {Name: "F", Type: salesforce.TypeInt, Digits: 8},
		"long":          {Name: "F", Type: salesforce.TypeLong},
		"double":        {Name: "F", Type: salesforce.TypeDouble, Precision: 6, Scale: 3},
		"currency":      {Name: "F", Type: salesforce.TypeCurrency, Precision: 18, Scale: 0},
		"percent":       {Name: "F", Type: salesforce.TypePercent, Precision: 5, Scale: 2},
		"free":          {Name: "F", Type: salesforce.TypeDouble},
		"date":          {Name: "F", Type: salesforce.TypeDate},
		"datetime":      {Name: "F", Type: salesforce.TypeDatetime},
		"time":          {Name: "F", Type: salesforce.TypeTime},
		"reference":     {Name: "F", Type: salesforce.TypeReference, Length: 18},
		"id":            {Name: "F", Type: salesforce.TypeID, Length: 18},
	}
}

// Types are converted by the target's describe.
func TestConvertByType(t *testing.T) {
	t.Parallel()
	captured := time.Date(2026, 5, 4, 23, 30, 1, 999, berlin)
	fields := convertible()
	for _, tc := range []struct {
		field string
		in    any
		want  any
	}{
		{"string", " Ada \x00 B\u0007 ", "Ada  B"},
		{"string", "a\r\n\tb\nc", "a b c"},
		{"string", 12.50, "12.5"},
		{"string", 1e6, "1000000"},
		{"string", uint8(7), "7"},
		{"string", true, "true"},
		{"string", json.Number("42"), "42"},
		{"string", []string{"a", " ", "b "}, "a; b"},
		{"string", []any{"a", 1.0, nil}, "a; 1"},
		{"string", []int{3, 1}, "3; 1"},
		{"multi", []leadtype.LeadID{"hot", "cold"}, "Hot;Cold"},
		{"string", salesforce.ID("003"), "003"},
		{"string", new(string), nil},
		{"string", (*string)(nil), nil},
		{"string", "\x00\x01", nil},
		{"string", " \u00a0", nil},
		{"textarea", "a\r\nb\rc\td\u2028e", "a\nb\nc\td\ne"},
		{"encrypted", "secret", "secret"},
		{"combobox", "Call", "Call"},
		{"email", " Ada@Example.com ", "Ada@Example.com"},
		{"email", "a..b.@t.jp", "a..b.@t.jp"},
		{"email", "a@ü.de", "a@xn--tda.de"},
		{"email", "a@b.c", "a@b.c"},
		{"email", "a@(x)b.co", "a@(x)b.co"},
		{"email", "a@b.co(x)", "a@b.co(x)"},
		{"phone", "+49 30 123", "+49 30 123"},
		{"url", "a.example", "a.example"},
		{"picklist", "hot", "Hot"},
		{"picklist", "the HOT", "Hot"},
		{"picklist", "Lukewarm", "Lukewarm"},
		{"picklist", "Retired", "Retired"},
		{"restricted", " COLD\n", "Cold"},
		{"restricted", "The Cold", "Cold"},
		{"multi", []string{"cold", "New;hot", "COLD", " "}, "Cold;New;Hot"},
		{"multi", "hot; the cold;", "Hot;Cold"},
		{"multi", ";;", nil},
		{"multiRestrict", []any{"hot", "cold"}, "Hot;Cold"},
		{"boolean", true, true},
		{"boolean", "Yes", true},
		{"boolean", 1, true},
		{"boolean", " FALSE ", false},
		{"boolean", 0.0, false},
		{"boolean", "", nil},
		{"int", "51", int64(51)},
		{"int", 3.0, int64(3)},
		{"int", "-1.2e1", int64(-12)},
		{"int", "+7", int64(7)},
		{"long", math.MaxInt64, int64(math.MaxInt64)},
		{"double", "1.0005", json.Number("1.001")},
		{"double", "-1.0005", json.Number("-1.001")},
		{"double", "-0.0001", json.Number("0")},
		{"double", 999.5, json.Number("999.5")},
		{"currency", "123456789012345678", json.Number("123456789012345678")},
		{"currency", 1.5e6, json.Number("1500000")},
		{"percent", "12.3451 %", json.Number("12.35")},
		{"double", "1,5", json.Number("1.5")},
		{"free", "0.1", json.Number("0.1")},
		{"free", -math.MaxFloat64, json.Number(strconv.FormatFloat(-math.MaxFloat64, 'f', -1, 64))},
		{"date", captured, "2026-05-04"},
		{"date", captured.UTC().Add(time.Hour), "2026-05-05"},
		{"date", "2026-05-04T22:30:00Z", "2026-05-05"},
		{"date", "2026-05-04", "2026-05-04"},
		{"date", "04.05.2026", "2026-05-04"},
		{"date", 20260504, "2026-05-04"},
		{"date", "2026-05-04 23:59", "2026-05-04"},
		{"datetime", captured, "2026-05-04T21:30:01.000Z"},
		{"datetime", "2024-09-09T20:41:31.000+0000", "2024-09-09T20:41:31.000Z"},
		{"datetime", "2026-05-04 10:00:00", "2026-05-04T08:00:00.000Z"},
		{"datetime", "2026-05-04", "2026-05-03T22:00:00.000Z"},
		{"time", "09:30", "09:30:00.000Z"},
		{"time", "09:30:15.250Z", "09:30:15.250Z"},
		{"time", captured, "23:30:01.000Z"},
		{"reference", "001dM00003kRs59", "001dM00003kRs59QAC"},
		{"id", "00Qak00000696HFEAY", "00Qak00000696HFEAY"},
		{"id", time.Time{}, nil},
		{"int", nil, nil},
		{"date", []string{}, nil},
	} {
		got, warnings, err := mapping.Convert(fields[tc.field], tc.in, mapping.ConvertOptions{Zone: berlin})
		require.NoError(t, err, "%s %v", tc.field, tc.in)
		require.Empty(t, warnings)
		require.Equal(t, tc.want, got, "%s %v", tc.field, tc.in)
	}
}

// A value that cannot be converted is DATA_VALUE_VALIDATION; e-mail, url, phone,
// picklist are never truncated.
func TestConvertRefuses(t *testing.T) {
	t.Parallel()
	fields := convertible()
	fields["address"] = &salesforce.Field{Name: "F", Type: salesforce.TypeAddress}
	for _, tc := range []struct {
		field string
		in    any
	}{
		{"string", math.NaN()},
		{"string", math.Inf(1)},
		{"string", map[string]any{"a": 1}},
		{"string", []any{[]any{"a"}}},
		{"string", []any{math.NaN()}},
		{"string", struct{}{}},
		{"string", []byte("secret")},
		{"string", [][]string{{"secret"}}},
		{"string", "a\xffb"},
		{"email", "a\xffb"},
		{"picklist", "a\xffb"},
		{"multi", "a\xffb"},
		{"email", "secret"},
		{"email", "@secret.example"},
		{"email", "secret@localhost"},
		{"email", ".secret@a.example"},
		{"email", "sécret@a.example"},
		{"email", "secret@a@b.example"},
		{"email", "se cret@a.example"},
		{"email", "secret@-a.example"},
		{"email", "secret@a..example"},
		{"email", "secret@(a.example"},
		{"email", "secret.is.too.long@a.example"},
		{"phone", "01234567890"},
		{"url", "secret.example"},
		{"picklist", strings.Repeat("secret", 50)},
		{"restricted", "Lukewarm"},
		{"restricted", "Retired"},
		{"multiRestrict", "hot;lukewarm"},
		{"multi", strings.Repeat("secret", 50)},
		{"boolean", "secret"},
		{"boolean", 2},
		{"int", "51-200"},
		{"int", 3.5},
		{"int", "123456789"},
		{"int", 1 << 40},
		{"int", true},
		{"long", "1e30"},
		{"double", "secret"},
		{"double", "1000"},
		{"double", "999.9996"},
		{"double", "1.234"},
		{"double", "0x1p-2"},
		{"double", "1_000"},
		{"double", "NaN"},
		{"double", "Inf"},
		{"double", "1e1000000000"},
		{"free", "1e400"},
		{"double", "e5"},
		{"double", "."},
		{"double", json.Number("secret")},
		{"double", strings.Repeat("9", 500)},
		{"percent", "%"},
		{"date", "03/04/2026"},
		{"date", "4.5.26"},
		{"date", "4 May 2026 secret"},
		{"date", "2026-02-30"},
		{"date", "1699-12-31"},
		{"date", 46146},
		{"date", 1601794506},
		{"datetime", "4001-01-01T00:00:00Z"},
		{"time", "25:00"},
		{"time", "secret"},
		{"reference", "secret"},
		{"id", "001dM00003kRs5"},
		{"address", "secret"},
	} {
		got, _, err := mapping.Convert(fields[tc.field], tc.in, mapping.ConvertOptions{})
		require.ErrorIs(t, err, leadtype.DataValueValidation, "%s %v", tc.field, tc.in)
		require.Nil(t, got)
		var e *leadtype.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, []string{"F"}, e.Fields)
		require.NotEmpty(t, e.Reason)
		require.NotContains(t, err.Error(), "secret", "errors name no value")
	}
}

// Text is truncated at a character boundary with a warning, or refused.
func TestConvertCutsTextBetweenCharacters(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		limit    int
		in, want string
	}{
		{3, "abcd", "abc"},
		{3, "ab cd", "ab"},
		{3, "ab👍", "ab"},
		{4, "ab👍x", "ab👍"},
		{3, "abx\u0301", "ab"},
		{4, "👍🏽x", "👍🏽"},
		{3, "a👍🏽", "a"},
		{7, "a👩‍💻b👩‍💻", "a👩‍💻b"},
		{6, "a🇩🇪🇫🇷", "a🇩🇪"},
		{5, "🇩🇪🇫🇷", "🇩🇪"},
		{2, "x\u0301\u0302\u0303", "x\u0301"},
		{4, "ümläut", "ümlä"},
	} {
		field := &salesforce.Field{Name: "F", Type: salesforce.TypeString, Length: tc.limit}
		got, warnings, err := mapping.Convert(field, tc.in, mapping.ConvertOptions{})
		require.NoError(t, err)
		require.Equal(t, tc.want, got, "%q to %d", tc.in, tc.limit)
		require.Len(t, warnings, 1)
		require.Equal(t, leadtype.DataValueValidation, warnings[0].Code)
		require.Equal(t, "F", warnings[0].Field)

		_, _, err = mapping.Convert(field, tc.in, mapping.ConvertOptions{TooLong: mapping.Fail})
		require.ErrorIs(t, err, leadtype.DataValueValidation)
	}
}

func TestConvertIsIdempotentAndWithinLimits(t *testing.T) {
	t.Parallel()
	fields := convertible()
	rapid.Check(t, func(t *rapid.T) {
		field := fields[rapid.SampledFrom([]string{
			"string", "textarea", "encrypted", "combobox", "email", "phone", "url", "picklist", "restricted", "multi",
			"multiRestrict",
			"boolean", "int", "long", "double", "currency", "percent", "free", "date", "datetime", "time", "reference", "id",
		}).Draw(t, "field")]
		zone := rapid.SampledFrom([]*time.Location{nil, time.UTC, berlin, time.FixedZone("", -9*3600-1800)}).Draw(t, "zone")
		opts := mapping.ConvertOptions{Zone: zone}
		once, _, err := mapping.Convert(field, anyValue().Draw(t, "value"), opts)
		if err != nil {
			require.ErrorIs(t, err, leadtype.DataValueValidation)
			return
		}
		twice, warnings, err := mapping.Convert(field, once, opts)
		require.NoError(t, err)
		require.Empty(t, warnings)
		require.Equal(t, once, twice)
		if text, ok := once.(string); ok && field.Length > 0 {
			require.LessOrEqual(t, len(utf16.Encode([]rune(text))), field.Length)
		}
		wire, err := json.Marshal(once)
		require.NoError(t, err)
		require.True(t, json.Valid(wire))
	})
}

func anyValue() *rapid.Generator[any] {
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[-+]?[0-9]{0,9}[.,]?[0-9]{0,6}(e[0-9]{1,3})?%?`),
		rapid.StringMatching(`[a-z]{1,6}@[a-z-]{1,6}\.[a-z]{1,4}`), rapid.StringMatching(`[0-9a-zA-Z]{15}`),
		rapid.StringMatching(`20[0-9]{2}-[01][0-9]-[0-3][0-9](T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](Z|\+0[0-9]:00))?`),
		rapid.SampledFrom([]string{"hot", "THE COLD", "yes", "a;b", "09:30", "👩‍💻👩‍💻👩‍💻👩‍💻",
			"e\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301", "\x00", "\r\n"}))
	return rapid.Custom(func(t *rapid.T) any {
		switch rapid.IntRange(0, 6).Draw(t, "kind") {
		case 0:
			return rapid.Float64().Draw(t, "float")
		case 1:
			return rapid.Int64().Draw(t, "int")
		case 2:
			return rapid.Bool().Draw(t, "bool")
		case 3:
			return rapid.SliceOfN(text, 0, 4).Draw(t, "list")
		case 4:
			return time.Unix(rapid.Int64Range(-1<<36, 1<<36).Draw(t, "unix"), 123456789)
		}
		return text.Draw(t, "text")
	})
}

func FuzzConvert(f *testing.F) {
	fields := convertible()
	for name := range fields {
		f.Add(name, "hot;Ünï\r\n", 1.5)
		f.Add(name, "2026-05-04T09:30:00+02:00", 0.0)
		f.Add(name, "-1e300", math.Inf(-1))
	}
	f.Fuzz(func(t *testing.T, name, text string, number float64) {
		field, ok := fields[name]
		if !ok {
			return
		}
		for _, value := range []any{text, number, json.Number(text), []string{text, text}} {
			once, _, err := mapping.Convert(field, value, mapping.ConvertOptions{})
			if err != nil {
				continue
			}
			twice, _, err := mapping.Convert(field, once, mapping.ConvertOptions{})
			require.NoError(t, err)
			require.Equal(t, once, twice)
		}
	})
}
