// SPDX-License-Identifier: Apache-2.0

package archtest

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
)

// KindBreaches says where a package makes a leadtype.Warning without a Kind, by which
// hosts count and find warnings.
func KindBreaches(pkg *Package) (found []string) {
	for _, file := range pkg.Files {
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.CompositeLit)
			if !ok || len(literal.Elts) == 0 || hasKind(literal) || !isWarning(pkg.Info.TypeOf(literal)) {
				return true
			}
			found = append(found, fmt.Sprintf("%s:%d: makes a warning without a Kind", pkg.fileOf(literal.Pos()),
				pkg.Fset.Position(literal.Pos()).Line))
			return true
		})
	}
	return found
}

func isWarning(t types.Type) bool {
	return strings.TrimPrefix(t.String(), "*") == Module+"/leadtype.Warning"
}

func hasKind(literal *ast.CompositeLit) bool {
	for _, element := range literal.Elts {
		pair, ok := element.(*ast.KeyValueExpr)
		if !ok {
			return true // all fields, in their order
		}
		if key, ok := pair.Key.(*ast.Ident); ok && key.Name == "Kind" {
			return true
		}
	}
	return false
}
