// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/store/sqlite"
)

// processes returns what opens a file as one process after another does.
func processes(t *testing.T) (open func() leadsync.Store) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "leads.db")
	var opened *sqlite.Store
	t.Cleanup(func() { require.NoError(t, opened.Close()) })
	return func() leadsync.Store {
		if opened != nil {
			require.NoError(t, opened.Close())
		}
		var err error
		opened, err = sqlite.Open(path, nil)
		require.NoError(t, err)
		return opened
	}
}

func TestInterruptedCorrectionIsCorrectedAgain(t *testing.T) {
	t.Parallel()
	for i, c := range scenario.Corrections() {
		if os.Getenv("LEADSYNC_TEST_FULL") == "" && i%13 != 0 {
			continue
		}
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				entry, rows := c.Run(t, processes(t))
				require.Equal(t, leadsync.Cleared, entry.Stage, "%v", entry.Last.Err)
				require.Empty(t, entry.Last.Warnings)
				require.Len(t, rows, 1)
				require.Equal(t, c.Email, rows[0]["Email"])
				require.Empty(t, entry.Intents)
			})
		})
	}
}

func TestStoriesOfProcessesThatEnd(t *testing.T) {
	t.Parallel()
	full := os.Getenv("LEADSYNC_TEST_FULL") != ""
	for i, story := range scenario.Stories() {
		for k, death := range []scenario.Death{scenario.AfterCommit, scenario.AnswerLost, scenario.AfterSend} {
			for _, keys := range []bool{false, true} {
				if !full && (k > 0 || keys || i%4 != 0 && story.Name != "namesakes") {
					continue
				}
				t.Run(fmt.Sprintf("%s/%s/keys %t", story.Name, death, keys), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) { story.Run(scenario.Start(t, death, keys, processes(t))) })
				})
			}
		}
	}
}
