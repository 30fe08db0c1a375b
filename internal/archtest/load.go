// SPDX-License-Identifier: Apache-2.0

package archtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// A Package is one package of the repository, parsed and type-checked without
// its tests.
type Package struct {
	Path   string
	Dir    string
	Module string
	Fset   *token.FileSet
	Files  []*ast.File
	Types  *types.Package
	Info   *types.Info
}

// listed is what go list says of a package.
type listed struct {
	ImportPath string
	Dir        string
	Export     string
	GoFiles    []string
	ImportMap  map[string]string
	DepOnly    bool
	Module     *struct{ Path string }
	Error      *struct{ Err string }
}

// Load type-checks the packages that the patterns name, as seen from dir. What
// they import is read from the export data that go list -export builds.
func Load(dir string, patterns ...string) ([]*Package, error) {
	all, err := goList(dir, []string{"-export", "-deps"}, patterns...)
	if err != nil {
		return nil, err
	}
	exports := make(map[string]string, len(all))
	for _, one := range all {
		exports[one.ImportPath] = one.Export
	}
	fset := token.NewFileSet()
	imports := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, fmt.Errorf("no export data for %s", path)
		}
		return os.Open(exports[path])
	})
	var packages []*Package
	for _, one := range all {
		if one.DepOnly || len(one.GoFiles) == 0 {
			continue
		}
		pkg, err := check(fset, imports, one)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", one.ImportPath, err)
		}
		packages = append(packages, pkg)
	}
	return packages, nil
}

// goList asks the go command for packages and, by -deps, all that they import.
func goList(dir string, flags []string, patterns ...string) ([]*listed, error) {
	fields := "-json=ImportPath,Dir,Export,GoFiles,ImportMap,DepOnly,Module,Error"
	cmd := exec.Command("go", slices.Concat([]string{"list", fields}, flags, []string{"--"}, patterns)...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, stderr.Bytes())
	}
	var all []*listed
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		one := &listed{}
		switch err := decoder.Decode(one); {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, fmt.Errorf("go list: %w", err)
		case one.Error != nil:
			return nil, fmt.Errorf("go list: %s", one.Error.Err)
		}
		all = append(all, one)
	}
}

func check(fset *token.FileSet, imports types.Importer, one *listed) (*Package, error) {
	pkg := &Package{Path: one.ImportPath, Dir: one.Dir, Fset: fset,
		Info: &types.Info{
			Types:      make(map[ast.Expr]types.TypeAndValue),
			Uses:       make(map[*ast.Ident]types.Object),
			Defs:       make(map[*ast.Ident]types.Object),
			Selections: make(map[*ast.SelectorExpr]*types.Selection),
		}}
	if one.Module != nil {
		pkg.Module = one.Module.Path
	}
	for _, name := range slices.Sorted(slices.Values(one.GoFiles)) {
		file, err := parser.ParseFile(fset, filepath.Join(one.Dir, name), nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		pkg.Files = append(pkg.Files, file)
	}
	config := types.Config{Importer: mapped{imports, one.ImportMap}}
	var err error
	pkg.Types, err = config.Check(one.ImportPath, fset, pkg.Files, pkg.Info)
	return pkg, err
}

// mapped resolves the standard library's vendored packages.
type mapped struct {
	types.Importer
	paths map[string]string
}

func (m mapped) Import(path string) (*types.Package, error) {
	if real, ok := m.paths[path]; ok {
		path = real
	}
	return m.Importer.Import(path)
}

// fileOf returns the name of the file that holds pos, without its directory.
func (p *Package) fileOf(pos token.Pos) string {
	return filepath.Base(p.Fset.Position(pos).Filename)
}
