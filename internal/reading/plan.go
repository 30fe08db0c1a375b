// SPDX-License-Identifier: Apache-2.0

package reading

import (
	_ "embed"
	"iter"
	"strconv"
	"strings"
	"sync"
)

// A plan is the numbering plan of the countries with one calling code.
type plan struct {
	code           string
	trunks         []string     // dialled before a national number
	exits          []string     // dialled before an international one
	local          int          // the most digits of a number without its area code
	usual, special func() lines // the latter are free, or cost more
}

// lines are numbers of some kinds: by what they begin with, a bit for each length that they have.
type lines map[string]uint32

//go:embed plans.txt
var planText string

// plans are those of plans.txt by calling code. No code begins another.
var plans = sync.OnceValue(func() map[string]*plan {
	all := make(map[string]*plan)
	for line := range strings.Lines(planText) {
		columns := strings.Fields(line)
		if len(columns) != 6 || columns[0] == "#" {
			continue
		}
		local, _ := strconv.Atoi(columns[3])
		all[columns[0]] = &plan{code: columns[0], trunks: listIn(columns[1]), exits: listIn(columns[2]), local: local,
			usual:   sync.OnceValue(func() lines { return linesIn(columns[4]) }),
			special: sync.OnceValue(func() lines { return linesIn(columns[5]) })}
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

// linesIn reads a column like 8,9:20-29,301/10:15.
func linesIn(column string) lines {
	all := make(lines)
	if column == "-" {
		return all
	}
	for group := range strings.SplitSeq(column, "/") {
		texts, prefixes, _ := strings.Cut(group, ":")
		lengths := uint32(0)
		for _, text := range listIn(texts) {
			n, _ := strconv.Atoi(text)
			lengths |= 1 << n
		}
		for prefix := range strings.SplitSeq(prefixes, ",") {
			from, to, several := strings.Cut(prefix, "-")
			if !several {
				to = from
			}
			low, _ := strconv.Atoi(from)
			high, _ := strconv.Atoi(to)
			for n := low; n <= high; n++ {
				text := strconv.Itoa(n)
				if from == "" { // of all numbers
					text = ""
				}
				all[strings.Repeat("0", max(0, len(from)-len(text)))+text] |= lengths
			}
		}
	}
	return all
}

// longestPrefix is of how many digits the prefixes in plans.txt are at most.
const longestPrefix = 7

// lengths returns how many digits the lines have that begin with a number's digits.
func (l lines) lengths(digits string) (all uint32) {
	for n := range min(len(digits), longestPrefix) + 1 {
		all |= l[digits[:n]]
	}
	return all
}

// has reports whether a number may be one of the lines.
func (l lines) has(digits string) bool { return l.lengths(digits)&(1<<len(digits)) != 0 }

// any returns how many digits the lines have.
func (l lines) any() (all uint32) {
	for _, lengths := range l {
		all |= lengths
	}
	return all
}

// begins reports whether lines begin with a digit.
func (l lines) begins(digit byte) bool {
	for prefix := range l {
		if prefix == "" || prefix[0] == digit {
			return true
		}
	}
	return false
}

// known reports whether a number without a trunk prefix is one of the plan, as far as that is known.
func (p *plan) known(digits string) bool { return p.usual().has(digits) || p.special().has(digits) }

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
	found, ways := p.nationalOf(digits, p.usual())
	if ways == 0 {
		found, ways = p.nationalOf(digits, p.special())
	}
	return found, ways == 1
}

// nationalOf reads digits as one of the lines; ways is how many readings are possible.
func (p *plan) nationalOf(digits string, l lines) (found string, ways int) {
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

// mayBeLocal reports whether digits may be a number without its area code: people write what is
// dialled before national numbers where the plan has area codes.
func (p *plan) mayBeLocal(digits string) bool { return len(digits) <= p.local }

// international reads the digits behind the calling code, which some people write with the
// trunk prefix. It is false for too few or too many, and for a zero that no number has. What
// the plan does not have yet may have the length of any usual line.
func (p *plan) international(digits string) (string, bool) {
	if p.known(digits) {
		return digits, true
	}
	if rest, ok := p.national(digits); ok {
		return rest, true
	}
	usual, special := p.usual(), p.special()
	zero := strings.HasPrefix(digits, "0") && !usual.begins('0') && !special.begins('0')
	lengths := usual.lengths(digits) | special.lengths(digits)
	if lengths == 0 {
		lengths = usual.any()
	}
	return digits, !zero && lengths&(1<<len(digits)) != 0
}
