package leadsync_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// PRODUCT.md 4: a value that cannot be converted is refused before any write is
// spent; what is converted, the org takes; and syncing it again changes nothing.
func TestOrgTakesWhatIsConverted(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	options := []string{"Hot", "Cold", "Retired"}
	var rules []leadsync.Rule
	for i, f := range []sftest.Field{
		{Type: "string", Length: 10},
		{Type: "textarea", Length: 20},
		{Type: "email", Length: 20},
		{Type: "phone", Length: 10},
		{Type: "url", Length: 10},
		{Type: "picklist", Options: options, Inactive: options[2:]},
		{Type: "picklist", Options: options, Inactive: options[2:], Restricted: true},
		{Type: "multipicklist", Options: options, Inactive: options[2:]},
		{Type: "multipicklist", Options: options, Inactive: options[2:], Restricted: true},
		{Type: "boolean"},
		{Type: "int"},
		{Type: "double", Precision: 9, Scale: 3},
		{Type: "currency", Precision: 18},
		{Type: "percent", Precision: 5, Scale: 2},
		{Type: "date"},
		{Type: "datetime"},
		{Type: "time"},
	} {
		f.Name = fmt.Sprintf("F%d__c", i)
		org.DefineField("Lead", f)
		rules = append(rules, leadsync.Rule{Source: fmt.Sprintf("custom.%d", i), Field: f.Name})
	}
	m := leadsync.DefaultMapping()
	m.Sections[0].Rules = append(m.Sections[0].Rules, rules...)
	syncer := syncerOf(t, org, &leadsync.Config{Mapper: m})
	leads := 0
	rapid.Check(t, func(r *rapid.T) {
		leads++
		id := fmt.Sprintf("L%d", leads)
		field := rapid.IntRange(0, len(rules)-1).Draw(r, "field")
		lead := &leadsync.Lead{
			ID: leadsync.LeadID(id), Email: id + "@example.com", LastName: "L", Company: "C",
			Custom: map[string]any{fmt.Sprint(field): anyValue().Draw(r, "value")},
		}
		before := writesOf(org)
		outcomes, err := syncer.Sync(t.Context(), lead)
		if err != nil {
			require.ErrorIs(r, err, leadsync.DataValueValidation)
			var remote *salesforce.Error
			require.False(r, errors.As(err, &remote), "refused by the org: %v", remote)
			require.Equal(r, before, writesOf(org))
			return
		}
		require.Equal(r, leadsync.Created, outcomes[0].Action)
		before = writesOf(org)
		outcomes, err = syncer.Sync(t.Context(), lead)
		require.NoError(r, err)
		require.Equal(r, leadsync.Unchanged, outcomes[0].Action)
		require.Equal(r, before, writesOf(org))
	})
}
