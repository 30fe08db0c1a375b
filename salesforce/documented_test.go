// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryExportedNameIsDocumented(t *testing.T) {
	t.Parallel()
	var paths []string
	for _, pattern := range []string{"*.go", "soql/*.go", "login/*.go"} {
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		paths = append(paths, found...)
	}
	names := 0
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, decl := range file.Decls {
			for name, documented := range exported(decl) {
				require.True(t, documented, "%s: %s", path, name)
				names++
			}
		}
	}
	require.Greater(t, names, 100)
}

// exported returns the exported names of a declaration, and whether each has a
// comment: its own, or that of its group.
func exported(decl ast.Decl) map[string]bool {
	names := map[string]bool{}
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil || ast.IsExported(receiver(d)) {
			names[d.Name.Name] = d.Doc != nil
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				names[s.Name.Name] = d.Doc != nil || s.Doc != nil
			case *ast.ValueSpec:
				for _, name := range s.Names {
					names[name.Name] = d.Doc != nil || s.Doc != nil
				}
			}
		}
	}
	for name := range names {
		if !ast.IsExported(name) {
			delete(names, name)
		}
	}
	return names
}

// receiver returns the name of a method's type.
func receiver(method *ast.FuncDecl) string {
	of := method.Recv.List[0].Type
	if star, ok := of.(*ast.StarExpr); ok {
		of = star.X
	}
	if name, ok := of.(*ast.Ident); ok {
		return name.Name
	}
	return ""
}
