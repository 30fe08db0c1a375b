// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
)

// packingObjects are the types that the draws below mix.
var packingObjects = []salesforce.Object{"Account", "Contact", "Lead", "Campaign", "CampaignMember", "Task", "Visit__c"}

// firstRecord is the number in the id of the record that write 0 would change.
const firstRecord = 500_000

// mixedWrites draws writes of mixed objects: creates, updates, upserts and
// deletes, with chains of at most four. upserts is how many types are upserted,
// each of which wants collections of its own. Each write but a delete carries its
// number.
func mixedWrites(random *rand.Rand, count, upserts int) []salesforce.Write {
	writes, depth := make([]salesforce.Write, count), make([]int, count)
	share := random.IntN(100) // of writes that wait for another
	for i := range writes {
		w := &writes[i]
		w.Object = packingObjects[random.IntN(len(packingObjects))]
		w.Fields = salesforce.Fields{"Number": i}
		depth[i] = 1
		switch random.IntN(8) {
		case 0:
			*w = salesforce.Write{Op: salesforce.OpDelete, Object: w.Object, ID: testID("00Q", firstRecord+i)}
			continue
		case 1, 2:
			w.Op, w.ID = salesforce.OpUpdate, testID("00Q", firstRecord+i)
		case 3:
			if upserts == 0 {
				break
			}
			w.Op, w.Key = salesforce.OpUpsert, salesforce.ExternalKey{Field: "Key__c", Value: fmt.Sprint(i)}
			w.Object = packingObjects[random.IntN(upserts)]
		}
		if i == 0 || random.IntN(100) >= share {
			continue
		}
		if parent := random.IntN(i); writes[parent].Op != salesforce.OpDelete && depth[parent] < 4 {
			w.Refs, depth[i] = []salesforce.Ref{ref("Parent__c", parent)}, depth[parent]+1
		}
	}
	return writes
}

// A window is the calls that a write may go in, of those from 0 on.
type window struct{ first, last int }

// A reference finds out whether a number of calls suffices. It tries all ways to deal the
// collections of 200 rows out to calls of 5 in which each kind fits, given only
// the number of writes before and behind each, and holds to every deal left which
// writes those are: a write may go after the first call that takes its parent and
// before the last that takes its child. That rows of several kinds may want the
// same places in the end it does not look at, so what it holds possible need not
// be; what it holds impossible is so, and a packing that takes one call more than
// the impossible is the least there is.
type reference struct {
	writes []salesforce.Write
	calls  int
	kinds  []string
	shares map[string][][]int
	chosen map[string][]int
	dead   map[string]bool // states from which there is no deal
}

func possible(writes []salesforce.Write, calls int) bool {
	r := &reference{
		writes: writes,
		calls:  calls,
		shares: map[string][][]int{},
		chosen: map[string][]int{},
		dead:   map[string]bool{},
	}
	rows, ok := r.windows(func(string, int) bool { return true })
	if !ok {
		return false
	}
	for kind := range rows {
		r.kinds = append(r.kinds, kind)
		r.shares[kind] = fitting(rows[kind], calls)
	}
	found, _ := r.deal(0, make([]int, calls))
	return found
}

// windows returns the windows of the writes by kind, where takes says which calls
// take which kind; not ok when a write has none.
func (r *reference) windows(takes func(kind string, call int) bool) (rows map[string]map[window]int, ok bool) {
	all := make([]window, len(r.writes))
	for i := range r.writes {
		w, kind := &all[i], kindOf(&r.writes[i])
		for _, ref := range r.writes[i].Refs {
			w.first = max(w.first, all[ref.Write].first+1)
		}
		for w.first < r.calls && !takes(kind, w.first) {
			w.first++
		}
		w.last = r.calls - 1
	}
	rows = map[string]map[window]int{}
	for i, write := range slices.Backward(r.writes) {
		w, kind := &all[i], kindOf(&write)
		for w.last >= w.first && !takes(kind, w.last) {
			w.last--
		}
		if w.first > w.last {
			return nil, false
		}
		for _, ref := range write.Refs {
			all[ref.Write].last = min(all[ref.Write].last, w.last-1)
		}
		if rows[kind] == nil {
			rows[kind] = map[window]int{}
		}
		rows[kind][*w]++
	}
	return rows, true
}

// deal gives the kinds from the n-th on collections beside those that the calls
// hold. It reports whether some deal fits, and whether there was any.
func (r *reference) deal(n int, held []int) (fits, any bool) {
	if n == len(r.kinds) {
		return r.fits(held), true
	}
	state := fmt.Sprint(n, held)
	if r.dead[state] {
		return false, false
	}
	for _, share := range r.shares[r.kinds[n]] {
		sum, room := slices.Clone(held), true
		for call, collections := range share {
			sum[call] += collections
			room = room && sum[call] <= 5
		}
		if !room {
			continue
		}
		r.chosen[r.kinds[n]] = share
		fits, found := r.deal(n+1, sum)
		if fits {
			return true, true
		}
		any = any || found
	}
	r.dead[state] = !any
	return false, any
}

// fits reports whether each kind still fits once a write may only go where a
// collection of its kind, or a free one, is and its parents and children may go
// before and after.
func (r *reference) fits(held []int) bool {
	room := func(kind string, call int) int { return r.chosen[kind][call] + 5 - held[call] }
	rows, ok := r.windows(func(kind string, call int) bool { return room(kind, call) > 0 })
	if !ok {
		return false
	}
	for kind := range rows {
		share := make([]int, r.calls)
		for call := range share {
			share[call] = room(kind, call)
		}
		if !fits(rows[kind], share) {
			return false
		}
	}
	return true
}

// kindOf names what may share a collection: one method and header, and one type of an
// upsert.
func kindOf(w *salesforce.Write) string {
	switch {
	case w.Op == salesforce.OpUpsert:
		return "upsert " + string(w.Object)
	case w.AutoAssign && w.Op == salesforce.OpCreate && w.Object == "Lead":
		return "create, assigned"
	}
	return w.Op.String()
}

// fitting returns the shares of collections that the rows of one kind fit into,
// but none that holds more than another one in every call.
func fitting(rows map[window]int, calls int) (least [][]int) {
	for share := make([]int, calls); next(share); {
		if slices.ContainsFunc(least, func(other []int) bool { return covers(share, other) }) || !fits(rows, share) {
			continue
		}
		least = slices.DeleteFunc(least, func(other []int) bool { return covers(other, share) })
		least = append(least, slices.Clone(share))
	}
	return least
}

func covers(share, other []int) bool {
	for call := range share {
		if share[call] < other[call] {
			return false
		}
	}
	return true
}

// next counts share up to the next way that gives no call over 5 collections.
func next(share []int) bool {
	for call := range share {
		if share[call]++; share[call] <= 5 {
			return true
		}
		share[call] = 0
	}
	return false
}

// fits reports whether the rows of one kind go into so many collections of each
// call, those that must be done soonest first.
func fits(rows map[window]int, share []int) bool {
	left := maps.Clone(rows)
	for call, collections := range share {
		room := 200 * collections
		for last := call; last < len(share); last++ {
			for first := range call + 1 {
				w := window{first, last}
				taken := min(room, left[w])
				left[w] -= taken
				room -= taken
				if last == call && left[w] > 0 {
					return false
				}
			}
		}
	}
	return true
}

// draws is how many sets of 1,000 writes a property takes.
func draws(full, small int) int {
	if os.Getenv("LEADSYNC_TEST_FULL") != "" {
		return full
	}
	return small
}

func TestWritePacksAThousandWritesIntoTheFewestCalls(t *testing.T) {
	t.Parallel()
	for upserts := range 6 {
		t.Run(fmt.Sprintf("%d kinds of collection", 3+upserts), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(1, uint64(upserts)))
			for draw := range draws(60, 4) {
				writes := mixedWrites(random, 1000, upserts)
				for i := range writes {
					w := &writes[i]
					w.AutoAssign = draw%2 == 1 && i%3 == 0
					if draw%2 == 1 && w.Op == salesforce.OpCreate && w.Object != "Lead" {
						w.Fields["OwnerId"] = testID("005", 1) // of another row, either header might do
					}
				}
				org := newOrg(t)
				results, err := org.client(salesforce.Config{}).Write(t.Context(), writes...)
				require.NoError(t, err)
				for _, result := range results {
					require.NoError(t, result.Err)
				}
				// The two values of the header make a collection more of Leads, which the reference does
				// not know, and which may take a call more.
				require.False(t, possible(writes, org.callCount()-1-draw%2), "%d calls, fewer may do", org.callCount())
			}
		})
	}
}

// A flakyOrg fails rows, subrequests and whole calls at random, and keeps which
// writes it was sent and which it carried out, by their numbers.
type flakyOrg struct {
	*scriptedOrg
	random *rand.Rand
	bad    map[int]bool // rows that are always refused

	sent, done map[int]int
	numbers    map[salesforce.ID]int
}

func newFlakyOrg(t *testing.T, random *rand.Rand, count int) *flakyOrg {
	o := &flakyOrg{
		scriptedOrg: newOrg(t), random: random, bad: map[int]bool{},
		sent: map[int]int{}, done: map[int]int{}, numbers: map[salesforce.ID]int{},
	}
	for i := range count {
		o.bad[i] = random.IntN(12) == 0
	}
	o.answer, o.outer = o.answerPart, o.answerCall
	return o
}

// answerCall takes over one call of six: it refuses it, or loses the answer
// before or after carrying it out.
func (o *flakyOrg) answerCall(w http.ResponseWriter, _ *http.Request, call []sub) bool {
	fate := o.random.IntN(18)
	if fate > 2 {
		return false
	}
	for _, s := range call {
		if fate == 2 {
			o.answerPart(s)
		} else {
			o.see(s)
		}
	}
	w.WriteHeader([]int{http.StatusBadRequest, http.StatusServiceUnavailable, http.StatusBadGateway}[fate])
	if fate == 0 {
		_, _ = w.Write([]byte(`[{"errorCode":"JSON_PARSER_ERROR","message":"x"}]`))
	}
	return true
}

// see notes what was sent, and returns its numbers by position.
func (o *flakyOrg) see(s sub) (numbers []int) {
	rows := []record{}
	switch {
	case s.Method == http.MethodDelete:
		_, ids, _ := strings.Cut(s.URL, "ids=")
		if !s.isCollection() {
			ids = s.URL[strings.LastIndex(s.URL, "/")+1:]
		}
		ids, _, _ = strings.Cut(ids, "&")
		for id := range strings.SplitSeq(ids, ",") {
			number, err := strconv.Atoi(id[3:15])
			require.NoError(o.t, err)
			numbers = append(numbers, number-firstRecord)
		}
	case s.isCollection():
		rows = s.records(o.t)
	default:
		rows = append(rows, s.row(o.t))
	}
	for _, row := range rows {
		numbers = append(numbers, int(row["Number"].(float64)))
	}
	for _, number := range numbers {
		o.sent[number]++
	}
	return numbers
}

// answerPart carries a subrequest out, but one of eight, and its rows but the
// bad ones.
func (o *flakyOrg) answerPart(s sub) reply {
	numbers := o.see(s)
	switch o.random.IntN(16) {
	case 0:
		return reply{status: http.StatusBadRequest, body: []record{{"errorCode": "INVALID_FIELD", "message": "x"}}}
	case 1:
		return reply{
			status: http.StatusInternalServerError,
			body:   []record{{"errorCode": "UNKNOWN_EXCEPTION", "message": "x"}},
		}
	}
	answer := o.success(s)
	rows, _ := answer.body.([]record)
	if !s.isCollection() {
		return o.answerRow(numbers[0], answer)
	}
	for n, number := range numbers {
		if o.bad[number] {
			rows[n] = record{
				"success": false,
				"errors":  []record{{"statusCode": "STRING_TOO_LONG", "message": "x", "fields": []string{"LastName"}}},
			}
			continue
		}
		o.done[number]++
		o.numbers[salesforce.ID(fmt.Sprint(rows[n]["id"])).ID18()] = number
	}
	return answer
}

// answerRow carries a row out that is sent alone, but a bad one.
func (o *flakyOrg) answerRow(number int, answer reply) reply {
	if o.bad[number] {
		return reply{status: http.StatusBadRequest, body: []record{{"errorCode": "STRING_TOO_LONG", "message": "x"}}}
	}
	o.done[number]++
	id, ok := answer.row(0)["id"].(salesforce.ID)
	if !ok {
		id = testID("00Q", firstRecord+number)
	}
	o.numbers[id.ID18()] = number
	return answer
}

func TestWriteAnswersEachOfAThousandWritesWhateverFails(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	for range draws(300, 25) {
		writes := mixedWrites(random, 1000, 2)
		org := newFlakyOrg(t, random, len(writes))
		client := org.client(salesforce.Config{JitterFunc: func() float64 { return 0 }})
		results, err := client.Write(t.Context(), writes...)
		require.NoError(t, err)
		require.Len(t, results, len(writes))
		for i, result := range results {
			org.requireOwn(i, &writes[i], result)
			for _, r := range writes[i].Refs {
				if results[r.Write].Err != nil {
					require.Error(t, result.Err)
				}
			}
		}
	}
}

// requireOwn checks that the result of a write is its own.
func (o *flakyOrg) requireOwn(i int, write *salesforce.Write, result salesforce.WriteResult) {
	var e *salesforce.Error
	switch {
	case result.Err == nil:
		require.Equal(o.t, i, o.numbers[result.ID])
		require.Positive(o.t, o.done[i])
	case errors.Is(result.Err, salesforce.ErrNotSent):
		require.Zero(o.t, o.done[i])
	default:
		require.ErrorAs(o.t, result.Err, &e)
		require.Positive(o.t, o.sent[i])
		require.True(o.t, e.Uncertain || o.done[i] == 0, "carried out, and the result says it was not")
	}
	if write.Op == salesforce.OpCreate {
		require.LessOrEqual(o.t, o.done[i], 1, "created twice")
	}
}
