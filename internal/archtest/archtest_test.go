// SPDX-License-Identifier: Apache-2.0

package archtest_test

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/archtest"
)

const repository = "../.."

func TestModulesAreBoundTogether(t *testing.T) {
	t.Parallel()
	tree := readRepository(t)
	require.Greater(t, len(tree.Modules), 1, "the whole repository is read")
	require.Empty(t, tree.ModuleBreaches())
}

func TestImportsRunDown(t *testing.T) {
	t.Parallel()
	tree := readRepository(t)
	require.Greater(t, len(tree.Imports), 20, "the whole repository is read")
	require.Empty(t, tree.ImportBreaches())
}

func TestPlanningIsPure(t *testing.T) {
	t.Parallel()
	for _, pkg := range loadWorkspace(t) {
		if pkg.Path == archtest.Module+"/internal/plan" {
			require.Empty(t, archtest.PurityBreaches(pkg))
		}
	}
}

func TestPackagesAreSmall(t *testing.T) {
	t.Parallel()
	require.Empty(t, readRepository(t).LengthBreaches())
	var breaches []string
	for _, pkg := range loadWorkspace(t) {
		limits := archtest.PackageLimits
		if pkg.Path == archtest.Module {
			limits = archtest.RootLimits
		}
		breaches = slices.Concat(breaches, archtest.Measure(pkg).Breaches(pkg.Path, limits))
	}
	require.Empty(t, breaches)
}

func TestCoreBringsFewModules(t *testing.T) {
	t.Parallel()
	shipped, err := archtest.OtherModules(repository, false)
	require.NoError(t, err)
	require.NotEmpty(t, shipped)
	tested, err := archtest.OtherModules(repository, true)
	require.NoError(t, err)
	require.Greater(t, len(tested), len(shipped))
	require.Empty(t, archtest.TooMany("shipped", shipped, archtest.CoreModules))
	require.Empty(t, archtest.TooMany("with tests", tested, archtest.CoreTestModules))
}

func readRepository(t *testing.T) *archtest.Tree {
	t.Helper()
	tree, err := archtest.ReadTree(os.DirFS(repository))
	require.NoError(t, err)
	return tree
}

// loadWorkspace type-checks all packages of the workspace, once for all tests.
func loadWorkspace(t *testing.T) []*archtest.Package {
	t.Helper()
	packages, err := workspace()
	require.NoError(t, err)
	require.Greater(t, len(packages), 5, "the whole workspace is read")
	return packages
}

var workspace = sync.OnceValues(func() ([]*archtest.Package, error) {
	return archtest.Load(filepath.FromSlash(repository), "work")
})
