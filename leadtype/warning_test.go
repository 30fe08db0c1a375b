// SPDX-License-Identifier: Apache-2.0

package leadtype_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
)

// A warning that an earlier version stored has the kind that fits its code.
func TestStoredWarningWithoutAKindGetsOne(t *testing.T) {
	t.Parallel()
	for stored, kind := range map[string]leadtype.WarningKind{
		`{"code":"CONNECTION_PERMISSION","field":"Title","reason":"r"}`: leadtype.Locked,
		`{"code":"MISSING_REMOTE_FIELD","reason":"r"}`:                  leadtype.Missing,
		`{"code":"OWNER_INVALID","reason":"r"}`:                         leadtype.OwnerReplaced,
		`{"code":"NO_TAG_MAPPING","reason":"r"}`:                        leadtype.Unmapped,
		`{"code":"","reason":"r"}`:                                      leadtype.Dropped,
		`{"kind":"stale","code":"OWNER_INVALID","reason":"r"}`:          leadtype.Stale,
		`{"kind":"of a later version","code":"","reason":"r"}`:          "of a later version",
	} {
		var out leadtype.Outcome
		require.NoError(t, json.Unmarshal([]byte(`{"warnings":[`+stored+`]}`), &out))
		require.Equal(t, kind, out.Warnings[0].Kind, stored)
		require.Equal(t, "r", out.Warnings[0].Reason)
		again, err := json.Marshal(out.Warnings)
		require.NoError(t, err)
		var back []leadtype.Warning
		require.NoError(t, json.Unmarshal(again, &back))
		require.Equal(t, out.Warnings, back)
	}
}
