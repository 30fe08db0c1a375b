package interop_test

import (
	"context"
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

// A nodeDir is a directory of testdata with scripts for node, and with what they
// need in its package-lock.json.
type nodeDir struct {
	path  string
	lacks func() string // installs, once for all tests, and says what is in the way
}

func newNodeDir(path string) *nodeDir {
	return &nodeDir{path: path, lacks: sync.OnceValue(func() string { return installNode(path) })}
}

// run runs a script and returns what it printed. The script fails the test by
// ending with anything but status 0. Where it cannot run, it fails in CI, and is
// skipped on a user's machine.
func (d *nodeDir) run(t *testing.T, script string, stdin io.Reader, env ...string) string {
	t.Helper()
	if lack := d.lacks(); lack != "" {
		require.NotEqual(t, "true", os.Getenv("CI"), lack)
		t.Skip("the scripts of " + d.path + " do not run: " + lack)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	node := exec.CommandContext(ctx, "node", script)
	node.Dir, node.Stdin, node.Env = d.path, stdin, append(environment(), env...)
	output, err := node.CombinedOutput()
	require.NoError(t, err, "%s: %s", script, output)
	return string(output)
}

// environment is that of the test without what would lead node astray: a proxy,
// which jsforce uses for loopback addresses too, and options of node itself.
func environment() []string {
	return slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, _, _ := strings.Cut(strings.ToLower(entry), "=")
		return strings.HasSuffix(name, "_proxy") || name == "node_options"
	})
}

// installNode installs what package-lock.json names, unless that was done since
// the file last changed. npm writes node_modules/.package-lock.json last.
func installNode(dir string) string {
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			return tool + " is not installed"
		}
	}
	lock, err := os.Stat(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		return err.Error()
	}
	done, err := os.Stat(filepath.Join(dir, "node_modules", ".package-lock.json"))
	if err == nil && !done.ModTime().Before(lock.ModTime()) {
		return ""
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	npm.Dir = dir
	if output, err := npm.CombinedOutput(); err != nil {
		return "npm ci fails: " + err.Error() + "\n" + string(output)
	}
	return ""
}
