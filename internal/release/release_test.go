// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/zip"
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPinnedChangesOwnRequiresOnly(t *testing.T) {
	t.Parallel()
	const goMod = `module github.com/leadsync/leadsync/examples

require (
	github.com/leadsync/leadsync v0.0.0
	github.com/leadsync/leadsync/store/sqlite v0.0.0 // indirect
	github.com/leadsync/leadsyncing v0.0.0
	golang.org/x/oauth2 v0.37.0
)

require github.com/leadsync/leadsync/phone v0.0.0

replace github.com/leadsync/leadsync => ..

replace github.com/leadsync/leadsync/phone v0.0.0 => ../phone
`
	want := strings.NewReplacer("leadsync v0.0.0\n", "leadsync v1.2.3\n",
		"store/sqlite v0.0.0 ", "store/sqlite v1.2.3 ", "phone v0.0.0\n", "phone v1.2.3\n").Replace(goMod)
	require.Equal(t, want, string(pinned([]byte(goMod), "v1.2.3")))
	require.Equal(t, want, string(pinned([]byte(want), "v1.2.3")))
}

func TestRunRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"pin"}, {"pin", "1.2.3"}, {"push", "v1.2.3"}, {"proxy", "v1.2.3"}} {
		require.Error(t, run(io.Discard, ".", args), args)
	}
}

// A workspace of three modules: the root, one below it that is released, and one
// that is not.
func trialWorkspace(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.work":          "go 1.26.0\n\nuse (\n\t.\n\t./examples\n\t./phone\n)\n",
		"go.mod":           "module " + root + "\n\ngo 1.26.0\n",
		"sync.go":          "package leadsync\n",
		"internal/x.go":    "package internal\n",
		".gitignore":       "*.log\n",
		"run.log":          "not committed\n",
		"phone/go.mod":     "module " + root + "/phone\n\ngo 1.26.0\n\nrequire " + root + " v0.0.0\n",
		"phone/phone.go":   "package phone\n",
		"examples/go.mod":  "module " + root + "/examples\n\ngo 1.26.0\n",
		"examples/main.go": "package main\n",
	} {
		write(t, filepath.Join(dir, filepath.FromSlash(name)), text)
	}
	_, err := output(dir, nil, "git", "init", "-q")
	require.NoError(t, err)
	return dir
}

func TestTagsAreThoseOfReleasedModules(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(&out, trialWorkspace(t), []string{"tags", "v1.2.3"}))
	require.Equal(t, "v1.2.3\nphone/v1.2.3\n", out.String())
}

func TestPinRewritesEachModule(t *testing.T) {
	t.Parallel()
	dir := trialWorkspace(t)
	require.NoError(t, run(io.Discard, dir, []string{"pin", "v1.2.3"}))
	text, err := os.ReadFile(filepath.Join(dir, "phone", "go.mod"))
	require.NoError(t, err)
	require.Contains(t, string(text), "require "+root+" v1.2.3\n")
}

func TestProxyHasTheFilesOfReleasedModules(t *testing.T) {
	t.Parallel()
	proxy := t.TempDir()
	require.NoError(t, run(io.Discard, trialWorkspace(t), []string{"proxy", "v1.2.3", proxy}))
	for path, want := range map[string][]string{
		root:            {".gitignore", "go.mod", "go.work", "internal/x.go", "sync.go"},
		root + "/phone": {"go.mod", "phone.go"},
	} {
		dir := filepath.Join(proxy, filepath.FromSlash(path), "@v")
		archive, err := zip.OpenReader(filepath.Join(dir, "v1.2.3.zip"))
		require.NoError(t, err)
		var names []string
		for _, file := range archive.File {
			name, inside := strings.CutPrefix(file.Name, path+"@v1.2.3/")
			require.True(t, inside, file.Name)
			names = append(names, name)
		}
		require.NoError(t, archive.Close())
		require.ElementsMatch(t, want, names)
		goMod, err := os.ReadFile(filepath.Join(dir, "v1.2.3.mod"))
		require.NoError(t, err)
		require.NotContains(t, string(goMod), "v0.0.0")
	}
	require.NoDirExists(t, filepath.Join(proxy, filepath.FromSlash(root), "examples"))
}

// A host outside the workspace gets the modules by go get, as those who import
// them will, and builds and runs README.md's program and one with the modules
// that are not the root. Set LEADSYNC_TEST_FULL to run it: it compiles SQLite.
func TestHostBuildsWhatIsReleased(t *testing.T) {
	if os.Getenv("LEADSYNC_TEST_FULL") == "" {
		t.Skip("LEADSYNC_TEST_FULL is not set")
	}
	const version = "v0.0.1-trial"
	proxy, host := t.TempDir(), t.TempDir()
	modules, err := workspace(".")
	require.NoError(t, err)
	require.NoError(t, writeProxy(proxy, modules, version))

	inHost := goIn(t, host, proxy)
	inHost("mod", "init", "example.com/host")
	args := []string{"get"}
	for _, m := range modules {
		if m.released() {
			args = append(args, m.path+"@"+version)
		}
	}
	require.Len(t, args, 7, "leadsync, otelsync, store/sqlite, store/postgres, riversync, phone")
	inHost(args...)

	program, want := readmeProgram(t)
	write(t, filepath.Join(host, "readme", "main.go"), program)
	write(t, filepath.Join(host, "durable", "main.go"), durableProgram)
	require.Equal(t, want, inHost("run", "./readme"))
	require.Equal(t, "+442079460018\nL1 cleared\n", inHost("run", "./durable", filepath.Join(host, "leads.db")))
	require.NotContains(t, inHost("list", "-m", "all"), "v0.0.0\n", "nothing comes from the repository")
}

// A host builds what it takes from a clone, in the way of README.md.
func TestHostBuildsFromAClone(t *testing.T) {
	t.Parallel()
	host := t.TempDir()
	// What the root needs is in the module cache, and was checked when it came there.
	env := []string{"GOWORK=off", "GOFLAGS=", "GOSUMDB=off"}
	inHost := func(args ...string) string {
		t.Helper()
		out, err := output(host, env, "go", args...)
		require.NoError(t, err)
		return out
	}
	clone, err := filepath.Abs("../..")
	require.NoError(t, err)
	inHost("mod", "init", "example.com/host")
	program, want := readmeProgram(t)
	write(t, filepath.Join(host, "main.go"), program)
	inHost("mod", "edit", "-require="+root+"@v0.0.0", "-replace="+root+"="+clone)
	inHost("mod", "tidy")
	require.Equal(t, want, inHost("run", "."))
}

// goIn returns a function that runs the go command in dir, where modules come
// from the given proxy, from what the module cache has downloaded, or else from
// where they come otherwise.
func goIn(t *testing.T, dir, proxy string) func(args ...string) string {
	t.Helper()
	ambient, err := output(".", nil, "go", "env", "GOMODCACHE", "GOPROXY")
	require.NoError(t, err)
	lines := strings.Split(ambient, "\n")
	cache := filepath.Join(lines[0], "cache", "download")
	env := []string{
		"GOWORK=off",
		"GOFLAGS=-modcacherw",
		"GOMODCACHE=" + t.TempDir(),
		"GOPROXY=" + fileURL(proxy) + "," + fileURL(cache) + "," + lines[1],
		"GOSUMDB=off", // the others were checked by go.sum when they came into the cache
	}
	return func(args ...string) string {
		t.Helper()
		out, err := output(dir, env, "go", args...)
		require.NoError(t, err)
		return out
	}
}

// fileURL returns the URL of a directory, of Windows too.
func fileURL(dir string) string {
	return "file:///" + strings.TrimPrefix(filepath.ToSlash(dir), "/")
}

func write(t *testing.T, name, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
}

// readmeProgram returns README.md's first program, which is the body of the
// root's Example, and what it prints.
func readmeProgram(t *testing.T) (program, output string) {
	t.Helper()
	source, err := os.ReadFile("../../example_test.go")
	require.NoError(t, err)
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "example_test.go", source, parser.ParseComments)
	require.NoError(t, err)
	text := strings.Replace(string(source), "package leadsync_test", "package main", 1)
	text = strings.Replace(text, "func Example()", "func main()", 1)
	require.Contains(t, text, "func main()")
	example, ok := file.Scope.Lookup("Example").Decl.(*ast.FuncDecl)
	require.True(t, ok)
	body := string(source[set.Position(example.Body.Pos()).Offset:set.Position(example.Body.End()).Offset])
	_, printed, found := strings.Cut(body, "// Output:\n")
	require.True(t, found)
	for line := range strings.Lines(printed) {
		if line, ok := strings.CutPrefix(strings.TrimSpace(line), "// "); ok {
			output += line + "\n"
		}
	}
	return text, output
}

const durableProgram = `package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/phone"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store/sqlite"
)

func main() {
	if err := run(context.Background(), os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, path string) error {
	e164, err := phone.E164("GB")
	if err != nil {
		return err
	}
	number, err := e164("020 7946 0018")
	if err != nil {
		return err
	}
	fmt.Println(number)
	store, err := sqlite.Open(path, nil)
	if err != nil {
		return err
	}
	defer store.Close()
	org := sftest.NewOrg(nil)
	defer org.Close()
	tokens := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: org.Token()})
	client, err := salesforce.New(org.URL(), tokens, &salesforce.Config{Hosts: []string{org.URL()[len("http://"):]}})
	if err != nil {
		return err
	}
	sink := leadsync.SinkFunc(func(_ context.Context, outcomes []*leadsync.Outcome) error {
		for _, o := range outcomes {
			fmt.Println(o.LeadID, o.Stage)
		}
		return nil
	})
	syncer, err := leadsync.New(client, &leadsync.Config{Store: store, Sink: sink})
	if err != nil {
		return err
	}
	if _, err := syncer.Capture(ctx, &leadsync.Lead{ID: "L1", LastName: "Lovelace", Company: "Engines"}); err != nil {
		return err
	}
	return syncer.Drain(ctx)
}
`
