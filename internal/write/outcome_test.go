// SPDX-License-Identifier: Apache-2.0

package write_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/write"
	"github.com/leadsync/leadsync/leadtype"
)

// A part is done only where nothing of it failed or was left out; before, the next sync
// took it for done when the one between ended before its writes.
func TestKnownPartsAreDoneOnlyAsAWhole(t *testing.T) {
	t.Parallel()
	whole := leadtype.Part{Kind: leadtype.PartPerson, Object: "Lead", ID: "00Q000000000001AAA", Digest: "d"}
	failed := whole
	failed.Err = &leadtype.Error{Code: leadtype.UncertainWrite}
	failed.Changes = []leadtype.FieldChange{{Field: "Title", After: "CTO"}}
	warned := []leadtype.Warning{{Kind: leadtype.Unfit, Object: "Lead", Field: "Phone"}}
	for name, c := range map[string]struct {
		out    leadtype.Outcome
		digest string
	}{
		"whole":    {leadtype.Outcome{Parts: []leadtype.Part{whole}}, "d"},
		"failed":   {leadtype.Outcome{Parts: []leadtype.Part{failed}}, ""},
		"left out": {leadtype.Outcome{Parts: []leadtype.Part{whole}, Warnings: warned}, ""},
		"another's left out": {leadtype.Outcome{Parts: []leadtype.Part{whole},
			Warnings: []leadtype.Warning{{Object: "Task"}}}, "d"},
	} {
		parts := write.KnownParts(&c.out)
		require.Len(t, parts, 1, name)
		require.Equal(t, c.digest, parts[0].Digest, name)
		require.NoError(t, errOf(parts[0].Err), name)
	}
}

func errOf(err *leadtype.Error) error {
	if err == nil {
		return nil
	}
	return err
}
