// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCirclesArePrintedWithTheirUses(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"go.mod": "module planted\n\ngo 1.26.0\n",
		"a.go":   "package planted\n\ntype A struct{ b *b }\n",
		"b.go":   "package planted\n\ntype b struct{ a A }\n",
		"c.go":   "package planted\n\nvar C A\n",
	} {
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	}
	const size = "planted: 3 files, 9 lines, 1 exported types, largest circle 2\n"
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"./..."}, size},
		{[]string{"-min", "2", "./..."}, size + "  circle of 2: a.go b.go\n"},
		{[]string{"-min", "2", "-uses", "./..."}, size + "  circle of 2: a.go b.go\n" +
			"    a.go -> b.go: b\n    b.go -> a.go: A\n"},
	} {
		var out bytes.Buffer
		require.NoError(t, run(&out, tc.args))
		require.Equal(t, tc.want, out.String())
	}
	require.Error(t, run(&bytes.Buffer{}, []string{"./nowhere"}))
}
