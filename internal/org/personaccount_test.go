// SPDX-License-Identifier: Apache-2.0

package org

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/org/orgtest"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// The refusals that are reported of person accounts are told from those of missing rights by
// the describe: it says that the connected user may write the field.
func TestClassifyTellsPersonAccountsFromMissingRights(t *testing.T) {
	t.Parallel()
	s := &Session{Describes: map[salesforce.Object]*salesforce.Describe{
		"contact": orgtest.Writable("Contact", "LastName", "Name", "AccountId", "RecordTypeId", "Title", "IsPersonAccount"),
		"account": orgtest.Writable("Account", "Name", "PersonTitle", "IsPersonAccount"),
		"lead":    orgtest.Writable("Lead", "LastName"),
	}}
	for _, locked := range []string{"Name", "Title"} {
		field, _ := s.Describe("Contact").Field(locked)
		field.Updateable = false
	}
	const locked, readOnly = salesforce.InvalidFieldForInsertUpdate, salesforce.InsufficientAccessOrReadonly
	for name, tc := range map[string]struct {
		object salesforce.Object
		status salesforce.StatusCode
		fields []string
		want   leadtype.Code
	}{
		"another account":               {"Contact", locked, []string{"AccountId"}, leadtype.PersonAccount},
		"its name":                      {"Contact", locked, []string{"Name"}, leadtype.PersonAccount},
		"its last name":                 {"Contact", locked, []string{"LastName"}, leadtype.PersonAccount},
		"another record type":           {"Contact", readOnly, []string{"RecordTypeId"}, leadtype.PersonAccount},
		"a person's field of a company": {"Account", locked, []string{"PersonTitle"}, leadtype.PersonAccount},
		"a name of a person's account":  {"Account", locked, []string{"Name"}, leadtype.PersonAccount},
		"any operation":                 {"Contact", "INVALID_PERSON_ACCOUNT_OPERATION", nil, leadtype.PersonAccount},
		"a field without the right":     {"Contact", locked, []string{"Title"}, leadtype.ConnectionPermission},
		"one of two without the right":  {"Contact", locked, []string{"LastName", "Title"}, leadtype.ConnectionPermission},
		"a field that is not seen":      {"Contact", locked, []string{"Fax"}, leadtype.ConnectionPermission},
		"a record without the right":    {"Contact", readOnly, nil, leadtype.ConnectionPermission},
		"a Lead":                        {"Lead", locked, []string{"LastName"}, leadtype.ConnectionPermission},
	} {
		e := s.Classify("update", tc.object, &salesforce.Error{HTTPStatus: 400, Code: tc.status, Fields: tc.fields})
		require.Equal(t, tc.want, e.Code, name)
		if tc.want == leadtype.PersonAccount {
			require.Equal(t, leadtype.PersonAccount.Fix(), e.Fix(), name)
		}
	}
}
