// SPDX-License-Identifier: Apache-2.0

package endurance_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// plainLead returns lead n, a different person for each n.
func plainLead(n int) *leadsync.Lead {
	return &leadsync.Lead{
		ID: leadsync.LeadID(fmt.Sprintf("L%d", n)), FirstName: "Pat", LastName: fmt.Sprintf("Person %d", n),
		Email: fmt.Sprintf("p%d@example.com", n), Company: "Example",
	}
}

// serve serves a fake org and prints its address and token.
func serve() error {
	org := sftest.NewOrg(nil, sftest.WithAPILimit(1<<40), sftest.WithLogSize(0))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s %s\n", listener.Addr(), org.Token())
	server := &http.Server{Handler: org.Handler(), ReadHeaderTimeout: time.Minute}
	return server.Serve(listener)
}

// TestAMillionLeadsPassInFlatMemory syncs a million leads from a SQLite file to an
// org, host and org in separate processes, and watches the host's memory.
func TestAMillionLeadsPassInFlatMemory(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the memory of a process is read from /proc")
	}
	leads := sized(3000, 1_000_000)
	address, token := serveApart(t)
	path := filepath.Join(t.TempDir(), "leads.db")

	start := time.Now()
	resident, wal := watch(t, job{URL: address, Token: token, Path: path, Leads: leads, Drain: true}, path+"-wal")
	half := len(resident) / 2
	first, second := slices.Max(resident[:half]), slices.Max(resident[half:])
	t.Logf("%d leads in %s; resident memory %d MB, at most %d in the first half, %d in the second; write-ahead log at "+
		"most %d MB",
		leads, time.Since(start).Round(time.Second), resident[len(resident)-1]>>20, first>>20, second>>20, wal>>20)

	require.Less(t, max(first, second), int64(mostResident))
	require.Less(t, second, first+flat, "resident memory grows with the leads")
	require.Less(t, wal, int64(64<<20))
	require.Equal(t, leads, countLeads(t, address, token))
}

const (
	// mostResident is how much memory a syncing process may use, in bytes.
	mostResident = 200 << 20
	// flat is how much more it may use in the second half, in bytes.
	flat = 40 << 20
)

// The control: a host that retains what its Sink receives does grow.
func TestMemoryOfAHostThatKeepsOutcomesIsSeen(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the memory of a process is read from /proc")
	}
	address, token := serveApart(t)
	path := filepath.Join(t.TempDir(), "leads.db")
	resident, _ := watch(t, job{URL: address, Token: token, Path: path, Leads: 5000, Drain: true, Hoard: 100 << 10},
		path+"-wal")
	require.Greater(t, slices.Max(resident), int64(mostResident))
}

// serveApart serves an org in a separate process.
func serveApart(t *testing.T) (address, token string) {
	t.Helper()
	cmd := begin(t, job{Serve: true})
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	_, err = fmt.Sscan(line, &address, &token)
	require.NoError(t, err)
	return address, token
}

// watch runs a process to its end, and returns samples of its resident memory and
// the largest size of the write-ahead log, in bytes.
func watch(t *testing.T, j job, file string) (resident []int64, largest int64) {
	t.Helper()
	cmd := begin(t, j)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	require.NoError(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			require.NoError(t, err, stderr.String())
			return resident, largest
		case <-tick.C:
			if rss := residentMemory(cmd.Process.Pid); rss > 0 {
				resident = append(resident, rss)
			}
			if info, err := os.Stat(file); err == nil {
				largest = max(largest, info.Size())
			}
		}
	}
}

var rssLine = regexp.MustCompile(`VmRSS:\s+(\d+) kB`)

// residentMemory returns the resident memory of a process, 0 when it has exited.
func residentMemory(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	found := rssLine.FindSubmatch(status)
	if err != nil || found == nil {
		return 0
	}
	kilobytes, _ := strconv.ParseInt(string(found[1]), 10, 64)
	return kilobytes << 10
}

// countLeads queries the number of Leads in the org.
func countLeads(t *testing.T, address, token string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		address+"/services/data/"+salesforce.DefaultVersion+"/query?q=SELECT+COUNT()+FROM+Lead", nil)
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer "+token)
	reply, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer reply.Body.Close()
	var answer struct{ TotalSize int }
	require.NoError(t, json.NewDecoder(reply.Body).Decode(&answer))
	return answer.TotalSize
}
