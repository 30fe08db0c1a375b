// SPDX-License-Identifier: Apache-2.0

package address_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leadsync/leadsync/internal/address"
)

func at(street, city, state, postalCode, country string) address.Address {
	return address.Address{street, city, state, postalCode, country}
}

// Addresses of 25 countries, as badges and forms give them, against what a record holds.
func TestAddressAgainstThatOfARecord(t *testing.T) {
	t.Parallel()
	const (
		nothing     = address.AddsNothing
		fills       = address.Fills
		replaces    = address.Replaces
		contradicts = address.Contradicts
	)
	for _, tc := range []struct {
		record, given address.Address
		want          address.Verdict
	}{
		{at("123 Main Street", "Washington", "DC", "20005", "USA"), at("", "Berlin", "", "", "Germany"), contradicts},
		{at("123 Main Street", "Washington", "DC", "20005", "USA"), at("", "Washington, D.C.", "", "", "United States"),
			nothing},
		{at("123 Main Street", "Washington", "", "", "USA"), at("123 Main St.", "", "DC", "20005-1234", "US"), fills},
		{at("123 Main Street", "Washington", "DC", "20005", "USA"), at("9 Elm St", "Boston", "MA", "02108", "US"), replaces},
		{at("", "Toronto", "ON", "", "Canada"), at("", "", "Ontario", "M5V 2T6", ""), fills},
		{at("", "Montréal", "Québec", "", "CA"), at("", "Montreal", "QC", "H3B 1A7", "Canada"), fills},
		{at("Hauptstraße 5", "München", "Bayern", "80331", "Deutschland"), at("Hauptstr. 5", "Munich", "Bavaria", "D-80331",
			"DE"), nothing},
		{at("Hauptstraße 5", "München", "", "", "Deutschland"), at("", "Munich", "", "80331", "Germany"), fills},
		{at("Mariahilfer Straße 10", "Wien", "", "1060", "Österreich"), at("", "Vienna", "", "", "Austria"), nothing},
		{at("Bahnhofstrasse 1", "Zürich", "ZH", "8001", "Schweiz"), at("Rue du Rhône 8", "Genève", "", "", "Suisse"),
			replaces},
		{at("5 rue Lafayette", "Paris", "", "75009", "France"), at("", "Lyon", "", "69001", "FR"), contradicts},
		{at("", "Paris", "", "", ""), at("5 rue Lafayette", "PARIS CEDEX 09", "", "75009", "France"), fills},
		{at("", "London", "", "", "England"), at("10 Downing Street", "London", "", "SW1A 2AA", "UK"), fills},
		{at("10 Downing Street", "London", "", "SW1A 2AA", "UK"), at("", "", "", "sw1a2aa", ""), nothing},
		{at("", "Dublin", "Co. Dublin", "", "Éire"), at("", "Dublin 2", "Dublin", "D02 AF30", "Ireland"), fills},
		{at("Damrak 1", "Amsterdam", "", "1012 LG", "Holland"), at("", "Amsterdam", "Noord-Holland", "1012LG", "Nederland"),
			fills},
		{at("Rue de la Loi 16", "Bruxelles", "", "1000", "Belgique"), at("", "Antwerpen", "", "", "België"), contradicts},
		{at("", "København", "", "", "Danmark"), at("", "", "", "1050", "Denmark"), replaces},
		{at("Vasagatan 1", "Göteborg", "", "411 24", "Sverige"), at("", "Gothenburg", "Västra Götaland", "41124", "SE"),
			fills},
		{at("Karl Johans gate 1", "Oslo", "", "0154", "Norge"), at("", "Oslo", "", "154", "NO"), nothing},
		{at("Mannerheimintie 1", "Helsinki", "", "00100", "Suomi"), at("", "Helsingfors", "", "FI-00100", "Finland"),
			nothing},
		{at("ul. Prosta 51", "Warszawa", "", "00-838", "Polska"), at("Ulica Prosta 51", "Warsaw", "", "00838", "Poland"),
			nothing},
		{at("Václavské náměstí 1", "Praha", "", "110 00", "Česko"), at("", "Brno", "", "", "Czechia"), contradicts},
		{at("Via Roma 1", "Milano", "MI", "20121", "Italia"), at("", "Milan", "Milano", "", "Italy"), nothing},
		{at("Calle de Alcalá 50", "Madrid", "", "28014", "España"), at("C/ de Alcala 50", "Madrid", "Madrid", "", "Spain"),
			fills},
		{at("", "Lisboa", "", "1100-148", "Portugal"), at("", "Lisbon", "", "", "PRT"), nothing},
		{at("Av. Paulista 1000", "São Paulo", "SP", "01310-100", "Brasil"), at("", "Sao Paulo", "São Paulo", "01310100",
			"BR"), nothing},
		{at("Av. Reforma 222", "Ciudad de México", "CDMX", "06600", "México"), at("", "Mexico City", "Distrito Federal",
			"6600", "MX"), nothing},
		{at("", "Mumbai", "MH", "", "India"), at("", "Bombay", "Maharashtra", "400001", "IN"), fills},
		{at("", "Beijing", "", "", "China"), at("", "北京市", "", "100000", "中国"), fills},
		{at("千代田1-1", "東京", "", "100-0001", "日本"), at("", "Tokyo", "Tokyo", "", "Japan"), fills},
		{at("", "Sydney", "NSW", "2000", "Australia"), at("", "Melbourne", "VIC", "3000", "AU"), replaces},
		{at("", "Sydney", "NSW", "", ""), at("", "Sydney", "New South Wales", "2000", "AUS"), fills},
		{at("", "İstanbul", "", "", "Türkiye"), at("", "Istanbul", "", "34000", "Turkey"), fills},
		{at("", "Москва", "", "101000", "Россия"), at("", "Moscow", "", "", "Russian Federation"), nothing},
		{at("", "", "", "", "Germany"), at("", "", "", "", "DE"), nothing},
		{at("", "Berlin", "", "", ""), at("", "", "", "", "DE"), contradicts},
		{at("", "", "", "", ""), at("", "", "", "", "DE"), fills},
		{at("", "", "", "", ""), at("", "Berlin", "", "", ""), fills},
		{at("", "", "", "", "France"), at("", "Berlin", "", "", ""), contradicts},
		{at("", "Springfield", "IL", "", "US"), at("", "Springfield", "MA", "", ""), contradicts},
		{at("", "Paris", "TX", "", "US"), at("", "Paris", "", "", "France"), replaces},
		{at("1 Main St", "Paris", "TX", "", "US"), at("", "Paris", "", "", "France"), contradicts},
		{at("1 Main St", "Paris", "TX", "", "US"), at("", "", "", "", ""), nothing},
		{at("", "Seattle", "WA", "", ""), at("", "", "WA", "", "Australia"), contradicts},
		{at("", "Seattle", "WA", "", "US"), at("", "", "WA", "98101", "USA"), fills},
		{at("", "Seattle", "Wash.", "", ""), at("", "", "Washington", "98101", "USA"), fills},
	} {
		require.Equal(t, tc.want, address.Weigh(tc.record, tc.given), "%q against %q", tc.given, tc.record)
	}
}

func TestAddressAgreesWithItself(t *testing.T) {
	t.Parallel()
	part := rapid.OneOf(rapid.Just(""), rapid.SampledFrom([]string{"Berlin", "CA", "US", "10115", "Main St 1"}),
		rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		a := at(part.Draw(t, "street"), part.Draw(t, "city"), part.Draw(t, "state"), part.Draw(t, "code"), part.Draw(t,
			"country"))
		require.Equal(t, address.AddsNothing, address.Weigh(a, a))
	})
}
