// SPDX-License-Identifier: Apache-2.0

package identity

import (
	_ "embed"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/leadsync/leadsync/internal/blank"
)

// A Name is the name of a person, as two fields hold it. Company is where the person
// works: a last name that is the company's is none.
type Name struct{ First, Last, Company string }

// Data of names. Each file says in its first lines what it holds.
var (
	//go:embed nonames.txt
	besideNamesFile string
	//go:embed bornwords.txt
	bornWordsFile string
	//go:embed particles.txt
	particlesFile string
	//go:embed blanknames.txt
	blankNamesFile string
	//go:embed companywords.txt
	companyWordsFile string
)

var (
	besideNames  = listOf(besideNamesFile)
	bornWords    = listOf(bornWordsFile)
	particles    = listOf(particlesFile)
	blankNames   = listOf(blankNamesFile)
	companyWords = listOf(companyWordsFile)
)

// A nameWord is a word of a name.
type nameWord struct {
	text   string // in lower case, with its accents
	plain  string // in the usual plain letters
	script script
	dotted bool // a full stop follows
	comma  bool // a comma or a bracket is somewhere before it
	family bool // see inOrder
}

// isInitial reports whether the word is the first letter of a name.
func (w *nameWord) isInitial() bool {
	return w.script == plainScript && utf8.RuneCountInString(w.text) == 1
}

// A parsedName is a name in words.
type parsedName struct {
	first, last []nameWord
	given       []nameWord // all words of the first field
	generation  string     // jr, sr, iii, ...; "" for none
}

func (n *parsedName) empty() bool { return len(n.first) == 0 && len(n.last) == 0 }

// A fewWords is where the words of a name are as a rule.
type fewWords [4]nameWord

// parseName takes a name apart. What is no name in it is left out. Its words are in few, as
// far as they fit.
func parseName(n Name, few *fewWords) parsedName {
	var parsed parsedName
	words := appendWords(few[:0], n.First)
	firsts := len(words)
	words = appendWords(words, n.Last)
	first, last := words[:firsts:firsts], words[firsts:]
	parsed.given = first
	likeCompany := endsAsCompany(last)
	switch {
	case isCompany(n, likeCompany):
		first, last = nil, nil
	case likeCompany:
		if len(last) == 1 {
			first = nil // the name is in front of its legal form
		}
		last = nil
	}
	first, last = cutBlank(first, last)
	both := len(first) > 0 && len(last) > 0
	first, parsed.generation = cutGeneration(first, false)
	if rest, generation := cutGeneration(last, both); generation != "" {
		last, parsed.generation = rest, generation
	}
	parsed.first, parsed.last = cutTitles(first, both), cutTitles(last, both)
	if len(parsed.last) == 0 && both && !slices.ContainsFunc(last, func(w nameWord) bool { return w.dotted }) {
		parsed.last = last // Herr and Born are family names as well
	}
	return parsed
}

// Parts reports whether the first and the last name are names. A company, and a word such as
// Guest or Unknown, is none; of a last name such a word is none only where there is no first
// name either, because people are named Guest, too.
func (n Name) Parts() (first, last bool) {
	var few fewWords
	parsed := parseName(n, &few)
	return len(parsed.first) > 0 && !blankNames.has(joined(parsed.given, " ")), len(parsed.last) > 0
}

// Completes reports whether a first name may be put before a last name that is alone in a
// record. It may not where the last name has it already: Ada before Ada Lovelace.
func (n Name) Completes(last string) bool {
	if n.Last == last {
		return true
	}
	var few, fewHeld, fewFirst fewWords
	own, held := appendWords(few[:0], n.Last), appendWords(fewHeld[:0], last)
	same := slices.EqualFunc(own, held, func(a, b nameWord) bool { return a.text == b.text })
	return same || !shareWord(appendWords(fewFirst[:0], n.First), held)
}

// isCompany reports whether the two fields together are a company's name. likeCompany says
// that the last name ends like one.
func isCompany(n Name, likeCompany bool) bool {
	if n.Company == "" || n.Last == "" || !likeCompany && strings.TrimSpace(n.First) != "" {
		return false
	}
	folded := Company(strings.TrimSpace(n.First + " " + n.Last))
	return folded != "" && folded == Company(n.Company)
}

// splitName returns the words of a field. Apostrophes and invisible characters are left
// out; hyphens and full stops separate words.
func splitName(field string) []nameWord {
	if field == "" {
		return nil
	}
	return appendWords(make([]nameWord, 0, wordsIn(field)), field)
}

// wordsIn returns about how many words a field has.
func wordsIn(field string) int { return 1 + strings.Count(field, " ") }

// appendWords appends the words of a field, as splitName returns them.
func appendWords(words []nameWord, field string) []nameWord {
	field = foldLetters(field)
	from, comma, start := len(words), false, -1
	end := func(at int, dotted bool) {
		if start >= 0 {
			words = append(words, newWord(field[start:at], dotted, comma))
		}
		start = -1
	}
	for at, r := range field {
		switch {
		case unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r):
			if start < 0 {
				start = at
			}
		default:
			end(at, r == '.')
			comma = comma || strings.ContainsRune(",;()[]（）、", r)
		}
	}
	end(len(field), false)
	return append(words[:from], joinDegrees(words[from:])...)
}

func newWord(text string, dotted, comma bool) nameWord {
	w := nameWord{text: text, dotted: dotted, comma: comma, script: scriptOf(text)}
	w.plain = plainWord(text)
	if w.script == plainScript && !isASCII(w.plain) {
		w.plain = strings.Map(func(r rune) rune {
			if r >= utf8.RuneSelf {
				return -1
			}
			return r
		}, w.plain)
	}
	return w
}

// foldLetters folds case, width and what people do not see.
func foldLetters(text string) string {
	if isASCII(text) {
		return strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(text), "'", ""), "`", "")
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r) || strings.ContainsRune("'’‘ʼʻ`´ʹ′ʾʿ‛＇ـ", r):
			return -1
		case r == 'ß' || r == 'ẞ':
			return 'ß'
		case r == 'İ':
			return 'i'
		}
		return unicode.ToLower(r)
	}, norm.NFC.String(strings.ToValidUTF8(text, " ")))
	text = strings.ToLower(norm.NFKC.String(text))
	return strings.Map(func(r rune) rune {
		if 'ぁ' <= r && r <= 'ゖ' {
			return r + ('ァ' - 'ぁ')
		}
		return r
	}, text)
}

// joinDegrees joins what full stops separate where it is a degree: Ph.D., M.A.
func joinDegrees(words []nameWord) []nameWord {
	for at := 0; at < len(words); at++ {
		for n := min(3, len(words)-at); n > 1; n-- {
			undotted := func(w nameWord) bool { return !w.dotted }
			if slices.ContainsFunc(words[at:at+n-1], undotted) {
				continue
			}
			joined := ""
			for _, w := range words[at : at+n] {
				joined += w.plain
			}
			if e := besideNames.lookUp(joined); e.has(alone) || e.has(',') {
				one := newWord(joined, true, words[at].comma)
				words = append(words[:at:at], append([]nameWord{one}, words[at+n:]...)...)
				break
			}
		}
	}
	return words
}

// cutBlank takes out the fields whose words stand for no name.
func cutBlank(first, last []nameWord) (_, _ []nameWord) {
	a, b := joined(first, " "), joined(last, " ")
	ofFirst, ofLast := blankNames.lookUp(a), blankNames.lookUp(b)
	if isBlankName(a, ofFirst) && isBlankName(b, ofLast) {
		return nil, nil
	}
	if ofFirst.has('!') {
		first = nil
	}
	if ofLast.has('!') {
		last = nil
	}
	return first, last
}

// isBlankName reports whether the words of a field are none that a person is named. Their entry
// is that of blankNames.
func isBlankName(field string, e entry) bool {
	return field == "" || e.has(alone) || e.has('!') || blank.Words{}.Has(field)
}

// joined returns the words of a field as one text.
func joined(words []nameWord, separator string) string {
	if len(words) == 1 {
		return words[0].text
	}
	var b strings.Builder
	size := 0
	for i := range words {
		size += len(words[i].text) + len(separator)
	}
	b.Grow(size)
	for i := range words {
		if i > 0 {
			b.WriteString(separator)
		}
		b.WriteString(words[i].text)
	}
	return b.String()
}

// endsAsCompany reports whether a word of the field, the last of several or any that
// nobody is named, shows that it is a company's name.
func endsAsCompany(words []nameWord) bool {
	if !slices.ContainsFunc(words, isCompanyWord) {
		return false
	}
	words = withoutParticles(words) // van der Bank
	for i := range words {
		w := &words[i]
		if companyWords.has(w.text) || i > 0 && i == len(words)-1 && companyWords.lookUp(w.plain).has('+') {
			return true
		}
	}
	return false
}

// isCompanyWord reports whether a word may show that a name is a company's.
func isCompanyWord(w nameWord) bool {
	return companyWords.lookUp(w.plain) != 0 || w.text != w.plain && companyWords.has(w.text)
}

// cutGeneration takes out what tells father and son apart. Some of it is a name as well,
// such as the Jun of Min Jun: without a full stop or a comma it counts behind a family name
// only, and in one syllable not even there.
func cutGeneration(words []nameWord, behindFamily bool) (rest []nameWord, generation string) {
	for i := range words {
		if i == 0 {
			continue // "Sr." before a name is señor
		}
		marked := words[i].dotted || words[i].comma
		switch w := words[i].plain; w {
		case "jun", "sen":
			if !marked {
				continue
			}
			generation = w[:1] + "r"
		case "junior", "fils", "senior", "pere":
			if !marked && !behindFamily {
				continue
			}
			generation = "jr"
			if w == "senior" || w == "pere" {
				generation = "sr"
			}
		case "jr", "jnr":
			generation = "jr"
		case "sr", "snr":
			generation = "sr"
		case "ii", "2nd", "iii", "3rd", "iv", "4th":
			generation = strings.NewReplacer("2nd", "ii", "3rd", "iii", "4th", "iv").Replace(w)
		default:
			continue
		}
		return append(words[:i:i], words[i+1:]...), generation
	}
	return words, ""
}

// cutTitles takes out titles, degrees and forms of address. A field that may be a name
// although each of its words is a title as well is kept. both says that the other field
// has words, too: without it, a last word that may be the family name is kept.
func cutTitles(words []nameWord, both bool) []nameWord {
	kept := words[:0:0] // in the place of words as long as it has them all
	doubtful := false
	for i := range words {
		w := &words[i]
		last := i == len(words)-1
		born, title := bornWords.has(w.plain), besideNames.lookUp(w.plain)
		switch {
		case born && (i == 0 || last): // Max Born, Roz Chast
		case !both && last && len(kept) == 1 && !w.dotted && !w.comma: // Michael Herr
		case born, title.has(alone):
			continue
		case (w.comma || w.dotted) && title.has(','), i == 0 && len(words) > 1 && title.has('('):
			doubtful = true
			continue
		}
		if len(kept) == i {
			kept = words[: i+1 : i+1]
		} else {
			kept = append(kept, *w)
		}
	}
	if len(kept) == 0 && doubtful {
		return words
	}
	return kept
}

// IsParticle reports whether a text is particles of a family name, such as "van der" or d', and
// nothing else.
func IsParticle(text string) bool {
	words := strings.Fields(strings.ToLower(text))
	for _, word := range words {
		if !particles.has(strings.Trim(word, ".'’")) {
			return false
		}
	}
	return len(words) > 0
}

// withoutParticles takes out the particles of a family name, as long as something is left.
func withoutParticles(words []nameWord) []nameWord {
	isParticle := func(w nameWord) bool { return particles.has(w.plain) }
	if len(words) < 2 || !slices.ContainsFunc(words, isParticle) {
		return words
	}
	kept := slices.DeleteFunc(slices.Clone(words), isParticle)
	if len(kept) == 0 {
		return words
	}
	return kept
}
