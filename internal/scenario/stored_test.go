// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/store"
)

// What stores and hosts have kept still loads, and is written again as the same bytes.
// The file has a value in every field, which may be any text unless few are possible. It is never
// changed: new fields are optional.
func TestStoredJSONKeepsItsForm(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/stored_v1.json")
	require.NoError(t, err)
	var stored map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(text, &stored))
	// Entries and reports are written for pages, with every key, also with empty ones that the
	// file does not have yet.
	later := map[string]*strings.Replacer{"entry": strings.NewReplacer(`,"unreadable":null`, ""),
		"preflight": strings.NewReplacer(`"description":"",`, "", `,"help":""`, "",
			`,"doc":""`, "", `"calls":0,`, "")}
	for name, value := range map[string]any{
		"lead":      new(leadsync.Lead),
		"outcome":   new(leadsync.Outcome),
		"plan":      new(leadsync.Plan),
		"entry":     new(leadsync.Entry),
		"step":      new(store.Step),
		"intent":    new(leadtype.Intent),
		"filter":    new(leadsync.Filter),
		"preflight": new(preflight.Report),
		"revert":    new(revert.Report),
	} {
		require.NoError(t, json.Unmarshal(stored[name], value), name)
		written, err := json.Marshal(value)
		require.NoError(t, err, name)
		var want bytes.Buffer
		require.NoError(t, json.Compact(&want, stored[name]))
		if added := later[name]; added != nil {
			written = []byte(added.Replace(string(written)))
		}
		require.Equal(t, want.String(), string(written), name)
		delete(stored, name)
	}
	require.Empty(t, stored)
}
