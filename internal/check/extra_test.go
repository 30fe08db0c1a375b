// SPDX-License-Identifier: Apache-2.0

package check

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/org/orgtest"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
)

func TestPreflightFindsWhatRunsOut(t *testing.T) {
	t.Parallel()
	storage := func(left int64) map[string]salesforce.Limit {
		return map[string]salesforce.Limit{"DataStorageMB": {Max: 1000, Remaining: left}}
	}
	for name, tc := range map[string]struct {
		limits map[string]salesforce.Limit
		usage  salesforce.Usage
		want   []string
	}{
		"nothing":        {storage(50), salesforce.Usage{Used: 90, Limit: 100}, nil},
		"few calls":      {nil, salesforce.Usage{Used: 91, Limit: 100}, []string{"warning RATE_LIMIT Organization  "}},
		"little storage": {storage(49), salesforce.Usage{}, []string{"warning STORAGE_LIMIT Organization  "}},
		"no storage":     {storage(0), salesforce.Usage{}, []string{"error STORAGE_LIMIT Organization  "}},
		"more storage in use than there is": {storage(-5), salesforce.Usage{},
			[]string{"error STORAGE_LIMIT Organization  "}},
	} {
		org, cfg := orgtest.New(), plainSetup()
		org.Limits, cfg.usage, cfg.ask.Limits = tc.limits, tc.usage, true
		require.Equal(t, tc.want, findingsOf(t, cfg, org), name)
	}
}

// Who sees what is not known where the org does not say it: that is no finding unless sharing
// is private.
func TestPreflightSaysThatGrantsOfViewAllAreHidden(t *testing.T) {
	t.Parallel()
	refused := &salesforce.Error{HTTPStatus: 400, Code: "INVALID_TYPE"}
	for name, tc := range map[string]struct {
		access string
		want   []string
	}{
		"open": {"Edit", nil}, "private": {"None", []string{"warning  ObjectPermissions  "}},
	} {
		o, cfg := orgtest.New(), plainSetup()
		o.Rows["Organization"] = []salesforce.Fields{{"DefaultLeadAccess": tc.access}}
		o.Failures[org.ObjectObjectPermissions] = refused
		require.Equal(t, tc.want, findingsOf(t, cfg, o), name)
	}
	o, cfg := orgtest.New(), plainSetup()
	o.Rows["Organization"] = []salesforce.Fields{
		{"DefaultAccountAccess": "None", "DefaultContactAccess": "ControlledByParent"}}
	require.Equal(t, []string{"warning  Contact  "}, findingsOf(t, cfg, o), "Contacts follow their Accounts")
}

// Where the limits or the rules cannot be read, preflight says so and goes without.
func TestPreflightGoesWithoutWhatItMayNotRead(t *testing.T) {
	t.Parallel()
	o, cfg := orgtest.New(), plainSetup()
	for _, object := range []salesforce.Object{org.ObjectLimits, org.ObjectValidationRule} {
		o.Failures[object] = &salesforce.Error{HTTPStatus: 403, Code: "INSUFFICIENT_ACCESS"}
	}
	cfg.ask.Limits, cfg.ask.ValidationRules = true, true
	report, err := cfg.check(t.Context(), o)
	require.NoError(t, err)
	require.Len(t, report.Findings, 2)
	for _, f := range report.Findings {
		require.Equal(t, preflight.SeverityInfo, f.Severity)
		require.Contains(t, f.Reason, "could not be read")
	}
}
