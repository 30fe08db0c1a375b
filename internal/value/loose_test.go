// SPDX-License-Identifier: Apache-2.0

package value_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/salesforce"
)

func TestAlikeValuesDifferInFormOnly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		field *salesforce.Field
		a, b  any
		alike bool
	}{
		{&salesforce.Field{Type: salesforce.TypeString}, "Head of Sales", " HEAD  of\u00a0sales\u200b", true},
		{&salesforce.Field{Type: salesforce.TypeString}, "Zoë", "ZOE\u0308", true},
		{&salesforce.Field{Type: salesforce.TypeString}, "Groß & Söhne", "GROSS & SÖHNE", true},
		{&salesforce.Field{Type: salesforce.TypeString}, "Παππάς", "ΠΑΠΠΆΣ", true},
		{&salesforce.Field{Type: salesforce.TypeString}, "Yıldız İpek", "YILDIZ IPEK", true},
		{&salesforce.Field{Type: salesforce.TypeString}, "Groß", "Groszny", false},
		{&salesforce.Field{Type: salesforce.TypeString}, "Head of Sales", "Head of Sale", false},
		{&salesforce.Field{Type: salesforce.TypeString}, "", " \t", true},
		{&salesforce.Field{Type: salesforce.TypeString}, nil, "x", false},
		{&salesforce.Field{Type: salesforce.TypeTextarea}, "a\r\nb", "a\nb ", true},
		{&salesforce.Field{Type: salesforce.TypePhone}, "0049 30 1234567", "+49 (30) 123-4567", true},
		{&salesforce.Field{Type: salesforce.TypePhone}, "+49 30 1234567", "+49 30 1234568", false},
		{&salesforce.Field{Type: salesforce.TypePhone}, "none", "unknown", false},
		{&salesforce.Field{Type: salesforce.TypePhone}, "+1 (617) 555-0100", "617-555-0100", true},
		{&salesforce.Field{Type: salesforce.TypePhone}, "1-617-555-0100", "617.555.0100", true},
		{&salesforce.Field{Type: salesforce.TypePhone}, "1-617-555-0100", "+16175550100", true},
		{&salesforce.Field{Type: salesforce.TypePhone}, "+49 30 1234567", "030 1234567", true},
		{&salesforce.Field{Type: salesforce.TypePhone}, "+49 (0)30 1234567", "0049301234567", true},
		{&salesforce.Field{Type: salesforce.TypePhone}, "+36 30 123 4567", "06 30 123 4567", true},
		{&salesforce.Field{Type: salesforce.TypePhone}, "+7 495 123-45-67", "8 (495) 123-45-67", true},
		{&salesforce.Field{Type: salesforce.TypePhone}, "+39 06 6982 1234", "06 6982 1234", true},
		{&salesforce.Field{Type: salesforce.TypePhone}, "+39 (0)6 6982 1234", "06 6982 1234", true},
		{&salesforce.Field{Type: salesforce.TypePhone}, "+44 (0)20 7946 81200 ext. 12", "0044 20 7946 81200 x12", true},
		{&salesforce.Field{Type: salesforce.TypePhone}, "+225 07 12 34 56 78", "07 12 34 56 78", true},
		{&salesforce.Field{Type: salesforce.TypePhone}, "+44 20 7946 0018 ext. 12", "020 7946 0018 x12", true},
		// another country, an area code that was missing, a zero that a spreadsheet took
		{&salesforce.Field{Type: salesforce.TypePhone}, "+1 98765 43210", "+91 98765 43210", false},
		{&salesforce.Field{Type: salesforce.TypePhone}, "+41 98765 43210", "+61 98765 43210", false},
		{&salesforce.Field{Type: salesforce.TypePhone}, "+1 416 555 0100", "0049 416 555 0100", false},
		{&salesforce.Field{Type: salesforce.TypePhone}, "555-0100", "617-555-0100", false},
		{&salesforce.Field{Type: salesforce.TypePhone}, "1234567", "030 1234567", false},
		{&salesforce.Field{Type: salesforce.TypePhone}, "+49 30 1234567", "1234567", false},
		{&salesforce.Field{Type: salesforce.TypePhone}, "30 1234567", "030 1234567", false},
		{&salesforce.Field{Type: salesforce.TypePhone}, "617-555-0100 x12", "617-555-0100 x13", false},
		{&salesforce.Field{Type: salesforce.TypePhone}, "+49 6 6982 1234", "06 6982 1234 5", false},
		{&salesforce.Field{Type: salesforce.TypeURL}, "http://WWW.acme.example", "acme.example/", true},
		{&salesforce.Field{Type: salesforce.TypeURL}, "acme.example/a", "acme.example/b", false},
		{&salesforce.Field{Type: salesforce.TypeURL}, "HTTPS://Acme.Example/Team", "acme.example/Team/", true},
		{&salesforce.Field{Type: salesforce.TypeURL}, "https://acme.example/team", "https://acme.example/Team", false},
		{&salesforce.Field{Type: salesforce.TypeURL}, "https://acme.example?id=a", "https://acme.example?id=A", false},
		{&salesforce.Field{Type: salesforce.TypeURL}, "https://acme.example#Top", "https://ACME.example#Top", true},
		{&salesforce.Field{Type: salesforce.TypeURL}, "a.example/?u=https://x", "b.example/?u=https://x", false},
		{&salesforce.Field{Type: salesforce.TypeDouble, Scale: 1}, "1.50", json.Number("1.5"), true},
		{&salesforce.Field{Type: salesforce.TypeDouble, Scale: 1}, "1.5", json.Number("1.6"), false},
		{&salesforce.Field{Type: salesforce.TypeDatetime}, "2026-05-04T09:30:00.000+0000", "2026-05-04T11:30:00+02:00", true},
		{&salesforce.Field{Type: salesforce.TypeBoolean}, true, "yes", true},
		{&salesforce.Field{Type: salesforce.TypeBoolean}, nil, false, true},
		{&salesforce.Field{Type: salesforce.TypeReference}, "00Qak00000696HF", "00Qak00000696HFEAY", true},
		{&salesforce.Field{Type: salesforce.TypeMultipicklist}, "b;a", "A; B", true},
	} {
		require.Equal(t, c.alike, value.Alike(c.field, c.a, c.b), "%s: %v, %v", c.field.Type, c.a, c.b)
		require.Equal(t, c.alike, value.Alike(c.field, c.b, c.a), "%s: %v, %v", c.field.Type, c.b, c.a)
	}
}

// The digests in a store are of what FoldSpace returns, so that it must not depend on the
// way in which it is reached.
func TestFoldSpaceIsStable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"A\x00\u0300": "à", "A\u200b\u0300": "à", "H\u0331": "\u1e96"} {
		require.Equal(t, want, value.FoldSpace(text))
		require.Equal(t, want, value.FoldSpace(want))
	}
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune(" \tAaÄäß\u200b\u00a0")))).Draw(r, "text")
		folded := value.FoldSpace(text)
		require.Equal(r, folded, value.FoldSpace(" "+text+"\n"))
		require.Equal(r, folded, value.FoldSpace(folded))
	})
}

func TestFieldDigestIsTheBeginningOfTheDigest(t *testing.T) {
	t.Parallel()
	require.Equal(t, value.FieldDigest("key", "Title", "cto"), value.FieldDigest("key", "TITLE", "cto"))
	require.NotEqual(t, value.FieldDigest("key", "Title", "cto"), value.FieldDigest("key2", "Title", "cto"))
	require.NotEqual(t, value.FieldDigest("key", "Title", "cto"), value.FieldDigest("key", "Phone", "cto"))
	require.NotEqual(t, value.FieldDigest("key", "Title", "cto"), value.FieldDigest("key", "Title", "ceo"))
}
