// SPDX-License-Identifier: Apache-2.0

package archtest

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// API lists what a package exports, one line each and sorted: constants with
// their values, variables, functions, types with their exported fields, tags and
// methods. A change of a line is a change for hosts.
func API(pkg *Package) []string {
	list := &api{pkg: pkg.Types}
	scope := pkg.Types.Scope()
	for _, name := range scope.Names() {
		if ast.IsExported(name) {
			list.object(scope.Lookup(name))
		}
	}
	slices.Sort(list.lines)
	return list.lines
}

type api struct {
	pkg   *types.Package
	lines []string
}

func (a *api) add(format string, args ...any) {
	a.lines = append(a.lines, fmt.Sprintf(format, args...))
}

// text prints a type with the names of other packages before theirs.
func (a *api) text(t types.Type) string {
	return types.TypeString(t, a.qualifier)
}

func (a *api) qualifier(other *types.Package) string {
	if other == a.pkg {
		return ""
	}
	return other.Name()
}

func (a *api) object(o types.Object) {
	switch o := o.(type) {
	case *types.Const:
		a.add("const %s %s = %s", o.Name(), a.text(o.Type()), o.Val().ExactString())
	case *types.Var:
		a.add("var %s %s", o.Name(), a.text(o.Type()))
	case *types.Func:
		a.add("func %s%s", o.Name(), a.signature(o))
	case *types.TypeName:
		a.typeName(o)
	}
}

func (a *api) signature(f *types.Func) string {
	return strings.TrimPrefix(a.text(f.Type()), "func")
}

func (a *api) typeName(o *types.TypeName) {
	if o.IsAlias() {
		a.add("type %s = %s", o.Name(), a.text(types.Unalias(o.Type())))
		return
	}
	named := o.Type().(*types.Named)
	name := "type " + o.Name() + a.parameters(named)
	switch under := named.Underlying().(type) {
	case *types.Struct:
		a.structType(name, under)
	case *types.Interface:
		a.interfaceType(name, under)
	default:
		a.add("%s %s", name, a.text(under))
	}
	for method := range named.Methods() {
		if method.Exported() {
			a.add("%s, method (%s) %s%s", name, a.text(method.Signature().Recv().Type()), method.Name(), a.signature(method))
		}
	}
}

func (a *api) parameters(named *types.Named) string {
	var list []string
	for parameter := range named.TypeParams().TypeParams() {
		list = append(list, parameter.Obj().Name()+" "+a.text(parameter.Constraint()))
	}
	if list == nil {
		return ""
	}
	return "[" + strings.Join(list, ", ") + "]"
}

func (a *api) structType(name string, t *types.Struct) {
	a.add("%s struct", name)
	for i := range t.NumFields() {
		field := t.Field(i)
		if !field.Exported() {
			continue
		}
		kind := "field"
		if field.Embedded() {
			kind = "embeds"
		}
		line := fmt.Sprintf("%s struct, %s %s %s", name, kind, field.Name(), a.text(field.Type()))
		if tag := t.Tag(i); tag != "" {
			line += " `" + tag + "`"
		}
		a.lines = append(a.lines, line)
	}
}

// interfaceType lists the methods of an interface, and notes where it has some
// that no other package can have.
func (a *api) interfaceType(name string, t *types.Interface) {
	if t.NumMethods() == 0 {
		a.add("%s %s", name, a.text(t))
		return
	}
	a.add("%s interface", name)
	for i := range t.NumMethods() {
		if method := t.Method(i); method.Exported() {
			a.add("%s interface, %s%s", name, method.Name(), a.signature(method))
		} else {
			a.add("%s interface, unexported methods", name)
		}
	}
}

// APIFile returns the file, below the directory api, that lists what a package of
// the workspace exports, or "" for one that hosts do not import.
func APIFile(pkg *Package) string {
	dir, ok := own(pkg.Path)
	internal := slices.Contains(strings.Split(dir, "/"), "internal")
	switch {
	case !ok, internal, pkg.Types.Name() == "main", isWithin(dir, "examples"), isWithin(dir, "interop"),
		isWithin(dir, "dashboard/browsertest"):
		return ""
	case dir == ".":
		return "leadsync.txt"
	}
	return dir + ".txt"
}

// APIBreaches says which listings in dir differ from what the packages export.
func APIBreaches(dir string, packages []*Package) ([]string, error) {
	want := apiTexts(packages)
	var found []string
	for _, name := range slices.Sorted(maps.Keys(want)) {
		got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil && !os.IsNotExist(err) {
			return nil, err
		}
		if !bytes.Equal(got, want[name]) {
			found = append(found, path.Join("api", name)+": the package exports something else; run make api\n"+
				difference(string(got), string(want[name])))
		}
	}
	files, err := apiFiles(dir)
	for _, name := range files {
		if _, ok := want[name]; !ok {
			found = append(found, path.Join("api", name)+": there is no such package; run make api")
		}
	}
	return found, err
}

// WriteAPI makes dir hold the listings of the packages, and no others.
func WriteAPI(dir string, packages []*Package) error {
	want := apiTexts(packages)
	files, err := apiFiles(dir)
	if err != nil {
		return err
	}
	for _, name := range files {
		if _, ok := want[name]; !ok {
			if err := os.Remove(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
				return err
			}
		}
	}
	for name, text := range want {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func apiTexts(packages []*Package) map[string][]byte {
	texts := make(map[string][]byte)
	for _, pkg := range packages {
		if name := APIFile(pkg); name != "" {
			texts[name] = []byte(strings.Join(API(pkg), "\n") + "\n")
		}
	}
	return texts
}

// apiFiles lists the listings below dir by slash-separated name.
func apiFiles(dir string) (names []string, err error) {
	if _, err := os.Stat(dir); os.IsNotExist(err) {
		return nil, nil
	}
	err = filepath.WalkDir(dir, func(file string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(file) != ".txt" {
			return err
		}
		name, err := filepath.Rel(dir, file)
		names = append(names, filepath.ToSlash(name))
		return err
	})
	return names, err
}

// difference lists the lines that only one of two texts has.
func difference(had, has string) string {
	old, now := strings.Split(had, "\n"), strings.Split(has, "\n")
	var lines []string
	for _, line := range old {
		if !slices.Contains(now, line) {
			lines = append(lines, "-"+line)
		}
	}
	for _, line := range now {
		if !slices.Contains(old, line) {
			lines = append(lines, "+"+line)
		}
	}
	return strings.Join(lines, "\n")
}
