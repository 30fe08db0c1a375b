// SPDX-License-Identifier: Apache-2.0

package interop_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// key is the external id field of the tests' org.
const key = "LeadsyncKey__c"

// newOrg returns an org whose Contacts, Leads and Accounts have the field key.
func newOrg(t sftest.TB, opts ...sftest.Option) *sftest.Org {
	t.Helper()
	org := sftest.NewOrg(t, opts...)
	org.AddExternalID("Contact", "Lead", "Account")
	return org
}

// insertContacts inserts n Contacts named Person 000 and so on.
func insertContacts(org *sftest.Org, n int) {
	for i := range n {
		org.Insert("Contact", map[string]any{"LastName": personName(i), key: fmt.Sprintf("p%d", i)})
	}
}

func personName(i int) string { return fmt.Sprintf("Person %03d", i) }

// requireRow checks some fields of a row in the org. A nil value means null.
func requireRow(t *testing.T, org *sftest.Org, object, id string, want map[string]any) {
	t.Helper()
	row := org.Row(object, id)
	require.NotNil(t, row, "%s %s", object, id)
	for name, value := range want {
		require.Equal(t, value, row[name], name)
	}
}

// A witness is a testing.TB that records the failures an org reports.
type witness struct {
	*testing.T
	mu       sync.Mutex
	failures []string
}

func (w *witness) Errorf(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failures = append(w.failures, fmt.Sprintf(format, args...))
}
