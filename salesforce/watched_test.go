// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// unwatched are the functions of tests that may call salesforce.New themselves,
// each with the reason.
var unwatched = map[string]string{
	"TestARequestMayBeReadLate":                 "reads the bodies later than watching does",
	"newClient":                                 "watches",
	"TestNewRefusesWhatItCannotUse":             "gets no client",
	"TestNewTakesTheHostsOfSalesforceAndItsOwn": "sends nothing",
	"TestNewGuardsTheAddressesBehindAName":      "only reads, and is about the transport of New",
	"TestNewMakesATransportOfItsOwn":            "only reads, and is about the transport of New",
	"dial":                                      "is part of an example",
	"ExampleNew":                                "shows what a host writes",
	"allocated":                                 "measures what the client alone allocates",
	"bulkOrg":                                   "is part of an example",
}

// Every request of this package's tests is watched for being sent again although
// it could write twice: see watched, and package resend.
func TestEveryClientOfATestIsWatched(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	found := map[string]bool{}
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, decl := range file.Decls {
			function, ok := decl.(*ast.FuncDecl)
			if !ok || !makesClient(function, file.Name.Name) {
				continue
			}
			name := function.Name.Name
			require.Contains(t, unwatched, name, "%s: makes a client that is not watched: use newClient", path)
			found[name] = true
		}
	}
	for name := range unwatched {
		require.Contains(t, found, name, "is gone")
	}
}

// makesClient reports whether a function of that package calls salesforce.New.
func makesClient(function *ast.FuncDecl, in string) (makes bool) {
	ast.Inspect(function, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		switch called := call.Fun.(type) {
		case *ast.Ident:
			makes = makes || called.Name == "New" && in == "salesforce"
		case *ast.SelectorExpr:
			of, _ := called.X.(*ast.Ident)
			makes = makes || called.Sel.Name == "New" && of != nil && of.Name == "salesforce"
		}
		return true
	})
	return makes
}
