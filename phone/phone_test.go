// SPDX-License-Identifier: Apache-2.0

package phone_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"
	"pgregory.net/rapid"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/phone"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestE164FollowsTheNumberingPlans(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ region, number, want string }{
		{"GB", "020 7946 0018", "+442079460018"},
		{"gb", " 020 7946 0018 ", "+442079460018"},
		{"GB", "+44 (0)20 7946 0018", "+442079460018"},
		{"GB", "0049 30 901820", "+4930901820"},
		{"GB", "442079460018", "+442079460018"},
		{"DE", "+1 (650) 253-0000", "+16502530000"},
		{"US", "650-253-0000", "+16502530000"},
		{"US", "011 44 20 7946 0018", "+442079460018"},
		{"US", "1-800-FLOWERS", "+18003569377"},
		{"IT", "06 698 12345", "+390669812345"},
		{"FR", "06 12 34 56 78", "+33612345678"},
		{"", "+81 3 1234 5678", "+81312345678"},
		{"", "020 7946 0018", "020 7946 0018"}, // of which country?
		{"US", "650-253-0000 ext. 12", "+16502530000 x12"},
		{"DE", "030 901820 DW 12", "+4930901820 x12"},
		{"DE", "０３０ ９０１８２０", "+4930901820"},
		{"DE", `="030 901820"`, "+4930901820"},
		{"AE", "٠٤ ٣٣٠ ٠٠٠٠", "+97143300000"},
		{"GB", "", ""},
	} {
		require.Equal(t, row.want, transform(t, row.region)(row.number), "%s in %q", row.number, row.region)
	}
}

func TestE164RefusesWhatIsNotOneValidNumber(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ region, text string }{
		{"US", "253-0000"},                    // no area code
		{"GB", "+44 1"},                       // too short
		{"GB", "+4420794600180000000"},        // too long
		{"GB", "+999 123 4567"},               // no such country
		{"DE", "30000000000000"},              // valid there, but too long for E.164
		{"GB", "ask Ada"},                     // a note
		{"GB", "020 7946 0018 ask Ada"},       // a number and a note
		{"US", "650-253-0000 home"},           // likewise
		{"GB", "+44 20 7946 0018 / +44 1 23"}, // several
		{"GB", "4.42079E+11"},                 // cut by a spreadsheet
		{"GB", "\xff\x00"},                    // garbage
	} {
		e164, err := phone.E164(row.region)
		require.NoError(t, err)
		got, err := e164(row.text)
		require.Error(t, err, "%q %v", row.text, got)
		require.NotContains(t, err.Error(), "Ada")
	}
}

func TestE164TakesListsAndLeavesOtherValues(t *testing.T) {
	t.Parallel()
	e164 := transform(t, "GB")
	require.Equal(t, []string{"+442079460018", ""}, e164([]string{"020 7946 0018", ""}))
	require.Equal(t, []any{"+442079460018", true, nil}, e164([]any{"020 7946 0018", true, nil}))
	require.Equal(t, "+442079460018", e164(json.Number("442079460018")))
	require.Equal(t, 7, e164(7))
	require.Nil(t, e164(nil))
}

func TestE164RefusesUnknownRegions(t *testing.T) {
	t.Parallel()
	for _, region := range []string{"XX", "GBR", "44", "England", "001"} {
		e164, err := phone.E164(region)
		require.ErrorIs(t, err, leadsync.DataValueValidation, region)
		require.Nil(t, e164)
	}
}

func TestE164IsANumberOrTheTextItselfOrRefused(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^\+[1-9][0-9]{3,14}( x[0-9]{1,7})?$`)
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`(\+|00|0)?[0-9 ()./-]{0,20}( ?(x|ext) ?[0-9]{1,5})?`))
	rapid.Check(t, func(r *rapid.T) {
		e164, err := phone.E164(rapid.SampledFrom([]string{"", "GB", "US", "DE", "IT", "AR"}).Draw(r, "region"))
		require.NoError(r, err)
		number := text.Draw(r, "text")
		got, err := e164(number)
		if err != nil {
			return
		}
		if got != number {
			require.Regexp(r, form, got)
		}
		again, err := e164(got)
		require.NoError(r, err)
		require.Equal(r, got, again, "once is enough")
	})
}

func TestE164IsATransformOfAMapping(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	e164, err := phone.E164("GB")
	require.NoError(t, err)
	rows := &leadsync.Mapping{Sections: []mapping.Section{{Object: salesforce.ObjectLead, Rules: []leadsync.Rule{
		{Source: "lastName", Field: "LastName"},
		{Source: "company", Field: "Company"},
		{Source: "phone", Field: "Phone", Transforms: []string{"phone"}},
	}}}}
	client, err := salesforce.New("https://acme.my.salesforce.com",
		oauth2.StaticTokenSource(&oauth2.Token{AccessToken: org.Token()}),
		&salesforce.Config{HTTPClient: &http.Client{Transport: org.Transport()}})
	require.NoError(t, err)
	syncer, err := leadsync.New(client,
		&leadsync.Config{Mapper: rows, Transforms: map[string]mapping.TransformFunc{"phone": e164}})
	require.NoError(t, err)

	outcomes, err := syncer.Sync(t.Context(),
		&leadsync.Lead{ID: "L1", LastName: "Lovelace", Company: "Engines", Phone: "020 7946 0018"})

	require.NoError(t, err)
	require.Equal(t, "+442079460018", org.Row("Lead", string(outcomes[0].ID))["Phone"])
}

// transform returns the transform as a plain function, for what it takes.
func transform(t *testing.T, region string) func(any) any {
	e164, err := phone.E164(region)
	require.NoError(t, err)
	return func(value any) any {
		result, err := e164(value)
		require.NoError(t, err)
		return result
	}
}
