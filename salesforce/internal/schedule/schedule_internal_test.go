package schedule

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The tests read the kinds and the chains of a schedule, so they are inside the
// package.

// small are limits under which the fewest rounds can be found by trying all.
var small = Limits{Subrequests: 3, Heavy: 2, Rows: 2, Types: 10}

// platform are the limits of Salesforce.
var platform = Limits{Subrequests: 25, Heavy: 5, Rows: 200, Types: 10}

// The operations of the rows, in the caller's numbers.
const (
	_ = iota // create
	opUpdate
	opUpsert
	opDelete
)

func newSchedule(rows []Row, limits Limits) *Schedule {
	return New(len(rows), func(i int) Row { return rows[i] }, limits)
}

// The writes fill tiny calls to the brim. Of other draws the schedule misses the
// fewest rounds by one about once in a thousand.
func TestScheduleFindsTheFewestRounds(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 7))
	for range 800 {
		writes := randomWrites(random)
		s := newSchedule(writes, small)
		pending := make([]int, len(writes))
		for i := range pending {
			pending[i] = i
		}
		rounds := s.Rounds(pending)
		requireValid(t, s, rounds, len(writes))
		require.Len(t, rounds, exhaustive(s, len(writes)), "%+v", writes)
	}
}

// randomWrites makes writes of a few kinds, half of them waiting for another.
func randomWrites(random *rand.Rand) []Row {
	writes := make([]Row, 10)
	for i := range writes {
		w := &writes[i]
		w.Object = "Lead"
		w.Alone = random.IntN(10) == 0
		if random.IntN(2) == 0 {
			w.Op, w.Record = opUpdate, fmt.Sprintf("00Q%012d", i)
		}
		if i > 0 && random.IntN(2) > 0 {
			w.After = []int{random.IntN(i)}
		}
	}
	return writes
}

func requireValid(t *testing.T, s *Schedule, rounds [][]Batch, count int) {
	at := make(map[int]int)
	for r, round := range rounds {
		heavy := 0
		for _, b := range round {
			if !b.Alone() {
				heavy++
			}
			require.LessOrEqual(t, len(b.Rows), s.room(b.kind))
			for _, i := range b.Rows {
				require.NotContains(t, at, i, "sent twice")
				require.Equal(t, b.kind, s.kinds[i])
				at[i] = r
			}
		}
		require.LessOrEqual(t, heavy, s.limits.Heavy)
		require.LessOrEqual(t, len(round), s.limits.Subrequests)
	}
	require.Len(t, at, count)
	for i, parents := range s.parents {
		for _, parent := range parents {
			require.Less(t, at[parent], at[i])
		}
	}
}

// exhaustive returns the fewest rounds, by trying every set of writes that can
// go next.
func exhaustive(s *Schedule, count int) int {
	full := 1<<count - 1
	fits := make([]bool, full+1)
	for set := range fits {
		fits[set] = s.fits(set)
	}
	frontier := map[int]bool{0: true}
	for rounds := 1; ; rounds++ {
		next := make(map[int]bool)
		for done := range frontier {
			ready := 0
			for i := range count {
				if done&(1<<i) == 0 && s.allIn(s.parents[i], done) {
					ready |= 1 << i
				}
			}
			for set := ready; set > 0; set = (set - 1) & ready {
				if fits[set] {
					next[done|set] = true
				}
			}
		}
		if next[full] {
			return rounds
		}
		frontier = next
	}
}

func (s *Schedule) allIn(rows []int, set int) bool {
	for _, i := range rows {
		if set&(1<<i) == 0 {
			return false
		}
	}
	return true
}

func (s *Schedule) fits(set int) bool {
	rows := make(map[kind]int)
	alone, heavy := 0, 0
	for ; set > 0; set &= set - 1 {
		k := s.kinds[bits.TrailingZeros(uint(set))]
		if k.alone {
			alone++
		} else {
			rows[k]++
		}
	}
	for _, n := range rows {
		heavy += ceil(n, s.limits.Rows)
	}
	return heavy <= s.limits.Heavy && heavy+alone <= s.limits.Subrequests
}

// BenchmarkSchedule plans 1,000 writes of eight kinds, with chains of up to four:
// the mean, and the longest of them.
func BenchmarkSchedule(b *testing.B) {
	random := rand.New(rand.NewPCG(5, 6))
	var longest time.Duration
	for b.Loop() {
		b.StopTimer()
		writes := chainedWrites(random, 1000)
		pending := make([]int, len(writes))
		for i := range pending {
			pending[i] = i
		}
		b.StartTimer()
		start := time.Now()
		newSchedule(writes, platform).Rounds(pending)
		longest = max(longest, time.Since(start))
	}
	b.ReportMetric(float64(longest.Microseconds())/1e3, "longest-ms")
}

// chainedWrites draws creates, updates, deletes and upserts of five types.
func chainedWrites(random *rand.Rand, count int) []Row {
	writes, depth := make([]Row, count), make([]int, count)
	share := random.IntN(100)
	for i := range writes {
		w := &writes[i]
		w.Object = fmt.Sprintf("O%d__c", random.IntN(5))
		switch random.IntN(8) {
		case 0:
			w.Op, w.Record = opDelete, fmt.Sprintf("00Q%012d", i)
			continue
		case 1, 2:
			w.Op, w.Record = opUpdate, fmt.Sprintf("00Q%012d", i)
		case 3:
			w.Op, w.Key, w.Record = opUpsert, "Key__c", fmt.Sprint(w.Object, i)
		}
		if parent := random.IntN(i + 1); random.IntN(100) < share && parent < i && writes[parent].Op != opDelete &&
			depth[parent] < 3 {
			w.After, depth[i] = []int{parent}, depth[parent]+1
		}
	}
	return writes
}
