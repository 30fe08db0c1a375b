// SPDX-License-Identifier: Apache-2.0

package leadcsv

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/leadsync/leadsync/leadtype"
)

//go:embed aliases.tsv
var aliasText string

// What a column may hold that is no source field of its own.
const (
	wholeName  = "name"    // firstName and lastName
	secondLine = "street2" // of the street
)

// An alias is what a name of a column stands for. The names of a source field that are
// listed first have the lowest rank.
type alias struct {
	source string
	rank   int
}

// shipped are the aliases by their folded names.
var shipped = sync.OnceValue(func() map[string]alias {
	names := make(map[string]alias)
	for _, source := range leadtype.SourceFields() {
		if !isRecordID(source) {
			names[fold(source)] = alias{source: source}
		}
	}
	rank := 0
	for line := range strings.Lines(aliasText) {
		source, rest, _ := strings.Cut(strings.TrimSpace(line), "\t")
		_, list, ok := strings.Cut(rest, "\t")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		for name := range strings.SplitSeq(list, "|") {
			rank++
			for _, folded := range []string{fold(name), fold(spelledOut.Replace(name))} {
				if _, known := names[folded]; !known {
					names[folded] = alias{source, rank}
				}
			}
		}
	}
	return names
})

// isRecordID reports whether a source field is the id of a record in Salesforce. "Lead ID" is
// some number in most files, so these are known by their own names only.
func isRecordID(source string) bool {
	return source == "contactId" || source == "leadId" || source == "accountId"
}

// spelledOut is how umlauts are written without dots.
var spelledOut = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue")

// fold makes names of columns comparable: letters and digits in lower case without accents,
// and # as the word that it stands for.
func fold(name string) string {
	name = strings.ReplaceAll(name, "#", "number")
	if isASCII(name) {
		return strings.Map(func(r rune) rune {
			switch {
			case r >= 'A' && r <= 'Z':
				return r + 'a' - 'A'
			case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
				return r
			}
			return -1
		}, name)
	}
	name = strings.ReplaceAll(strings.ToLower(norm.NFKD.String(name)), "ß", "ss")
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, name)
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

// names are the names of columns that are known to a reader.
type names struct{ told map[string]string }

func newNames(aliases map[string]string) names {
	told := make(map[string]string, len(aliases))
	for name, source := range aliases {
		told[fold(name)] = source
	}
	return names{told}
}

// numbered is what surveys put before their questions, such as "1. " and "Q2: ".
var numbered = regexp.MustCompile(`^[Qq]?\d{1,2}\s*[.):]\s*`)

// longestName bounds what may be a name of a known column.
const longestName = 80

// of returns what a header stands for; its source is "" for a column that is not to be read.
func (n names) of(header string) (alias, bool) {
	header = strings.TrimSpace(header)
	if header == "" || len(header) > leadtype.MaxName {
		return alias{}, false
	}
	if len(header) <= longestName || len(n.told) > 0 {
		folded := fold(header)
		if source, ok := n.told[folded]; ok && folded != "" {
			return alias{source: source}, true
		}
		known, ok := listed(folded)
		if !ok {
			known, ok = listed(fold(numbered.ReplaceAllString(header, "")))
		}
		if ok && len(header) <= longestName {
			return known, true
		}
	}
	if leadtype.IsSourceField(header) {
		return alias{source: header}, true
	}
	return alias{}, false
}

// What forms write before and behind the name of a column, folded.
var (
	asked = []string{"whatisyour", "whatsyour", "pleaseenteryour", "enteryour", "your", "ihre", "ihr", "votre", "su", "uw"}
	// questions is how many of asked are questions, before which forms greet people.
	questions = 2
	remarked  = []string{"required", "optional", "mandatory", "pflichtfeld", "pflichtangabe", "freiwillig", "obligatoire",
		"facultatif", "obligatorio", "opcional", "verplicht", "optioneel"}
	// whose are those that a list is about, before or behind what a column says of them, and ofPerson
	// what that may be.
	whose = []string{"attendee", "participant", "registrant", "delegate", "visitor", "invitee", "teilnehmer",
		"besucher", "duparticipant", "duvisiteur", "delasistente", "delparticipante", "vandedeelnemer", "deelnemer"}
	ofPerson = []string{wholeName, "firstName", "lastName", "email", "jobTitle", "phone", "mobilePhone", "company",
		"street", "city", "state", "postalCode", "country"}
	ofName    = []string{"firstName", "lastName"}
	ofAddress = []string{"street", secondLine, "city", "state", "postalCode", "country"}
	// groups are what forms and CRMs write before the parts of something: "Name (First)".
	groups = []struct {
		word  string
		parts []string
	}{
		{"contact", ofPerson}, {"person", ofPerson}, {"fullname", ofName}, {"name", ofName}, {"address", ofAddress},
	}
)

// listed returns what a folded name stands for, also with what forms write around it.
func listed(folded string) (alias, bool) {
	names := shipped()
	if known, ok := names[folded]; ok {
		return known, true
	}
	for _, word := range remarked {
		folded = strings.TrimSuffix(folded, word)
	}
	if known, ok := names[folded]; ok {
		return known, true
	}
	for _, word := range asked {
		if known, ok := names[strings.TrimPrefix(folded, word)]; ok {
			return known, true
		}
	}
	for _, word := range asked[:questions] { // "Hi there, what is your e-mail address?"
		before, behind, found := strings.Cut(folded, word)
		if known, ok := names[behind]; found && ok && !strings.HasPrefix(before, "question") {
			return known, true
		}
	}
	for _, word := range whose {
		for _, rest := range []string{strings.TrimPrefix(folded, word), strings.TrimSuffix(folded, word)} {
			if known, ok := names[rest]; ok && slices.Contains(ofPerson, known.source) {
				return known, true
			}
		}
	}
	for _, group := range groups {
		known, ok := names[strings.TrimPrefix(folded, group.word)]
		if ok && slices.Contains(group.parts, known.source) {
			return known, true
		}
	}
	return alias{}, false
}

// isWhose reports whether a header says that its column is of those that the list is about, and not
// only who they are: "Attendee Name", and not "Attendee", which may hold a yes.
func isWhose(header string) bool {
	folded := fold(header)
	return slices.ContainsFunc(whose, func(word string) bool {
		return word != folded && (strings.HasPrefix(folded, word) || strings.HasSuffix(folded, word))
	})
}
