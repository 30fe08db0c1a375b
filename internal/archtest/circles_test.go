// SPDX-License-Identifier: Apache-2.0

package archtest_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/archtest"
)

func TestCirclesAreFound(t *testing.T) {
	t.Parallel()
	dir := writeModule(t, map[string]string{
		"go.mod": "module planted\n\ngo 1.26.0\n",
		"a.go":   "package planted\n\ntype A struct{ b *B }\n\nfunc (a A) Do() { a.b.do() }\n",
		"b.go": "package planted\n\nimport \"fmt\"\n\ntype B struct{ n int }\n\nfunc (b *B) do() { " +
			"fmt.Println(c{}.a()) }\n",
		"c.go": "package planted\n\ntype c struct{}\n\nfunc (c) a() any { return A{} }\n",
		"d.go": "package planted\n\nvar D = e\n",
		"e.go": "package planted\n\nvar e, unused = 1, func() { _ = D }\n",
		"f.go": "package planted\n\n// F uses the others, and nothing uses it.\nfunc F(a A) { a.Do() }\n",
	})
	packages, err := archtest.Load(dir, "./...")
	require.NoError(t, err)
	require.Len(t, packages, 1)
	uses := archtest.FileUses(packages[0])
	require.Equal(t, []string{"B", "do"}, uses["a.go"]["b.go"])
	require.Equal(t, []string{"A", "Do"}, uses["f.go"]["a.go"])
	require.Equal(t, [][]string{{"a.go", "b.go", "c.go"}, {"d.go", "e.go"}}, uses.Circles())

	size := archtest.Measure(packages[0])
	require.Equal(t, 2, size.ExportedTypes)
	require.Equal(t, 5, size.Lines["a.go"])
}

// writeModule writes files into a new directory outside every workspace.
func writeModule(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return dir
}
