// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leadsync/leadsync/internal/address"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// sources are addresses of which no two have the same street, city, state or postal code,
// each part in several spellings.
var sources = [][address.Parts][]string{
	{{"123 Main Street", "123 Main St."}, {"Los Angeles", "LA", "L.A."}, {"California", "CA", "Calif."}, {"90012",
		"90012-1234"},
		{"USA", "United States", "US"}},
	{{"500 Pine Ave", "500 Pine Avenue"}, {"Seattle", "SEATTLE"}, {"Washington", "Wash."}, {"98101"}, {"U.S.A.",
		"America"}},
	{{"1 Robson Street", "1 Robson St"}, {"Vancouver"}, {"BC", "British Columbia", "B.C."}, {"V6B 2A9", "v6b2a9"},
		{"Canada", "CAN"}},
	{{"Unter den Linden 1"}, {"Berlin", "BERLIN"}, {""}, {"10117", "D-10117"}, {"Germany", "Deutschland", "DE",
		"Allemagne"}},
	{{"Leopoldstraße 5", "Leopoldstr. 5"}, {"München", "Munich", "Muenchen"}, {"", "Bayern"}, {"80802"}, {"DEU",
		"Deutschland"}},
	{{"10 Downing Street", "10 Downing St"}, {"London", "Londres"}, {""}, {"SW1A 2AA", "sw1a2aa"}, {"UK", "England",
		"Great Britain"}},
	{{"Via Roma 1"}, {"Milano", "Milan", "Mailand"}, {"MI", "Milano"}, {"20121"}, {"Italia", "Italy", "IT"}},
	{{"Hay Street 3", "Hay St 3"}, {"Perth"}, {"Western Australia"}, {"6000"}, {"Australia", "AU"}},
	{{"5 rue Lafayette", "5, Rue Lafayette"}, {"Paris", "PARIS CEDEX 09"}, {""}, {"75009"}, {"France", "Frankreich"}},
	{{"Av. Reforma 222"}, {"Ciudad de México", "Mexico City"}, {"CDMX", "Distrito Federal"}, {"06600"}, {"México",
		"Mexico"}},
}

var partNames = [address.Parts]string{"Street", "City", "State", "PostalCode", "Country"}

// spelling draws some parts of a source.
func spelling(t *rapid.T, source int) (a address.Address) {
	for part, spellings := range sources[source] {
		if rapid.IntRange(0, 2).Draw(t, "given") > 0 {
			a[part] = rapid.SampledFrom(spellings).Draw(t, "spelling")
		}
	}
	return a
}

func leadAt(a address.Address) *leadtype.Lead {
	return &leadtype.Lead{Street: a[0], City: a[1], State: a[2], PostalCode: a[3], Country: a[4]}
}

// addressWorld is a record of an org with or without picklists.
type addressWorld struct {
	describe *salesforce.Describe
	record   *salesforce.Record
	coded    bool
}

// held returns the record's address, codes as names.
func (w *addressWorld) held() (a address.Address) {
	for part, name := range partNames {
		a[part] = w.record.Text("Mailing" + name)
	}
	if !w.coded {
		return a
	}
	a[address.Country], a[address.State] = w.label("MailingCountryCode", nil), ""
	if country := w.record.Text("MailingCountryCode"); country != "" {
		a[address.State] = w.label("MailingStateCode", func(s place) bool { return slices.Contains(s.of, country) })
	}
	return a
}

func (w *addressWorld) label(field string, fits func(place) bool) string {
	places := someCountries
	if fits != nil {
		places = someStates
	}
	for _, p := range places {
		if p.code == w.record.Text(field) && (fits == nil || fits(p)) {
			return p.label
		}
	}
	return w.record.Text(field)
}

// write is what the org does: a state has to be one of the country.
func (w *addressWorld) write(t *rapid.T, fields salesforce.Fields) {
	maps.Copy(w.record.Fields, fields)
	country, state := w.record.Text("MailingCountryCode"), w.record.Text("MailingStateCode")
	valid := slices.ContainsFunc(someStates, func(s place) bool {
		return s.code == state && slices.Contains(s.of,
			country)
	})
	require.True(t, state == "" || valid, "%q is no state of %q", state, country)
}

func (w *addressWorld) sync(t *rapid.T, m *mapping.Mapping, lead *leadtype.Lead) salesforce.Fields {
	fields, _, err := m.Map(lead, mapping.Target{Object: "Contact", Describe: w.describe, Record: w.record})
	require.NoError(t, err)
	for name, v := range fields {
		if w.record.Fields[name] == v {
			delete(fields, name)
		}
	}
	w.write(t, fields)
	return fields
}

// Whatever the captures of a person say, the address of the record is always that of one
// place, in part or in whole; no part is lost unless the whole is replaced; and what has been
// synced is not written again.
func TestAddressOfARecordIsNeverAMixOfTwo(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := &addressWorld{describe: mappingDescribe("Contact"), record: personWith(nil),
			coded: rapid.Bool().Draw(t, "picklists")}
		m := addressRules(rapid.SampledFrom([]mapping.WriteRule{mapping.Overwrite, mapping.WriteIfBlank}).Draw(t, "write"))
		if w.coded {
			withPicklists(w.describe, "Mailing", someCountries, someStates)
		}
		for range rapid.IntRange(1, 6).Draw(t, "captures") {
			given := spelling(t, rapid.IntRange(0, len(sources)-1).Draw(t, "source"))
			before := w.held()
			w.sync(t, m, leadAt(given))
			after := w.held()
			require.True(t, ofOneSource(after), "%q then %q is %q", before, given, after)
			if lost(before, after) {
				require.True(t, after.Usable(), "%q then %q is %q", before, given, after)
				require.True(t, before[address.Street] == "" || after[address.Street] != "")
				require.Equal(t, mapping.Overwrite, m.Sections[0].Rules[0].Write)
			}
			require.Empty(t, w.sync(t, m, leadAt(given)), "a second time: %q on %q", given, after)
		}
	})
}

// Without the rules for addresses the property fails.
func TestPartsWrittenOneByOneMakeAMix(t *testing.T) {
	t.Parallel()
	require.False(t, ofOneSource(address.Address{"123 Main Street", "Berlin", "CA", "90012", "Germany"}))
	require.True(t, ofOneSource(address.Address{"123 Main St", "LA", "", "", "US"}))
}

// ofOneSource reports whether all parts are those of one source.
func ofOneSource(a address.Address) bool {
	return slices.ContainsFunc(sources, func(source [address.Parts][]string) bool {
		for part, spellings := range source {
			fits := func(s string) bool {
				return address.Same(address.Part(part), a[part], s, address.CountryCode(source[4][0]))
			}
			if a[part] != "" && !slices.ContainsFunc(spellings, fits) {
				return false
			}
		}
		return true
	})
}

// lost reports whether a part has become blank.
func lost(before, after address.Address) bool {
	for part := range before {
		if before[part] != "" && after[part] == "" {
			return true
		}
	}
	return false
}
