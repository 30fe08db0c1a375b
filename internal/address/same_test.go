// SPDX-License-Identifier: Apache-2.0

package address_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/address"
)

func TestSpellingsOfOnePart(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		part      address.Part
		same      [][]string
		different [][2]string
	}{
		{address.Street, [][]string{
			{"123 Main Street", "123 Main St.", "123 MAIN ST", "123  main street", "Main Street 123"},
			{"Hauptstraße 5", "Hauptstr. 5", "Haupt Str. 5", "HAUPTSTRASSE 5", "hauptstrasse 5"},
			{"Königsallee 1", "Koenigsallee 1", "Konigsallee 1"},
			{"1600 Pennsylvania Avenue NW", "1600 Pennsylvania Ave. N.W.", "1600 Pennsylvania Ave Northwest"},
			{"5 rue Lafayette", "5, Rue La Fayette", "5 rue lafayette"},
			{"Calle de Alcalá 50", "C/ de Alcala 50", "Calle de Alcalá, 50"},
			{"500 Fifth Ave, Suite 400", "500 Fifth Avenue, Ste. 400", "500 Fifth Avenue\nSuite 400"},
			{"Plac Defilad 1", "plac defilad 1"}, {"ul. Prosta 51", "Ulica Prosta 51"},
			{"千代田1-1", "千代田 1-1"}, {"Łąkowa 5", "Lakowa 5"}, {"P.O. Box 12", "PO Box 12"},
			{"12 rue Lafayette Apt 5", "rue Lafayette 12, apt. 5"},
		}, [][2]string{
			{"123 Main Street", "125 Main Street"}, {"Hauptstraße 5", "Hauptstraße 55"}, {"Hauptstraße 5", "Bahnhofstraße 5"},
			{"1 11th Street", "111 th Street"}, {"123 Main Street", "123 Main Avenue"}, {"12 N Main St", "12 S Main St"},
			{"12 Main St Apt 5", "5 Main St Apt 12"}, {"Main St 12, Suite 5", "Main St 5, Suite 12"},
			{"1 5th Ave", "5th Ave 1b"},
			{"10 Downing St Flat 2", "2 Downing St Flat 10"}, {"Via Roma 3/12", "Via Roma 12/3"}, {"千代田1-2", "千代田2-1"},
			{"2 4 Gasse", "24 Gasse"}, {"123 Main Street", "123 Main Street, Suite 4"},
		}},
		{address.City, [][]string{
			{"Munich", "München", "Muenchen", "MÜNCHEN", "Munchen", "Monaco di Baviera"},
			{"Köln", "Cologne", "Koeln", "koln"}, {"Wien", "Vienna", "Vienne"}, {"Zürich", "Zurich", "Zuerich", "Zurigo"},
			{"St. Louis", "Saint Louis", "St Louis"}, {"Frankfurt am Main", "Frankfurt/Main", "Frankfurt", "Frankfurt a.M."},
			{"Washington", "Washington, D.C.", "Washington DC"}, {"New York", "NYC", "New York City"},
			{"Paris", "PARIS CEDEX 08", "Paris 8", "París"}, {"Dublin", "Dublin 2"}, {"Praha", "Prague", "Prag", "Praha 1"},
			{"København", "Copenhagen", "Kobenhavn"}, {"Århus", "Aarhus", "Arhus"}, {"東京", "Tokyo", "東京都"},
			{"São Paulo", "Sao Paulo", "SAO PAULO"}, {"Москва", "Moscow", "Moskva"}, {"Kraków", "Cracow", "Krakow"},
			{"Den Haag", "The Hague", "'s-Gravenhage"}, {"Gdańsk", "Danzig"}, {"Saint-Denis", "St Denis"},
		}, [][2]string{
			{"Berlin", "Washington"}, {"Frankfurt (Oder)", "Frankfurt am Main"}, {"Paris", "Parma"}, {"York", "New York"},
			{"London", "London Ontario"}, {"Dublin", "Lublin"},
		}},
		{address.State, [][]string{
			{"CA", "California", "Calif."}, {"Bayern", "Bavaria", "BY"}, {"Québec", "QC", "Quebec"}, {"NSW", "New South Wales"},
			{"Atlantis", "atlantis"},
		}, [][2]string{{"CA", "NY"}, {"California", "Baja California"}, {"DC", "Berlin"}, {"Atlantis", "Lemuria"}}},
		{address.PostalCode, [][]string{
			{"D-10115", "10115", "DE-10115", "D 10115"}, {"20005", "20005-1234"}, {"SW1A 1AA", "sw1a1aa", "SW1A1AA"}, {"01067",
				"1067"},
			{"1234 AB", "1234AB"}, {"CH-8001", "8001"}, {"K1A 0B1", "k1a-0b1"}, {"〒100-0001", "100-0001",
				"1000001"}, {"01310-100", "01310100"},
		}, [][2]string{{"10115", "10117"}, {"20005-1234", "20006"}, {"SW1A 1AA", "SW1A 2AA"}, {"1234 AB",
			"1234 AC"}, {"1011", "10115"}}},
		{address.Country, [][]string{{"Germany", "DE", "Deutschland"}, {"UK", "England"}, {"Atlantis", "ATLANTIS"}},
			[][2]string{{"Germany", "Austria"}, {"Niger", "Nigeria"}, {"Atlantis", "Lemuria"}, {"Atlantis", "Germany"}}},
	} {
		for _, spellings := range tc.same {
			for _, other := range spellings[1:] {
				require.True(t, address.Same(tc.part, spellings[0], other, ""), "%s | %s", spellings[0], other)
				require.True(t, address.Same(tc.part, other, spellings[0], ""), "%s | %s", other, spellings[0])
			}
		}
		for _, pair := range tc.different {
			require.False(t, address.Same(tc.part, pair[0], pair[1], ""), "%s | %s", pair[0], pair[1])
			require.False(t, address.Same(tc.part, pair[1], pair[0], ""), "%s | %s", pair[1], pair[0])
		}
	}
	require.True(t, address.Same(address.State, "CA", "California", "US"))
	require.False(t, address.Same(address.State, "CA", "California", "IT"))
}
