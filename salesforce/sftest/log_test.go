// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestLogHasEveryRequest(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	var hooked []sftest.Request
	org.OnRequest(func(r sftest.Request) { hooked = append(hooked, r) })
	_, err := a.send("GET", "/services/data", nil)
	require.NoError(t, err)
	query := "/query?q=" + escape("SELECT Id FROM Lead")
	a.composite(false,
		get("a", query), get("b", query), get("c", "/sobjects/Lead/describe"),
		post("d", "/sobjects/Contact", fields{"LastName": "L"}), post("e", "/sobjects/Contact", fields{}),
	)
	a.query("SELECT nonsense")
	log := org.Requests()
	require.Equal(t, hooked, log)
	require.Len(t, log, 3)

	require.Equal(t, "/services/data", log[0].Path)
	require.Zero(t, log[0].Calls)
	composite := log[1]
	require.Equal(t, "POST", composite.Method)
	require.Equal(t, base+"/composite", composite.Path)
	require.Equal(t, []string{"SELECT Id FROM Lead", "SELECT Id FROM Lead"}, composite.SOQL)
	require.Equal(t, []int{200, 1, 1, 2, 1},
		[]int{composite.Status, composite.Calls, composite.Total, composite.Writes, composite.Written})
	require.Equal(t, sftest.Subrequest{
		ReferenceID: "e", Method: "POST", Path: base + "/sobjects/Contact", Status: 400, Writes: 1, AutoAssign: true,
	}, composite.Subrequests[4])
	require.Equal(t, "SELECT Id FROM Lead", composite.Subrequests[0].SOQL)
	require.Equal(t, []int{400, 1, 2}, []int{log[2].Status, log[2].Calls, log[2].Total})
	require.Equal(t, []string{"SELECT nonsense"}, log[2].SOQL)

	few, b := newAPI(t, sftest.WithLogSize(1))
	b.do("GET", "/limits", nil)
	b.do("GET", "/sobjects", nil)
	require.Len(t, few.Requests(), 1)
	require.Equal(t, base+"/sobjects", few.Requests()[0].Path)
	require.Equal(t, 2, few.Calls())

	org.ResetLog()
	require.Empty(t, org.Requests())
	require.Zero(t, org.Calls())
	require.Equal(t, "api-usage=3/15000", a.do("GET", "/limits", nil).Header.Get("Sforce-Limit-Info"))
}
