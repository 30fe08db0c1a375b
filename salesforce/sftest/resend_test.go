// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A judge is a test that only counts its failures.
type judge struct {
	sftest.TB
	failures int
}

func (j *judge) Errorf(string, ...any) { j.failures++ }

func TestOrgFailsTheTestOfAClientThatSendsACreateAgain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault    sftest.Fault
		key      string
		look     bool
		options  []sftest.Option
		failures int
	}{
		"lost before":  {fault: sftest.Fault{DropBefore: true}, failures: 1},
		"lost after":   {fault: sftest.Fault{DropAfter: true}, failures: 1},
		"cut":          {fault: sftest.Fault{CutBody: true}, failures: 1},
		"503":          {fault: sftest.Fault{Status: 503}, failures: 1},
		"401":          {fault: sftest.Fault{Status: 401}},
		"answered":     {},
		"unique field": {fault: sftest.Fault{DropAfter: true}, key: "k"},
		"looked first": {fault: sftest.Fault{DropAfter: true}, look: true},
		"allowed":      {fault: sftest.Fault{DropAfter: true}, options: []sftest.Option{sftest.WithResends()}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := &judge{TB: t}
			org := sftest.NewOrg(j, test.options...)
			org.AddExternalID("Lead")
			a := &api{t, org}
			org.Fail(func(_ *http.Request, n int) *sftest.Fault {
				if n == 1 {
					return &test.fault
				}
				return nil
			})
			row := map[string]any{"LastName": "L", "Company": "C"}
			if test.key != "" {
				row["LeadsyncKey__c"] = test.key
			}
			for range 2 {
				_, _ = a.send("POST", base+"/sobjects/Lead", row)
				if test.look {
					a.query("SELECT Id FROM Lead")
				}
			}
			require.Equal(t, test.failures, j.failures)
		})
	}
}
