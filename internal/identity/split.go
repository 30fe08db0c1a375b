// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// titles are words before a name that are no part of it.
const titles = " dr prof mr mrs ms miss mx sir dame rev herr frau hr fr ing dipl mag mme mlle m sr sra srta dhr mevr " +
	"drs ir "

// IsSalutation reports whether a text is a title or a salutation, such as Dr. or Frau, and
// nothing else.
func IsSalutation(text string) bool { return isListed(titles, strings.TrimSpace(text)) }

// suffixes are words behind a comma that are no first name.
const suffixes = " jr sr ii iii iv phd md mba msc bsc ma ba cpa esq mbe obe dds dr "

// marks are what tools for meetings and webinars put in brackets behind a name: who somebody
// is there, and how to speak of them.
const marks = "|guest|unverified|external|host|co-host|organizer|presenter|panelist|attendee|moderator|me|she/her|" +
	"he/him|they/them|gast|nicht überprüft|nicht verifiziert|extern|sie/ihr|er/ihm|invité|invitée|non vérifié|externe|" +
	"elle|il|invitado|invitada|no verificado|externo|niet geverifieerd|"

// withoutMarks takes the marks behind a name off.
func withoutMarks(name string) string {
	for {
		rest, mark, ok := cutLast(name, "(")
		if !ok || rest == "" || !strings.HasSuffix(mark, ")") ||
			!strings.Contains(marks, "|"+strings.ToLower(strings.TrimSpace(strings.TrimSuffix(mark, ")")))+"|") {
			return name
		}
		name = rest
	}
}

// cutLast cuts a text at the last of separators, without the spaces before it.
func cutLast(text, separator string) (before, after string, ok bool) {
	at := strings.LastIndex(text, separator)
	if at < 0 {
		return text, "", false
	}
	return strings.TrimSpace(text[:at]), text[at+len(separator):], true
}

// Split splits the whole name of a person into first and last name, where that is certain:
// for two words, for the form "Last, First", before a particle such as van or de, behind
// an initial, and for a family name in capitals before the others, as in "DE LA CRUZ Maria". Two
// words in Chinese, Japanese or Korean script begin with the family name. Any other name is a last
// name as a whole, and so are a company's, two people's, and one with something in brackets. Marks
// such as "(Guest)" behind a name are no part of it.
func Split(name string) (first, last string) {
	name = withoutMarks(strings.Join(strings.Fields(name), " "))
	if strings.ContainsAny(name, "()[]{}|/&+@") || endsAsCompany(splitName(name)) {
		return "", name
	}
	if behind, before, ok := strings.Cut(name, ","); ok {
		behind, before = strings.TrimSpace(behind), strings.TrimSpace(before)
		if behind == "" || before == "" || strings.Contains(before, ",") || isListed(suffixes, before) {
			return "", name
		}
		return before, behind
	}
	words := strings.Split(name, " ")
	begin := 0
	for begin < len(words)-1 && IsSalutation(words[begin]) {
		begin++
	}
	rest := words[begin:]
	if at := familyFirst(rest); at > 0 {
		titled := append(words[:begin:begin], rest[at:]...)
		return strings.Join(titled, " "), strings.Join(rest[:at], " ")
	}
	at := familyName(rest)
	if at == 0 {
		return "", name
	}
	return strings.Join(words[:begin+at], " "), strings.Join(rest[at:], " ")
}

// familyFirst returns where the first name begins in a name that shows its family name to be
// before it, 0 for others.
func familyFirst(words []string) int {
	if len(words) == 2 && isOf(words[0], unicode.Han, unicode.Hangul) {
		return 1
	}
	const initials = 3 // of capitals that may be those of first names, as in "AJ Smith"
	at, letters := 0, 0
	for at < len(words) && isUpper(words[at]) {
		letters += utf8.RuneCountInString(words[at])
		at++
	}
	if letters <= initials || slices.ContainsFunc(words[at:], isUpper) || at == len(words) {
		return 0
	}
	return at
}

// isUpper reports whether a word has capitals and no small letters.
func isUpper(word string) bool {
	return strings.ToUpper(word) == word && strings.ToLower(word) != word
}

// isOf reports whether a text is in some scripts.
func isOf(text string, scripts ...*unicode.RangeTable) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.In(r, scripts...) })
}

// familyName returns where the family name begins, 0 where that is not certain.
func familyName(words []string) int {
	switch {
	case len(words) == 1, particles.has(strings.TrimRight(words[0], ".'’")), isOf(words[0], unicode.Katakana):
		return 0
	case len(words) == 2:
		return 1
	}
	for i, word := range words[1 : len(words)-1] {
		word = strings.TrimRight(strings.ToLower(word), ".'’")
		switch {
		case len(word) > 1 && particles.has(word):
			return i + 1
		case len(word) == 1 && i+3 == len(words):
			return i + 2
		}
	}
	return 0
}

func isListed(list, word string) bool {
	return strings.Contains(list, " "+strings.ToLower(strings.Trim(word, "."))+" ")
}
