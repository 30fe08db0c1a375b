// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/plan"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// What a Contact that is a person account takes is described by its Account: once a field is
// unlocked there, what is owed to the lead may fit.
func TestWhatAPersonAccountTakesIsDescribedByItsAccount(t *testing.T) {
	t.Parallel()
	digest := func(person, unlocked bool) string {
		contact := &salesforce.Describe{Name: "Contact", Fields: []salesforce.Field{{Name: "Title", Updateable: true}}}
		if person {
			contact.Fields = append(contact.Fields, salesforce.Field{Name: "IsPersonAccount"})
		}
		account := &salesforce.Describe{
			Name:   "Account",
			Fields: []salesforce.Field{{Name: "PersonTitle", Updateable: unlocked}},
		}
		session := &org.Session{Describes: map[salesforce.Object]*salesforce.Describe{"contact": contact, "account": account}}
		return plan.NewSchemas(mapping.NewSet(mapping.Config{}), session).Of("Contact", []string{"Title"})
	}
	require.NotEqual(t, digest(true, false), digest(true, true))
	require.Equal(t, digest(false, false), digest(false, true))
	require.Empty(t, plan.NewSchemas(mapping.NewSet(mapping.Config{}), nil).Of("Contact", []string{"Title"}))
}
