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

// depths are of how many digits at most a prefix in the table is. The numbers of usual
// lines are given out in blocks that the metadata follows late, so that more would refuse new
// ones; some of the other lines are single numbers.
const (
	depthUsual   = 2
	depthSpecial = 7
)

// fixedLines are how many digits fixed lines have at most, by calling code, where the metadata
// has services among them that have more.
var fixedLines = map[int]int{972: 8}

// longestLocal is how many digits a number has at most without its area code.
const longestLocal = 8

// header begins the file.
const header = `# Numbering plans by calling code, written by phone/mkplans from the metadata of
# libphonenumber (Apache-2.0). The columns are the calling code, what is dialled before a
# national number ("-" for nothing), what is dialled before an international one, how many
# digits a number has at most without its area code (0 where there are no area codes), and
# the numbers of usual lines: how many digits they have where they begin with which ones; then
# the same for lines that are free or cost more.
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
	fixed          int // the most digits of a fixed line
	usual, special lines
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
	if kind := m.GetFixedLine(); kind.GetNationalNumberPattern() != "NA" {
		p.fixed = max(p.fixed, int(slices.Max(possible(m, kind))))
	}
	for to, kinds := range map[*lines][]*phonenumbers.PhoneNumberDesc{
		&p.usual:   {m.GetFixedLine(), m.GetMobile(), m.GetVoip()},
		&p.special: {m.GetTollFree(), m.GetSharedCost(), m.GetPremiumRate(), m.GetPersonalNumber(), m.GetUan(), m.GetPager()},
	} {
		for _, kind := range kinds {
			if pattern := kind.GetNationalNumberPattern(); pattern != "" && pattern != "NA" {
				if err := to.add(pattern, possible(m, kind)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// possible returns how many digits numbers of a kind have. They are left out where they are
// those of all numbers.
func possible(m *phonenumbers.PhoneMetadata, kind *phonenumbers.PhoneNumberDesc) []int32 {
	lengths := slices.DeleteFunc(slices.Clone(kind.GetPossibleLength()), func(n int32) bool { return n < 0 })
	if len(lengths) == 0 {
		lengths = m.GetGeneralDesc().GetPossibleLength()
	}
	if m.GetCountryCode() == 1 { // fewer digits lack the area code
		return []int32{10}
	}
	return lengths
}

// line writes the plan.
func (p *plan) line() string {
	slices.SortFunc(p.trunks, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	local := 0
	if len(p.trunks) > 0 {
		local = max(0, min(longestLocal, cmp.Or(fixedLines[p.code], p.fixed)-1))
	}
	exits := append(strings.Fields(abroad[p.code]), "00")
	return strings.Join([]string{strconv.Itoa(p.code), cmp.Or(strings.Join(p.trunks, ","), "-"), strings.Join(exits, ","),
		strconv.Itoa(local), p.usual.column(depthUsual), p.special.column(depthSpecial)}, " ")
}
