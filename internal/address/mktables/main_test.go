// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTablesAreThoseOfTheLists(t *testing.T) {
	t.Parallel()
	for name, table := range tables() {
		committed, err := os.ReadFile(filepath.Join("..", name))
		require.NoError(t, err)
		require.Equal(t, table, string(committed), "run go generate ./internal/address")
		require.True(t, slices.IsSorted(keys(table)), name)
	}
}

func keys(table string) []string {
	var keys []string
	for line := range strings.Lines(strings.TrimPrefix(table, "\n")) {
		key, _, _ := strings.Cut(line, "\t")
		keys = append(keys, key)
	}
	return keys
}
