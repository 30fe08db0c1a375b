// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/address"
	"github.com/leadsync/leadsync/internal/blank"
	"github.com/leadsync/leadsync/internal/reading"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// sources reads the sources of rules, without texts that stand for no value.
type sources struct {
	words  blank.Words
	lead   *leadtype.Lead
	target *Target
}

// of returns the value of a rule's source, and whether a text that a reader sees was taken
// for none.
func (s *sources) of(rule *Rule) (v any, dropped bool) {
	v = decoded(s.value(rule.Source))
	switch text := v.(type) {
	case nil, bool, int, int64, float64:
		return v, false
	case string:
		return s.withoutBlank(rule, v, text)
	case []string:
		return s.withoutBlanks(rule, v, text)
	}
	switch plain, _ := value.PlainValue(v); plain := plain.(type) {
	case string:
		return s.withoutBlank(rule, v, plain)
	case []string:
		return s.withoutBlanks(rule, v, plain)
	}
	return v, false
}

// value returns the value of a source field.
func (s *sources) value(source string) any {
	if s.target.activity != nil {
		if v, ok := ofActivity(s.target.activity, source); ok {
			return v
		}
	}
	return s.lead.Value(source)
}

// decoded returns a value with its texts as they were meant; see reading.Source.
func decoded(v any) any {
	switch v := v.(type) {
	case string:
		if text := reading.Source(v); text != v {
			return text
		}
	case []string:
		return decodedTexts(v)
	}
	return v
}

// answersOf returns a lead's answers to a question as they were meant, in a new slice,
// without those in which nobody sees anything.
func answersOf(lead *leadtype.Lead, question string) []string {
	answers := value.TrimmedValues(decodedTexts(lead.Answers[question]))
	for i := range answers {
		if clean, ok := value.CleanText(answers[i], true); ok {
			answers[i] = clean
		}
	}
	return answers
}

func decodedTexts(texts []string) []string {
	if !slices.ContainsFunc(texts, func(text string) bool { return reading.Source(text) != text }) {
		return texts
	}
	changed := slices.Clone(texts)
	for i := range changed {
		changed[i] = reading.Source(changed[i])
	}
	return changed
}

// withoutBlank returns a value whose text is given, nil where that stands for none.
func (s *sources) withoutBlank(rule *Rule, v any, text string) (any, bool) {
	if !s.standsForNothing(rule, text) {
		return v, false
	}
	return nil, !blank.Empty(text)
}

// withoutBlanks returns a list whose texts are given, without those that stand for no
// value.
func (s *sources) withoutBlanks(rule *Rule, v any, texts []string) (any, bool) {
	if !slices.ContainsFunc(texts, func(text string) bool { return s.standsForNothing(rule, text) }) {
		return v, false
	}
	var kept []string
	dropped := false
	for _, text := range texts {
		if !s.standsForNothing(rule, text) {
			kept = append(kept, text)
		} else {
			dropped = dropped || !blank.Empty(text)
		}
	}
	return kept, dropped
}

// standsForNothing reports whether the text of a rule's source stands for no value.
func (s *sources) standsForNothing(rule *Rule, text string) bool {
	always := text != "" && blank.Always(text)
	if !always && !s.words.Has(text) || rule.maps(text) {
		return false
	}
	if always || rule.By != "" || isPlace(rule, text) {
		return always
	}
	switch rule.Source {
	case "firstName", "lastName":
		first, last := blankNames(s.words, s.lead.FirstName, s.lead.LastName)
		return first && rule.Source == "firstName" || last && rule.Source == "lastName"
	}
	if s.target.Describe == nil {
		return true // a key
	}
	field, ok := s.target.Describe.Field(rule.Field)
	return !ok || !isValueOf(field, text)
}

// isValueOf reports whether a word is a value of the field: an active option, or a yes or
// a no.
func isValueOf(field *salesforce.Field, text string) bool {
	if field.Type == salesforce.TypeBoolean {
		return value.Fits(field.Type, text)
	}
	_, option := value.FindOption(field, strings.TrimSpace(text))
	return option
}

// maps reports whether a rule says what becomes of a text.
func (r *Rule) maps(text string) bool {
	_, mapped := value.Values(r.Values).Of(strings.TrimSpace(text))
	return mapped && len(r.Values) > 0
}

// blankNames reports whether a first and a last name stand for no value: as a word only
// where the other name does too, since there are people whose name is Null.
func blankNames(words blank.Words, first, last string) (firstBlank, lastBlank bool) {
	noFirst, noLast := blank.Always(first), blank.Always(last)
	if !noFirst && !noLast && !words.Has(first) {
		return false, false
	}
	firstWord, lastWord := noFirst || words.Has(first), noLast || words.Has(last)
	return noFirst || firstWord && lastWord, noLast || firstWord && lastWord
}

// isPlace reports whether a word is a country or a state for a rule about one: NA is Namibia,
// and n.a. is not.
func isPlace(rule *Rule, word string) bool {
	if strings.ContainsAny(word, "./") {
		return false
	}
	for _, name := range []string{rule.Source, rule.Field} {
		name = strings.TrimSuffix(strings.ToLower(name), "__c")
		name = strings.TrimRight(strings.TrimSuffix(name, "code"), "_ ")
		if strings.HasSuffix(name, "country") && address.CountryCode(word) != "" ||
			strings.HasSuffix(name, "state") && address.IsState(word) {
			return true
		}
	}
	return false
}

// note says that a text was taken for none, unless the rule would leave the field alone
// anyway.
func (s *sources) note(rule *Rule) []leadtype.Warning {
	if s.target.Describe == nil {
		return nil
	}
	field, ok := s.target.Describe.Field(rule.Field)
	if !ok {
		return nil
	}
	if current, known := s.target.current(
		field,
	); rule.writeRule(s.target) == WriteIfBlank &&
		(!known || !value.IsBlank(current)) {
		return nil
	}
	return []leadtype.Warning{{Kind: leadtype.BlankText, Object: s.target.Object, Field: field.Name,
		Reason: rule.Source + " has a text that stands for no value"}}
}
