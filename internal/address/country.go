// SPDX-License-Identifier: Apache-2.0

package address

import (
	"slices"
	"strings"
)

// CountryCode returns the ISO 3166-1 alpha-2 code of a country, "" for a text that is no
// country's name. It knows the codes of two and three letters, the names in the languages
// of CLDR that the table was made of, and usual spellings, and a text that says one country
// twice, such as "DE - Deutschland".
func CountryCode(text string) string {
	if code, ok := unlikeItsFold(text); ok {
		return code
	}
	if code := countryNamed(Fold(text)); code != "" {
		return code
	}
	if before, after, ok := strings.Cut(text, ","); ok { // Korea, Republic of
		if code := countryNamed(Fold(after + " " + before)); code != "" {
			return code
		}
	}
	return agreed(text, func(part string) string { return countryNamed(Fold(part)) })
}

// unlikeItsFold returns the code for a text that is another country's without its accents,
// or nothing in letters: ČR is not Costa Rica, and a flag is its country.
func unlikeItsFold(text string) (code string, ok bool) {
	if len(text) < len("ČR") || text[0] < 0x80 {
		return "", false
	}
	text = strings.TrimSpace(text)
	if strings.EqualFold(text, "ČR") {
		return "CZ", true
	}
	letters := make([]byte, 0, 2)
	for _, r := range text {
		if r < '🇦' || r > '🇿' {
			return "", false
		}
		letters = append(letters, byte('a'+r-'🇦'))
	}
	if len(letters) != 2 {
		return "", false
	}
	return countryNamed(string(letters)), true
}

// forms begin the official names of countries. Those that are not clear without them, such
// as Republic of Korea, are in the table.
var forms = [...]string{"the ", "die ", "la ", "le ", "federal ", "federative ", "islamic ", "democratic ",
	"socialist ", "united ", "republic of ", "kingdom of ", "state of ", "commonwealth of ",
	"principality of ", "sultanate of ", "union of ", "rep of "}

// countryNamed returns the code for a key.
func countryNamed(key string) string {
	for key != "" {
		if code := lookUp(countryTable, key); code != "" {
			return code
		}
		rest := key
		for _, form := range forms {
			if rest = strings.TrimPrefix(key, form); rest != key {
				break
			}
		}
		if rest == key {
			return ""
		}
		key = rest
	}
	return ""
}

// agreed returns what the parts of a text stand for where they all stand for the same, ""
// otherwise.
func agreed(text string, of func(string) string) string {
	var whole string
	for _, part := range split(text) {
		one := of(part)
		if one == "" || whole != "" && one != whole {
			return ""
		}
		whole = one
	}
	return whole
}

// split returns the parts of a text: in brackets, or separated by a dash between spaces, a
// slash, a comma or a line break. It is nil for a text of one part.
func split(text string) []string {
	if !strings.ContainsAny(text, "-–/(),|[]\n") {
		return nil
	}
	text = separators.Replace(text)
	parts := slices.DeleteFunc(strings.Split(text, "/"), func(part string) bool { return strings.TrimSpace(part) == "" })
	if len(parts) == 1 && !strings.Contains(text, "/") {
		return nil
	}
	return parts
}

var separators = strings.NewReplacer(" - ", "/", " – ", "/", "(", "/", ")", "/", ",", "/", "\n", "/", "|", "/", "[",
	"/", "]", "/")
