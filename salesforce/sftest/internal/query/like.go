// SPDX-License-Identifier: Apache-2.0

package query

import (
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
)

// A likeMatcher is one LIKE, or several of one field joined by OR: a query may have a thousand
// of them, too many to try each on every row.
type likeMatcher struct {
	path *Path
	// always are the patterns without three letters in a row.
	always []like
	// byTrigram are the others, each by its rarest three letters in a row.
	byTrigram map[[3]rune][]like
}

func newLikeMatcher(p *Path, patterns []like) *likeMatcher {
	m := &likeMatcher{path: p, byTrigram: map[[3]rune][]like{}}
	common := map[[3]rune]int{}
	for _, pattern := range patterns {
		for _, trigram := range pattern.trigrams() {
			common[trigram]++
		}
	}
	for _, pattern := range patterns {
		trigrams := pattern.trigrams()
		if len(trigrams) == 0 {
			m.always = append(m.always, pattern)
			continue
		}
		rarest := slices.MinFunc(trigrams, func(a, b [3]rune) int { return common[a] - common[b] })
		m.byTrigram[rarest] = append(m.byTrigram[rarest], pattern)
	}
	return m
}

func (*likeMatcher) candidates(*evaluation) ([]*db.Row, bool) { return nil, false }

func (m *likeMatcher) match(e *evaluation, r *db.Row) bool {
	v, ok := e.engine.Follow(r, m.path, e.all).(string)
	if !ok {
		return false
	}
	text := []rune(strings.ToLower(v))
	matches := func(pattern like) bool { return pattern.match(text) }
	if slices.ContainsFunc(m.always, matches) {
		return true
	}
	for i := 0; i+3 <= len(text); i++ {
		if slices.ContainsFunc(m.byTrigram[[3]rune(text[i:i+3])], matches) {
			return true
		}
	}
	return false
}

// joinLikes merges the alternatives that are a LIKE of the same field.
func joinLikes(alternatives []matcher) []matcher {
	var out []matcher
	joined := map[string][]like{}
	paths := map[string]*Path{}
	for _, m := range alternatives {
		one, ok := m.(*likeMatcher)
		if !ok {
			out = append(out, m)
			continue
		}
		key := one.path.text()
		paths[key] = one.path
		joined[key] = append(joined[key], one.patterns()...)
	}
	for key, patterns := range joined {
		out = append(out, newLikeMatcher(paths[key], patterns))
	}
	return out
}

func (m *likeMatcher) patterns() []like {
	patterns := slices.Clone(m.always)
	for _, some := range m.byTrigram {
		patterns = append(patterns, some...)
	}
	return patterns
}

// A like is a LIKE pattern: anyRun for %, anyOne for _, else a letter.
type like []rune

const (
	anyRun rune = -1
	anyOne rune = -2
)

// compileLike compiles a pattern of the lexer, in which \_, \% and \\ are literal characters.
func compileLike(pattern string) like {
	var l like
	escaped := false
	for _, c := range strings.ToLower(pattern) {
		switch {
		case escaped:
			l, escaped = append(l, c), false
		case c == '\\':
			escaped = true
		case c == '%':
			l = append(l, anyRun)
		case c == '_':
			l = append(l, anyOne)
		default:
			l = append(l, c)
		}
	}
	return l
}

// match matches the pattern; at a mismatch it backtracks to the last %.
func (l like) match(text []rune) bool {
	p, t, run, resume := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(l) && l[p] == anyRun:
			run, resume = p, t
			p++
		case p < len(l) && (l[p] == anyOne || l[p] == text[t]):
			p++
			t++
		case run >= 0:
			resume++
			p, t = run+1, resume
		default:
			return false
		}
	}
	for p < len(l) && l[p] == anyRun {
		p++
	}
	return p == len(l)
}

// trigrams returns the runs of three letters in the pattern.
func (l like) trigrams() [][3]rune {
	var found [][3]rune
	for i := 0; i+3 <= len(l); i++ {
		if t := [3]rune(l[i : i+3]); t[0] >= 0 && t[1] >= 0 && t[2] >= 0 {
			found = append(found, t)
		}
	}
	return found
}
