// SPDX-License-Identifier: Apache-2.0

package csvtext

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// GuardCell guards each part of a cell that a semicolon ends: to a spreadsheet of many
// countries they are cells of their own.
func GuardCell(cell string) string {
	for part := range strings.SplitSeq(cell, ";") {
		if IsFormula(part) {
			return EachPart(cell, guarded)
		}
	}
	return cell
}

// Unguard takes off what GuardCell put on.
func Unguard(cell string) string {
	if !strings.Contains(cell, "'") {
		return cell
	}
	return EachPart(cell, func(part string) string {
		if rest, ok := strings.CutPrefix(part, "'"); ok && IsFormula(strings.TrimLeft(rest, "'")) {
			return rest
		}
		return part
	})
}

// EachPart changes the parts of a cell that semicolons separate.
func EachPart(cell string, change func(part string) string) string {
	parts := strings.Split(cell, ";")
	for i, part := range parts {
		parts[i] = change(part)
	}
	return strings.Join(parts, ";")
}

// guarded keeps a spreadsheet from running a cell, or what it takes for one, as a
// formula.
func guarded(cell string) string {
	if IsFormula(cell) {
		return "'" + cell
	}
	return cell
}

// IsFormula reports whether a spreadsheet might run a cell as a formula: some skip what
// is invisible before the sign, and other forms of the sign count too.
func IsFormula(cell string) bool {
	if cell == "" {
		return false
	}
	switch first := cell[0]; {
	case first == '\t', first == '\r':
		return true
	case ' ' < first && first <= '~': // it is seen, and has no other form
		return strings.IndexByte("=+-@", first) >= 0
	}
	for _, r := range strings.TrimLeftFunc(cell, invisible) {
		return r == '\u2212' || strings.ContainsAny(norm.NFKC.String(string(r))[:1], "=+-@")
	}
	return false
}

// invisible reports whether nothing is seen of r by itself.
func invisible(r rune) bool {
	switch r {
	case '\u115f', '\u1160', '\u2800', '\u3164', '\uffa0': // blank letters and symbols
		return true
	}
	return unicode.IsSpace(r) || unicode.In(r, unicode.C, unicode.Z, unicode.M) || r == unicode.ReplacementChar
}
