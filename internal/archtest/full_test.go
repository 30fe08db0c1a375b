// SPDX-License-Identifier: Apache-2.0

package archtest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Tests that are small without LEADSYNC_TEST_FULL are run by .ci/run in full, by the list of .ci/long.
func TestCIRunsLongTestsInFull(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile(filepath.Join(repository, ".ci/long"))
	require.NoError(t, err)
	var want strings.Builder
	for _, folder := range testFolders(t) {
		if tests := longTests(t, folder); len(tests) > 0 {
			want.WriteString("./" + folder + " " + strings.Join(tests, " ") + "\n")
		}
	}
	require.ElementsMatch(t, slices.Collect(strings.Lines(want.String())), slices.Collect(strings.Lines(string(list))))
}

// testFolders are the folders with tests.
func testFolders(t *testing.T) []string {
	t.Helper()
	folders := make(map[string]bool)
	require.NoError(t, fs.WalkDir(os.DirFS(repository), ".", func(name string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(name, "_test.go") {
			folders[path.Dir(name)] = true
		}
		return err
	}))
	return slices.Sorted(maps.Keys(folders))
}

// asked is how a test asks for its size.
const asked = `"LEADSYNC_TEST_` + `FULL"`

// longTests are the tests of a folder whose size depends on LEADSYNC_TEST_FULL: those that ask
// for it, and those that call what asks for it.
func longTests(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(repository, folder, "*_test.go"))
	require.NoError(t, err)
	names := make(map[string]map[string]bool) // that each declaration uses
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		for _, declared := range file.Decls {
			function, ok := declared.(*ast.FuncDecl)
			if !ok {
				continue
			}
			uses := used(function.Body)
			require.False(t, function.Recv != nil && uses[asked], "a method of %s asks", name)
			if function.Recv == nil {
				names[function.Name.Name] = uses
			}
		}
	}
	long := map[string]bool{asked: true}
	for grown := true; grown; {
		grown = false
		long["rapid"] = long["rapid"] || long["TestMain"] // which sets how much package rapid checks
		for name, uses := range names {
			for use := range uses {
				if long[use] && !long[name] {
					long[name], grown = true, true
				}
			}
		}
	}
	maps.DeleteFunc(long, func(name string, _ bool) bool {
		return !strings.HasPrefix(name, "Test") || name == "TestMain"
	})
	return slices.Sorted(maps.Keys(long))
}

// used are the names of functions and the texts in a node.
func used(in ast.Node) map[string]bool {
	found := make(map[string]bool)
	ast.Inspect(in, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.SelectorExpr: // a method, or what another package has
			maps.Copy(found, used(n.X))
			return false
		case *ast.Ident:
			found[n.Name] = true
		case *ast.BasicLit:
			found[n.Value] = true
		}
		return true
	})
	return found
}
