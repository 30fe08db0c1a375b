// SPDX-License-Identifier: Apache-2.0

package endurance_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/dashboard"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/sqlite"
)

const (
	// mostRead is how much of its file a page may have SQLite read, in bytes: an index is some pages
	// deep, and a list of 50 leads takes less than a page of the file for each.
	mostRead = 4 << 20
	// mostPainted is how much a page may weigh with what it shows first, in bytes.
	mostPainted = 200_000
)

// A countingStore counts the reads of leads, and the rows that they return.
type countingStore struct {
	*sqlite.Store
	reads, rows atomic.Int64
}

func (s *countingStore) List(ctx context.Context, connection string, filter store.Filter) ([]store.Entry, error) {
	entries, err := s.Store.List(ctx, connection, filter)
	s.reads.Add(1)
	s.rows.Add(int64(len(entries)))
	return entries, err
}

func (s *countingStore) Search(ctx context.Context, connection string, filter store.Filter) (store.Page, error) {
	page, err := s.Store.Search(ctx, connection, filter)
	s.reads.Add(1)
	s.rows.Add(int64(len(page.Entries)))
	return page, err
}

func (s *countingStore) Count(ctx context.Context, connection string, filter store.Filter) (store.Counts, error) {
	s.reads.Add(1)
	return s.Store.Count(ctx, connection, filter)
}

func (s *countingStore) CountEvents(
	ctx context.Context, connection string, filter store.Filter,
) ([]store.EventCount, error) {
	s.reads.Add(1)
	return s.Store.CountEvents(ctx, connection, filter)
}

func (s *countingStore) History(ctx context.Context, connection string, lead leadtype.LeadID) ([]store.Step, error) {
	steps, err := s.Store.History(ctx, connection, lead)
	s.reads.Add(1)
	s.rows.Add(int64(len(steps)))
	return steps, err
}

// offline is the client of pages that ask Salesforce nothing.
type offline struct{}

func (offline) Read(context.Context, ...salesforce.Read) ([]salesforce.ReadResult, error) {
	return nil, &leadsync.Error{Op: "read", Code: leadsync.Authentication, Reason: "is not connected"}
}

func (offline) Write(context.Context, ...salesforce.Write) ([]salesforce.WriteResult, error) {
	return nil, &leadsync.Error{Op: "write", Code: leadsync.Authentication, Reason: "is not connected"}
}

// pagesOf returns the pages over a file with n leads.
func pagesOf(t *testing.T, n int) (http.Handler, *countingStore, *leadsync.Syncer) {
	t.Helper()
	kept, err := sqlite.Open(filepath.Join(t.TempDir(), "leads.db"), nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, kept.Close()) })
	fill(t, kept, n)
	counted := &countingStore{Store: kept}
	syncer, err := leadsync.New(offline{}, &leadsync.Config{Store: counted})
	require.NoError(t, err)
	return dashboard.NewSyncer(syncer, &dashboard.Options{Settings: &leadsync.Settings{}}), counted, syncer
}

// fill stores n settled leads of 5 events: of ten one has failed for one of two causes, and one has a
// warning. The last tenth is queued.
func fill(t *testing.T, kept *sqlite.Store, n int) {
	t.Helper()
	const batch = 5000
	lease, err := kept.Acquire(t.Context(), "default", "test", time.Hour)
	require.NoError(t, err)
	for from := 0; from < n; from += batch {
		var leads []store.Captured
		for i := from; i < min(from+batch, n); i++ {
			lead := plainLead(i)
			lead.EventID, lead.Notes = fmt.Sprint("event-", i%5), strings.Repeat("a note ", 60)
			leads = append(leads, store.Captured{Lead: lead, State: store.StateQueued})
		}
		_, err := kept.Capture(t.Context(), "default", leads)
		require.NoError(t, err)
		if from >= n-n/10 {
			continue
		}
		claimed, err := kept.Claim(t.Context(), lease, batch)
		require.NoError(t, err)
		var settled []store.Settlement
		for i := range claimed {
			settled = append(settled, store.Settlement{LeadID: claimed[i].Lead.ID, Generation: claimed[i].Generation,
				Outcome: outcomeOf(claimed[i].Lead, from+i)})
		}
		_, err = kept.Settle(t.Context(), lease, settled)
		require.NoError(t, err)
	}
}

func outcomeOf(lead *leadtype.Lead, i int) *leadtype.Outcome {
	id := salesforce.ID(fmt.Sprintf("00Q%012d", i)).ID18()
	o := &leadtype.Outcome{LeadID: lead.ID, EventID: lead.EventID, Stage: leadtype.Cleared, Action: leadtype.Created,
		Object: "Lead", ID: id, At: time.Now(),
		Parts: []leadtype.Part{{Kind: leadtype.PartPerson, Object: "Lead", ID: id, Action: leadtype.Created}}}
	switch i % 10 {
	case 0:
		o.Stage, o.Action, o.Parts = leadtype.Failed, "", nil
		o.Err = &leadsync.Error{Op: "sync", Code: leadsync.DataValueValidation, LeadID: lead.ID, Object: "Lead",
			Fields: []string{[]string{"Email", "Phone"}[i/10%2]}, Reason: "does not fit"}
	case 1:
		o.Warnings = []leadtype.Warning{{Kind: leadtype.Truncated, Object: "Lead", Field: "Title", Reason: "was cut"}}
	}
	return o
}

// bigPages are the pages that list, count or show leads. at is a sequence far from both ends.
func bigPages(at int) []string {
	return []string{
		"/reconciliation", "/reconciliation?view=events", "/reconciliation?event=event-2", "/reconciliation?stage=failed",
		"/reconciliation?stage=cleared&after=" + strconv.Itoa(at), "/reconciliation?code=DATA_VALUE_VALIDATION",
		"/reconciliation?warning=truncated", "/reconciliation?event=event-2&stage=failed&from=2020-01-01",
		"/reconciliation?warning=truncated&stage=failed", "/reconciliation?from=2020-01-01",
		"/reconciliation?stage=failed&until=2020-01-01",
		"/leads/" + strconv.Itoa(at), "/connect", "/mapping?lead=" + strconv.Itoa(at), "/qualifiers", "/campaigns",
	}
}

// A visitor asks a handler for pages and says what they cost.
type visitor struct {
	t       *testing.T
	handler http.Handler
	store   *countingStore
	cookies []*http.Cookie
}

// A cost is what a page takes.
type cost struct {
	reads, rows int64
	bytes       int64 // that are read from files
	weight      int
	onward      string // the page to which its search goes on, empty for none
}

func (v *visitor) do(request *http.Request) *httptest.ResponseRecorder {
	v.t.Helper()
	for _, c := range v.cookies {
		request.AddCookie(c)
	}
	recorder := httptest.NewRecorder()
	v.handler.ServeHTTP(recorder, request)
	v.cookies = append(v.cookies, recorder.Result().Cookies()...)
	return recorder
}

// costOf visits a page.
func (v *visitor) costOf(page string) cost {
	v.t.Helper()
	reads, rows, read := v.store.reads.Load(), v.store.rows.Load(), bytesRead(v.t)
	recorder := v.do(httptest.NewRequestWithContext(v.t.Context(), http.MethodGet, page, nil))
	c := cost{reads: v.store.reads.Load() - reads, rows: v.store.rows.Load() - rows, bytes: bytesRead(v.t) - read,
		weight: recorder.Body.Len()}
	require.Equal(v.t, http.StatusOK, recorder.Code, page)
	onward := regexp.MustCompile(`href="\.(/[^"#]+)#list" rel="next">Search older`)
	if m := onward.FindStringSubmatch(recorder.Body.String()); m != nil {
		c.onward = html.UnescapeString(m[1])
	}
	for _, m := range regexp.MustCompile(`(?:href|src)="([./]*files/[^"]+)"`).
		FindAllStringSubmatch(recorder.Body.String(), -1) {
		_, name, _ := strings.Cut(m[1], "files/")
		file := v.do(httptest.NewRequestWithContext(v.t.Context(), http.MethodGet, "/files/"+name, nil))
		require.Equal(v.t, http.StatusOK, file.Code, name)
		c.weight += file.Body.Len()
	}
	return c
}

// search returns the address of the page that a search leads to.
func (v *visitor) search(text string) string {
	v.t.Helper()
	page := v.do(httptest.NewRequestWithContext(v.t.Context(), http.MethodGet, "/reconciliation", nil)).Body.String()
	form := url.Values{"text": {text}, "token": {regexp.MustCompile(`name="token" value="([^"]+)"`).
		FindStringSubmatch(page)[1]}}
	request := httptest.NewRequestWithContext(v.t.Context(), http.MethodPost, "/search", strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	reply := v.do(request)
	require.Equal(v.t, http.StatusSeeOther, reply.Code)
	return strings.TrimPrefix(reply.Header().Get("Location"), ".")
}

// bytesRead returns how many bytes this process has read of files.
func bytesRead(t *testing.T) int64 {
	t.Helper()
	data, err := os.ReadFile("/proc/self/io")
	require.NoError(t, err)
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		if text, is := strings.CutPrefix(lines.Text(), "rchar: "); is {
			n, err := strconv.ParseInt(text, 10, 64)
			require.NoError(t, err)
			return n
		}
	}
	require.Fail(t, "there is no rchar")
	return 0
}

// TestPagesDoNotGrowWithTheLeads compares the pages of many leads with those of few: they read the store as
// often, get as many rows, and none has SQLite read through the leads. It runs alone, since all that the
// process reads is counted.
func TestPagesDoNotGrowWithTheLeads(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("what a process reads is counted in /proc")
	}
	const few = 1000
	many := sized(12_000, 1_000_000)
	handler, kept, _ := pagesOf(t, few)
	small := &visitor{t: t, handler: handler, store: kept}
	handler, kept, syncer := pagesOf(t, many)
	big := &visitor{t: t, handler: handler, store: kept}

	ofFew, ofMany := bigPages(few/2), bigPages(many/2)
	for _, text := range []string{"Person", "p77@example.com", "Person 77", "Person 7", "p5 p6", "p9 7", "nobody"} {
		for _, narrowed := range []string{"", "&event=event-2", "&stage=failed", "&warning=truncated", "&from=2020-01-01"} {
			ofFew, ofMany = append(ofFew, small.search(text)+narrowed), append(ofMany, big.search(text)+narrowed)
		}
	}
	for i, page := range ofMany {
		small.costOf(ofFew[i]) // what is read once
		before := small.costOf(ofFew[i])
		for range 3 { // and what its search goes on to
			big.costOf(page)
			now := big.costOf(page)
			t.Logf("%s: %d reads, %d rows, %d bytes read, %d painted", page, now.reads, now.rows, now.bytes, now.weight)
			require.LessOrEqual(t, now.reads, before.reads+1, page) // how far it came, where it has ended early
			require.LessOrEqual(t, now.rows, max(before.rows, 51+5+20), page)
			require.Less(t, now.bytes, int64(mostRead), page)
			require.Less(t, now.weight, mostPainted, page)
			if now.onward == "" {
				break
			}
			page = now.onward
		}
	}

	// The control: reading through the leads reads more.
	read := bytesRead(t)
	for after := int64(0); ; {
		entries, err := syncer.Leads(t.Context(), leadsync.Filter{After: after, Limit: 1000})
		require.NoError(t, err)
		if len(entries) == 0 || bytesRead(t)-read > 2*mostRead {
			break
		}
		after = entries[len(entries)-1].Sequence
	}
	require.Greater(t, bytesRead(t)-read, int64(mostRead))
}
