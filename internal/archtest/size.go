package archtest

import (
	"go/ast"
	"go/token"
)

// A Size is how large a package is, its tests not counted.
type Size struct {
	Lines         map[string]int // by file
	ExportedTypes int            // aliases too
}

// Measure counts the files, lines and exported types of a package.
func Measure(pkg *Package) Size {
	size := Size{Lines: make(map[string]int, len(pkg.Files))}
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
