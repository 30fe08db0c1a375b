// SPDX-License-Identifier: Apache-2.0

package archtest

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

var quoted = regexp.MustCompile("`([a-z/]+)`")

// ArchitectureBreaches says where the table of packages in docs/architecture.md is
// not that of Layers: in another order, with packages that are not there, or
// without some that are. Internal packages of salesforce need no line.
func (t *Tree) ArchitectureBreaches(text string) (found []string) {
	say := func(format string, args ...any) {
		found = append(found, "docs/architecture.md: "+fmt.Sprintf(format, args...))
	}
	there := t.packages()
	var named []string
	last := -1
	_, section, _ := strings.Cut(text, "\n## The packages\n")
	section, _, _ = strings.Cut(section, "\n## ")
	for line := range strings.Lines(section) {
		cell, _, ok := strings.Cut(strings.TrimPrefix(line, "|"), "|")
		if !ok || !strings.HasPrefix(line, "|") {
			continue
		}
		for _, match := range quoted.FindAllStringSubmatch(cell, -1) {
			dir := match[1]
			if dir == "leadsync" {
				dir = "."
			}
			named = append(named, dir)
			if !there[dir] {
				say("%s is not there", dir)
			}
			if layer := layerOf(dir); layer < last {
				say("%s is too far down", dir)
			} else {
				last = layer
			}
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(there)) {
		if !slices.Contains(named, dir) && !strings.HasPrefix(dir, "salesforce/") {
			say("%s is not named", dir)
		}
	}
	return found
}

// packages are the directories with Go files that are not tests. Those of examples
// count as one, and so do those of the tools in internal.
func (t *Tree) packages() map[string]bool {
	there := make(map[string]bool)
	for name := range t.Imports {
		dir := path.Dir(name)
		switch {
		case isTest(name), isWithin(dir, "internal/archtest"), isWithin(dir, "internal/release"):
		case isWithin(dir, "examples"):
			there["examples"] = true
		default:
			there[dir] = true
		}
	}
	return there
}
