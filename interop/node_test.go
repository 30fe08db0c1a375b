// SPDX-License-Identifier: Apache-2.0

package interop_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A nodeDir is a directory of testdata with scripts for node and a
// package-lock.json of their dependencies.
type nodeDir struct {
	path    string
	scripts []string                         // directories of the scripts
	install func() (modules, missing string) // once for all tests
}

func newNodeDir(path string, scripts ...string) *nodeDir {
	return &nodeDir{path: path, scripts: append(scripts, path), install: sync.OnceValues(func() (string, string) {
		return installNode(path)
	})}
}

// run runs a script and returns its output. A non-zero exit status fails the test.
// If the script cannot run, the test fails in CI and is skipped elsewhere.
func (d *nodeDir) run(t *testing.T, script string, stdin io.Reader, env ...string) string {
	t.Helper()
	modules, missing := d.install()
	if missing != "" {
		require.NotEqual(t, "true", os.Getenv("CI"), missing)
		t.Skip("the scripts of " + d.path + " do not run: " + missing)
	}
	dir := t.TempDir() // node looks for modules beside the script
	for _, from := range d.scripts {
		require.NoError(t, copyScripts(dir, from))
	}
	require.NoError(t, os.Symlink(modules, filepath.Join(dir, "node_modules")))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	node := exec.CommandContext(ctx, "node", script)
	node.Dir, node.Stdin, node.Env = dir, stdin, append(environment(), env...)
	output, err := node.CombinedOutput()
	require.NoError(t, err, "%s: %s", script, output)
	return string(output)
}

// copyScripts copies the scripts and package.json.
func copyScripts(to, from string) error {
	names, err := filepath.Glob(filepath.Join(from, "*.js*"))
	if err != nil {
		return err
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, filepath.Base(name)), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// environment returns the environment of the test without node options and proxies,
// which jsforce would use for loopback addresses too.
func environment() []string {
	return slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, _, _ := strings.Cut(strings.ToLower(entry), "=")
		return strings.HasSuffix(name, "_proxy") || name == "node_options"
	})
}

// installNode installs the dependencies in the package-lock.json of dir into the
// user's cache, unless they are installed. It returns their directory, or what is
// missing.
func installNode(dir string) (modules, missing string) {
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			return "", tool + " is not installed"
		}
	}
	modules, err := installed(dir)
	if err != nil {
		return "", err.Error()
	}
	return modules, ""
}

// installed returns the node_modules in a directory named after the lock file. The
// directory is renamed when it is complete, because tests of other processes may
// install at the same time.
func installed(dir string) (string, error) {
	lock, err := os.ReadFile(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	cache = filepath.Join(cache, "leadsync-interop")
	home := filepath.Join(cache, fmt.Sprintf("%s-%x", filepath.Base(dir), sha256.Sum256(lock)))
	modules := filepath.Join(home, "node_modules")
	if _, err := os.Stat(modules); err == nil {
		return modules, nil
	}
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return "", err
	}
	fresh, err := os.MkdirTemp(cache, "new-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(fresh)
	if err := copyScripts(fresh, dir); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	npm.Dir = fresh
	if output, err := npm.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm ci: %w\n%s", err, output)
	}
	err = os.Rename(fresh, home)
	if _, exists := os.Stat(modules); exists == nil {
		return modules, nil // another test may have been first
	}
	return "", err
}
