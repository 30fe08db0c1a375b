// SPDX-License-Identifier: Apache-2.0

package address_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/address"
)

func TestCountriesAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for code, spellings := range map[string][]string{
		"US": {
			"US", "us", " U.S. ", "USA", "usa", "U.S.A.", "U.S.A", "U. S. A.", "United States", "united states of america",
			"The United States of America", "Vereinigte Staaten", "États-Unis", "Etats Unis", "Estados Unidos", "EE.UU.",
			"アメリカ", "США", "Stati Uniti", "USA - United States", "United States (US)", "Verenigde Staten",
		},
		"GB": {
			"UK", "U.K.", "GB", "GBR", "United Kingdom", "Great Britain", "England", "SCOTLAND", "Wales", "Northern Ireland",
			"United Kingdom of Great Britain", "United Kingdom of Great Britain and Northern Ireland", "Royaume-Uni",
			"Vereinigtes Königreich", "Grossbritannien", "Großbritannien", "Regno Unito", "Reino Unido", "英国",
			"UK (England)", "England, UK", "England, United Kingdom",
		},
		"DE": {
			"Germany", "germany", "GERMANY", "Deutschland", "DE", "de", "DEU", "Allemagne", "Alemania", "Germania", "Duitsland",
			"Niemcy", "Tyskland", "Almanya", "ドイツ", "德国", "독일", "Германия", "ألمانيا", "Bundesrepublik Deutschland",
			"Federal Republic of Germany", "D", "d",
			"DE - Deutschland", "Deutschland (DE)", "Germany/Deutschland", "Germany\u200b",
		},
		"NL": {"Holland", "The Netherlands", "Netherlands", "Nederland", "Niederlande", "NL", "NLD", "Pays-Bas",
			"Países Bajos"},
		"CZ": {"ČR", "čr", "🇨🇿", "Czechia", "Czech Republic", "the Czech Republic", "Česko", "Ceska republika", "Tschechien",
			"CZE"},
		"KR": {
			"South Korea", "Korea", "Republic of Korea", "Korea, Republic of", "Korea (South)", "Korea, South", "대한민국", "한국",
			"Südkorea", "ROK", "KOR", "S. Korea",
		},
		"KP": {"North Korea", "DPRK", "Korea, Democratic People's Republic of", "Democratic People’s Republic of Korea"},
		"RU": {"Russia", "Russian Federation", "Россия", "Российская Федерация", "RUS", "Russland", "Russie"},
		"TR": {"Türkiye", "Turkiye", "Turkey", "TUR", "Türkei", "Turquie", "TÜRKİYE"},
		"CI": {"Ivory Coast", "Côte d'Ivoire", "Cote d’Ivoire", "COTE D IVOIRE", "Elfenbeinküste", "CIV"},
		"MK": {"North Macedonia", "Macedonia", "FYROM", "Macedonia, the former Yugoslav Republic of"},
		"SZ": {"Eswatini", "Swaziland"}, "MM": {"Myanmar", "Burma"}, "CV": {"Cabo Verde", "Cape Verde"},
		"CH": {"Switzerland", "Schweiz", "Suisse", "Svizzera", "CHE", "Die Schweiz / Schweiz"},
		"BE": {"B"}, "IT": {"I"}, "LU": {"L"},
		"AT": {"A", "Austria", "Österreich", "Oesterreich", "AUT", "Autriche"},
		"GR": {"Greece", "Ελλάδα", "Hellas", "Griechenland"},
		"TW": {"Taiwan", "Republic of China", "Taiwan, Province of China", "臺灣", "台湾"},
		"CN": {"China", "PRC", "P.R. China", "People's Republic of China", "中国", "Volksrepublik China",
			"China (Mainland China)"},
		"CD": {"DR Congo", "Congo, the Democratic Republic of the", "Congo - Kinshasa"}, "CG": {"Congo", "Congo-Brazzaville"},
		"BO": {"Bolivia", "Bolivia, Plurinational State of"}, "TZ": {"Tanzania", "Tanzania, United Republic of"},
		"LA": {"Laos", "Lao People's Democratic Republic"}, "VN": {"Vietnam", "Viet Nam", "Việt Nam"},
		"HK": {"Hong Kong", "Hong Kong SAR", "Hong Kong S.A.R.", "香港"}, "VA": {"Holy See (Vatican City State)"},
		"NA": {"NA", "Namibia"}, "NO": {"Norway", "Norge", "NO"}, "GE": {"Georgia", "საქართველო"}, "XK": {"Kosovo"},
		"CR": {"CR"},
		"TT": {"Trinidad & Tobago", "Trinidad and Tobago"}, "BA": {"Bosnia and Herzegovina", "Bosnia & Herzegovina", "BiH"},
		"NE": {"Niger"}, "NG": {"Nigeria", "NGA"}, "DO": {"Dominican Republic"}, "DM": {"Dominica"}, "IE": {"Ireland",
			"Eire"},
		"AX": {"Åland Islands"}, "RE": {"Réunion", "Reunion"}, "CW": {"Curaçao", "Curacao"}, "ES": {"España",
			"Kingdom of Spain"},
		"IL": {"Israel", "ישראל"}, "IN": {"India", "भारत", "Bharat"}, "JP": {"Japan", "日本"}, "UA": {"Ukraine", "Україна"},
		"AE": {"UAE", "U.A.E.", "United Arab Emirates"}, "FR": {"France", "FRA", "République française", "Frankreich"},
	} {
		for _, text := range spellings {
			require.Equal(t, code, address.CountryCode(text), text)
		}
	}
	for _, text := range []string{"", " ", "Atlantis", "Europe", "EU", "XX", "ZZ", "n/a", "USA/Canada",
		"Germany, Austria", "Bavaria",
		"-", "Republic of", "the", "()"} {
		require.Empty(t, address.CountryCode(text), text)
	}
}

func TestStatesAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for id, spellings := range map[string][]string{
		"US-CA": {"CA", "ca", "California", "Calif.", "CALIF", "US-CA", "California (CA)", "CA - California",
			"State of California"},
		"US-NY": {"NY", "N.Y.", "New York", "New York State"}, "US-DC": {"DC", "D.C.", "District of Columbia"},
		"US-WV": {"W. Va.", "WV", "West Virginia"}, "US-GA": {"Georgia", "Ga."},
		"CA-BC": {"BC", "B.C.", "British Columbia"}, "CA-QC": {"Québec", "Quebec", "Que.", "PQ", "Province of Quebec"},
		"AU-NSW": {"NSW", "N.S.W.", "New South Wales"}, "AU-QLD": {"Qld", "QLD", "Queensland"}, "AU-WA": {"WA",
			"Western Australia"},
		"BR-SP": {"SP", "São Paulo", "Sao Paulo", "Estado de São Paulo"}, "MX-DF": {"CDMX", "Ciudad de México", "D.F.",
			"Mexico City"},
		"IN-MH": {"Maharashtra", "MH"}, "IN-OR": {"Odisha", "Orissa"}, "CN-44": {"Guangdong", "Guangdong Province", "广东省",
			"44"},
		"IE-D": {"Dublin", "Co. Dublin", "County Dublin"}, "IT-MI": {"Milano", "MI", "Milan", "Provincia di Milano"},
		"JP-13": {"Tokyo", "東京都", "Tokyo-to"}, "DE-BY": {"Bayern", "Bavaria", "BY", "Freistaat Bayern"},
		"CH-ZH": {"Zürich", "ZH", "Kanton Zürich"}, "DE-BW": {"Baden-Württemberg", "Baden-Wuerttemberg"},
	} {
		for _, text := range spellings {
			country, code := address.StateCode(text, id[:2])
			require.Equal(t, id, country+"-"+code, text)
		}
	}
	for text, want := range map[string]string{"California": "US", "Calif.": "US", "Bayern": "DE",
		"New South Wales": "AU"} {
		country, _ := address.StateCode(text, "")
		require.Equal(t, want, country, text)
	}
	for _, text := range []string{"CA", "WA", "Florida", "", "Atlantis", "San José"} { // of several countries, or of none
		country, _ := address.StateCode(text, "")
		require.Empty(t, country, text)
	}
	for _, pair := range [][2]string{{"US", "Bayern"}, {"FR", "Paris"}, {"DE", "CA"}, {"US", "Ontario"}} {
		country, _ := address.StateCode(pair[1], pair[0])
		require.Empty(t, country, pair[1])
	}
}
