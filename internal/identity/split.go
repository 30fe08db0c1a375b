// SPDX-License-Identifier: Apache-2.0

package identity

import "strings"

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
// for two words, for the form "Last, First", before a particle such as van or de, and behind
// an initial. Any other name is a last name as a whole, and so is one with something in brackets.
// Marks such as "(Guest)" behind a name are no part of it.
func Split(name string) (first, last string) {
	name = withoutMarks(strings.Join(strings.Fields(name), " "))
	if strings.ContainsAny(name, "()[]{}") {
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
	at := 0
	switch rest := words[begin:]; len(rest) {
	case 1:
		return "", name
	case 2:
		at = begin + 1
	default:
		at = begin + familyName(rest)
	}
	if at == begin {
		return "", name
	}
	return strings.Join(words[:at], " "), strings.Join(words[at:], " ")
}

// familyName returns where the family name begins among three words or more, 0 where that
// is not certain.
func familyName(words []string) int {
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
