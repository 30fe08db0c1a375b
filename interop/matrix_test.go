// SPDX-License-Identifier: Apache-2.0

package interop_test

import (
	"cmp"
	"encoding/json"
	"encoding/pem"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

var update = flag.Bool("update", false, "write the matrix of README.md")

// A cell is what became of an operation of a client.
type cell struct {
	Operation string
	Result    string // works, refused, fails, not offered or not built; failed is an error of the test
	Why       string // "" where the result says it all
}

// operations are the rows of the matrix.
var operations = []string{
	"login with a token", "login with a password", "login by SOAP", "login with client credentials", "login by JWT",
	"login in the browser", "renewed session", "identity", "limits", "list of objects", "describe", "one record",
	"upsert by external id", "query", "all pages of a query", "query of deleted rows", "query plan",
	"query of the setup", "search", "collections", "composite", "trees", "Bulk API: load", "Bulk API: query",
	"Bulk API 2.0: load", "Bulk API 2.0: query", "file", "Apex REST", "streaming",
}

// A client is a column of the matrix.
type client struct {
	name, version string
	modules       *nodeDir
	script        string
	tls           bool
	env           []string
}

const scripts = "testdata/matrix"

// nodeClients are the clients under Node.
func nodeClients() []client {
	small := newNodeDir("testdata/clients", scripts)
	tool := newNodeDir("testdata/cli", scripts)
	return []client{
		{"Salesforce CLI", "@salesforce/cli", tool, "cli.js", true, nil},
		{"@salesforce/core", "@salesforce/core", tool, "core.js", true, nil},
		{"jsforce 3", "jsforce", newNodeDir("testdata/jsforce", scripts), "jsforce.js", false, []string{"CLIENT=jsforce"}},
		{"jsforce 1", "jsforce1", small, "jsforce.js", false, []string{"CLIENT=jsforce1"}},
		{"nforce", "nforce", small, "nforce.js", false, nil},
		{"ts-force", "ts-force", small, "tsforce.js", false, nil},
		{"sfdmu", "sfdmu", newNodeDir("testdata/sfdmu", scripts), "sfdmu.js", false, nil},
	}
}

// The table of README.md says what each client can do with the fake org. With -update the test
// writes it; where a client cannot run, its column stays.
func TestMatrixOfClientsIsTrue(t *testing.T) {
	t.Parallel()
	clients := nodeClients()
	found := make([]map[string]cell, len(clients))
	t.Run("clients", func(t *testing.T) {
		for i, c := range clients {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				found[i] = c.run(t)
			})
		}
	})
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	m := readMatrix(string(text))
	for i, c := range clients {
		if found[i] != nil {
			m.set(c.title(t), found[i])
		}
	}
	names := make([]string, len(clients))
	for i, c := range clients {
		names[i] = c.title(t)
	}
	written := m.write(names)
	if *update {
		require.NoError(t, os.WriteFile("README.md", []byte(written), 0o600))
		return
	}
	require.Equal(t, written, string(text), "go test -run Matrix ./interop -update writes the table")
}

// title is the client's name with the version in its lock file.
func (c client) title(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(c.modules.path, "package-lock.json"))
	require.NoError(t, err)
	var lock struct {
		Packages map[string]struct{ Version string }
	}
	require.NoError(t, json.Unmarshal(text, &lock))
	name := strings.TrimRight(c.name, " 0123456789")
	return name + " " + lock.Packages["node_modules/"+c.version].Version
}

// run runs the client's script against an org of its own, and returns its cells by operation.
func (c client) run(t *testing.T) map[string]cell {
	t.Helper()
	home := t.TempDir()
	env := append([]string{
		"HOME=" + home, "USERPROFILE=" + home, "XDG_CACHE_HOME=" + home, "XDG_CONFIG_HOME=" + home, "XDG_DATA_HOME=" + home,
		"SF_DISABLE_TELEMETRY=true", "SF_AUTOUPDATE_DISABLE=true", "SF_SKIP_NEW_VERSION_CHECK=true",
		"SF_DISABLE_LOG_FILE=true",
	}, c.env...)
	org := newOrg(&witness{T: t}, sftest.WithPageSize(100), sftest.WithBulkPolls(0),
		sftest.WithSOAPLogin())
	for i := range 250 {
		org.Insert("Lead", map[string]any{"LastName": personName(i), "Company": "Engines"})
	}
	url := org.URL()
	if c.tls {
		server := httptest.NewTLSServer(org.Handler())
		t.Cleanup(server.Close)
		url = server.URL
		authority := filepath.Join(home, "ca.pem")
		block := &pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}
		require.NoError(t, os.WriteFile(authority, pem.EncodeToMemory(block), 0o600))
		env = append(env, "NODE_EXTRA_CA_CERTS="+authority)
	}
	output := c.modules.run(t, c.script, nil, append(env, "ORG_URL="+url, "ORG_TOKEN="+org.Token(),
		"ORG_REFRESH_TOKEN="+org.RefreshToken())...)
	cells := map[string]cell{}
	for line := range strings.Lines(output) {
		text, isCell := strings.CutPrefix(line, "cell ")
		if !isCell {
			continue
		}
		var one cell
		require.NoError(t, json.Unmarshal([]byte(text), &one))
		require.NotEqual(t, "failed", one.Result, "%s: %s", one.Operation, one.Why)
		require.Contains(t, operations, one.Operation)
		require.NotContains(t, cells, one.Operation)
		cells[one.Operation] = one
	}
	require.Len(t, cells, len(operations), "the script reports all operations: %s", output)
	return cells
}

// A matrix is the table of README.md.
type matrix struct {
	before, after string
	columns       map[string]map[string]cell // by the title of the client and the operation
}

const (
	matrixBegin = "<!-- The table is written by go test -run Matrix ./interop -update -->\n"
	matrixEnd   = "<!-- end -->\n"
)

func readMatrix(text string) *matrix {
	before, rest, _ := strings.Cut(text, matrixBegin)
	table, after, _ := strings.Cut(rest, matrixEnd)
	m := &matrix{before: before, after: after, columns: map[string]map[string]cell{}}
	rows, notes, _ := strings.Cut(strings.TrimSpace(table), "\n\n")
	reasons := map[string]string{}
	for line := range strings.Lines(notes) {
		number, why, _ := strings.Cut(strings.TrimSpace(line), ". ")
		reasons[number] = why
	}
	var header []string
	for line := range strings.Lines(rows) {
		parts := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if header == nil {
			header = parts
			continue
		}
		for i := 1; i < len(parts) && i < len(header); i++ {
			title, operation := strings.TrimSpace(header[i]), strings.TrimSpace(parts[0])
			result, number, _ := strings.Cut(strings.TrimSuffix(strings.TrimSpace(parts[i]), ")"), " (")
			if m.columns[title] == nil {
				m.columns[title] = map[string]cell{}
			}
			m.columns[title][operation] = cell{operation, result, reasons[number]}
		}
	}
	return m
}

func (m *matrix) set(title string, cells map[string]cell) { m.columns[title] = cells }

// write returns the text with the table of the clients.
func (m *matrix) write(titles []string) string {
	var table, notes strings.Builder
	fmt.Fprintf(&table, "| | %s |\n|---|%s\n", strings.Join(titles, " | "), strings.Repeat("---|", len(titles)))
	var reasons []string
	for _, operation := range operations {
		fmt.Fprintf(&table, "| %s |", operation)
		for _, title := range titles {
			one := m.columns[title][operation]
			number := ""
			if one.Why != "" {
				at := slices.Index(reasons, one.Why)
				if at < 0 {
					reasons, at = append(reasons, one.Why), len(reasons)
					fmt.Fprintf(&notes, "%d. %s\n", at+1, one.Why)
				}
				number = fmt.Sprintf(" (%d)", at+1)
			}
			fmt.Fprintf(&table, " %s%s |", cmp.Or(one.Result, "not run"), number)
		}
		table.WriteString("\n")
	}
	return m.before + matrixBegin + table.String() + "\n" + notes.String() + matrixEnd + m.after
}
