// SPDX-License-Identifier: Apache-2.0

package archtest

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// A Tree is what a repository holds, by slash-separated path from its root.
type Tree struct {
	Workspace GoMod
	Modules   map[string]GoMod    // by directory, "." for the root
	Imports   map[string][]string // of each Go file
	Lines     map[string]int      // of each Go file
	Licensed  map[string]bool     // the Go files that begin with License
}

// A GoMod is what is read of a go.mod or go.work.
type GoMod struct {
	Go       string
	Uses     []string
	Requires []string
	Replaces map[string]string
}

// ReadTree reads a repository's modules and the imports of its Go files.
func ReadTree(fsys fs.FS) (*Tree, error) {
	tree := &Tree{Modules: make(map[string]GoMod), Imports: make(map[string][]string),
		Lines: make(map[string]int), Licensed: make(map[string]bool)}
	work, err := fs.ReadFile(fsys, "go.work")
	if err != nil {
		return nil, err
	}
	tree.Workspace = parseMod(string(work))
	err = fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		base := path.Base(name)
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			if name != "." && (base == "testdata" || base == "node_modules" || strings.HasPrefix(base, ".")) {
				return fs.SkipDir
			}
			return nil
		case base == "go.mod" || path.Ext(name) == ".go":
			return tree.read(fsys, name)
		}
		return nil
	})
	return tree, err
}

func (t *Tree) read(fsys fs.FS, name string) error {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	if path.Base(name) == "go.mod" {
		t.Modules[path.Dir(name)] = parseMod(string(data))
		return nil
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, data, parser.ImportsOnly)
	if err != nil {
		return err
	}
	t.Licensed[name] = isLicensed(data)
	t.Lines[name] = strings.Count(string(data), "\n")
	t.Imports[name] = []string{}
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		t.Imports[name] = append(t.Imports[name], imported)
	}
	return nil
}

// parseMod reads the directives of a go.mod or go.work, in blocks or alone.
func parseMod(text string) GoMod {
	m := GoMod{Replaces: make(map[string]string)}
	block := ""
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "//")
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
			continue
		case words[0] == ")":
			block = ""
			continue
		case len(words) == 2 && words[1] == "(":
			block = words[0]
			continue
		case block != "":
			words = append([]string{block}, words...)
		}
		switch {
		case words[0] == "go" && len(words) == 2:
			m.Go = words[1]
		case words[0] == "use" && len(words) == 2:
			m.Uses = append(m.Uses, path.Clean(words[1]))
		case words[0] == "require" && len(words) == 3:
			m.Requires = append(m.Requires, words[1])
		case words[0] == "replace":
			m.Replaces[words[1]] = words[len(words)-1]
		}
	}
	return m
}

// moduleOf returns the directory of the module that a file belongs to.
func (t *Tree) moduleOf(name string) string {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if _, ok := t.Modules[dir]; ok {
			return dir
		}
	}
	return "."
}

// own returns the directory of a package of this repository.
func own(imported string) (dir string, ok bool) {
	if imported == Module {
		return ".", true
	}
	return strings.CutPrefix(imported, Module+"/")
}

func isTest(name string) bool { return strings.HasSuffix(name, "_test.go") }
