// SPDX-License-Identifier: Apache-2.0

package reading

import (
	_ "embed"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A plan is the numbering plan of the countries with one calling code.
type plan struct {
	code           string
	trunks         []string // dialled before a national number
	exits          []string // dialled before an international one
	usual, special lines    // the latter are free, or cost more
}

// lines are numbers of some kinds.
type lines struct {
	lengths []int
	first   [100]bool // the first two digits
}

//go:embed plans.txt
var planText string

// plans are those of plans.txt by calling code. No code begins another.
var plans = sync.OnceValue(func() map[string]*plan {
	all := make(map[string]*plan)
	for line := range strings.Lines(planText) {
		columns := strings.Fields(line)
		if len(columns) != 7 || columns[0] == "#" {
			continue
		}
		all[columns[0]] = &plan{code: columns[0], trunks: listIn(columns[1]), exits: listIn(columns[2]),
			usual: linesIn(columns[3], columns[4]), special: linesIn(columns[5], columns[6])}
	}
	return all
})

// listIn returns the texts of a column; "-" has none.
func listIn(column string) []string {
	if column == "-" {
		return nil
	}
	return strings.Split(column, ",")
}

func numbersIn(column string) []int {
	var all []int
	for _, text := range listIn(column) {
		n, _ := strconv.Atoi(text)
		all = append(all, n)
	}
	return all
}

func linesIn(lengths, first string) lines {
	l := lines{lengths: numbersIn(lengths)}
	for _, text := range listIn(first) {
		from, to, several := strings.Cut(text, "-")
		if !several {
			to = from
		}
		low, _ := strconv.Atoi(from)
		high, _ := strconv.Atoi(to)
		for pair := low; pair <= high && pair < len(l.first); pair++ {
			l.first[pair] = true
		}
	}
	return l
}

// has reports whether a number may be one of the lines.
func (l *lines) has(digits string) bool {
	return len(digits) >= 2 && slices.Contains(l.lengths, len(digits)) && l.first[int(digits[0]-'0')*10+int(digits[1]-'0')]
}

// known reports whether a number without a trunk prefix is one of the plan, as far as that is known.
func (p *plan) known(digits string) bool { return p.usual.has(digits) || p.special.has(digits) }

// KnownCallingCode reports whether there is a country, or a worldwide service, with a calling code.
func KnownCallingCode(code string) bool { return plans()[code] != nil }

// splitCode splits the digits of an international number behind its calling code. It is
// false where they begin with none.
func splitCode(digits string) (p *plan, rest string, ok bool) {
	for n := 1; n <= 3 && n < len(digits); n++ {
		if p := plans()[digits[:n]]; p != nil {
			return p, digits[n:], true
		}
	}
	return nil, "", false
}

// national reads the digits of a number that is dialled within the country. It returns them
// without the trunk prefix, and false where no reading or more than one is possible. A
// reading as a usual line counts first.
func (p *plan) national(digits string) (string, bool) {
	found, ways := p.nationalOf(digits, &p.usual)
	if ways == 0 {
		found, ways = p.nationalOf(digits, &p.special)
	}
	return found, ways == 1
}

// nationalOf reads digits as one of the lines; ways is how many readings are possible.
func (p *plan) nationalOf(digits string, l *lines) (found string, ways int) {
	for reading := range p.readings(digits) {
		if l.has(reading) && reading != found {
			found = reading
			ways++
		}
	}
	return found, ways
}

// readings yields digits as they are, and without each trunk prefix that they begin with.
func (p *plan) readings(digits string) iter.Seq[string] {
	return func(yield func(string) bool) {
		if !yield(digits) {
			return
		}
		for _, trunk := range p.trunks {
			if rest, ok := strings.CutPrefix(digits, trunk); ok && !yield(rest) {
				return
			}
		}
	}
}

// international reads the digits behind the calling code, which some people write with the
// trunk prefix. It is false for too few or too many, and for a zero that no number has.
func (p *plan) international(digits string) (string, bool) {
	if !p.known(digits) {
		if rest, ok := p.national(digits); ok {
			return rest, true
		}
	}
	zero := strings.HasPrefix(digits, "0") && !slices.Contains(p.usual.first[:10], true) &&
		!slices.Contains(p.special.first[:10], true)
	return digits, p.known(digits) || !zero && slices.Contains(p.usual.lengths, len(digits))
}
