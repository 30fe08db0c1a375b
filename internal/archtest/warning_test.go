// SPDX-License-Identifier: Apache-2.0

package archtest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/archtest"
)

func TestEveryWarningHasAKind(t *testing.T) {
	t.Parallel()
	for _, pkg := range loadWorkspace(t) {
		require.Empty(t, archtest.KindBreaches(pkg), pkg.Path)
	}
}

func TestWarningsWithoutAKindAreFound(t *testing.T) {
	t.Parallel()
	dir := writeModule(t, map[string]string{
		"go.mod":              "module " + module + "\n\ngo 1.26.0\n",
		"leadtype/warning.go": "package leadtype\n\ntype Warning struct{ Kind, Reason string }\n",
		"plan/plan.go": `package plan

import "github.com/leadsync/leadsync/leadtype"

var sound = []leadtype.Warning{{Kind: "missing", Reason: "r"}, {"missing", "r"}}

var breaches = []leadtype.Warning{
	{Reason: "r"},
	leadtype.Warning{Reason: "r"},
}

var pointers = []*leadtype.Warning{{Reason: "r"}}
`,
	})
	packages, err := archtest.Load(dir, "./plan")
	require.NoError(t, err)
	require.Equal(t, []string{
		"plan.go:8: makes a warning without a Kind", "plan.go:9: makes a warning without a Kind",
		"plan.go:12: makes a warning without a Kind",
	}, archtest.KindBreaches(packages[0]))
}
