// SPDX-License-Identifier: Apache-2.0

package main_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/examples/internal/demoorg"
)

// A process is a running fakeorg.
type process struct {
	cmd        *exec.Cmd
	URL, Token string
}

func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "fakeorg.exe")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	return binary
}

// start builds the command, runs it and waits until it is ready.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the process is stopped by a signal that Windows does not have")
	}
	p := &process{cmd: exec.Command(build(t), args...)}
	stdout, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	p.cmd.Stderr = os.Stderr
	require.NoError(t, p.cmd.Start())
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(line, p))
	require.NotEmpty(t, p.Token)
	return p
}

// query returns the rows of a SOQL statement.
func (p *process) query(t *testing.T, soql string) []map[string]any {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		p.URL+"/services/data/v62.0/query?q="+url.QueryEscape(soql), nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+p.Token)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, 200, res.StatusCode, string(body))
	var page struct{ Records []map[string]any }
	require.NoError(t, json.Unmarshal(body, &page))
	return page.Records
}

func (p *process) stop(t *testing.T, signal os.Signal) {
	t.Helper()
	require.NoError(t, p.cmd.Process.Signal(signal))
	require.NoError(t, p.cmd.Wait(), "exit status")
}

func TestFakeorgServesTheDemoAndLogsRequests(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "requests.jsonl")
	p := start(t, "-log", log, "-external-ids")

	campaigns := p.query(t, "SELECT Id FROM Campaign WHERE Name = 'Expo 2026'")
	require.Len(t, campaigns, 1)
	require.Equal(t, demoorg.DemoCampaignID, campaigns[0]["Id"])
	require.Len(t, p.query(t, "SELECT Id FROM Contact WHERE LeadsyncKey__c = null"), 5)
	p.stop(t, syscall.SIGTERM)

	text, err := os.ReadFile(log)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	require.Len(t, lines, 2)
	var last struct {
		Method, Path          string
		SOQL                  []string
		Status, Calls, Writes int
	}
	require.NoError(t, json.Unmarshal([]byte(lines[1]), &last))
	require.Equal(t, "GET", last.Method)
	require.Equal(t, "/services/data/v62.0/query", last.Path)
	require.Equal(t, []string{"SELECT Id FROM Contact WHERE LeadsyncKey__c = null"}, last.SOQL)
	require.Equal(t, 200, last.Status)
	require.Equal(t, 2, last.Calls)
}

func TestFakeorgStartsEmptyOrWithTheCrowd(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name                    string
		args                    []string
		leads, contacts, member int
	}{
		{"demo", nil, 3, 5, 2},
		{"empty", []string{"-empty"}, 0, 0, 0},
		{"crowd", []string{"-n", "100", "-latency", "1ms"}, 30, 20, 10},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := start(t, tc.args...)
			require.Len(t, p.query(t, "SELECT Id FROM Lead"), tc.leads)
			require.Len(t, p.query(t, "SELECT Id FROM Contact"), tc.contacts)
			require.Len(t, p.query(t, "SELECT Id FROM CampaignMember"), tc.member)
			p.stop(t, os.Interrupt)
		})
	}
}

func TestFakeorgSaysWhatIsWrongOnce(t *testing.T) {
	t.Parallel()
	binary := build(t)
	for _, tc := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"-h"}, 0, "address to listen on"},
		{[]string{"-empty", "-n", "5"}, 2, "-empty and -n cannot be used together"},
		{[]string{"-latency", "-1s"}, 2, "-latency must not be negative"},
		{[]string{"-bogus"}, 2, "-bogus"},
		{[]string{"8080"}, 2, `unexpected argument "8080"`},
		{[]string{"-log", filepath.Join(t.TempDir(), "nowhere", "log")}, 1, "no such file or directory"},
		{[]string{"-addr", "127.0.0.1"}, 1, "missing port"},
	} {
		cmd := exec.CommandContext(t.Context(), binary, tc.args...)
		out, _ := cmd.CombinedOutput()
		require.Equal(t, tc.code, cmd.ProcessState.ExitCode(), string(out))
		require.Equal(t, 1, strings.Count(string(out), tc.says), string(out))
	}
}
