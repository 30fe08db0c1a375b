// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A rule is a fact of docs/salesforce.md and how an org shows that it keeps to
// it.
type rule struct {
	fact string
	show func(t *testing.T, org *sftest.Org, a *api)
}

// keeps puts each rule of a section to an org of its own.
func keeps(t *testing.T, section string, rules []rule) {
	t.Helper()
	for _, r := range rules {
		t.Run(section+": "+r.fact, func(t *testing.T) {
			t.Parallel()
			org, a := newAPI(t)
			r.show(t, org, a)
		})
	}
}

// in sends a request in another version than v62.0.
func (a *api) in(version, method, path string, body any, headers ...string) *response {
	a.t.Helper()
	res, err := a.send(method, "/services/data/"+version+path, body, headers...)
	require.NoError(a.t, err)
	return res
}

// refused checks the status and the code of an error in an array.
func (r *response) refused(t *testing.T, status int, code string) {
	t.Helper()
	require.Equal(t, status, r.Status, r.Text)
	require.Equal(t, code, r.code(), r.Text)
}

// rowCodes are the codes of a collection's rows, "" for one that went well.
func (r *response) rowCodes() []string {
	var codes []string
	for i := range r.Body.([]any) {
		code, _ := r.at(i, "errors", 0, "statusCode").(string)
		codes = append(codes, code)
	}
	return codes
}

// contacts are so many rows of a collection.
func contacts(n int) string {
	return strings.Join(repeat(n, func(i int) string {
		return rows("Contact", fmt.Sprintf(`{"LastName":"L%d"}`, i))
	}), ",")
}

func repeat(n int, text func(i int) string) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = text(i)
	}
	return list
}

// treeOf is a body of records for /composite/tree.
func treeOf(records ...string) string { return `{"records":[` + strings.Join(records, ",") + `]}` }

// treeRow is one record of a tree; more is what follows its name.
func treeRow(object, ref, more string) string {
	name := map[string]string{"Contact": "LastName", "Opportunity": "Name", "Account": "Name"}[object]
	return fmt.Sprintf(`{"attributes":{"type":%q,"referenceId":%q},%q:"N"%s}`, object, ref, name, more)
}

func graphsOf(graphs ...map[string]any) map[string]any { return map[string]any{"graphs": graphs} }

func graphOf(id string, parts ...part) map[string]any {
	return map[string]any{"graphId": id, "compositeRequest": parts}
}
