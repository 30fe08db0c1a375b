// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leadsync/leadsync/internal/identity"
)

// By name, case, punctuation and legal form are folded.
func TestCompanyFoldsCasePunctuationAndLegalForm(t *testing.T) {
	t.Parallel()
	for want, names := range map[string][]string{
		"acme": {
			"Acme", "ACME", " acme ", "Acme, Inc.", "Acme Inc", "Acme Incorporated", "Acme LLC", "Acme L.L.C.", "Acme Ltd.",
			"Acme Limited", "ACME GmbH", "Acme GmbH & Co. KG", "Acme GmbH und Co. KG", "Acme AG & Co. KGaA",
			"Acme AG", "Acme SE",
			"Acme KG", "Acme OHG", "Acme UG (haftungsbeschränkt)", "Acme e.K.", "Acme e. K.", "Acme S.A.", "Acme SAS",
			"Acme SARL",
			"Acme S.a.r.l.", "Acme S.à r.l.", "Acme S.L.", "Acme S.r.l.", "Acme S.p.A.", "Acme SpA", "Acme B.V.", "Acme N.V.",
			"Acme AB", "Acme AB (publ)",
			"Acme A/S", "Acme ApS", "Acme AS", "Acme Oy", "Acme Oyj", "Acme Pty Ltd", "Acme Pty. Ltd.", "Acme Pte Ltd",
			"Acme Private Limited",
			"Acme plc", "Acme Corp.", "Acme Corporation", "Acme Co.", "Acme Co., Ltd.", "Acme K.K.", "株式会社Acme", "Acme株式会社",
			"株式会社 ACME", "㈱Acme",
			"Acme（株）", "有限会社Acme", "Acme有限公司", "주식회사 Acme", "Acme sp. z o.o.", "Acme Sp. z o. o.", "Acme Kft.", "Acme a.s.",
			"Acme s.r.o.", "Acme Lda",
			"Acme Ltda.", "ＡＣＭＥ Inc", "ООО Acme", "Acme d.o.o.", "Acme S.A. de C.V.", "\"Acme\" Inc.", "Acme\tInc",
		},
		"at t":              {"AT&T", "AT & T Inc.", "at&t"},
		"müller söhne":      {"Müller & Söhne GmbH", "MU\u0308LLER SÖHNE"},
		"strasse":           {"Straße GmbH", "STRASSE"},
		"mcdonalds":         {"McDonald's Corp", "McDonald’s", "MCDONALDS"},
		"bookingcom":        {"Booking.com B.V."},
		"トヨタ自動車":            {"トヨタ自動車株式会社", "株式会社トヨタ自動車", "㈱トヨタ自動車"},
		"the limited shop":  {"The Limited Shop"},
		"inc media":         {"Inc. Media"},
		"ag energy systems": {"AG Energy Systems GmbH"},
		"sarl":              {"SARL", "S.A.R.L."},
		"gmbh":              {"GmbH", "gmbh", "GmbH GmbH"},
		"co":                {"Co., Ltd."},
		"株式会社":              {"株式会社", "㍿"},
		"株":                 {"(株)", "㈱"},
		"sia":               {"SIA", "S.I.A."},
		"":                  {"", "  ", "!!!", "."},
	} {
		for _, name := range names {
			require.Equal(t, want, identity.Company(name), "%q", name)
		}
	}
}

// A legal form counts no more before the name than behind it.
func TestCompanyFoldsLegalFormsOnBothSides(t *testing.T) {
	t.Parallel()
	for _, form := range []string{"株式会社", "(株)", "（株）", "㈱", "有限会社", "주식회사", "(주)", "有限公司", "ООО", "О.О.О.", "ОАО", "ЗАО",
		"ПАО", "АО", "ИП", "ТОВ", "ПрАТ", "ФОП", "ПП", "ТОО", "ЕООД", "OOO", "TOV", "PT", "P.T.", "PT.", "ＰＴ", "(PT)",
		"CV", "CV.", "SIA",
		"S.I.A.", "UAB", "U.A.B.", "MB", "AS", "A.S.", "A/S", "AB", "Oy", "OÜ", "OÜ", "SARL", "S.A.R.L.", "EURL", "LLC",
		"L.L.C.",
		"JSC", "PJSC", "Công ty TNHH", "Công ty Cổ phần", "Общество с ограниченной ответственностью"} {
		for _, name := range []string{form + " Acme Widgets", "Acme Widgets " + form, form + " \"Acme Widgets\"",
			form + " «ACME WIDGETS»",
			"Acme Widgets, " + form, strings.ToLower(form) + " acme widgets"} {
			require.Equal(t, "acme widgets", identity.Company(name), "%q", name)
			require.Equal(t, []string{"acme", "widgets"}, identity.CompanyStem(name), "%q", name)
		}
		require.NotEmpty(t, identity.Company(form), "%q alone", form)
	}
	for _, name := range []string{"บริษัท Acme จำกัด", "บริษัท Acme จำกัด (มหาชน)", "PT Acme Tbk", "UAB Acme Ltd"} {
		require.Equal(t, "acme", identity.Company(name), name)
	}
	for name, want := range map[string]string{"Ассоциация АО": "ассоциация", "SAS Institute": "sas institute",
		"SA Recycling": "sa recycling",
		"AG Insurance": "ag insurance", "Siam Cement": "siam cement", "Astra Pt. Kontakt": "astra pt kontakt",
		"Tovar": "tovar"} {
		require.Equal(t, want, identity.Company(name))
	}
}

func TestCompanyStemFindsTheSpellingsOfTheName(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"acme", "widgets"}, identity.CompanyStem("Acme-Widgets, Inc."))
	require.Equal(t, []string{"booking", "com"}, identity.CompanyStem("Booking.com B.V."))
	require.Equal(t, []string{"at", "t"}, identity.CompanyStem("AT&T Corp"))
	require.Equal(t, []string{"straße"}, identity.CompanyStem("Straße GmbH"))
	require.Equal(t, []string{"gmbh"}, identity.CompanyStem("GmbH"))
	require.Equal(t, []string{"株式会社"}, identity.CompanyStem("株式会社"))
	require.Equal(t, []string{"astra"}, identity.CompanyStem("P.T. Astra Tbk"))
	require.Empty(t, identity.CompanyStem(" "))
}

func TestCompanyPrefixesAreTheFormsThatMayStandInFront(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"Acme Inc.": nil, "Acme": nil, "GmbH": nil, "": nil, "PT": nil,
		"Acme, PT": {"pt", "p.t."}, "P.T. Acme Tbk": {"pt", "p.t."}, "SIA Acme": {"sia", "s.i.a."},
		"トヨタ":         {"株式会社", "(株)", "（株）", "㈱", "有限会社", "合同会社"},
		"삼성":          {"주식회사", "(주)", "（주）", "㈜"},
		"Ромашка ЗАО": {"ооо", "ао", "ип", "тов", "тоо", "зао", "з.а.о."},
	} {
		require.Equal(t, want, identity.CompanyPrefixes(name), name)
	}
}

func TestCompanyIsIdempotent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOf(rapid.OneOf(rapid.String(),
			rapid.SampledFrom([]string{"Acme", "GmbH", "& Co.", "KG", "S.A.", "株式会社", "(株)", ".", "u\u0308", "\u0301", "ﬁ", "İ",
				"a", "s", "ＡＢ"}))).Draw(t, "parts")
		checkCompany(t, strings.Join(parts, rapid.SampledFrom([]string{"", " ", "."}).Draw(t, "between")))
	})
}

func FuzzCompany(f *testing.F) {
	for _, seed := range []string{"Acme GmbH & Co. KG", "株式会社トヨタ", "(株式会社株)", "a.\u0301", "\xff", "ʼn", "İ",
		"sp. z o.o."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) { checkCompany(t, name) })
}

func checkCompany(t require.TestingT, name string) {
	folded := identity.Company(name)
	require.Equal(t, folded, identity.Company(folded))
	require.Equal(t, strings.TrimSpace(folded), folded)
	stem := identity.CompanyStem(name)
	for _, part := range stem {
		require.NotEmpty(t, part)
		require.NotContains(t, part, "%")
		require.NotContains(t, part, "_")
	}
	if len(stem) == 0 {
		require.Empty(t, folded)
	}
}
