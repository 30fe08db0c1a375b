// SPDX-License-Identifier: Apache-2.0

package reading

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

//go:embed title.txt
var titleText string

// titleWords are the lists of title.txt, by kind and then by word in lower case.
var titleWords = sync.OnceValue(func() map[string]map[string]string {
	lists := make(map[string]map[string]string)
	for line := range strings.Lines(titleText) {
		kind, word, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || kind == "#" {
			continue
		}
		if lists[kind] == nil {
			lists[kind] = make(map[string]string)
		}
		lists[kind][strings.ToLower(word)] = word
	}
	return lists
})

// Title writes a name that is all in capitals, or all in small letters, as people write
// names: McDonald, O'Neill, Jean-Luc, van der Berg, de la Cruz. A name in mixed case, or
// in a script without case, is returned as it is. The language decides on letters such as
// the Turkish i and the Dutch ij; without one, names with letters of Turkish alone are
// Turkish.
func Title(text string, tag language.Tag) string { return title(text, tag, false) }

// GivenName is Title for the names before the family name: Van Anh and Da Eun have no
// particle.
func GivenName(text string, tag language.Tag) string { return title(text, tag, true) }

func title(text string, tag language.Tag, given bool) string {
	upper, lower := casesOf(text)
	if upper == lower {
		return text // mixed, or no letter that has case
	}
	if tag == language.Und && isTurkish(text) {
		tag = language.Turkish
	}
	t := titling{lists: titleWords(), lower: cases.Lower(tag), title: cases.Title(tag), shout: upper, given: given}
	words := strings.FieldsFunc(text, isTitleSpace)
	var b strings.Builder
	rest := text
	for i, word := range words {
		at := strings.Index(rest, word)
		b.WriteString(rest[:at])
		b.WriteString(t.word(words, i))
		rest = rest[at+len(word):]
	}
	b.WriteString(rest)
	if strings.ContainsRune(text, 'İ') { // whose small letter has its dot apart but in Turkish
		return strings.NewReplacer("i\u0307", "i", "I\u0307", "İ").Replace(b.String())
	}
	return b.String()
}

// isTurkish reports whether text has letters that Turkish has, and Romanian, which shares
// one of them, does not have the others of.
func isTurkish(text string) bool {
	return strings.ContainsAny(text, "İıĞğŞş") && !strings.ContainsAny(text, "ĂăŢţȚțȘș")
}

func isTitleSpace(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune(",;/()\"“”„&.", r)
}

// casesOf reports whether text has letters of each case.
func casesOf(text string) (upper, lower bool) {
	for _, r := range text {
		upper = upper || unicode.IsUpper(r) || unicode.IsTitle(r)
		lower = lower || unicode.IsLower(r) && unicode.ToUpper(r) != r
	}
	return upper, lower
}

// A titling is one call of Title.
type titling struct {
	lists        map[string]map[string]string
	lower, title cases.Caser
	shout        bool // the text is in capitals
	particle     bool // the word before was one
	given        bool
}

// word returns words[i] as people write it.
func (t *titling) word(words []string, i int) string {
	word := t.lower.String(words[i])
	behind := t.particle
	t.particle = false
	if as, ok := t.lists["last"][word]; ok && i > 0 && t.onlySuffixes(words[i:]) {
		return as
	}
	_, always := t.lists["particle"][word]
	_, within := t.lists["within"][word]
	_, after := t.lists["after"][word]
	if i < len(words)-1 {
		article := i == 0 && !t.given && within && t.isAfter(words[1]) && len(words) > 2 // de la Cruz
		if always && !t.given || i > 0 && within || after && behind || article {
			t.particle = true
			return word
		}
	}
	parts := strings.FieldsFunc(word, isHyphen)
	var b strings.Builder
	rest := word
	for k, part := range parts {
		at := strings.Index(rest, part)
		b.WriteString(rest[:at])
		rest = rest[at+len(part):]
		if _, inner := t.lists["inner"][part]; inner && k > 0 && k < len(parts)-1 {
			b.WriteString(part)
			continue
		}
		b.WriteString(t.part(part, i == 0 && k == 0))
	}
	return b.String() + rest
}

func (t *titling) isAfter(word string) bool {
	_, ok := t.lists["after"][t.lower.String(word)]
	return ok
}

// onlySuffixes reports whether no name follows.
func (t *titling) onlySuffixes(words []string) bool {
	for _, word := range words {
		if _, ok := t.lists["last"][t.lower.String(word)]; !ok {
			return false
		}
	}
	return true
}

func isHyphen(r rune) bool { return strings.ContainsRune("-‐‑–", r) }

const apostrophes = "'’‘ʼ`´"

// part returns what is between hyphens, given in small letters, as people write it.
func (t *titling) part(part string, first bool) string {
	if as, ok := t.lists["as"][part]; ok {
		return as
	}
	if at := strings.IndexAny(part, apostrophes); at >= 0 {
		_, size := utf8.DecodeRuneInString(part[at:])
		before, mark, after := part[:at], part[at:at+size], part[at+size:]
		return t.elided(before, mark, after, first)
	}
	if rest, ok := strings.CutPrefix(part, "mc"); ok && utf8.RuneCountInString(rest) >= 3 {
		return "Mc" + t.capital(rest)
	}
	if t.shout && len(part) == 2 && strings.Trim(part, "bcdfghjklmnpqrstvwxz") == "" {
		return strings.ToUpper(part) // initials
	}
	return t.capital(part)
}

// elided returns a word with an apostrophe in it.
func (t *titling) elided(before, mark, after string, first bool) string {
	_, known := t.lists["elided"][before]
	switch {
	case before == "": // 't Hooft
		return mark + after
	case before == "d" && !first && utf8.RuneCountInString(after) > 1:
		return before + mark + t.capital(after)
	case (known || utf8.RuneCountInString(before) == 1) && utf8.RuneCountInString(after) > 1:
		return t.capital(before) + mark + t.part(after, false)
	}
	return t.capital(before) + mark + after
}

// capital returns a word in small letters with its first letter as a capital.
func (t *titling) capital(word string) string {
	if r, _ := utf8.DecodeRuneInString(word); !unicode.IsLetter(r) {
		return word // 3rd
	}
	return t.title.String(word)
}
