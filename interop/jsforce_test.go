package interop_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

const jsforceDir = "testdata/jsforce"

func TestJsforceLogsIn(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	runJsforce(t, org, "login.js")
	require.Equal(t, 1, org.Count("Contact"))
}

func TestJsforceWritesOneRecord(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	runJsforce(t, org, "record.js")
	require.Equal(t, []any{"Turing"}, column(org, "Contact", "LastName"))
}

func TestJsforceUpsertsByExternalID(t *testing.T) {
	t.Parallel()
	org := newOrg(t, sftest.Existing("Contact", "twice@example.com"), sftest.Existing("Contact", "twice@example.com"))
	runJsforce(t, org, "upsert.js")
	require.Equal(t, []any{"Existing", "Existing", "Lovelace", "Turing", "Hopper"}, column(org, "Contact", "LastName"))
}

func TestJsforceReadsAllPages(t *testing.T) {
	t.Parallel()
	org := newOrg(t, sftest.WithPageSize(100))
	insertContacts(org, 250)
	account := org.Insert("Account", map[string]any{"Name": "Engines & Co 'Ltd'"})
	org.Insert("Contact", map[string]any{"LastName": "Lovelace", "AccountId": account})
	org.Delete("Contact", org.Insert("Contact", map[string]any{"LastName": "Gone"}))
	runJsforce(t, org, "query.js")
}

func TestJsforceWritesCollections(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	runJsforce(t, org, "collections.js")
	require.Equal(t, 249, org.Count("Contact"))
}

func TestJsforceSendsComposites(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	runJsforce(t, org, "composite.js")
	require.Equal(t, []any{"Engines"}, column(org, "Account", "Name"))
	require.Equal(t, []any{"Lovelace"}, column(org, "Contact", "LastName"))
}

func TestJsforceDescribes(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	org.DefineObject("Visit__c", "a01", sftest.Field{Name: "Stand__c", Type: "picklist", Restricted: true, Options: []string{"North", "South"}})
	runJsforce(t, org, "describe.js")
}

func TestJsforceIsRefused(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	org.AddRule("Contact", sftest.Rule{Message: "No first name X", Field: "FirstName", Refuses: func(row map[string]any) bool { return row["FirstName"] == "X" }})
	org.AddRule("Contact", sftest.Rule{Message: "Nor Title X", Refuses: func(row map[string]any) bool { return row["Title"] == "X" }})
	org.AddDuplicateRule("Lead", sftest.DuplicateRule{})
	org.Insert("Contact", map[string]any{"LastName": "Lovelace", key: "taken"})
	org.Insert("Lead", map[string]any{"LastName": "Lovelace", "Company": "Engines", "Email": "ada@example.com"})
	runJsforce(t, org, "refused.js")
	require.Equal(t, 1, org.Count("Contact"))
	require.Equal(t, 2, org.Count("Lead"))
}

func column(org *sftest.Org, object, field string) []any {
	var values []any
	for _, row := range org.Rows(object) {
		values = append(values, row[field])
	}
	return values
}

// runJsforce runs a script of testdata/jsforce against the org. The script fails
// the test by ending with anything but status 0. Where it cannot run, it fails in
// CI, and is skipped on a user's machine.
func runJsforce(t *testing.T, org *sftest.Org, script string) {
	t.Helper()
	if lack := jsforceLacks(); lack != "" {
		require.NotEqual(t, "true", os.Getenv("CI"), lack)
		t.Skip("the tests of jsforce do not run: " + lack)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	node := exec.CommandContext(ctx, "node", script)
	node.Dir = jsforceDir
	node.Env = append(environment(), "ORG_URL="+org.URL(), "ORG_TOKEN="+org.Token())
	output, err := node.CombinedOutput()
	require.NoError(t, err, "%s: %s", script, output)
	require.NotEmpty(t, org.Requests(), "%s did not call the org", script)
}

// environment is that of the test without what would lead node astray: a proxy,
// which jsforce uses for loopback addresses too, and options of node itself.
func environment() []string {
	return slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, _, _ := strings.Cut(strings.ToLower(entry), "=")
		return strings.HasSuffix(name, "_proxy") || name == "node_options"
	})
}

// jsforceLacks installs jsforce, once for all tests, and says what is in the way.
var jsforceLacks = sync.OnceValue(installJsforce)

// installJsforce installs what package-lock.json names, unless that was done
// since the file last changed. npm writes node_modules/.package-lock.json last.
func installJsforce() string {
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			return tool + " is not installed"
		}
	}
	lock, err := os.Stat(filepath.Join(jsforceDir, "package-lock.json"))
	if err != nil {
		return err.Error()
	}
	done, err := os.Stat(filepath.Join(jsforceDir, "node_modules", ".package-lock.json"))
	if err == nil && !done.ModTime().Before(lock.ModTime()) {
		return ""
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	npm.Dir = jsforceDir
	if output, err := npm.CombinedOutput(); err != nil {
		return "npm ci fails: " + err.Error() + "\n" + string(output)
	}
	return ""
}
