package archtest_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

const module = "github.com/leadsync/leadsync"

// mayImport lists the third-party packages that the root module compiles into
// hosts. A path that ends in / stands for all packages below it. A new line is
// a decision: every host gets it.
var mayImport = []string{
	"github.com/hashicorp/go-retryablehttp",
	"golang.org/x/net/idna",
	"golang.org/x/net/publicsuffix",
	"golang.org/x/oauth2",
	"golang.org/x/oauth2/",
	"golang.org/x/sync/",
	"golang.org/x/text/",
}

// testsMayImport lists what tests of the root module may import besides.
var testsMayImport = []string{
	"github.com/stretchr/testify/require",
	"golang.org/x/net/dns/dnsmessage",
	"pgregory.net/rapid",
}

func TestModulesHangTogether(t *testing.T) {
	t.Parallel()
	tree := readTree(t, os.DirFS("../.."))
	require.Greater(t, len(tree.modules), 1, "the whole repository is read")
	require.Greater(t, len(tree.files), 20, "the whole repository is read")
	require.Empty(t, tree.violations())
}

func TestViolationsAreFound(t *testing.T) {
	t.Parallel()
	sound := func() fstest.MapFS {
		return fstest.MapFS{
			"go.work":             file("go 1.26.0\n\nuse (\n\t.\n\t./store/sqlite\n)\n"),
			"go.mod":              file("module " + module + "\n\ngo 1.26.0\n"),
			"sync.go":             file("package leadsync\nimport (\n\"context\"\n\"" + module + "/salesforce\"\n\"golang.org/x/sync/errgroup\"\n)"),
			"sync_test.go":        file("package leadsync_test\nimport \"github.com/stretchr/testify/require\""),
			"salesforce/x.go":     file("package salesforce\nimport \"golang.org/x/oauth2\""),
			"store/sqlite/go.mod": file("module " + module + "/store/sqlite\n\ngo 1.26.0\n\nrequire (\n\t" + module + " v0.0.0\n\tmodernc.org/sqlite v1.61.1\n)\n\nreplace " + module + " => ../..\n"),
			"store/sqlite/db.go":  file("package sqlite\nimport _ \"modernc.org/sqlite\""),
			"testdata/bad.go":     file("not go"),
			".hidden/go.mod":      file("module hidden"),
		}
	}
	require.Empty(t, readTree(t, sound()).violations())

	for name, tc := range map[string]struct {
		path, text string
		want       string
	}{
		"module outside the workspace": {"store/postgres/go.mod", "module " + module + "/store/postgres\n\ngo 1.26.0\n\nreplace " + module + " => ../..\n",
			"go.work: store/postgres is missing"},
		"workspace entry without module": {"go.work", "go 1.26.0\n\nuse .\nuse ./store/sqlite\nuse ./gone\n", "go.work: gone is no module"},
		"another go version":             {"go.mod", "module " + module + "\n\ngo 1.25.0\n", "go.mod: go 1.25.0, but go.work has 1.26.0"},
		"no replace":                     {"store/sqlite/go.mod", "module " + module + "/store/sqlite\n\ngo 1.26.0\n\nrequire " + module + " v0.0.0\n", "store/sqlite/go.mod: no replace of " + module},
		"replace that leads elsewhere":   {"store/sqlite/go.mod", "module " + module + "/store/sqlite\n\ngo 1.26.0\n\nreplace " + module + " => ..\n", "store/sqlite/go.mod: replace of " + module + " leads to store"},
		"import that is not listed":      {"sync.go", "package leadsync\nimport \"modernc.org/sqlite\"", "sync.go: imports modernc.org/sqlite"},
		"import below a single package":  {"sync.go", "package leadsync\nimport \"golang.org/x/net/html\"", "sync.go: imports golang.org/x/net/html"},
		"test import that is not listed": {"sync_test.go", "package leadsync\nimport \"github.com/stretchr/testify/assert\"", "sync_test.go: imports github.com/stretchr/testify/assert"},
		"require in shipped code":        {"salesforce/sftest/org.go", "package sftest\nimport \"github.com/stretchr/testify/require\"", "salesforce/sftest/org.go: imports github.com/stretchr/testify/require"},
		"require in a nested module":     {"store/sqlite/db.go", "package sqlite\nimport \"github.com/stretchr/testify/require\"", "store/sqlite/db.go: imports github.com/stretchr/testify/require outside a test"},
		"salesforce knows leads":         {"salesforce/x_test.go", "package salesforce_test\nimport \"" + module + "\"", "salesforce/x_test.go: imports " + module},
		"salesforce knows internals":     {"salesforce/x.go", "package salesforce\nimport \"" + module + "/internal/fold\"", "salesforce/x.go: imports " + module + "/internal/fold"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fsys := sound()
			fsys[tc.path] = file(tc.text)
			require.Equal(t, []string{tc.want}, readTree(t, fsys).violations())
		})
	}
}

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

// A tree is what a repository holds, by slash-separated path from its root.
type tree struct {
	workspace goMod
	modules   map[string]goMod    // by directory, "." for the root
	files     map[string][]string // the imports of each Go file
}

// A goMod is what is read of a go.mod or go.work.
type goMod struct {
	goVersion string
	uses      []string
	requires  []string
	replaces  map[string]string
}

func readTree(t *testing.T, fsys fs.FS) *tree {
	t.Helper()
	out := &tree{modules: make(map[string]goMod), files: make(map[string][]string)}
	read := func(name string) string {
		data, err := fs.ReadFile(fsys, name)
		require.NoError(t, err)
		return string(data)
	}
	out.workspace = parseMod(read("go.work"))
	require.NoError(t, fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		base := path.Base(name)
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && (base == "testdata" || strings.HasPrefix(base, ".")):
			return fs.SkipDir
		case base == "go.mod":
			out.modules[path.Dir(name)] = parseMod(read(name))
		case path.Ext(name) == ".go":
			parsed, err := parser.ParseFile(token.NewFileSet(), name, read(name), parser.ImportsOnly)
			require.NoError(t, err)
			out.files[name] = []string{}
			for _, spec := range parsed.Imports {
				imported, err := strconv.Unquote(spec.Path.Value)
				require.NoError(t, err)
				out.files[name] = append(out.files[name], imported)
			}
		}
		return nil
	}))
	return out
}

// parseMod reads the directives of a go.mod or go.work, in blocks or alone.
func parseMod(text string) goMod {
	m := goMod{replaces: make(map[string]string)}
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
			m.goVersion = words[1]
		case words[0] == "use" && len(words) == 2:
			m.uses = append(m.uses, path.Clean(words[1]))
		case words[0] == "require" && len(words) == 3:
			m.requires = append(m.requires, words[1])
		case words[0] == "replace":
			m.replaces[words[1]] = words[len(words)-1]
		}
	}
	return m
}

// violations says in words, sorted, which rules are broken where.
func (t *tree) violations() []string {
	var found []string
	say := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	t.checkModules(say)
	for _, name := range slices.Sorted(maps.Keys(t.files)) {
		for _, imported := range t.files[name] {
			t.checkImport(name, imported, say)
		}
	}
	slices.Sort(found)
	return found
}

func (t *tree) checkModules(say func(string, ...any)) {
	for _, dir := range t.workspace.uses {
		if _, ok := t.modules[dir]; !ok {
			say("go.work: %s is no module", dir)
		}
	}
	for dir, mod := range t.modules {
		name := path.Join(dir, "go.mod")
		if !slices.Contains(t.workspace.uses, dir) {
			say("go.work: %s is missing", dir)
		}
		if mod.goVersion != t.workspace.goVersion {
			say("%s: go %s, but go.work has %s", name, mod.goVersion, t.workspace.goVersion)
		}
		if dir == "." {
			continue
		}
		// The root, and every other module of ours that this one requires, is
		// taken from the repository and not from what is published.
		for _, own := range slices.Compact(slices.Sorted(slices.Values(append([]string{module}, mod.requires...)))) {
			below, ok := strings.CutPrefix(own, module)
			if !ok {
				continue
			}
			to, ok := mod.replaces[own]
			switch target := path.Join(dir, to); {
			case !ok:
				say("%s: no replace of %s", name, own)
			case target != path.Clean("."+below):
				say("%s: replace of %s leads to %s", name, own, target)
			}
		}
	}
}

func (t *tree) checkImport(name, imported string, say func(string, ...any)) {
	isTest := strings.HasSuffix(name, "_test.go")
	own := imported == module || strings.HasPrefix(imported, module+"/")
	standard := !strings.Contains(strings.Split(imported, "/")[0], ".")
	switch {
	case standard:
	case own:
		if strings.HasPrefix(name, "salesforce/") && !strings.HasPrefix(imported, module+"/salesforce") {
			say("%s: imports %s", name, imported)
		}
	case t.moduleOf(name) != ".":
		if strings.HasPrefix(imported, "github.com/stretchr/testify") && !isTest {
			say("%s: imports %s outside a test", name, imported)
		}
	case listed(mayImport, imported), isTest && listed(testsMayImport, imported):
	default:
		say("%s: imports %s", name, imported)
	}
}

// moduleOf returns the directory of the module that a file belongs to.
func (t *tree) moduleOf(name string) string {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if _, ok := t.modules[dir]; ok {
			return dir
		}
	}
	return "."
}

func listed(list []string, imported string) bool {
	return slices.ContainsFunc(list, func(entry string) bool {
		return imported == entry || strings.HasSuffix(entry, "/") && strings.HasPrefix(imported, entry)
	})
}
