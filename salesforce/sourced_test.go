// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// source is how a comment cites where a behaviour of the platform is documented.
var source = regexp.MustCompile(`docs/salesforce\.md, [A-Z]|https://|RFC \d+`)

// unsourced are the exported names that are about this package and not about the
// platform.
var unsourced = []string{"Call", "ErrNotSent", "EstimateCalls", "JobError", "WithoutRetries"}

// An exported name cites its source in its own comment, in that of its group, or in
// that of a type: a constant's, a result's or a receiver's. The methods of Client need
// one of their own.
func TestEveryExportedNameCitesItsSource(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("*.go")
	require.NoError(t, err)
	cited := map[string]bool{}
	for _, name := range unsourced {
		cited[name] = true
	}
	var names []declared
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, decl := range file.Decls {
			for _, d := range declarations(decl) {
				names = append(names, d)
				cited[d.name] = cited[d.name] || source.MatchString(d.comment)
			}
		}
	}
	needed := map[string]bool{}
	for _, d := range names {
		sourced := cited[d.name]
		for _, name := range d.types {
			sourced = sourced || cited[name]
		}
		require.True(t, sourced, "%s: no source such as docs/salesforce.md, Errors", d.name)
		needed[d.name] = true
	}
	require.Greater(t, len(names), 200)
	for _, name := range unsourced {
		require.Contains(t, needed, name, "is gone")
	}
}

// A declared is one exported name, with its comments and the types that may cite for it.
type declared struct {
	name, comment string
	types         []string
}

func declarations(decl ast.Decl) (found []declared) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		return function(d)
	case *ast.GenDecl:
		var kind string // of a group's constants, which the first one names
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() {
					found = append(found, declared{s.Name.Name, d.Doc.Text() + s.Doc.Text() + fieldComments(s), nil})
				}
			case *ast.ValueSpec:
				if named := typeNames(s.Type); named != nil {
					kind = named[0]
				}
				for _, name := range s.Names {
					if name.IsExported() {
						found = append(found, declared{name.Name, d.Doc.Text() + s.Doc.Text() + s.Comment.Text(), []string{kind}})
					}
				}
			}
		}
	}
	return found
}

func function(d *ast.FuncDecl) []declared {
	f := declared{name: d.Name.Name, comment: d.Doc.Text()}
	of := ""
	if d.Recv != nil {
		of = receiver(d)
		f.name = of + "." + f.name
	}
	switch {
	case !d.Name.IsExported() || d.Recv != nil && !ast.IsExported(of):
		return nil
	case d.Name.Name == "Format" || d.Name.Name == "LogValue":
		return nil // of fmt and slog
	case of != "" && of != "Client":
		f.types = []string{of}
	case of == "" && d.Type.Results != nil:
		for _, result := range d.Type.Results.List {
			f.types = append(f.types, typeNames(result.Type)...)
		}
	}
	return []declared{f}
}

// typeNames are the names that a type is made of.
func typeNames(of ast.Expr) (names []string) {
	if of == nil {
		return nil
	}
	ast.Inspect(of, func(n ast.Node) bool {
		if name, ok := n.(*ast.Ident); ok {
			names = append(names, name.Name)
		}
		return true
	})
	return names
}

// fieldComments are the comments within a type.
func fieldComments(s *ast.TypeSpec) (text string) {
	ast.Inspect(s, func(n ast.Node) bool {
		if field, ok := n.(*ast.Field); ok {
			text += field.Doc.Text() + field.Comment.Text()
		}
		return true
	})
	return text
}
