// SPDX-License-Identifier: Apache-2.0

// Command mktables writes the tables of package address, from the names of CLDR that
// golang.org/x/text holds and from the lists beside it. Run it in this directory:
//
//	go run . ..
package main

import (
	_ "embed"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/leadsync/leadsync/internal/address"
)

//go:embed spellings.txt
var spellings string

//go:embed states.txt
var states string

//go:embed cities.txt
var cities string

// languages are those in which the names of all countries are taken, beside that of the
// country itself.
const languages = "en de fr es it pt nl pl sv da nb fi cs hu ro el ru tr ar ko ja zh zh-Hant"

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: mktables <directory>")
		os.Exit(2)
	}
	for name, table := range tables() {
		if err := os.WriteFile(filepath.Join(os.Args[1], name), []byte(table), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// tables returns the tables by their file names.
func tables() map[string]string {
	return map[string]string{
		"countries.txt": lines(countries()), "states.txt": lines(subdivisions()), "cities.txt": lines(cityNames()),
	}
}

// lines writes a table: key, tab, value, sorted by key, with a line break before the first.
func lines(table map[string]string) string {
	var b strings.Builder
	b.WriteByte('\n')
	for _, key := range slices.Sorted(maps.Keys(table)) {
		b.WriteString(key + "\t" + table[key] + "\n")
	}
	return b.String()
}

// countries returns the codes by name. A name that two countries have, in two languages, is
// that of the one that is listed first here: the spellings of the list, the codes, the
// names in English, the countries' own, and those in the other languages.
func countries() map[string]string {
	table := make(map[string]string)
	for code, names := range rows(spellings) {
		for name := range strings.SplitSeq(names, "|") {
			enter(table, code, name, true)
		}
	}
	regions := regions()
	for _, r := range regions {
		enter(table, r.String(), r.String(), true)
		enter(table, r.String(), r.ISO3(), false)
	}
	for _, r := range regions {
		enter(table, r.String(), display.English.Regions().Name(r), false)
	}
	for _, r := range regions {
		own, _ := language.Compose(language.Und, r)
		base, _ := own.Base()
		script, _ := own.Script()
		if tag, err := language.Compose(base, script); err == nil {
			enterName(table, tag, r)
		}
	}
	for name := range strings.FieldsSeq(languages) {
		for _, r := range regions {
			enterName(table, language.MustParse(name), r)
		}
	}
	return table
}

func enterName(table map[string]string, tag language.Tag, r language.Region) {
	if namer := display.Regions(tag); namer != nil {
		enter(table, r.String(), namer.Name(r), false)
	}
}

// enter adds a name unless it is another country's already, which must says cannot be.
func enter(table map[string]string, code, name string, must bool) {
	key := address.Fold(name)
	if key == "" || table[key] != "" && table[key] != code {
		if must {
			panic(fmt.Sprintf("%s: %q is blank or another country's", code, name))
		}
		return
	}
	table[key] = code
}

// regions returns the countries and territories of ISO 3166-1, and Kosovo.
func regions() []language.Region {
	var all []language.Region
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			r, err := language.ParseRegion(string(a) + string(b))
			if err != nil || !r.IsCountry() || r.Canonicalize() != r || r.String() != string(a)+string(b) {
				continue
			}
			if private := r.IsPrivateUse(); private && r.String() != "XK" || reserved[r.String()] {
				continue
			}
			all = append(all, r)
		}
	}
	return all
}

// reserved are the codes that ISO 3166-1 reserves for parts of other countries and for
// unions, and those of former countries.
var reserved = map[string]bool{"AC": true, "CP": true, "DG": true, "EA": true, "IC": true, "TA": true, "EZ": true,
	"UN": true,
	"AN": true, "CQ": true, "CS": true, "FQ": true, "NT": true, "PC": true, "SU": true, "YU": true}

// subdivisions returns country-code, separated by commas, by name.
func subdivisions() map[string]string {
	table := make(map[string]string)
	for line := range content(states) {
		cells := strings.Split(line, "\t")
		id := cells[0] + "-" + cells[1]
		for name := range strings.SplitSeq(cells[1]+"|"+cells[2], "|") {
			key := address.Fold(name)
			switch ids := strings.Split(table[key], ","); {
			case slices.Contains(ids, id):
			case table[key] == "":
				table[key] = id
			default:
				table[key] += "," + id
			}
		}
	}
	return table
}

// cityNames returns one key of a city by its other names.
func cityNames() map[string]string {
	table := make(map[string]string)
	for line := range content(cities) {
		names := strings.Split(line, "|")
		city := address.FoldCity(names[0])
		for _, name := range names {
			key := address.FoldCity(name)
			if other := table[key]; other != "" && other != city {
				panic(fmt.Sprintf("%q is a name of two cities", name))
			}
			table[key] = city
		}
	}
	return table
}

// rows yields the two cells of each line.
func rows(text string) func(yield func(string, string) bool) {
	return func(yield func(string, string) bool) {
		for line := range content(text) {
			code, names, ok := strings.Cut(line, "\t")
			if !ok {
				panic("a line without a tab: " + line)
			}
			if !yield(code, names) {
				return
			}
		}
	}
}

// content yields the lines that are not comments.
func content(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for line := range strings.Lines(text) {
			line = strings.TrimRight(line, "\n")
			if line != "" && line[0] != '#' && !yield(line) {
				return
			}
		}
	}
}
