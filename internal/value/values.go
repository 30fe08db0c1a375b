// SPDX-License-Identifier: Apache-2.0

package value

import (
	"strings"

	"github.com/leadsync/leadsync/salesforce"
)

// Values say which value each text stands for: the options of a qualifier, or the values of a
// rule.
type Values map[string]string

// Of returns what text stands for; an empty map maps each text to itself. Texts are compared as
// they are, else without regard to case, else as options are at last; there two that fit with
// different values are none.
func (m Values) Of(text string) (string, bool) {
	if len(m) == 0 {
		return text, true
	}
	if v, ok := m[text]; ok {
		return v, true
	}
	found, hits, plain := "", 0, plainSpaced(text)
	for name, v := range m {
		name = strings.TrimSpace(name)
		if SameName(name, text) {
			return v, true
		}
		if (hits == 0 || v != found) && sameLoosely(name, text, plain) {
			found, hits = v, hits+1
		}
	}
	if hits != 1 {
		return "", false
	}
	return found, true
}

// fewTexts is how many are looked for one by one.
const fewTexts = 8

// Finder returns what does the same as Of, for many texts.
func (m Values) Finder(texts int) func(string) (string, bool) {
	if len(m) == 0 || texts <= fewTexts {
		return m.Of
	}
	index, loose, twice := make(map[string]string, len(m)), make(map[string]string, len(m)), make(map[string]bool)
	for name, v := range m {
		name = strings.TrimSpace(name)
		index[FoldName(name)] = v
		name = FoldName(looseName(name))
		if earlier, ok := loose[name]; ok && earlier != v {
			twice[name] = true
		}
		loose[name] = v
	}
	return func(text string) (string, bool) {
		if v, ok := index[FoldName(text)]; ok {
			return v, true
		}
		text = FoldName(looseName(text))
		if v, ok := loose[text]; ok && !twice[text] {
			return v, true
		}
		return "", false
	}
}

// Split returns the parts of texts that name several things at once, such as "Demo,
// Pricing", where field takes several. What cannot be split stays whole.
func (m Values) Split(field *salesforce.Field, texts []string) []string {
	if field.Type != salesforce.TypeMultipicklist {
		return texts
	}
	known := func(text string) bool {
		_, ok := m.Of(text)
		if ok && len(m) == 0 {
			_, ok = FindOption(field, text)
		}
		return ok
	}
	var parts []string
	for _, text := range texts {
		some, ok := SplitList(text, known)
		if !ok {
			some = []string{text}
		}
		parts = append(parts, some...)
	}
	return parts
}
