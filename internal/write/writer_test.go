// SPDX-License-Identifier: Apache-2.0

package write

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/org/orgtest"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

func TestRecordDiffersWhereAutomationChangedWhatIsRemembered(t *testing.T) {
	t.Parallel()
	session := &org.Session{Describes: map[salesforce.Object]*salesforce.Describe{
		"lead": orgtest.Writable("Lead", "LastName", "Title", "Description")}}
	at := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	x := &Execution{Writer: &Writer{Session: func() *org.Session { return session }}, plan: &leadtype.Plan{
		Changes: []leadtype.Change{{Object: "Lead", Fields: []leadtype.FieldChange{
			{Field: "LastName", After: "Lovelace", CapturedAt: &at},
			{Field: "Title", After: "Countess"},
			{Field: "Description", After: "old new", Appended: []string{"new"}, CapturedAt: &at},
		}}}}}
	for name, tc := range map[string]struct {
		landed salesforce.Fields
		want   bool
	}{
		"as it was written":     {salesforce.Fields{"LastName": "Lovelace"}, false},
		"in another case":       {salesforce.Fields{"LastName": " LOVELACE"}, false},
		"another value":         {salesforce.Fields{"LastName": "Byron"}, true},
		"emptied":               {salesforce.Fields{"LastName": nil}, true},
		"not read":              {salesforce.Fields{}, false},
		"of no memory":          {salesforce.Fields{"LastName": "Lovelace", "Title": "Dr"}, false},
		"appended to":           {salesforce.Fields{"LastName": "Lovelace", "Description": "x"}, false},
		"a field not in a rule": {salesforce.Fields{"LastName": "Lovelace", "Phone": "1"}, false},
	} {
		require.Equal(t, tc.want, x.differs(0, tc.landed), name)
	}
	session.Describes = nil
	require.False(t, x.differs(0, salesforce.Fields{"LastName": "Byron"}), "the object is hidden")
}
