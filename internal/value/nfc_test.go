// SPDX-License-Identifier: Apache-2.0

package value_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/salesforce"
)

const (
	composed   = "Zo\u00eb M\u00fcller"
	decomposed = "Zoe\u0308 Mu\u0308ller"
)

func TestAccentsAreComposed(t *testing.T) {
	t.Parallel()
	text, ok := value.CleanText(decomposed, false)
	require.True(t, ok)
	require.Equal(t, composed, text)
	require.Equal(t, composed, value.StoredText(decomposed))
	require.Equal(t, []string{composed}, value.TrimmedValues([]string{decomposed}))
	for _, fieldType := range []salesforce.FieldType{salesforce.TypeString, salesforce.TypeTextarea, salesforce.TypeEmail,
		salesforce.TypePicklist, salesforce.TypeMultipicklist} {
		field := &salesforce.Field{Name: "F", Type: fieldType}
		require.True(t, value.SameValue(field, decomposed, composed), fieldType)
		require.True(t, value.SameValue(field, composed, decomposed), fieldType)
		require.False(t, value.SameValue(field, "Zoe Muller", composed), fieldType)
	}
	option := salesforce.PicklistValue{Value: decomposed, Label: decomposed, Active: true}
	found, ok := value.FindOption(&salesforce.Field{PicklistValues: []salesforce.PicklistValue{option}}, composed)
	require.True(t, ok)
	require.Equal(t, decomposed, found, "in the org's spelling")
	require.True(t, value.ContainsFold([]string{decomposed}, "ZO\u00cb M\u00dcLLER"))
	require.Equal(t, value.FoldName(decomposed), value.FoldName("ZO\u00cb M\u00dcLLER"))
	require.NotEqual(t, value.FoldName("Zoe"), value.FoldName("Zo\u00eb"))
}

// What nobody sees is not written: it stayed in names and phone numbers, where no search
// finds them. What has a meaning stays.
func TestInvisibleCharactersAreTakenOutOfWhatIsWritten(t *testing.T) {
	t.Parallel()
	const scotland = "🏴\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F"
	for in, want := range map[string]string{
		"\ufeffAda": "Ada", "A\u200bda": "Ada", "\u202aAda\u202c": "Ada", "Ada\u200e": "Ada", "\u2067Ada\u2069": "Ada",
		"Love\u00adlace": "Lovelace", "\u2060Ada\u180e": "Ada", "Jean\u200d-Luc": "Jean-Luc", "A\u200cda\u200d": "Ada",
		"\u200bAda \u200b": "Ada", "שלום\u200f": "שלום", "\U000E0001Ada\U000E0041": "Ada", "Ада\u200cм": "Адам",
		// with a meaning: emoji, flags, Persian, Malayalam, Devanagari
		"👩\u200d💻 Ada": "👩\u200d💻 Ada", "❤\ufe0f\u200d🔥": "❤\ufe0f\u200d🔥", "👩🏽\u200d🚀": "👩🏽\u200d🚀",
		scotland:        scotland,
		"می\u200cخواهم": "می\u200cخواهم", "\u200cمی\u200c": "می", "അവന\u0d4d\u200d": "അവന\u0d4d\u200d",
		"क\u094d\u200dष": "क\u094d\u200dष",
		"\u0600١٢٣":      "\u0600١٢٣",
	} {
		field := &salesforce.Field{Name: "F", Type: salesforce.TypeString, Length: 80}
		got, _, problem := value.Convert(field, in, value.Options{})
		require.Nil(t, problem)
		require.Equal(t, want, got, "%q", in)
	}
	phone := &salesforce.Field{Name: "Phone", Type: salesforce.TypePhone, Length: 40}
	for in, want := range map[string]string{
		"\u202a+49 30 1234 x12\u202c": "+49 30 1234 x12", "\ufeff(415) 555-0100 ext. 12": "(415) 555-0100 ext. 12",
		"\u200e+1 415 555 0100": "+1 415 555 0100", "\u202dask Ada\u202c": "ask Ada",
	} {
		got, _, problem := value.Convert(phone, in, value.Options{})
		require.Nil(t, problem)
		require.Equal(t, want, got, "%q", in)
	}
	options := &salesforce.Field{Name: "F", Type: salesforce.TypePicklist, RestrictedPicklist: true, Length: 40,
		PicklistValues: []salesforce.PicklistValue{{Value: "Hot\u200b", Active: true}}}
	for _, in := range []string{"Hot\u200b", "hot", "\ufeffHot"} {
		got, _, problem := value.Convert(options, in, value.Options{})
		require.Nil(t, problem, "%q", in)
		require.Equal(t, "Hot\u200b", got, "%q", in)
	}
}
