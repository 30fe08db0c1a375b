// SPDX-License-Identifier: Apache-2.0

package archtest

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// ImportBreaches says which files import what they must not: by Layers, Never,
// OnlyTests, ThirdParty and TestsThirdParty.
func (t *Tree) ImportBreaches() (found []string) {
	for _, name := range slices.Sorted(maps.Keys(t.Imports)) {
		dir := path.Dir(name)
		if layerOf(dir) < 0 {
			found = append(found, fmt.Sprintf("%s: %s has no line in the import table", name, dir))
			continue
		}
		for _, imported := range t.Imports[name] {
			if reason := t.barred(name, imported); reason != "" {
				found = append(found, fmt.Sprintf("%s: imports %s%s", name, imported, reason))
			}
		}
	}
	return found
}

// barred returns why a file must not import a package, "" when it may.
func (t *Tree) barred(name, imported string) string {
	dir, isOwn := own(imported)
	switch {
	case isOwn:
		return barredOwn(name, dir)
	case isStandard(imported):
		if !isTest(name) && never(path.Dir(name), imported) {
			return ", which it must never do"
		}
		return ""
	case t.moduleOf(name) != ".":
		if strings.HasPrefix(imported, "github.com/stretchr/testify") && !isTest(name) {
			return " outside a test"
		}
		return ""
	case onList(ThirdParty, imported), isTest(name) && onList(TestsThirdParty, imported):
		return ""
	}
	return ", which is not on the list"
}

// barredOwn is barred for packages of this repository. Tests may import what lies
// above them, except in package salesforce, which knows nothing of leads.
func barredOwn(name, imported string) string {
	dir := path.Dir(name)
	from, to := layerOf(dir), layerOf(imported)
	switch {
	case isWithin(dir, "salesforce") && !isWithin(imported, "salesforce") && !slices.Contains(Neutral, imported):
		return ", and package salesforce knows nothing of leads"
	case isTest(name):
		return ""
	case to < 0:
		return ", which has no line in the import table"
	case never(dir, imported):
		return ", which it must never do"
	case slices.Contains(OnlyTests, imported) && !mayCompileTests(dir):
		return ", which only tests may import"
	case from == to && !sameSubtree(dir, imported, Layers[from]), from > to:
		return ", which is not below it"
	}
	return ""
}

// layerOf returns the line of a directory in Layers, or -1.
func layerOf(dir string) int {
	return slices.IndexFunc(Layers, func(layer Layer) bool {
		return slices.ContainsFunc(layer, func(entry string) bool { return matches(entry, dir) })
	})
}

// sameSubtree says whether two directories of a line lie below one entry.
func sameSubtree(a, b string, layer Layer) bool {
	return slices.ContainsFunc(layer, func(entry string) bool {
		return strings.HasSuffix(entry, "/...") && matches(entry, a) && matches(entry, b)
	})
}

// matches says whether a directory is that of an entry of Layers.
func matches(entry, dir string) bool {
	if above, ok := strings.CutSuffix(entry, "/..."); ok {
		return isWithin(dir, above)
	}
	return dir == entry
}

func isWithin(dir, above string) bool { return dir == above || strings.HasPrefix(dir, above+"/") }

// never says whether Never bars a package from a directory.
func never(dir, imported string) bool {
	return slices.ContainsFunc(Never[dir], func(barred string) bool {
		return isWithin(imported, barred)
	})
}

// mayCompileTests says whether a package is itself there for tests and trials.
func mayCompileTests(dir string) bool {
	return isWithin(dir, "examples") || isWithin(dir, "interop") || isWithin(dir, "bench") ||
		isWithin(dir, "dashboard/browsertest") || isWithin(dir, "internal/scenario") ||
		slices.ContainsFunc(OnlyTests, func(one string) bool { return isWithin(dir, one) })
}

func isStandard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".")
}

func onList(list []string, imported string) bool {
	return slices.ContainsFunc(list, func(entry string) bool {
		return imported == entry || strings.HasSuffix(entry, "/") && strings.HasPrefix(imported, entry)
	})
}
