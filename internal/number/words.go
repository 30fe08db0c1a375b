// SPDX-License-Identifier: Apache-2.0

package number

import (
	_ "embed"
	"math/big"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/currency"
)

// The lists have one word a line, in the form of normal, sorted. In scales.txt the power of
// ten follows, and "money" for what is a million or a billion only beside a currency, since
// it has other meanings. In currencies.txt the codes follow that a sign may stand for. Those
// of people.txt say what is counted; in months.txt are the months as spreadsheets shorten
// them.
var (
	//go:embed scales.txt
	scalesText string
	//go:embed currencies.txt
	currenciesText string
	//go:embed people.txt
	peopleText string
	//go:embed months.txt
	monthsText string

	scales     = scalesOf(scalesText)
	currencies = currenciesOf(currenciesText)
	people     = longestFirst(strings.Split(strings.TrimSpace(peopleText), "\n"))
	months     = setOf(monthsText)
)

// A scale is what a word multiplies a number with.
type scale struct {
	factor  *big.Rat
	ofMoney bool // only beside a currency
}

func scalesOf(text string) map[string]scale {
	all := make(map[string]scale)
	for line := range strings.Lines(text) {
		columns := strings.Fields(line)
		power, ok := new(big.Int).SetString(columns[1], 10)
		if !ok {
			continue // the test of the lists fails
		}
		factor := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), power, nil))
		all[columns[0]] = scale{factor, slices.Contains(columns, "money")}
	}
	return all
}

func currenciesOf(text string) map[string][]string {
	all := make(map[string][]string)
	for line := range strings.Lines(text) {
		columns := strings.Fields(line)
		all[columns[0]] = columns[1:]
	}
	return all
}

// currencyOf returns the ISO 4217 codes that a sign may stand for, or the one that it is.
func currencyOf(token string) ([]string, bool) {
	if codes, ok := currencies[token]; ok {
		return codes, true
	}
	if len(token) != 3 || scales[token].factor != nil {
		return nil, false
	}
	unit, err := currency.ParseISO(token)
	return []string{unit.String()}, err == nil
}

func longestFirst(words []string) []string {
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	return words
}

// A set holds words.
type set map[string]struct{}

func (s set) has(word string) bool {
	_, ok := s[word]
	return ok
}

func setOf(text string) set {
	all := make(set)
	for word := range strings.FieldsSeq(text) {
		all[word] = struct{}{}
	}
	return all
}

// withoutPeople cuts what is counted off the end: "employees" of "500 employees".
func withoutPeople(text string) string {
	for _, word := range people {
		rest, ok := strings.CutSuffix(text, word)
		last, _ := utf8.DecodeLastRuneInString(rest)
		if ok && rest != "" && !unicode.IsLetter(last) && last != '-' && last != '.' {
			return strings.TrimSpace(rest)
		}
		if ok && rest != "" && scales[string(last)].factor != nil { // 5万人
			return rest
		}
	}
	return text
}
