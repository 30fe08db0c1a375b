// SPDX-License-Identifier: Apache-2.0

package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// Limits bound the size of a package, its tests not counted. Zero is no limit.
type Limits struct {
	Files         int
	Lines         int
	ExportedTypes int
	Circle        int // files that use one another
}

// The root is what every host reads first, and has limits of its own.
var (
	RootLimits    = Limits{Files: 16, Lines: 2500, ExportedTypes: 40, Circle: 6}
	PackageLimits = Limits{Files: 30, Circle: 6}
)

// FileLines is how long a file may be, a test too.
const FileLines = 500

// A Size is how large a package is, its tests not counted.
type Size struct {
	Lines         map[string]int // by file
	ExportedTypes int            // aliases too
	Circles       [][]string
}

// Measure counts the files, lines and exported types of a package, and finds the
// files that use one another.
func Measure(pkg *Package) Size {
	size := Size{Lines: make(map[string]int, len(pkg.Files)), Circles: FileUses(pkg).Circles()}
	for _, file := range pkg.Files {
		size.Lines[pkg.fileOf(file.Pos())] = pkg.Fset.File(file.Pos()).LineCount()
		for _, decl := range file.Decls {
			if general, ok := decl.(*ast.GenDecl); ok && general.Tok == token.TYPE {
				size.ExportedTypes += exportedTypes(general)
			}
		}
	}
	return size
}

func exportedTypes(decl *ast.GenDecl) (n int) {
	for _, spec := range decl.Specs {
		if spec.(*ast.TypeSpec).Name.IsExported() {
			n++
		}
	}
	return n
}

// Total is the number of lines of all files.
func (s Size) Total() (lines int) {
	for _, n := range s.Lines {
		lines += n
	}
	return lines
}

// Breaches says which limits a package is over.
func (s Size) Breaches(path string, limits Limits) (found []string) {
	over := func(n, limit int, what string) {
		if limit > 0 && n > limit {
			found = append(found, fmt.Sprintf("%s: %d %s, at most %d", path, n, what, limit))
		}
	}
	over(len(s.Lines), limits.Files, "files")
	over(s.Total(), limits.Lines, "lines")
	over(s.ExportedTypes, limits.ExportedTypes, "exported types")
	for _, circle := range s.Circles {
		over(len(circle), limits.Circle, "files in a circle ("+strings.Join(circle, " ")+")")
	}
	return found
}

// LengthBreaches says which files are longer than FileLines.
func (t *Tree) LengthBreaches() (found []string) {
	for name, lines := range t.Lines {
		if lines > FileLines {
			found = append(found, fmt.Sprintf("%s: %d lines, at most %d", name, lines, FileLines))
		}
	}
	slices.Sort(found)
	return found
}
