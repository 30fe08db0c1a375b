// SPDX-License-Identifier: Apache-2.0

package archtest_test

import (
	"os"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/archtest"
)

func TestWhatIsCitedIsThere(t *testing.T) {
	t.Parallel()
	breaches, err := archtest.CitationBreaches(os.DirFS(repository))
	require.NoError(t, err)
	require.Empty(t, breaches)
}

func TestBadCitationsAreFound(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{
		"docs/salesforce.md": file("# Facts\n\n## Bulk API\n\n## Errors\n"),
		"sound.go": file("package p\n\n// A is one (docs/salesforce.md, Bulk API). It is\n// (docs/salesforce.md,\n" +
			"// Errors and so on) of docs/salesforce.md.\n"),
		"heading.go": file("package p\n\n// B (docs/salesforce.md, Limits)\n"),
		"gone.md":    file("See docs/" + "gone.md.\n"),
		"absent.go":  file("package p\n\n// C (SALESFORCE" + ".md 3), and from\n// memory.\n"),
		"old.tsv":    file("# after DESIGN" + ".md\n"),
		".hidden.md": file("docs/salesforce.md\n"),
	}
	breaches, err := archtest.CitationBreaches(fsys)
	require.NoError(t, err)
	require.Equal(t, []string{
		"absent.go: cites SALESFORCE" + ".md", "absent.go: cites from" + " memory", "gone.md: cites docs/" + "gone.md",
		"heading.go: cites docs/salesforce.md, Limits", "old.tsv: cites DESIGN" + ".md",
	}, breaches)
}
