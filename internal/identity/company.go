// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Company folds a company's name: case, width, punctuation and legal form (Inc,
// GmbH & Co. KG, S.p.A., 株式会社, ...) do not count. It is "" when nothing else
// is left.
func Company(name string) string {
	folded := foldCompany(name)
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
		for _, part := range w.parts {
			stem = append(stem, strings.ToLower(part))
		}
	}
	return stem
}

func foldCompany(name string) string {
	kept := stripLegalForm(words(name))
	folded := make([]string, len(kept))
	for i, w := range kept {
		folded[i] = w.folded
	}
	return strings.Join(folded, " ")
}

// A word is a part of a name between spaces. Full stops and apostrophes do not
// end a word, so that "S.A." and "SA" are the same one.
type word struct {
	parts  []string // between full stops and apostrophes
	folded string
}

func words(name string) []word {
	name = glued.Replace(norm.NFKC.String(strings.ToValidUTF8(name, " ")))
	fields := strings.FieldsFunc(name, func(r rune) bool { return !nameRune(r) && !joinsWord(r) })
	result := make([]word, 0, len(fields))
	for _, field := range fields {
		parts := strings.FieldsFunc(field, joinsWord)
		if len(parts) == 0 {
			continue
		}
		folded := norm.NFKC.String(strings.ToLower(cases.Fold().String(strings.Join(parts, ""))))
		result = append(result, word{parts: parts, folded: folded})
	}
	return result
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
	"株式会社", " ", "有限会社", " ", "合同会社", " ", "合資会社", " ", "(株)", " ", "(有)", " ", "(同)", " ",
	"股份有限公司", " ", "有限责任公司", " ", "有限責任公司", " ", "有限公司", " ",
	"주식회사", " ", "유한회사", " ", "(주)", " ", "(유)", " ",
)

// stripLegalForm drops legal forms from the end, and those that go there from
// the beginning, until none is left.
func stripLegalForm(name []word) []word {
	for {
		n := trailingForm(name)
		if n == 0 {
			break
		}
		name = name[:len(name)-n]
	}
	for len(name) > 0 && slices.Contains(leadingForms, name[0].folded) {
		name = name[1:]
	}
	return name
}

// trailingForm returns how many words the longest legal form at the end takes.
func trailingForm(name []word) int {
	for n := min(maxFormWords, len(name)); n > 0; n-- {
		tail := name[len(name)-n].folded
		for _, w := range name[len(name)-n+1:] {
			tail += " " + w.folded
		}
		if slices.Contains(trailingForms, tail) {
			return n
		}
	}
	return 0
}

const maxFormWords = 5

var leadingForms = []string{"ооо", "оао", "зао", "пао", "ао", "тов", "ип"}

// trailingForms are legal forms as Company folds them.
var trailingForms = []string{
	"a s", "ab", "ab publ", "ag", "ag co kg", "ag co kgaa", "and co", "aps", "as", "asa", "asbl", "aş",
	"bhd", "bv", "bvba",
	"cie", "co", "company", "corp", "corporation", "cvba",
	"d o o", "doo",
	"e k", "e v", "ead", "eg", "eirl", "eireli", "ek", "eood", "et cie", "et co", "ev",
	"fze", "fzco",
	"gbr", "ges m b h", "gesellschaft mit beschränkter haftung", "gesmbh", "ggmbh", "gk", "gmbh",
	"haftungsbeschränkt",
	"inc", "incorporated",
	"jsc",
	"k k", "kft", "kg", "kgaa", "kk",
	"lda", "limitada", "limited", "llc", "llp", "lp", "ltd", "ltd şti", "ltda",
	"mbh",
	"n v", "nv", "nyrt",
	"ohg", "ojsc", "ood", "oy", "oyj", "oü",
	"p l c", "pjsc", "plc", "pllc", "private limited", "proprietary limited", "pte", "pte limited", "pte ltd", "pty",
	"pty limited", "pty ltd", "pvt", "pvt limited", "pvt ltd",
	"s a", "s a r l", "s à rl", "sa rl", "sà rl", "sàrl", "s a s", "s l", "s p a", "s r l", "s r o", "sa", "sa de cv",
	"sapi de cv", "sarl", "sas", "sasu", "sdn bhd", "se", "sia", "sl", "slu", "snc", "sp z o o", "sp z oo", "spa",
	"spol s r o", "spol sro", "spółka akcyjna", "spółka z oo", "sprl", "srl", "srls", "sro",
	"tbk",
	"uab", "ug", "und co",
	"zrt",
	"ооо", "оао", "пао", "зао", "тов",
}

// CompanyDomain returns the registrable domain of a company: of its website, else of
// an e-mail address there. The domain of a free-mail provider belongs to no company,
// and neither does the website of a shared host: those who have an e-mail address at
// one are its staff.
func CompanyDomain(website, email string) string {
	if domain := Domain(website); domain != "" && !FreeMail(domain) && !SharedHost(domain) {
		return domain
	}
	if domain := Domain(email); !FreeMail(domain) {
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
