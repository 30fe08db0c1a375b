// SPDX-License-Identifier: Apache-2.0

package address

import (
	"slices"
	"strings"
)

// sameState reports whether two texts may name one state. Country is the code of the
// country of one of them, "" where it is not known.
func sameState(a, b, country string) bool {
	if Fold(a) == Fold(b) {
		return true
	}
	return anyOf(stateIDs(a, country), stateIDs(b, country))
}

func sameCountry(a, b string) bool {
	if a == b {
		return true
	}
	if ours, theirs := CountryCode(a), CountryCode(b); ours != "" && theirs != "" {
		return ours == theirs
	}
	return Fold(a) == Fold(b)
}

// FoldCity is Fold for cities: without the number of a district, and with saints and
// umlauts written in one way.
func FoldCity(text string) string {
	words := strings.Fields(Fold(text))
	for len(words) > 1 && (isNumber(words[len(words)-1]) || words[len(words)-1] == "cedex") {
		words = words[:len(words)-1] // Paris Cedex 08, Dublin 2
	}
	for i, word := range words {
		switch word {
		case "saint", "sankt", "sint", "san", "santa", "ste", "sta":
			words[i] = "st"
		default:
			words[i] = simple(word)
		}
	}
	return strings.Join(words, " ")
}

// simple writes a word without what keyboards and scanners do to it: ö is o in a key, so oe
// is o too.
func simple(word string) string { return digraphs.Replace(word) }

var digraphs = strings.NewReplacer("ae", "a", "oe", "o", "ue", "u", "aa", "a")

func sameCity(a, b string) bool {
	ours, theirs := FoldCity(a), FoldCity(b)
	if ours == theirs || strings.ReplaceAll(ours, " ", "") == strings.ReplaceAll(theirs, " ", "") {
		return true
	}
	city := lookUp(cityTable, ours)
	return city != "" && city == lookUp(cityTable, theirs)
}

// samePostalCode reports whether two codes are of one area. A code without leading zeros is
// what a spreadsheet leaves of one, and a ZIP code may have the four digits of its route.
func samePostalCode(a, b string) bool {
	ours, theirs := postalKey(a), postalKey(b)
	if len(ours) < len(theirs) {
		ours, theirs = theirs, ours
	}
	switch {
	case ours == theirs:
		return true
	case !isNumber(ours) || !isNumber(theirs):
		return false
	case len(ours) == len("100010001") && len(theirs) == len("10001"):
		return strings.HasPrefix(ours, theirs)
	}
	return strings.TrimLeft(ours, "0") == strings.TrimLeft(theirs, "0")
}

// postalKey returns a postal code without spaces and without the sign of the country in
// front of digits: D-10115 is 10115.
func postalKey(text string) string {
	key := strings.ReplaceAll(Fold(text), " ", "")
	for n := 1; n <= 2 && n < len(key); n++ {
		if rest := key[n:]; len(rest) >= 4 && isNumber(rest) && !isNumber(key[:n]) {
			return rest
		}
	}
	return key
}

func isNumber(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return text != ""
}

func sameStreet(a, b string) bool {
	if Fold(a) == Fold(b) {
		return true
	}
	ours, theirs := streetWords(a), streetWords(b)
	if glued(ours) == glued(theirs) {
		return true
	}
	if !slices.Equal(numbersOf(ours), numbersOf(theirs)) { // 12 Main St Apt 5, 5 Main St Apt 12
		return false
	}
	slices.Sort(ours) // 5 rue Lafayette, rue Lafayette 5
	slices.Sort(theirs)
	return slices.Equal(ours, theirs)
}

// numbersOf returns the words that have a digit in them.
func numbersOf(words []string) []string {
	return slices.DeleteFunc(
		slices.Clone(words),
		func(word string) bool { return !strings.ContainsAny(word, "0123456789") },
	)
}

// streetWords returns the words of a street, each kind of street in one spelling.
func streetWords(text string) []string {
	words := strings.Fields(Fold(text))
	kept := words[:0]
	for _, word := range words {
		if short, ok := streetWord(word); ok {
			word = short
		} else {
			word = simple(word)
			for _, ending := range [...]string{"strasse", "straat"} {
				if stem, found := strings.CutSuffix(word, simple(ending)); found {
					word = stem + "str"
				}
			}
		}
		if word != "" {
			kept = append(kept, word)
		}
	}
	return kept
}

// streetWord returns the one spelling of a word for a kind of street, or for a part of a
// building, "" for one that says nothing.
func streetWord(word string) (string, bool) {
	switch word {
	case "street", "st", "str", "strasse", "straat", "saint", "sankt":
		return "str", true
	case "avenue", "ave", "av", "avda", "avenida", "aven":
		return "ave", true
	case "boulevard", "blvd", "bd", "boul", "bvd", "blv":
		return "blvd", true
	case "road", "rd":
		return "rd", true
	case "drive", "dr":
		return "dr", true
	case "lane", "ln":
		return "ln", true
	case "place", "pl", "platz", "plaza", "plaça", "pza", "piazza":
		return "pl", true
	case "square", "sq":
		return "sq", true
	case "court", "ct":
		return "ct", true
	case "highway", "hwy":
		return "hwy", true
	case "parkway", "pkwy", "pky":
		return "pkwy", true
	case "circle", "cir":
		return "cir", true
	case "terrace", "ter", "terr":
		return "ter", true
	case "suite", "ste":
		return "ste", true
	case "apartment", "apt", "appartement", "app":
		return "apt", true
	case "floor", "fl":
		return "fl", true
	case "building", "bldg":
		return "bldg", true
	}
	return compass(word)
}

func compass(word string) (string, bool) {
	switch word {
	case "north", "n":
		return "n", true
	case "south", "s":
		return "s", true
	case "east", "e":
		return "e", true
	case "west", "w":
		return "w", true
	case "northeast", "ne":
		return "ne", true
	case "northwest", "nw":
		return "nw", true
	case "southeast", "se":
		return "se", true
	case "southwest", "sw":
		return "sw", true
	case "calle", "c":
		return "c", true
	case "rua", "r", "rue":
		return "r", true
	case "ulica", "ul", "ulitsa":
		return "ul", true
	case "via", "v":
		return "v", true
	case "no", "nr", "number", "num":
		return "", true
	}
	return "", false
}

// glued joins words, but for two numbers in a row: Haupt Str. 5 is Hauptstr. 5.
func glued(words []string) string {
	var b strings.Builder
	for _, word := range words {
		if s := b.String(); s != "" && isNumber(s[len(s)-1:]) && isNumber(word[:1]) {
			b.WriteByte(' ')
		}
		b.WriteString(word)
	}
	return b.String()
}

// Same reports whether two texts are spellings of one part of an address. Country is the
// code of the country in which a state is, "" where it is not known.
func Same(part Part, a, b, country string) bool {
	switch part {
	case Street:
		return sameStreet(a, b)
	case City:
		return sameCity(a, b)
	case State:
		return sameState(a, b, country)
	case PostalCode:
		return samePostalCode(a, b)
	}
	return sameCountry(a, b)
}
