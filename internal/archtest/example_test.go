// SPDX-License-Identifier: Apache-2.0

package archtest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// All that a host can call of the fake org is called in one of its examples.
func TestExamplesCallTheWholeFakeOrg(t *testing.T) {
	t.Parallel()
	const dir = "../../salesforce/sftest"
	called := map[string]bool{}
	for name, functions := range functionsOf(t, dir) {
		for _, function := range functions {
			if strings.HasPrefix(name, "example") {
				noteCalls(function.Body, called)
			}
		}
	}
	for _, name := range exportedCalls(t, dir) {
		require.True(t, called[name], "no example of sftest calls %s", name)
	}
}

// exportedCalls are the names of a package's functions and of the methods of its
// exported types.
func exportedCalls(t *testing.T, dir string) (names []string) {
	t.Helper()
	for name, functions := range functionsOf(t, dir) {
		for _, function := range functions {
			if !strings.HasSuffix(name, "_test.go") && function.Name.IsExported() && ofExported(function) {
				names = append(names, function.Name.Name)
			}
		}
	}
	require.NotEmpty(t, names)
	return names
}

// functionsOf are the functions of a directory, by file.
func functionsOf(t *testing.T, dir string) map[string][]*ast.FuncDecl {
	t.Helper()
	names, err := filepath.Glob(dir + "/*.go")
	require.NoError(t, err)
	functions := map[string][]*ast.FuncDecl{}
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		for _, decl := range file.Decls {
			if function, ok := decl.(*ast.FuncDecl); ok {
				functions[filepath.Base(name)] = append(functions[filepath.Base(name)], function)
			}
		}
	}
	return functions
}

// ofExported says whether a function is one of the package or a method of an
// exported type.
func ofExported(function *ast.FuncDecl) bool {
	if function.Recv == nil {
		return true
	}
	receiver := function.Recv.List[0].Type
	if star, ok := receiver.(*ast.StarExpr); ok {
		receiver = star.X
	}
	name, ok := receiver.(*ast.Ident)
	return ok && name.IsExported()
}

// noteCalls notes the names of functions and methods that are called.
func noteCalls(body ast.Node, shown map[string]bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if selector, ok := call.Fun.(*ast.SelectorExpr); ok {
				shown[selector.Sel.Name] = true
			}
		}
		return true
	})
}
