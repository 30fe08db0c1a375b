// SPDX-License-Identifier: Apache-2.0

// Command mkplans writes the table of numbering plans of package reading, from the
// metadata of libphonenumber and from the lists below. Run it in the directory of this
// module:
//
//	go run ./mkplans ../internal/reading/plans.txt
package main

import (
	"cmp"
	"fmt"
	"os"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// former are what people still dial before national numbers, beside what the metadata has,
// by calling code.
var former = map[int]string{
	7: "8", 36: "06", 52: "01 044 045 1", 241: "0", 370: "0 8", 375: "8 80 0", 380: "80", 374: "8", 992: "8",
	993: "8", 994: "8", 995: "8", 996: "8", 998: "8",
}

// abroad are what is dialled before international numbers where that is neither 00 nor a
// number of each carrier's own.
var abroad = map[int]string{
	1: "011", 7: "810", 53: "119", 61: "0011", 62: "001 008", 66: "001", 81: "010", 82: "001 002", 234: "009",
	254: "000", 255: "000", 256: "000", 375: "810", 592: "001", 691: "011", 692: "011", 852: "001", 855: "001 007",
	886: "002", 976: "001", 992: "810", 993: "810",
}

// header begins the file.
const header = `# Numbering plans by calling code, written by phone/mkplans from the metadata of
# libphonenumber (Apache-2.0). The columns are the calling code, what is dialled before a
# national number ("-" for nothing), what is dialled before an international one, how many
# digits the numbers of usual lines have, and which are their first two; then the same for
# those that are free or cost more.
`

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: mkplans <file>")
		os.Exit(2)
	}
	text, err := table()
	if err == nil {
		err = os.WriteFile(os.Args[1], []byte(text), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A plan is that of all regions with one calling code.
type plan struct {
	code           int
	trunks         []string
	usual, special lines
}

// lines are numbers of some kinds: their lengths, and the first two digits that they have.
type lines struct {
	lengths []int
	first   [100]bool
}

// table returns the text of the file.
func table() (string, error) {
	collection, err := phonenumbers.MetadataCollection()
	if err != nil {
		return "", err
	}
	plans := make(map[int]*plan)
	for _, m := range collection.GetMetadata() {
		code := int(m.GetCountryCode())
		p := cmp.Or(plans[code], &plan{code: code, trunks: strings.Fields(former[code])})
		plans[code] = p
		if err := p.add(m); err != nil {
			return "", err
		}
	}
	var rows []string
	for _, p := range plans {
		rows = append(rows, p.line())
	}
	slices.Sort(rows)
	return header + strings.Join(rows, "\n") + "\n", nil
}

// add adds what one region's metadata says.
func (p *plan) add(m *phonenumbers.PhoneMetadata) error {
	if trunk := m.GetNationalPrefix(); trunk != "" && !slices.Contains(p.trunks, trunk) {
		p.trunks = append(p.trunks, trunk)
	}
	general := m.GetGeneralDesc().GetPossibleLength()
	for to, kinds := range map[*lines][]*phonenumbers.PhoneNumberDesc{
		&p.usual:   {m.GetFixedLine(), m.GetMobile(), m.GetVoip()},
		&p.special: {m.GetTollFree(), m.GetSharedCost(), m.GetPremiumRate(), m.GetPersonalNumber(), m.GetUan(), m.GetPager()},
	} {
		for _, kind := range kinds {
			pattern := kind.GetNationalNumberPattern()
			if pattern == "" || pattern == "NA" {
				continue
			}
			lengths := kind.GetPossibleLength()
			if len(lengths) == 0 {
				lengths = general // left out where they are the same
			}
			addLengths(&to.lengths, lengths)
			if err := to.addFirst(pattern); err != nil {
				return err
			}
		}
	}
	return nil
}

func addLengths(to *[]int, lengths []int32) {
	for _, length := range lengths {
		if length > 0 && !slices.Contains(*to, int(length)) {
			*to = append(*to, int(length))
		}
	}
}

// addFirst adds the pairs of digits that texts of a pattern begin with.
func (l *lines) addFirst(pattern string) error {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return err
	}
	prog, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return err
	}
	for pair := range l.first {
		states := step(prog, []uint32{uint32(prog.Start)}, rune('0'+pair/10))
		l.first[pair] = l.first[pair] || len(step(prog, states, rune('0'+pair%10))) > 0
	}
	return nil
}

// step returns the states of a program after one more rune.
func step(prog *syntax.Prog, states []uint32, r rune) (next []uint32) {
	seen := make(map[uint32]bool)
	for len(states) > 0 {
		at := states[0]
		states = states[1:]
		if seen[at] {
			continue
		}
		seen[at] = true
		switch inst := &prog.Inst[at]; inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			states = append(states, inst.Out, inst.Arg)
		case syntax.InstCapture, syntax.InstNop, syntax.InstEmptyWidth:
			states = append(states, inst.Out)
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			if inst.MatchRune(r) {
				next = append(next, inst.Out)
			}
		}
	}
	return next
}

// line writes the plan.
func (p *plan) line() string {
	if p.code == 1 { // those of seven digits lack their area code
		p.usual.lengths = []int{10}
	}
	slices.SortFunc(p.trunks, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	exits := append(strings.Fields(abroad[p.code]), "00")
	return strings.Join([]string{strconv.Itoa(p.code), cmp.Or(strings.Join(p.trunks, ","), "-"), strings.Join(exits, ","),
		numbers(p.usual.lengths), ranges(p.usual.first), numbers(p.special.lengths), ranges(p.special.first),
	}, " ")
}

// numbers writes lengths.
func numbers(lengths []int) string {
	slices.Sort(lengths)
	texts := make([]string, len(lengths))
	for i, length := range lengths {
		texts[i] = strconv.Itoa(length)
	}
	return cmp.Or(strings.Join(texts, ","), "-")
}

// ranges writes pairs of digits, those that follow one another as 20-29.
func ranges(pairs [100]bool) string {
	var parts []string
	for i := 0; i < len(pairs); i++ {
		if !pairs[i] {
			continue
		}
		end := i
		for end+1 < len(pairs) && pairs[end+1] {
			end++
		}
		part := fmt.Sprintf("%02d", i)
		if end > i {
			part += fmt.Sprintf("-%02d", end)
		}
		parts = append(parts, part)
		i = end
	}
	return cmp.Or(strings.Join(parts, ","), "-")
}
