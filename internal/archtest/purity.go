// SPDX-License-Identifier: Apache-2.0

package archtest

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
)

// clock are the functions of package time that read the clock or wait for it.
var clock = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}

// PurityBreaches says where a package, which is to depend on nothing but what it
// is given, reads the clock or speaks with Salesforce. Never bars the imports.
func PurityBreaches(pkg *Package) (found []string) {
	for _, file := range pkg.Files {
		ast.Inspect(file, func(n ast.Node) bool {
			ident, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			if name := impure(pkg.Info.Uses[ident]); name != "" {
				found = append(found, fmt.Sprintf("%s:%d: uses %s", pkg.fileOf(ident.Pos()),
					pkg.Fset.Position(ident.Pos()).Line, name))
			}
			return true
		})
	}
	return found
}

// impure names what is used, when it is no business of a pure package.
func impure(used types.Object) string {
	if used == nil || used.Pkg() == nil {
		return ""
	}
	switch used.Pkg().Path() {
	case "time":
		if slices.Contains(clock, used.Name()) && isFunction(used) {
			return "time." + used.Name()
		}
	case Module + "/salesforce":
		if ofClient(used) {
			return "salesforce.Client"
		}
	}
	return ""
}

// isFunction says whether an object is a function and no method: time.Time.After
// reads no clock.
func isFunction(used types.Object) bool {
	function, ok := used.(*types.Func)
	return ok && function.Signature().Recv() == nil
}

// ofClient says whether an object of package salesforce is the Client, one of its
// methods, or makes one.
func ofClient(used types.Object) bool {
	function, ok := used.(*types.Func)
	if !ok {
		_, isType := used.(*types.TypeName)
		return isType && used.Name() == "Client"
	}
	if receiver := function.Signature().Recv(); receiver != nil {
		return isClient(receiver.Type())
	}
	for result := range function.Signature().Results().Variables() {
		if isClient(result.Type()) {
			return true
		}
	}
	return false
}

func isClient(t types.Type) bool {
	if pointer, ok := t.(*types.Pointer); ok {
		t = pointer.Elem()
	}
	named, ok := t.(*types.Named)
	return ok && named.Obj().Name() == "Client" && named.Obj().Pkg().Path() == Module+"/salesforce"
}
