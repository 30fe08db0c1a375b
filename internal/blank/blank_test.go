// SPDX-License-Identifier: Apache-2.0

package blank_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leadsync/leadsync/internal/blank"
)

func TestTextThatIsNeverAValue(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", " ", "\t\r\n", "\u00a0", "\u200b",
		"\ufeff", "\u00ad", "\u200e\u200f", "\u202a \u202c", "\u2066\u2069",
		"\u3164", "\u2800", "\u180e", "\u2060", "\ufe0f", "\u061c", "\x00",
		"-", "--", "---", "–", "—", "_", ".", "...", "…", "?", "???", "/",
		"//", "*", "**", "!", ":", ";", ",", "'", "\"\"", "()", "[]",
		"- -", "-/-", "./.", "·", "・", "。", "、", "ー", "？", "－", "¿?", "«»",
		"+", "~", "|", "= ", "<>", "`", "#", "#####", "\u200b-\u200b",
		"n/a", "N/A", " n/a ", "N/A.", "n\\a", "\\N", "\u200bN/A", "Ｎ／Ａ",
		"N / A", "n / a", "N/ A", "n /a", "N  /  A", "'N/A'", "\"n/a\"", "“N/A”", "„n/a“", "«n/a»", "*n/a*",
		"`n/a`", "‹N/A›", "“ n / a ”", "- n/a -", "...n/a...", "n / a.", "¿n/a?", "( n / a )", "「n/a」",
		"https://", "http://", "HTTP://", "https:/", "http:", "https:", "http//", "http:\\\\", "www.", "WWW.", "http://www.",
		"https://www.", "https://www./", "https://https://", "http://https://www.", " https:// ", "https://www", "http://?",
		"http://n/a", "https://N / A", "https://-", "ｈｔｔｐｓ：／／",
		"(null)", "(NULL)", "(none)", "(n/a)", "(blank)", "(Leer)", "(empty)",
		"<null>", "[null]", "{null}", "<none>", "[none]", "(unknown)",
		"(unbekannt)", "--None--", "-none-", "<NA>", "(not set)",
		"#N/A", "#n/a", "#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#NULL!",
		"#NUM!", "#SPILL!", "#CALC!", "#FIELD!", "#ERROR!", "#N/A!"[:4],
		"#GETTING_DATA", "#NV", "#BEZUG!", "#WERT!", "#ZAHL!", "#ÜBERLAUF!",
		"#NOM?", "#VALEUR!", "#¡REF!", "#¿NOMBRE?", "#¡DIV/0!", "#RIF!",
		"#N/D", "#Н/Д", "#ССЫЛКА!", "#ЗНАЧ!", "#SAKNAS!", "#VÄRDEFEL!", "#YOK",
		"#AD?", "#WAARDE!", "#PUUTTUU!", "#ARG!", "#ADR!", "Err:502", "err:508",
	} {
		require.True(t, blank.Always(text), "%q", text)
	}
}

// TestPromptsOfFormsStandForNoValue: the first entry of a drop-down list is what a form sends
// where nobody chose.
func TestPromptsOfFormsStandForNoValue(t *testing.T) {
	t.Parallel()
	var shipped blank.Words
	for _, text := range []string{"Please select", "please select...", "- Please select -", "Please choose…", "Select one",
		"Select an option", "-- Select a country --", "Select your state", "No selection", "Bitte wählen", "BITTE WÄHLEN!",
		"[Bitte auswählen]", "Bitte wa\u0308hlen Sie", "Veuillez sélectionner", "Sélectionnez un pays",
		"Seleccione una opción", "¿Seleccione?", "Maak een keuze", "Kies een optie", "Selecione uma opção",
		"Выберите из списка",
		"请选择", "選択してください", "선택하세요"} {
		require.True(t, shipped.Has(text) && blank.Prompt(text), "%q", text)
	}
	for _, text := range []string{"--Select--", "-- SELECT --", "(select)", "<Select>", "--Bitte wählen--",
		"-- Choose --"} {
		require.True(t, blank.Always(text), "%q", text)
	}
	for _, text := range []string{"Select", "Choose", "Select Service Partners", "Please select Ada", "Kies",
		"Wähler GmbH", "Choose Life", "Selecta", "-select from users-"} {
		require.False(t, blank.Always(text) || shipped.Has(text) || blank.Prompt(text), "%q", text)
	}
}

func TestTextThatMayBeAValue(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"0", "1", "-1", "a", "A.", "Jo", "x", "++",
		"+++", "$", "$$$", "€", "👍", "✓", "☎", "é", "日", "ж", "C#", "#1", "#wow!",
		"#name", "(CEO)", "(sales)", "-5", "--verbose", "<jo@acme.example>",
		"[Berlin]", "n/a yet", "n/ab", "na", "NA", "none", "null", "Nil",
		"Err:abc", "http", "https", "www", "HTTP 2", "https://a", "www.x", "http: the protocol", "Werner", "Herr", "https",
		"https://acme.example", "https://www.na.com", "n / ab", "'n'", "“A”", "*a*", "N A", "A / N", "n a", "«na»", "Err:50",
		"\\Network", "¼", "½", "no", "yes", "n", "N", "NaN", "tbd", "Namibia", "e", "(nothing to say)"} {
		require.False(t, blank.Always(text), "%q", text)
	}
}

func TestWordsThatStandForNoValue(t *testing.T) {
	t.Parallel()
	var shipped blank.Words
	for _, text := range []string{"na", "NA", "N.A.", "n. a.", "N. A.", "n / d", "s / o", "K. A.", "«none»", "“null”",
		"*unknown*", "http://none", "HTTP://NA", "https://null",
		"none", "NONE", "None.", "null", "NULL", "nil", "NaN", "unknown", "Unknown",
		" unknown ", "undefined", "TBD", "tba", "to be  confirmed",
		"not available", "\"null\"", "'none'", "- unknown -", "ＮＵＬＬ",
		"unbekannt", "k.A.", "k. A.", "Keine Angabe", "inconnu", "Non renseigné",
		"NON RENSEIGNE\u0301", "desconocido", "ninguno", "sconosciuto", "nessuno",
		"n.d.", "desconhecido", "onbekend", "n.v.t.", "okänd", "ukendt",
		"tuntematon", "nieznany", "brak", "neznámý", "nincs", "неизвестно", "Нет",
		"немає", "bilinmiyor", "不明", "なし", "未知", "无", "없음", "لا يوجد", "άγνωστο", "necunoscut", "nul\u200bl"} {
		require.True(t, shipped.Has(text), "%q", text)
	}
	for _, text := range []string{"", " ", "-", "no", "Na Li", "Nonetheless",
		"Null & Co", "unknown caller", "http", "https://none.example", "www.na", "Nil Ratan", "nada", "Nada", "test", "0",
		"zero",
		"nein", "non", "não", "Jo", strings.Repeat("na ", 100),
		"неизвестно где", "Нет времени", "άγνωστο όνομα", "不明 瞭", "none (yet)", "unknown, ask Jo", "ask Jo: unbekannt"} {
		require.False(t, shipped.Has(text), "%q", text)
	}
	own := blank.NewWords([]string{"Walk-In", " xxx "})
	require.True(t, own.Has("walk-in") && own.Has("XXX"))
	require.False(t, own.Has("null"), "a list replaces the shipped one")
	require.False(t, blank.NewWords([]string{}).Has("null"), "an empty list has no words")
	require.True(t, blank.NewWords(nil).Has("null"))
}

// Keeps the lists folded and sorted, so that a line is found, and a change is one line.
func TestListsAreFoldedAndSorted(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"always.txt", "words.txt", "prompts.txt"} {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
		require.True(t, slices.IsSorted(lines), name)
		require.Len(t, slices.Compact(slices.Clone(lines)), len(lines), name)
		for _, line := range lines {
			require.Equal(t, blank.Fold(line), line, name)
			if name == "always.txt" {
				require.True(t, blank.Always(line), "%q", line)
			} else {
				require.True(t, blank.Words{}.Has(line), "%q", line)
			}
		}
	}
}

func TestFoldingTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) { checkFold(t, rapid.String().Draw(t, "text")) })
	require.Equal(t, "[not provided]", blank.Fold(" [Not\u00a0 Provided]\u200b"))
}

func FuzzFold(f *testing.F) {
	for _, seed := range []string{"N/A", "[Not Provided]", "İ", "\xff", "ŉ \u0301", "ﬁ\u200d", "ᾳ\u0345"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) { checkFold(t, text) })
}

func checkFold(t require.TestingT, text string) {
	folded := blank.Fold(text)
	require.Equal(t, folded, blank.Fold(folded))
	require.Equal(t, blank.Words{}.Has(text), blank.Words{}.Has(" "+text+" "))
	if len(text) < 60 {
		require.Equal(t, blank.Always(text), blank.Always("\u200b"+text+" "))
	}
	if blank.Empty(text) {
		require.True(t, blank.Always(text))
		require.Empty(t, folded)
	}
}
