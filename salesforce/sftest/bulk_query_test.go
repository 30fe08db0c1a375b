package sftest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// What a query may hold and a query job may not (SALESFORCE.md 1, bulk query).
func TestBulkQueryRefusesWhatIsNotRows(t *testing.T) {
	t.Parallel()
	_, a := newAPI(t)
	for soql, status := range map[string]int{
		"SELECT Name, toLabel(Type) t FROM Account":                    http.StatusOK,
		"SELECT COUNT() FROM Account":                                  http.StatusBadRequest,
		"SELECT MAX(Name) FROM Account":                                http.StatusBadRequest,
		"SELECT Name FROM Account GROUP BY Name":                       http.StatusBadRequest,
		"SELECT (SELECT Name FROM Contacts) FROM Account":              http.StatusBadRequest,
		"SELECT TYPEOF Who WHEN Lead THEN Company END FROM Task":       http.StatusBadRequest,
		"SELECT Name FROM Account OFFSET 1":                            http.StatusBadRequest,
		"SELECT Name FROM Account WHERE Name = 'a' AND NOT Name = 'b'": http.StatusBadRequest,
	} {
		res := a.do(http.MethodPost, "/jobs/query", map[string]any{"operation": "query", "query": soql})
		require.Equal(t, status, res.Status, "%s: %s", soql, res.Text)
	}
}

func TestBulkQueryBeyondTheFakeFailsTheTest(t *testing.T) {
	t.Parallel()
	tb := &spy{}
	org := sftest.NewOrg(tb)
	defer org.Close()
	res := (&api{t, org}).do(http.MethodPost, "/jobs/query", map[string]any{"operation": "query", "query": "SELECT Name FROM Account WITH USER_MODE"})
	require.Equal(t, http.StatusNotImplemented, res.Status)
	require.Len(t, tb.complaints, 1)
}
