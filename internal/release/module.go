// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const root = "github.com/leadsync/leadsync"

// unreleased are the modules that hosts do not import.
var unreleased = []string{root + "/bench", root + "/dashboard/browsertest", root + "/examples", root + "/interop"}

// A module is one of the repository's.
type module struct {
	path string
	dir  string
}

func (m module) released() bool { return !slices.Contains(unreleased, m.path) }

// tag is the name under which Git keeps a version of the module.
func (m module) tag(version string) string {
	if m.path == root {
		return version
	}
	return strings.TrimPrefix(m.path, root+"/") + "/" + version
}

// workspace lists the modules of go.work, as seen from a directory of the repository.
func workspace(dir string) ([]module, error) {
	out, err := output(dir, nil, "go", "list", "-m", "-f", "{{.Path}}\t{{.Dir}}")
	if err != nil {
		return nil, err
	}
	var modules []module
	for line := range strings.Lines(out) {
		path, dir, _ := strings.Cut(strings.TrimSpace(line), "\t")
		modules = append(modules, module{path, dir})
	}
	return modules, nil
}

var ownRequire = regexp.MustCompile(`(?m)^((?:require)?\s+` + regexp.QuoteMeta(root) + `(?:/\S+)?) v\S+`)

// pinned returns the text of a go.mod with all requires of this repository's
// modules at a version. Its replaces stay: they do not reach those who import it.
func pinned(goMod []byte, version string) []byte {
	return ownRequire.ReplaceAll(goMod, []byte("${1} "+version))
}

// pin rewrites each module's go.mod.
func pin(modules []module, version string) error {
	for _, m := range modules {
		name := filepath.Join(m.dir, "go.mod")
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(name, pinned(text, version), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// output runs a command in dir, with env besides the process's own, and returns
// what it prints.
func output(dir string, env []string, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, stderr.Bytes())
	}
	return string(out), nil
}
