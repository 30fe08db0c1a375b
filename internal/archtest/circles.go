// SPDX-License-Identifier: Apache-2.0

package archtest

import (
	"cmp"
	"go/ast"
	"maps"
	"slices"
)

// Uses is which file of a package uses which names of which other file of it.
type Uses map[string]map[string][]string

// FileUses finds the uses between the files of a package: of functions, types,
// variables and constants, and of their methods and fields.
func FileUses(pkg *Package) Uses {
	uses := make(Uses)
	for _, file := range pkg.Files {
		from := pkg.fileOf(file.Pos())
		uses[from] = make(map[string][]string)
		ast.Inspect(file, func(n ast.Node) bool {
			ident, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			used := pkg.Info.Uses[ident]
			if used == nil || used.Pkg() != pkg.Types || !used.Pos().IsValid() {
				return true
			}
			to := pkg.fileOf(used.Pos())
			if to != from && !slices.Contains(uses[from][to], ident.Name) {
				uses[from][to] = append(uses[from][to], ident.Name)
			}
			return true
		})
	}
	return uses
}

// Circles returns the sets of files that use one another, directly or by way of
// others, the largest first: the strongly connected components of at least two.
func (u Uses) Circles() [][]string {
	search := &tarjan{uses: u, index: make(map[string]int), low: make(map[string]int), open: make(map[string]bool)}
	for _, file := range slices.Sorted(maps.Keys(u)) {
		if search.index[file] == 0 {
			search.visit(file)
		}
	}
	slices.SortStableFunc(search.found, func(a, b []string) int { return cmp.Compare(len(b), len(a)) })
	return search.found
}

// tarjan is the state of Tarjan's algorithm. Indexes start at 1.
type tarjan struct {
	uses  Uses
	index map[string]int
	low   map[string]int
	open  map[string]bool
	stack []string
	found [][]string
}

func (t *tarjan) visit(file string) {
	t.index[file] = len(t.index) + 1
	t.low[file] = t.index[file]
	t.stack = append(t.stack, file)
	t.open[file] = true
	for _, next := range slices.Sorted(maps.Keys(t.uses[file])) {
		switch {
		case t.index[next] == 0:
			t.visit(next)
			t.low[file] = min(t.low[file], t.low[next])
		case t.open[next]:
			t.low[file] = min(t.low[file], t.index[next])
		}
	}
	if t.low[file] != t.index[file] {
		return
	}
	start := slices.Index(t.stack, file)
	circle := slices.Clone(t.stack[start:])
	t.stack = t.stack[:start]
	for _, member := range circle {
		t.open[member] = false
	}
	if len(circle) > 1 {
		slices.Sort(circle)
		t.found = append(t.found, circle)
	}
}
