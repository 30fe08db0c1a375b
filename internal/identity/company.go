// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Company folds a company's name: case, width, punctuation and legal form (Inc,
// GmbH & Co. KG, S.p.A., 株式会社, PT, ...) do not count, whether that is before the
// name or behind it. A name of nothing but a legal form keeps it. It is "" when there is
// no letter and no digit.
func Company(name string) string {
	folded := foldCompany(name)
	if isASCII(name) {
		return folded // one round settles it
	}
	// Taking out one thing may lay bare another, such as an accent that now
	// joins a letter. Two rounds settle any real name.
	for range maxRounds {
		again := foldCompany(folded)
		if again == folded {
			break
		}
		folded = again
	}
	return folded
}

// maxRounds bounds the folding of text that is no name.
const maxRounds = 8

// CompanyStem returns the parts of a company's name that other spellings of it
// hold too, in their order: lower-case runs of letters and digits, the legal
// form left out. Joined with wildcards they make a pattern that finds those
// spellings and more; compare what it finds with Company. It is empty when
// Company is "".
func CompanyStem(name string) []string {
	var stem []string
	for _, w := range stripLegalForm(words(name)) {
		for part := range strings.FieldsFuncSeq(w.text, joinsWord) {
			stem = append(stem, strings.ToLower(part))
		}
	}
	return stem
}

// CompanyPrefixes returns what other spellings of a company's name may begin with before
// its CompanyStem: the legal forms that the name itself has and that may stand in front,
// and the usual ones of the scripts in which they mostly do.
func CompanyPrefixes(name string) []string {
	all := words(name)
	kept := stripLegalForm(all)
	if len(kept) == 0 {
		return nil
	}
	first, _ := utf8.DecodeRuneInString(kept[0].folded)
	var prefixes []string
	switch {
	case unicode.In(first, unicode.Han, unicode.Hiragana, unicode.Katakana):
		prefixes = []string{"株式会社", "(株)", "（株）", "㈱", "有限会社", "合同会社"}
	case unicode.Is(unicode.Hangul, first):
		prefixes = []string{"주식회사", "(주)", "（주）", "㈜"}
	case unicode.Is(unicode.Cyrillic, first):
		prefixes = []string{"ооо", "ао", "ип", "тов", "тоо"}
	}
	start := cap(all) - cap(kept)
	for _, w := range slices.Concat(all[:start], all[start+len(kept):]) {
		if !slices.Contains(leadingForms, w.folded) || slices.Contains(prefixes, w.folded) {
			continue
		}
		prefixes = append(prefixes, w.folded)
		if letters := []rune(w.folded); len(letters) <= 4 {
			prefixes = append(prefixes, strings.Join(strings.Split(w.folded, ""), ".")+".")
		}
	}
	return prefixes
}

func foldCompany(name string) string {
	kept := stripLegalForm(words(name))
	if len(kept) == 0 {
		return ""
	}
	var folded strings.Builder
	folded.Grow(len(name))
	folded.WriteString(kept[0].folded)
	for _, w := range kept[1:] {
		folded.WriteByte(' ')
		folded.WriteString(w.folded)
	}
	return folded.String()
}

// A word is a part of a name between spaces. Full stops and apostrophes do not
// end a word, so that "S.A." and "SA" are the same one.
type word struct {
	text   string // with its full stops and apostrophes
	folded string
}

func words(name string) []word {
	if isASCII(name) {
		return wordsOf(strings.ToLower(name)) // nothing is glued to it
	}
	name = norm.NFKC.String(strings.ToValidUTF8(name, " "))
	if split := wordsOf(glued.Replace(name)); len(split) > 0 {
		return split
	}
	return wordsOf(name) // nothing but a legal form
}

func wordsOf(name string) []word {
	result := make([]word, 0, 1+strings.Count(name, " "))
	for field := range strings.FieldsFuncSeq(name, func(r rune) bool { return !nameRune(r) && !joinsWord(r) }) {
		if folded := foldWord(field); folded != "" {
			result = append(result, word{text: field, folded: folded})
		}
	}
	return result
}

// foldWord folds a word, "" for nothing but full stops and apostrophes.
func foldWord(field string) string {
	letters := strings.Map(func(r rune) rune {
		if joinsWord(r) {
			return -1
		}
		return r
	}, field)
	if isASCII(letters) {
		return strings.ToLower(letters)
	}
	return norm.NFKC.String(strings.ToLower(cases.Fold().String(letters)))
}

func nameRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

func joinsWord(r rune) bool {
	switch r {
	case '.', '\'', '’', '‘', '`', '´', 'ʼ':
		return true
	}
	return false
}

// glued are legal forms that are written without a space before or after the
// name. Those in brackets are also what NFKC makes of ㈱ and similar characters.
var glued = strings.NewReplacer(
	"株式会社", " ", "有限会社", " ", "合同会社", " ", "合資会社", " ", "合名会社", " ", "(株)", " ", "(有)", " ", "(同)", " ",
	"(資)", " ", "(名)", " ", "一般社団法人", " ", "公益社団法人", " ", "一般財団法人", " ", "公益財団法人", " ",
	"股份有限公司", " ", "有限责任公司", " ", "有限責任公司", " ", "有限公司", " ",
	"주식회사", " ", "유한책임회사", " ", "유한회사", " ", "(주)", " ", "(유)", " ",
	"บริษัท", " ", norm.NFKC.String("จำกัด"), " ", "(มหาชน)", " ",
)

// stripLegalForm drops legal forms from both ends of a name, as long as a word is left.
func stripLegalForm(name []word) []word {
	for {
		n := formAtEnd(name)
		if n == 0 {
			break
		}
		name = name[:len(name)-n]
	}
	for {
		n := formAt(name, leadingForms, func(n int) []word { return name[:n] })
		if n == 0 {
			return name
		}
		name = name[n:]
	}
}

// formAtEnd returns how many words the legal form behind a name takes.
func formAtEnd(name []word) int {
	end := func(n int) []word { return name[len(name)-n:] }
	return cmp.Or(formAt(name, trailingForms, end), formAt(name, leadingForms, end))
}

// formAt returns how many words the longest of forms takes at an end of a name, but not
// all of them.
func formAt(name []word, forms []string, end func(n int) []word) int {
	for n := min(maxFormWords, len(name)-1); n > 0; n-- {
		at := end(n)
		if slices.ContainsFunc(forms, func(form string) bool { return isForm(form, at) }) {
			return n
		}
	}
	return 0
}

// isForm reports whether words are those of a form.
func isForm(form string, of []word) bool {
	for i := range of {
		rest, ok := strings.CutPrefix(form, of[i].folded)
		if ok && i < len(of)-1 {
			rest, ok = strings.CutPrefix(rest, " ")
		}
		if !ok {
			return false
		}
		form = rest
	}
	return form == ""
}

const maxFormWords = 5

// leadingForms are legal forms, as Company folds them, that stand before the name or
// behind it.
var leadingForms = []string{
	"a s", "ab", "akcinė bendrovė", "akciju sabiedrība", "as",
	"cjsc", "cv", "công ty cổ phần", "công ty tnhh", "công ty tnhh một thành viên", "công ty tnhh mtv", "ctcp",
	"eurl",
	"iį",
	"jsc",
	"llc",
	"mb",
	"oao", "ojsc", "ooo", "oy", "oü", "osaühing",
	"pao", "pjsc", "perseroan terbatas", "pt",
	"sarl", "sasu", "sia", "sabiedrība ar ierobežotu atbildību",
	"tov", "tzov",
	"uab", "uždaroji akcinė bendrovė",
	"všį",
	"zao",
	"ад", "акционерное общество", "ао", "ат",
	"доо", "дп",
	"еад", "еоод",
	"зао", "закрытое акционерное общество",
	"иооо", "ип",
	"оао", "общество с ограниченной ответственностью", "одо", "ооо", "оод", "открытое акционерное общество",
	"пао", "пат", "пп", "прат", "публичное акционерное общество",
	"тзов", "тов", "товариство з обмеженою відповідальністю", "тоо",
	"фоп",
	"чп", "чуп",
}

// trailingForms are legal forms, as Company folds them, that stand behind the name only.
var trailingForms = []string{
	"ab publ", "ag", "ag co kg", "ag co kgaa", "and co", "aps", "asa", "asbl", "aş",
	"bhd", "bv", "bvba",
	"cie", "co", "company", "corp", "corporation", "cvba",
	"d o o", "doo",
	"e k", "e v", "ead", "eg", "eirl", "eireli", "ek", "eood", "et cie", "et co", "ev",
	"fze", "fzco",
	"gbr", "ges m b h", "gesellschaft mit beschränkter haftung", "gesmbh", "ggmbh", "gk", "gmbh",
	"haftungsbeschränkt",
	"inc", "incorporated",
	"k k", "kft", "kg", "kgaa", "kk",
	"lda", "limitada", "limited", "llp", "lp", "ltd", "ltd şti", "ltda",
	"mbh",
	"n v", "nv", "nyrt",
	"ohg", "ood", "oyj",
	"p l c", "plc", "pllc", "private limited", "proprietary limited", "pte", "pte limited", "pte ltd", "pty",
	"pty limited", "pty ltd", "pvt", "pvt limited", "pvt ltd",
	"s a", "s a r l", "s à rl", "sa rl", "sà rl", "sàrl", "s a s", "s l", "s p a", "s r l", "s r o", "sa", "sa de cv",
	"sapi de cv", "sas", "sdn bhd", "se", "sl", "slu", "snc", "sp z o o", "sp z oo", "spa",
	"spol s r o", "spol sro", "spółka akcyjna", "spółka z oo", "sprl", "srl", "srls", "sro",
	"tbk",
	"ug", "und co",
	"zrt",
	"αε", "εε", "επε", "ικε", "οε",
	"בע מ", "בעמ",
}

// CompanyDomain returns the registrable domain of a company: of its website, else of
// an e-mail address there. The domain of a free-mail provider belongs to no company,
// and neither does the website of a shared host: those who have an e-mail address at
// one are its staff.
func CompanyDomain(website, email string) string {
	if domain := Domain(website); domain != "" && !freeMail.has(domain) && !sharedHosts.has(domain) {
		return domain
	}
	if domain := Domain(email); !freeMail.has(domain) {
		return domain
	}
	return ""
}

// CompanyKeys returns the domain and the folded name of a company, as keys that do not
// collide. Two companies that share one are the same.
func CompanyKeys(website, email, name string) []string {
	var keys []string
	if domain := CompanyDomain(website, email); domain != "" {
		keys = append(keys, "domain\x00"+domain)
	}
	if folded := Company(name); folded != "" {
		keys = append(keys, "name\x00"+folded)
	}
	return keys
}
