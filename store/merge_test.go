// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// The marks of a capture are Revision and UpdatedAt. A capture that had only one of them
// erased the other, and the next older one was taken for news.
func TestMergeOrdersCapturesByWhatEitherHas(t *testing.T) {
	t.Parallel()
	const taken, stale = true, false
	for _, tc := range []struct {
		kept, captured [2]int // revision and hour, 0 for none
		want           bool
		marks          [2]int // of what is kept then
	}{
		{[2]int{0, 0}, [2]int{0, 0}, taken, [2]int{0, 0}},
		{[2]int{0, 0}, [2]int{0, 5}, taken, [2]int{0, 5}},
		{[2]int{0, 0}, [2]int{5, 0}, taken, [2]int{5, 0}},
		{[2]int{0, 0}, [2]int{5, 5}, taken, [2]int{5, 5}},
		{[2]int{5, 0}, [2]int{0, 0}, taken, [2]int{5, 0}},
		{[2]int{5, 0}, [2]int{0, 5}, taken, [2]int{5, 5}},
		{[2]int{5, 0}, [2]int{4, 0}, stale, [2]int{5, 0}},
		{[2]int{5, 0}, [2]int{5, 0}, taken, [2]int{5, 0}},
		{[2]int{5, 0}, [2]int{6, 0}, taken, [2]int{6, 0}},
		{[2]int{5, 0}, [2]int{4, 5}, stale, [2]int{5, 0}},
		{[2]int{5, 0}, [2]int{5, 5}, taken, [2]int{5, 5}},
		{[2]int{0, 5}, [2]int{0, 0}, taken, [2]int{0, 5}},
		{[2]int{0, 5}, [2]int{5, 0}, taken, [2]int{5, 5}},
		{[2]int{0, 5}, [2]int{0, 4}, stale, [2]int{0, 5}},
		{[2]int{0, 5}, [2]int{0, 5}, taken, [2]int{0, 5}},
		{[2]int{0, 5}, [2]int{0, 6}, taken, [2]int{0, 6}},
		{[2]int{0, 5}, [2]int{5, 4}, stale, [2]int{0, 5}},
		{[2]int{0, 5}, [2]int{5, 6}, taken, [2]int{5, 6}},
		{[2]int{5, 5}, [2]int{0, 0}, taken, [2]int{5, 5}},
		{[2]int{5, 5}, [2]int{0, 4}, stale, [2]int{5, 5}},
		{[2]int{5, 5}, [2]int{0, 5}, taken, [2]int{5, 5}},
		{[2]int{5, 5}, [2]int{0, 6}, taken, [2]int{5, 6}},
		{[2]int{5, 5}, [2]int{4, 0}, stale, [2]int{5, 5}},
		{[2]int{5, 5}, [2]int{5, 0}, taken, [2]int{5, 5}},
		{[2]int{5, 5}, [2]int{6, 0}, taken, [2]int{6, 5}},
		{[2]int{5, 5}, [2]int{4, 6}, stale, [2]int{5, 5}},
		{[2]int{5, 5}, [2]int{5, 4}, stale, [2]int{5, 5}},
		{[2]int{5, 5}, [2]int{5, 5}, taken, [2]int{5, 5}},
		{[2]int{5, 5}, [2]int{5, 6}, taken, [2]int{5, 6}},
		{[2]int{5, 5}, [2]int{6, 4}, taken, [2]int{6, 4}},
		{[2]int{5, 5}, [2]int{6, 6}, taken, [2]int{6, 6}},
	} {
		got := mergeOf(tc.kept, marked("captured", tc.captured))
		require.Equal(t, tc.want, got.Lead.Notes == "captured", "%v then %v", tc.kept, tc.captured)
		require.Equal(t, !tc.want, got.Stale, "%v then %v", tc.kept, tc.captured)
		require.Equal(t, tc.marks, marksOf(got.Lead), "%v then %v", tc.kept, tc.captured)
	}
}

// An enriched lead keeps its marks too, and what is kept by one of them is not replaced by
// a repeat of an earlier capture.
func TestMergeDoesNotTakeARepeatOfAnEarlierCapture(t *testing.T) {
	t.Parallel()
	for _, first := range [][2]int{{5, 5}, {5, 0}, {0, 5}} {
		for _, second := range [][2]int{{6, 0}, {0, 6}, {6, 6}, {6, 4}} {
			later := mergeOf(first, marked("second", second))
			if later.Stale || first[0] == 0 && second[1] == 0 || first[1] == 0 && second[0] == 0 {
				continue // it is not newer, or nothing can be compared
			}
			kept := store.Kept{Lead: later.Lead}
			again := store.Merge(kept, store.Captured{Lead: marked("first", first)}, noon)
			require.Equal(t, "second", again.Lead.Notes, "%v, then %v, then the first again", first, second)
		}
	}
	enriched := marked("enriched", [2]int{5, 5})
	enriched.EnrichedAt = noon
	raw := store.Merge(store.Kept{Lead: enriched}, store.Captured{Lead: marked("raw", [2]int{0, 6})}, noon)
	require.Equal(t, [2]int{5, 6}, marksOf(raw.Lead))
}

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func marked(notes string, marks [2]int) *leadtype.Lead {
	lead := &leadtype.Lead{ID: "L1", LastName: "Lovelace", Notes: notes, Revision: int64(marks[0])}
	if marks[1] != 0 {
		lead.UpdatedAt = time.Date(2026, 5, 4, marks[1], 0, 0, 0, time.UTC)
	}
	return lead
}

func marksOf(lead *leadtype.Lead) [2]int {
	marks := [2]int{int(lead.Revision), 0}
	if !lead.UpdatedAt.IsZero() {
		marks[1] = lead.UpdatedAt.Hour()
	}
	return marks
}

func mergeOf(kept [2]int, captured *leadtype.Lead) store.Merged {
	return store.Merge(store.Kept{Lead: marked("kept", kept)}, store.Captured{Lead: captured}, noon)
}
