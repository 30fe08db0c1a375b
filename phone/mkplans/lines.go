// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"fmt"
	"maps"
	"math/bits"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
)

// lines are numbers of some kinds.
type lines []pattern

// A pattern matches numbers that have some lengths.
type pattern struct {
	prog    *syntax.Prog
	lengths uint32 // a bit for each
	states  []uint32
}

func (l *lines) add(expression string, lengths []int32) error {
	parsed, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return err
	}
	prog, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return err
	}
	p := pattern{prog: prog, states: []uint32{uint32(prog.Start)}}
	for _, length := range lengths {
		p.lengths |= 1 << length
	}
	*l = append(*l, p)
	return nil
}

// next returns the patterns after one more digit of those from low to high.
func (l lines) next(low, high rune) lines {
	var after lines
	for _, p := range l {
		var states []uint32
		for digit := low; digit <= high; digit++ {
			states = append(states, step(p.prog, p.states, digit)...)
		}
		slices.Sort(states)
		if p.states = slices.Compact(states); len(p.states) > 0 {
			after = append(after, p)
		}
	}
	return after
}

// ends reports whether numbers with so many digits may end here, as a bit of lengths.
func (l lines) ends(digits int) uint32 {
	for _, p := range l {
		if p.lengths&(1<<digits) != 0 && matched(p.prog, p.states) {
			return 1 << digits
		}
	}
	return 0
}

// lengths returns how many digits the numbers have that begin with so many.
func (l lines) lengths(digits int) (all uint32) {
	for ; len(l) > 0; digits++ {
		all |= l.ends(digits)
		l = l.next('0', '9')
	}
	return all
}

// rare is which part of the blocks below a prefix may have a length that does not count for the
// others: single switchboards among the lines of a city.
const rare = 20

// common returns how many digits the numbers have that begin with a prefix, without rare lengths.
func (l lines) common(prefix string) (all uint32) {
	var counts [32]int
	blocks := 0
	for pair := range 100 {
		first, second := rune('0'+pair/10), rune('0'+pair%10)
		lengths := l.next(first, first).next(second, second).lengths(len(prefix) + 2)
		if lengths != 0 {
			blocks++
		}
		for ; lengths != 0; lengths &= lengths - 1 {
			counts[bits.TrailingZeros32(lengths)]++
		}
	}
	for length, count := range counts {
		if count > 0 && count*rare >= blocks {
			all |= 1 << length
		}
	}
	return all | l.ends(len(prefix))
}

// A trie collects prefixes.
type trie struct {
	depth int // of how many digits they are at most
	found map[string]uint32
	alike map[string]uint32 // by state, where the digits that follow make no difference
}

// add adds the lengths of the numbers that begin with prefix, and those of longer ones where not
// all are alike. It returns the lengths where they are.
func (t *trie) add(l lines, prefix string) (alike uint32, whole bool) {
	if len(l) == 0 {
		return 0, true
	}
	if len(prefix) == t.depth {
		if alike = l.lengths(len(prefix)); t.depth == depthUsual {
			alike = l.common(prefix)
		}
		if alike != 0 {
			t.found[prefix] = alike
		}
		return alike, true
	}
	state := fmt.Sprint(len(prefix))
	for _, p := range l {
		state += fmt.Sprintf(" %p %v", p.prog, p.states)
	}
	if known, ok := t.alike[state]; ok {
		t.found[prefix] = known
		return known, true
	}
	whole = true
	for digit := '0'; digit <= '9'; digit++ {
		lengths, same := t.add(l.next(digit, digit), prefix+string(digit))
		whole = whole && same && (digit == '0' || lengths == alike)
		alike = lengths
	}
	if whole {
		for digit := '0'; digit <= '9'; digit++ {
			delete(t.found, prefix+string(digit))
		}
	} else {
		alike = 0
	}
	if alike |= l.ends(len(prefix)); alike != 0 {
		t.found[prefix] = alike
	}
	if whole {
		t.alike[state] = alike
	}
	return alike, whole
}

// column writes lengths and the prefixes of the numbers that have them, as 8,9:20-29,301/10:15.
func (l lines) column(depth int) string {
	t := trie{depth: depth, found: make(map[string]uint32), alike: make(map[string]uint32)}
	t.add(l, "")
	of := make(map[uint32][]string)
	for prefix, lengths := range t.found {
		of[lengths] = append(of[lengths], prefix)
	}
	var groups []string
	for _, lengths := range slices.Sorted(maps.Keys(of)) {
		var texts []string
		for rest := lengths; rest != 0; rest &= rest - 1 {
			texts = append(texts, strconv.Itoa(bits.TrailingZeros32(rest)))
		}
		groups = append(groups, strings.Join(texts, ",")+":"+ranges(of[lengths]))
	}
	return cmp.Or(strings.Join(groups, "/"), "-")
}

// ranges writes prefixes, those that follow one another as 20-29.
func ranges(prefixes []string) string {
	slices.SortFunc(prefixes, func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) })
	var parts []string
	for i := 0; i < len(prefixes); i++ {
		end := i
		for end+1 < len(prefixes) && follows(prefixes[end], prefixes[end+1]) {
			end++
		}
		part := prefixes[i]
		if end > i {
			part += "-" + prefixes[end]
		}
		parts = append(parts, part)
		i = end
	}
	return strings.Join(parts, ",")
}

func follows(a, b string) bool {
	n, _ := strconv.Atoi(a)
	return b == fmt.Sprintf("%0*d", len(a), n+1)
}

// matched reports whether a program matches in one of the states.
func matched(prog *syntax.Prog, states []uint32) bool {
	return slices.ContainsFunc(closure(prog, states), func(at uint32) bool {
		return prog.Inst[at].Op == syntax.InstMatch
	})
}

// step returns the states of a program after one more rune.
func step(prog *syntax.Prog, states []uint32, r rune) (next []uint32) {
	for _, at := range closure(prog, states) {
		switch inst := &prog.Inst[at]; inst.Op {
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			if inst.MatchRune(r) {
				next = append(next, inst.Out)
			}
		}
	}
	return next
}

// closure returns the states that a program reaches without a rune.
func closure(prog *syntax.Prog, states []uint32) (all []uint32) {
	todo := slices.Clone(states)
	seen := make(map[uint32]bool)
	for len(todo) > 0 {
		at := todo[0]
		todo = todo[1:]
		if seen[at] {
			continue
		}
		seen[at] = true
		all = append(all, at)
		switch inst := &prog.Inst[at]; inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			todo = append(todo, inst.Out, inst.Arg)
		case syntax.InstCapture, syntax.InstNop, syntax.InstEmptyWidth:
			todo = append(todo, inst.Out)
		}
	}
	return all
}
