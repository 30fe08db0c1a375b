// SPDX-License-Identifier: Apache-2.0

package archtest_test

import (
	"os"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/archtest"
)

func TestArchitectureIsAsDescribed(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(repository + "/docs/architecture.md")
	require.NoError(t, err)
	require.Empty(t, readRepository(t).ArchitectureBreaches(string(text)))
}

func TestWrongDescriptionsAreFound(t *testing.T) {
	t.Parallel()
	tree, err := archtest.ReadTree(fstest.MapFS{
		"go.work":            file("go 1.26.0\n"),
		"sync.go":            file("package leadsync"),
		"store/store.go":     file("package store"),
		"mapping/mapping.go": file("package mapping"),
		"examples/a/main.go": file("package main"),
		"review/x_test.go":   file("package review"),
	})
	require.NoError(t, err)
	const head = "# A\n\n| `fleet` | no |\n\n## The packages\n\n| Packages | What |\n|---|---|\n"
	sound := head + "| `examples` | `x` |\n| `leadsync` (the root) | |\n| `store` | |\n| `mapping` | |\n\n## More\n\n| " +
		"`plan` | |\n"
	require.Empty(t, tree.ArchitectureBreaches(sound))
	require.Equal(t, []string{
		"docs/architecture.md: store is too far down",
		"docs/architecture.md: leadtype is not there",
		"docs/architecture.md: examples is not named",
	}, tree.ArchitectureBreaches(head+"| `leadsync` | |\n| `mapping` | |\n| `store` | |\n| `leadtype` | |\n"))
}
