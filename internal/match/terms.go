// SPDX-License-Identifier: Apache-2.0

package match

import (
	"maps"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/internal/personaccount"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// termsOf returns the values wanted as terms, each a field and a value: parts of one text.
func termsOf(wanted map[string]value.Set) []string {
	size, n := 0, 0
	for field, texts := range wanted {
		for text := range texts {
			size, n = size+len(field)+1+len(text), n+1
		}
	}
	all, ends := make([]byte, 0, size), make([]int, 0, n)
	for _, field := range slices.Sorted(maps.Keys(wanted)) {
		for _, text := range wanted[field].Sorted() {
			all = append(append(append(all, field...), 0), text...)
			ends = append(ends, len(all))
		}
	}
	text, from := string(all), 0
	terms := make([]string, len(ends))
	for i, end := range ends {
		terms[i], from = text[from:end], end
	}
	return terms
}

// namesakeTerm marks the terms that ask for namesakes rather than for a field.
const namesakeTerm = "+"

// AnyTerm is the condition that one of the terms, each a field and a value,
// holds.
func AnyTerm(terms []string) soql.Condition {
	values := make(map[string][]string)
	var order []string
	for _, term := range terms {
		field, text, _ := strings.Cut(term, "\x00")
		if values[field] == nil {
			order = append(order, field)
		}
		values[field] = append(values[field], text)
	}
	conditions := make([]soql.Condition, len(order))
	for i, field := range order {
		if field == namesakeTerm {
			conditions[i] = soql.And(soql.Eq("Email", nil), soql.In("LastName", values[field]...))
			continue
		}
		conditions[i] = soql.In(field, values[field]...)
	}
	return soql.Or(conditions...)
}

// anyAccount is the condition that an Account may be meant by one of the terms. persons says
// that there are person accounts, which no website and no name is to find.
func anyAccount(terms []string, persons bool) soql.Condition {
	var exact []string
	var conditions []soql.Condition
	for _, term := range terms {
		field, text, _ := strings.Cut(term, "\x00")
		switch field {
		case "Website":
			for _, domain := range identity.DomainForms(text) {
				conditions = append(conditions, soql.Like("Website", soql.Anything(), soql.Text(domain), soql.Anything()))
			}
		case "Name":
			conditions = append(conditions, likeName(text))
		default:
			exact = append(exact, term)
		}
	}
	if persons && len(conditions) > 0 {
		conditions = []soql.Condition{soql.And(soql.Eq(personaccount.Marker, false), soql.Or(conditions...))}
	}
	return soql.Or(append(conditions, AnyTerm(exact))...)
}

// likeName matches names that begin with the words of a name, or with a legal form and
// them, whatever is between and after them. The name itself is asked for too where the words do not match it, such
// as one that begins with punctuation.
func likeName(name string) soql.Condition {
	var ways []soql.Condition
	exact := false
	for _, words := range namePatterns(identity.CompanyStem(name)) {
		var parts []soql.LikePart
		for i, word := range words {
			if i > 0 {
				parts = append(parts, soql.Anything())
			}
			parts = append(parts, soql.Text(word))
		}
		ways = append(ways, soql.Like("Name", parts...))
		exact = exact || beginsWith(name, words)
	}
	if !exact {
		ways = append(ways, soql.Eq("Name", name))
	}
	for _, prefix := range identity.CompanyPrefixes(name) {
		parts := []soql.LikePart{soql.Text(prefix)}
		for _, word := range identity.CompanyStem(name) {
			parts = append(parts, soql.Anything(), soql.Text(word))
		}
		ways = append(ways, soql.Like("Name", append(parts, soql.Anything())...))
	}
	return soql.Or(ways...)
}

// namePatterns returns the ways to find a name by its words, each a list of texts with
// anything between them. A very short name must be whole, or be followed by a space or
// a comma, since half the org may begin with it.
func namePatterns(stem []string) [][]string {
	const short = 4
	if len([]rune(strings.Join(stem, ""))) >= short {
		return [][]string{append(slices.Clone(stem), "")}
	}
	last := len(stem) - 1
	followedBy := func(end string) []string {
		return append(slices.Clone(stem[:last]), stem[last]+end, "")
	}
	return [][]string{stem, followedBy(" "), followedBy(",")}
}

// beginsWith reports whether a name begins with the words, one after the other and
// with anything between them.
func beginsWith(name string, words []string) bool {
	rest := strings.ToLower(name)
	for i, word := range words {
		at := strings.Index(rest, word)
		if at < 0 || i == 0 && at > 0 {
			return false
		}
		rest = rest[at+len(word):]
	}
	return true
}
