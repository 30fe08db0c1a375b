// SPDX-License-Identifier: Apache-2.0

package browsertest_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// axe returns the source of axe-core, which is installed once into the user's cache.
func axe(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("npm"); err != nil {
		skip(t, "npm is not installed")
	}
	lock, err := os.ReadFile("testdata/axe/package-lock.json")
	require.NoError(t, err)
	cache, err := os.UserCacheDir()
	require.NoError(t, err)
	home := filepath.Join(cache, "leadsync-browsertest", fmt.Sprintf("axe-%x", sha256.Sum256(lock)))
	path := filepath.Join(home, "node_modules", "axe-core", "axe.min.js")
	if _, err := os.Stat(path); err != nil {
		install(t, home, path)
	}
	source, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(source)
}

// install installs beside home and renames it when it is complete.
func install(t *testing.T, home, path string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(home), 0o700))
	fresh, err := os.MkdirTemp(filepath.Dir(home), "new-")
	require.NoError(t, err)
	defer os.RemoveAll(fresh)
	require.NoError(t, os.CopyFS(fresh, os.DirFS("testdata/axe")))
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	npm.Dir = fresh
	output, err := npm.CombinedOutput()
	if err != nil {
		skip(t, fmt.Sprintf("npm ci: %v\n%s", err, output))
	}
	if os.Rename(fresh, home) != nil {
		require.FileExists(t, path, "another test may have been first")
	}
}

// A violation is what axe-core finds.
type violation struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Nodes []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

// violations examines the page of a tab.
func (b *tab) violations(axe string) []violation {
	b.t.Helper()
	// The source must not be what the evaluation returns.
	get(b, chromedp.Evaluate[bool](axe+"; true"))
	run := `axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations)`
	return get(b, chromedp.Evaluate[[]violation](run, chromedp.EvalAwaitPromise))
}
