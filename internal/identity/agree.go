// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"bytes"
	"slices"
	"strings"
)

// An Agreement says whether two names are one person's.
type Agreement int

const (
	// Same is for names of which no part contradicts the other, and for a name that is
	// compared with none.
	Same Agreement = iota
	// Doubt is for names that agree in part, and for those that cannot be compared.
	Doubt
	// Other is for names of which no part agrees.
	Other
)

// String returns the agreement in lower case, such as doubt.
func (a Agreement) String() string { return [...]string{"same", "doubt", "other"}[a] }

// Compare says whether two names are one person's. These do not count: case, width,
// accents and the ways to write a letter in plain ones (ö, oe and o; Cyrillic and Greek in
// Latin letters); spaces, hyphens and apostrophes; titles, particles, and which of the two
// fields a part is in. A name may have fewer parts than the other, a short form of a first
// name, or its initial.
func Compare(a, b Name) Comparison {
	agreement, whole := compareNames(a, b)
	return Comparison{Agreement: agreement, whole: whole}
}

// CompareAt is Compare for two names at one e-mail address.
func CompareAt(email string, a, b Name) Agreement { return Compare(a, b).At(email) }

// A Comparison is what Compare says of two names.
type Comparison struct {
	Agreement
	whole bool // both have a first and a last name that agree
}

// At returns the agreement of two names at one e-mail address. An address of many, such as
// info@, says that two names are the same only where both the first and the last agree.
func (c Comparison) At(email string) Agreement {
	if c.Agreement == Same && !c.whole && RoleAddress(email) {
		return Doubt
	}
	return c.Agreement
}

func compareNames(a, b Name) (_ Agreement, whole bool) {
	if a.First == b.First && a.Last == b.Last && a.First != "" && a.Last != "" {
		return Same, true
	}
	a.First, b.First = cutAlike(a.First, b.First)
	a.Last, b.Last = cutAlike(a.Last, b.Last)
	var few, fewOthers fewWords
	x, y := parseName(a, &few), parseName(b, &fewOthers)
	if x.empty() || y.empty() {
		return Same, false
	}
	if x, y, ok := inOneScript(x, y); ok {
		return x.compare(&y)
	}
	return Doubt, false
}

// cutAlike returns two texts, one of which may be what a field kept of the other: then both
// are that. Salesforce keeps 40 characters of a first name and 80 of a last name.
func cutAlike(a, b string) (_, _ string) {
	const shortest = 40
	short := a
	if len(b) < len(a) {
		short = b
	}
	n := len(short)
	if len(a) == len(b) || n < shortest || !strings.EqualFold(a[:n], b[:n]) {
		return a, b
	}
	return short, short
}

// compare compares names that have parts.
func (n *parsedName) compare(other *parsedName) (_ Agreement, whole bool) {
	agreement, whole := n.compareParts(other)
	if agreement == Same && n.generation != "" && other.generation != "" && n.generation != other.generation {
		return Doubt, false // father and son
	}
	return agreement, whole
}

func (n *parsedName) compareParts(other *parsedName) (_ Agreement, whole bool) {
	if nativelySame(n, other) {
		return Same, true
	}
	mine, theirs := len(n.first)+len(n.last), len(other.first)+len(other.last)
	first, last := partsAgree(n.first, other.first, given), partsAgree(n.last, other.last, family)
	if n.oneField() && mine > 1 || other.oneField() && theirs > 1 {
		if partsAgree(n.inOrder(), other.inOrder(), mixed) == agrees {
			return Same, mine > 1 && theirs > 1
		}
	} else {
		if same(first, last) {
			return Same, first != noPart && last != noPart
		}
		f := partsAgree(n.first, other.last, crossedBeside(n.last, other.first))
		l := partsAgree(n.last, other.first, crossedBeside(n.first, other.last))
		if same(f, l) {
			return Same, f != noPart && l != noPart
		}
	}
	if first == agrees || last == agrees || shareWord(n.first, other.first) || shareWord(n.first, other.last) ||
		shareWord(n.last, other.first) || shareWord(n.last, other.last) {
		return Doubt, false
	}
	return Other, false
}

// oneField reports whether the first or the last name is blank.
func (n *parsedName) oneField() bool { return len(n.first) == 0 || len(n.last) == 0 }

// inOrder returns all words, with those marked that are the family name: of a name in one
// field the last one, or what is before a comma.
func (n *parsedName) inOrder() []nameWord {
	words := slices.Concat(n.first, n.last)
	if !n.oneField() {
		for i := len(n.first); i < len(words); i++ {
			words[i].family = true
		}
		return words
	}
	last := len(words) - 1
	for i := range words {
		words[i].family = !words[i].comma && words[last].comma || i == last && !words[last].comma
	}
	return words
}

// A kind says which names are compared: Bob is Robert only where both are first names.
type kind int

const (
	given   kind = iota // first names
	family              // last names: they may have particles and the endings of a woman's name
	mixed               // whole names, whose words are marked
	crossed             // a first name and a last name
)

// crossedBeside returns how a first and a last name are compared of which the other two
// names are given. Only where these are a family name the two may be short forms.
func crossedBeside(a, b []nameWord) kind {
	isName := func(w nameWord) bool { return isGiven(&w) }
	if len(a) == 0 || len(b) == 0 || slices.ContainsFunc(a, isName) || slices.ContainsFunc(b, isName) {
		return crossed
	}
	return given
}

// A part is what the comparison of two first or of two last names says.
type part int

const (
	noPart     part = iota // one of them is blank
	agrees                 // no word contradicts the other name
	initials               // they agree in initials alone
	contradict             // some word does
)

// same reports whether neither part contradicts, and one says something.
func same(first, last part) bool {
	return first != contradict && last != contradict && (first != noPart || last != noPart)
}

// partsAgree compares two names: each word of the shorter one has to be in the longer one.
func partsAgree(a, b []nameWord, of kind) part {
	if len(a) == 0 || len(b) == 0 {
		return noPart
	}
	if joinedSame(a, b, of) {
		return agrees
	}
	if of == family {
		mine, theirs := withoutParticles(a), withoutParticles(b)
		if (len(mine) < len(a) || len(theirs) < len(b)) && joinedSame(mine, theirs, of) {
			return agrees
		}
		a, b = mine, theirs
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	all := eachAgrees(a, b, of)
	if all == contradict && len(a) == len(b) {
		all = eachAgrees(b, a, of)
	}
	if all == contradict {
		return gluedInitials(a, b, of)
	}
	return all
}

// eachAgrees reports how each word of a agrees with another one of b.
func eachAgrees(a, b []nameWord, of kind) part {
	var few [8]bool
	all, taken := initials, few[:]
	if len(b) > len(few) {
		taken = make([]bool, len(b))
	}
	for i := range a {
		at := -1
		for j := range b {
			how := contradict
			if !taken[j] {
				how = sameWord(&a[i], &b[j], of)
			}
			if how == agrees {
				at, all = j, agrees
				break
			}
			if how == initials && at < 0 {
				at = j
			}
		}
		if at < 0 {
			return contradict
		}
		taken[at] = true
	}
	return all
}

// joinedSame compares two fields without the spaces and hyphens between their words.
func joinedSame(a, b []nameWord, of kind) bool {
	if len(a) == 1 && len(b) == 1 {
		return false // their words are compared
	}
	one, other := newWord(joined(a, ""), false, false), newWord(joined(b, ""), false, false)
	return sameWord(&one, &other, of) == agrees
}

// gluedInitials compares JP with Jean-Pierre. A word that people can say, such as Jo, is a
// name and no initials.
func gluedInitials(a, b []nameWord, of kind) part {
	if of == family || len(a) != 1 || len(b) < 2 || len(a[0].plain) != len(b) ||
		strings.ContainsAny(a[0].plain, "aeiouy") || isGiven(&a[0]) {
		return contradict
	}
	for i := range b {
		if !beginsWith(b[i].text, a[0].plain[i:i+1]) {
			return contradict
		}
	}
	return initials
}

// shareWord reports whether two names have a word in common that is more than an initial.
func shareWord(a, b []nameWord) bool {
	for i := range a {
		for j := range b {
			if sameWord(&a[i], &b[j], given) == agrees && !particles.has(a[i].plain) {
				return true
			}
		}
	}
	return false
}

// sameWord compares two words of names.
func sameWord(a, b *nameWord, of kind) part {
	switch {
	case a.text == b.text:
		if a.isInitial() {
			return initials
		}
		return agrees
	case a.script != plainScript || b.script != plainScript:
		if a.script == b.script && a.plain == b.plain {
			return agrees
		}
		return contradict
	case a.plain == b.plain && a.plain != "", spells(a.text, b.plain), spells(b.text, a.plain):
		if a.isInitial() || b.isInitial() {
			return initials
		}
		return agrees
	case isInitialOf(a, b), isInitialOf(b, a):
		return initials
	case a.isInitial() || b.isInitial():
		return contradict
	case abbreviates(a, b), abbreviates(b, a),
		shortForms(a, b, of == family || of == crossed || of == mixed && (a.family || b.family)):
		return agrees
	case sameShape(a.plain, b.plain, of == family),
		of == family && (sameWomans(a.plain, b.plain) || sameWomans(b.plain, a.plain)):
		return agrees
	}
	return contradict
}

// sameWomans reports whether a family name is another one as women have it: Nováková.
func sameWomans(hers, his string) bool {
	stem, ok := strings.CutSuffix(hers, "ova")
	return ok && sameShape(stem, his, true)
}

func sameShape(a, b string, family bool) bool {
	var of, other [2 * longestShape]byte
	folded := appendShape(of[:0], a, family)
	return len(folded) >= shortestShape && bytes.Equal(folded, appendShape(other[:0], b, family))
}

// isInitialOf reports whether a word is the first letter of another.
func isInitialOf(a, b *nameWord) bool {
	return a.isInitial() && a.plain != "" && b.plain != "" &&
		(beginsWith(b.text, a.plain) || beginsWith(a.text, b.plain[:1]))
}

// abbreviates reports whether a word with a full stop is the beginning of another.
func abbreviates(short, long *nameWord) bool {
	return short.dotted && len(short.plain) > 1 && len(short.plain) < 5 && strings.HasPrefix(long.plain, short.plain)
}

// shortestShape is how many letters two words must have left to be the same by their
// shape.
const shortestShape = 4

// longestShape is how long a word is usually at most.
const longestShape = 32

// longFamily is how many letters a family name has that may begin with y or j in another
// language: Yeltsin and Jelzin.
const longFamily = 6

// appendShape appends a word with the ways to write one name in plain letters folded: mueller
// and muller. Of a family name it also folds what languages do to a foreign one, and the endings
// of a woman's name; but Yang is not Jang.
func appendShape(to []byte, plain string, family bool) []byte {
	var buffer [2 * longestShape]byte
	letters := appendWithoutUmlauts(buffer[:0], plain)
	if !family {
		return append(to, letters...)
	}
	if len(letters) > 0 && len(letters) < longFamily && (letters[0] == 'j' || letters[0] == 'y') {
		return appendReplaced(append(to, letters[0]), letters[1:], familyLetters)
	}
	word := appendReplaced(to, letters, familyLetters)
	if bytes.HasPrefix(word, []byte("mc")) {
		word = slices.Insert(word, 1, 'a')
	}
	word = slices.Compact(word)
	for _, ending := range slavicEndings {
		if stem, ok := bytes.CutSuffix(word, []byte(ending.from)); ok {
			word = append(stem, ending.to...)
			break
		}
	}
	return slices.Compact(word)
}

// A spelling is what letters are folded to.
type spelling struct{ from, to string }

var (
	familyLetters = []spelling{{"tsch", "ch"}, {"tch", "ch"}, {"sch", "sh"}, {"kh", "h"}, {"ph", "f"}, {"ck", "k"},
		{"cz", "ch"}, {"sz", "sh"}, {"rz", "r"}, {"y", "i"}, {"j", "i"}, {"w", "v"}}
	slavicEndings = []spelling{{"skaia", "ski"}, {"skaa", "ski"}, {"ska", "ski"}, {"skoi", "ski"}, {"kaia", "ki"},
		{"cka", "cki"}, {"ova", "ov"}, {"eva", "ev"}, {"ina", "in"}}
)

// appendReplaced appends a word with letters folded by the first spelling that begins with them.
func appendReplaced(to, word []byte, spellings []spelling) []byte {
	for len(word) > 0 {
		at := slices.IndexFunc(spellings, func(s spelling) bool { return bytes.HasPrefix(word, []byte(s.from)) })
		if at < 0 {
			to, word = append(to, word[0]), word[1:]
			continue
		}
		to, word = append(to, spellings[at].to...), word[len(spellings[at].from):]
	}
	return to
}

// appendWithoutUmlauts appends a word with ae, oe and ue behind a consonant written as a, o and
// u, and aa as a.
func appendWithoutUmlauts(to []byte, word string) []byte {
	for i := range len(word) {
		if i > 0 {
			before := i < 2 || !strings.ContainsRune("aeiou", rune(word[i-2]))
			if word[i] == 'e' && before && strings.ContainsRune("aou", rune(word[i-1])) || word[i] == 'a' && word[i-1] == 'a' {
				continue
			}
		}
		to = append(to, word[i])
	}
	return to
}

// inOneScript returns the names in words that can be compared: where both have words in
// Latin letters, or in those that can be written so, only these. It returns false where
// there are none.
func inOneScript(a, b parsedName) (_, _ parsedName, ok bool) {
	scriptsOf := func(n *parsedName) (plain, native bool) {
		for _, words := range [][]nameWord{n.first, n.last} {
			for i := range words {
				plain, native = plain || words[i].script == plainScript, native || words[i].script != plainScript
			}
		}
		return plain, native
	}
	aPlain, aNative := scriptsOf(&a)
	bPlain, bNative := scriptsOf(&b)
	switch {
	case aNative && bNative && shareScript(&a, &b):
		return a, b, true
	case aPlain && bPlain:
		if aNative {
			a = a.inPlain()
		}
		if bNative {
			b = b.inPlain()
		}
		return a, b, true
	}
	return a, b, false
}

// inPlain returns a name without its words in other scripts.
func (n *parsedName) inPlain() parsedName {
	native := func(w nameWord) bool { return w.script != plainScript }
	return parsedName{generation: n.generation, first: slices.DeleteFunc(slices.Clone(n.first), native),
		last: slices.DeleteFunc(slices.Clone(n.last), native)}
}

// shareScript reports whether two names have words in one script that is not written in
// Latin letters.
func shareScript(a, b *parsedName) bool {
	for _, v := range slices.Concat(a.first, a.last) {
		for _, w := range slices.Concat(b.first, b.last) {
			if v.script != plainScript && v.script == w.script {
				return true
			}
		}
	}
	return false
}

// nativelySame compares names of scripts that do not separate words: 王小明, and 小明 and 王.
func nativelySame(a, b *parsedName) bool {
	isOther := func(w nameWord) bool { return w.script == plainScript || w.script == otherScript }
	native := func(n *parsedName) (firstLast, lastFirst string) {
		if slices.ContainsFunc(n.first, isOther) || slices.ContainsFunc(n.last, isOther) {
			return "", ""
		}
		return joined(n.first, "") + joined(n.last, ""), joined(n.last, "") + joined(n.first, "")
	}
	a1, a2 := native(a)
	b1, b2 := native(b)
	return a1 != "" && (a1 == b1 || a1 == b2 || a2 == b1 || a2 == b2)
}

// Extends reports whether a name is one that other is the initial or the initials of: J. of
// Jane, J. R. of John Ronald.
func Extends(other, name string) bool {
	if hasASCIIWord(other) {
		return false
	}
	short, long := splitName(other), splitName(name)
	if len(short) == 0 || len(short) > len(long) {
		return false
	}
	longer := false
	for i := range short {
		if !short[i].isInitial() || sameWord(&short[i], &long[i], given) == contradict {
			return false
		}
		longer = longer || !long[i].isInitial()
	}
	return longer
}

// hasASCIIWord reports whether a text is in ASCII, with a word of several letters.
func hasASCIIWord(text string) bool {
	inWord, found := false, false
	for i := range len(text) {
		c := text[i] | 0x20
		letter := 'a' <= c && c <= 'z'
		found, inWord = found || inWord && letter, letter
	}
	return found && isASCII(text)
}
