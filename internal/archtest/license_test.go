// SPDX-License-Identifier: Apache-2.0

package archtest_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/archtest"
)

func TestFilesNameTheirLicense(t *testing.T) {
	t.Parallel()
	require.Empty(t, readRepository(t).LicenseBreaches())
}

func TestLicensesAreAddedOnce(t *testing.T) {
	t.Parallel()
	dir := writeModule(t, map[string]string{
		"go.work":        "go 1.26.0\n\nuse .\n",
		"go.mod":         "module planted\n\ngo 1.26.0\n",
		"a.go":           archtest.License + "\n\npackage planted\n",
		"b_unix.go":      "//go:build unix\n\npackage planted\n",
		"testdata/no.go": "package no\n",
	})
	read := func() *archtest.Tree {
		tree, err := archtest.ReadTree(os.DirFS(dir))
		require.NoError(t, err)
		return tree
	}
	require.Equal(t, []string{"b_unix.go: does not begin with the SPDX line; run make spdx"}, read().LicenseBreaches())
	for range 2 {
		require.NoError(t, read().AddLicenses(dir))
		require.Empty(t, read().LicenseBreaches())
	}
	text, err := os.ReadFile(filepath.Join(dir, "b_unix.go"))
	require.NoError(t, err)
	require.Equal(t, archtest.License+"\n\n//go:build unix\n\npackage planted\n", string(text))
}
