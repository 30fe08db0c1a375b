// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/store/memory"
)

// Merges, conversions, choices, two strategies and namesakes while processes end in the
// middle of their writes: nothing is lost, doubled or mixed.
func TestStoriesOfProcessesThatEnd(t *testing.T) {
	t.Parallel()
	deaths := []scenario.Death{scenario.AfterCommit, scenario.AfterSend, scenario.AnswerLost, scenario.BeforeSend}
	for i, story := range scenario.Stories() {
		for k, death := range deaths {
			for _, keys := range []bool{false, true} {
				if sized(1, 0) == 1 && (k != i%2 || keys != (i%3 == 0)) {
					continue
				}
				t.Run(fmt.Sprintf("%s/%s/keys %t", story.Name, death, keys), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						kept := memory.New(nil)
						story.Run(scenario.Start(t, death, keys, func() leadsync.Store { return kept }))
					})
				})
			}
		}
	}
}
