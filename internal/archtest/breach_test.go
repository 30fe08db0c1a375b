package archtest_test

import (
	"io/fs"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/archtest"
)

const module = archtest.Module

// soundTree is a small repository that breaks no rule.
func soundTree() fstest.MapFS {
	return fstest.MapFS{
		"go.work":      file("go 1.26.0\n\nuse (\n\t.\n\t./store/sqlite\n)\n"),
		"go.mod":       file("module " + module + "\n\ngo 1.26.0\n"),
		"tools/go.mod": file("module " + module + "/tools\n\ngo 1.26.0\n"),
		"sync.go": file("package leadsync\nimport (\n\"context\"\n\"" + module + "/internal/plan\"\n" +
			"\"" + module + "/salesforce\"\n\"golang.org/x/sync/errgroup\"\n)"),
		"sync_test.go":               file("package leadsync_test\nimport \"github.com/stretchr/testify/require\""),
		"internal/plan/plan.go":      file("package plan\nimport (\n\"time\"\n\"" + module + "/leadtype\"\n)"),
		"internal/plan/plan_test.go": file("package plan_test\nimport (\n\"os\"\n\"" + module + "\"\n)"),
		"leadtype/lead.go":           file("package leadtype\nimport \"" + module + "/salesforce\""),
		"salesforce/x.go":            file("package salesforce\nimport \"golang.org/x/oauth2\""),
		"store/store.go":             file("package store\nimport \"" + module + "/leadtype\""),
		"store/sqlite/go.mod": file("module " + module + "/store/sqlite\n\ngo 1.26.0\n\nrequire (\n\t" + module +
			" v0.0.0\n\tmodernc.org/sqlite v1.61.1\n)\n\nreplace " + module + " => ../..\n"),
		"store/sqlite/db.go":     file("package sqlite\nimport (\n_ \"modernc.org/sqlite\"\n\"" + module + "/store\"\n)"),
		"examples/plan/main.go":  file("package main\nimport \"" + module + "/examples/internal/org\""),
		"examples/internal/o.go": file("package org\nimport \"" + module + "/salesforce/sftest\""),
		"testdata/bad.go":        file("not go"),
		".hidden/go.mod":         file("module hidden"),
	}
}

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

// breaches returns what is wrong with the imports and modules of a tree.
func breaches(t *testing.T, fsys fs.FS) []string {
	t.Helper()
	tree, err := archtest.ReadTree(fsys)
	require.NoError(t, err)
	return slices.Concat(tree.ModuleBreaches(), tree.ImportBreaches(), tree.LengthBreaches())
}

func TestBreachesAreFound(t *testing.T) {
	t.Parallel()
	require.Empty(t, breaches(t, soundTree()))

	sqlite := "module " + module + "/store/sqlite\n\ngo 1.26.0\n\n"
	for name, tc := range map[string]struct {
		path, text string
		want       string
	}{
		"module outside the workspace": {
			"store/postgres/go.mod", "module " + module + "/store/postgres\n\ngo 1.26.0\n\nreplace " + module + " => ../..\n",
			"go.work: store/postgres is missing",
		},
		"tools in the workspace": {
			"go.work", "go 1.26.0\n\nuse .\nuse ./store/sqlite\nuse ./tools\n", "go.work: tools must not be in it",
		},
		"workspace entry without module": {
			"go.work", "go 1.26.0\n\nuse .\nuse ./store/sqlite\nuse ./gone\n", "go.work: gone is no module",
		},
		"another go version": {
			"go.mod", "module " + module + "\n\ngo 1.25.0\n", "go.mod: go 1.25.0, but go.work has 1.26.0",
		},
		"another go version of the tools": {
			"tools/go.mod", "module " + module + "/tools\n\ngo 1.25.0\n", "tools/go.mod: go 1.25.0, but go.work has 1.26.0",
		},
		"no replace": {
			"store/sqlite/go.mod", sqlite + "require " + module + " v0.0.0\n", "store/sqlite/go.mod: no replace of " + module,
		},
		"replace that leads elsewhere": {
			"store/sqlite/go.mod", sqlite + "replace " + module + " => ..\n",
			"store/sqlite/go.mod: replace of " + module + " leads to store",
		},
		"file that is too long": {
			"sync.go", "package leadsync\n" + string(slices.Repeat([]byte("\n"), 500)), "sync.go: 501 lines, at most 500",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fsys := soundTree()
			fsys[tc.path] = file(tc.text)
			require.Equal(t, []string{tc.want}, breaches(t, fsys))
		})
	}
}

func TestForbiddenImportsAreFound(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ path, imports, want string }{
		{"sync.go", "modernc.org/sqlite", ", which is not on the list"},
		{"sync.go", "golang.org/x/net/html", ", which is not on the list"},
		{"sync_test.go", "github.com/stretchr/testify/assert", ", which is not on the list"},
		{"salesforce/sftest/org.go", "github.com/stretchr/testify/require", ", which is not on the list"},
		{"store/sqlite/db.go", "github.com/stretchr/testify/require", " outside a test"},
		{"salesforce/x_test.go", module, ", and package salesforce knows nothing of leads"},
		{"salesforce/x.go", module + "/internal/fold", ", and package salesforce knows nothing of leads"},
		{"leadtype/lead.go", module + "/internal/verdict", ", which is not below it"},
		{"internal/value/value.go", module + "/leadtype", ", which is not below it"},
		{"internal/identity/name.go", module + "/internal/value", ", which is not below it"},
		{"store/store.go", module + "/mapping", ", which it must never do"},
		{"store/sqlite/db.go", module + "/mapping", ", which it must never do"},
		{"store/sqlite/db.go", module, ", which is not below it"},
		{"internal/match/match.go", module + "/internal/plan", ", which is not below it"},
		{"internal/plan/plan.go", module + "/store", ", which it must never do"},
		{"internal/plan/plan.go", module + "/store/memory", ", which it must never do"},
		{"internal/plan/plan.go", "net/http", ", which it must never do"},
		{"internal/plan/plan.go", "os", ", which it must never do"},
		{"internal/plan/plan.go", module + "/somewhere", ", which has no line in the import table"},
		{"sync.go", module + "/salesforce/sftest", ", which only tests may import"},
	} {
		fsys := soundTree()
		fsys[tc.path] = file("package planted\nimport _ \"" + tc.imports + "\"")
		require.Equal(t, []string{tc.path + ": imports " + tc.imports + tc.want}, breaches(t, fsys))
	}
	fsys := soundTree()
	fsys["common/x.go"] = file("package common")
	require.Equal(t, []string{"common/x.go: common has no line in the import table"}, breaches(t, fsys))
}

func TestTooManyModulesAreFound(t *testing.T) {
	t.Parallel()
	require.Empty(t, archtest.TooMany("shipped", []string{"a", "b"}, 2))
	require.Equal(t, []string{"shipped: 2 modules of others, at most 1: [a b]"},
		archtest.TooMany("shipped", []string{"a", "b"}, 1))
}

func TestImpurityIsFound(t *testing.T) {
	t.Parallel()
	dir := writeModule(t, map[string]string{
		"go.mod": "module " + module + "\n\ngo 1.26.0\n",
		"salesforce/client.go": "package salesforce\n\ntype Client struct{}\n\ntype Write struct{}\n\n" +
			"func (*Client) Write(Write) {}\n\nfunc New() *Client { return nil }\n",
		"internal/plan/plan.go": `package plan

import (
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

type sound struct {
	at    time.Time
	write salesforce.Write
}

func (s sound) After(t time.Time) bool { return s.at.After(t) }

var now = time.Now

func elapsed(t time.Time) time.Duration { return time.Since(t) }

func send(c *salesforce.Client, w salesforce.Write) { c.Write(w) }

func open() any { return salesforce.New() }
`,
	})
	packages, err := archtest.Load(dir, "./internal/plan")
	require.NoError(t, err)
	require.Equal(t, []string{
		"plan.go:16: uses time.Now", "plan.go:18: uses time.Since", "plan.go:20: uses salesforce.Client",
		"plan.go:20: uses salesforce.Client", "plan.go:22: uses salesforce.Client",
	}, archtest.PurityBreaches(packages[0]))
}

func TestLargePackagesAreFound(t *testing.T) {
	t.Parallel()
	size := archtest.Size{
		Lines:         map[string]int{"a.go": 20, "b.go": 30},
		ExportedTypes: 3,
		Circles:       [][]string{{"a.go", "b.go", "c.go"}, {"d.go", "e.go"}},
	}
	require.Empty(t, size.Breaches("p", archtest.Limits{}))
	require.Empty(t, size.Breaches("p", archtest.Limits{Files: 2, Lines: 50, ExportedTypes: 3, Circle: 3}))
	require.Equal(t, []string{
		"p: 2 files, at most 1", "p: 50 lines, at most 49", "p: 3 exported types, at most 2",
		"p: 3 files in a circle (a.go b.go c.go), at most 2",
	}, size.Breaches("p", archtest.Limits{Files: 1, Lines: 49, ExportedTypes: 2, Circle: 2}))
}
