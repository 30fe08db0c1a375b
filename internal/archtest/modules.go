// SPDX-License-Identifier: Apache-2.0

package archtest

import (
	"fmt"
	"maps"
	"path"
	"slices"
)

// ModuleBreaches says how the modules are not bound together as they should be:
// each in go.work (but for OutsideWorkspace), all of one Go version, and each
// with a replace of every other one that it requires.
func (t *Tree) ModuleBreaches() (found []string) {
	say := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	for _, dir := range t.Workspace.Uses {
		if _, ok := t.Modules[dir]; !ok {
			say("go.work: %s is no module", dir)
		}
		if slices.Contains(OutsideWorkspace, dir) {
			say("go.work: %s must not be in it", dir)
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(t.Modules)) {
		name := path.Join(dir, "go.mod")
		outside := slices.Contains(OutsideWorkspace, dir)
		if !outside && !slices.Contains(t.Workspace.Uses, dir) {
			say("go.work: %s is missing", dir)
		}
		if t.Modules[dir].Go != t.Workspace.Go {
			say("%s: go %s, but go.work has %s", name, t.Modules[dir].Go, t.Workspace.Go)
		}
		if !outside && dir != "." {
			found = append(found, t.replaceBreaches(dir)...)
		}
	}
	return found
}

// replaceBreaches finds modules of this repository, the root first of all, that
// the module in dir would take from what is published.
func (t *Tree) replaceBreaches(dir string) (found []string) {
	mod, name := t.Modules[dir], path.Join(dir, "go.mod")
	required := append([]string{Module}, mod.Requires...)
	slices.Sort(required)
	for _, one := range slices.Compact(required) {
		below, ok := own(one)
		if !ok {
			continue
		}
		to, ok := mod.Replaces[one]
		switch target := path.Join(dir, to); {
		case !ok:
			found = append(found, fmt.Sprintf("%s: no replace of %s", name, one))
		case target != path.Clean(below):
			found = append(found, fmt.Sprintf("%s: replace of %s leads to %s", name, one, target))
		}
	}
	return found
}

// TooMany says which modules of others are compiled, when they are more than limit.
func TooMany(what string, modules []string, limit int) []string {
	if len(modules) <= limit {
		return nil
	}
	return []string{fmt.Sprintf("%s: %d modules of others, at most %d: %v", what, len(modules), limit, modules)}
}

// OtherModules returns the modules besides the root that its packages compile,
// with or without their tests, as seen from the root's directory.
func OtherModules(dir string, tests bool) ([]string, error) {
	args := []string{"-deps"}
	if tests {
		args = append(args, "-test")
	}
	all, err := goList(dir, args, "./...")
	if err != nil {
		return nil, err
	}
	modules := make(map[string]bool)
	for _, one := range all {
		if one.Module != nil && one.Module.Path != Module {
			modules[one.Module.Path] = true
		}
	}
	return slices.Sorted(maps.Keys(modules)), nil
}
