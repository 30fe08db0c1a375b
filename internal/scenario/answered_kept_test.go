// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
)

// Before, an answer that its field does not take failed the lead, although the record would
// have kept what a person has there, or what is there in doubt.
func TestAnAnswerThatIsNotWrittenFailsNothing(t *testing.T) {
	t.Parallel()
	cfg := leadsync.Config{Qualifiers: []leadsync.Qualifier{
		{Name: "Demo", Fields: both("Demo__c")},
		{Name: "Interest", Fields: both("Interest__c"), Options: map[string]string{"sun": "Solar"}}}}
	d := consentDesk(t, cfg)
	d.org.Insert("Lead", map[string]any{"FirstName": "Anna", "LastName": "Kowalska", "Email": mailbox,
		"Company": "Initech", "Demo__c": true, "Interest__c": "Hydro"})
	lead := mailboxLead("L1", "Anna", "Nowak")
	answer(lead, "Demo", "I agree", "Interest", "wind")
	o := d.sync(lead)["L1"]
	require.Nil(t, o.Err)
	require.Contains(t, warningKinds(o), leadtype.Doubt)

	d = consentDesk(t, cfg)
	lead = mailboxLead("L1", "Pia", "Gibson")
	answer(lead, "Demo", "yes", "Interest", "sun")
	o = d.sync(lead)["L1"]
	d.edit(o, map[string]any{"Demo__c": false, "Interest__c": "Hydro"})
	answer(lead, "Demo", "I agree", "Interest", "wind")
	o = d.sync(lead)["L1"]
	require.Nil(t, o.Err)
	require.Equal(t, []leadtype.WarningKind{leadtype.KeptEdited}, warned(o, "Demo__c"))
	require.Equal(t, []leadtype.WarningKind{leadtype.KeptEdited}, warned(o, "Interest__c"))
}

// Before, no push could name a field that answers fill.
func TestAKeptAnswerCanBePushed(t *testing.T) {
	t.Parallel()
	d := consentDesk(t, leadsync.Config{Mode: leadsync.Manual, Qualifiers: []leadsync.Qualifier{
		{Name: "Interest", Type: mapping.QualifierText, Fields: both("Interest__c")}}})
	id := d.org.Insert("Lead", map[string]any{"FirstName": "Pia", "LastName": "Gibson", "Email": mailbox,
		"Company": "Initech", "Interest__c": "Hydro"})
	lead := mailboxLead("L1", "Pia", "Gibson")
	answer(lead, "Interest", "Solar")
	push := func(asks ...leadtype.Ask) {
		d.syncWith(func(s *leadsync.Syncer) error {
			_, err := s.Push(t.Context(), leadsync.Filter{}, asks...)
			return err
		})
	}
	d.sync(lead)
	push()
	require.Equal(t, "Hydro", d.org.Row("Lead", id)["Interest__c"])
	push(leadtype.Ask{Over: []string{"Lead.Interest__c"}})
	require.Equal(t, "Solar", d.org.Row("Lead", id)["Interest__c"])
}

// Before, the correction of a name that the mapping had changed was kept out as that of
// another lead.
func TestANameThatTheMappingChangedIsCorrected(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ first, last, toFirst, toLast string }{
		{"Ayşe", "IŞIK", "Ayşe", "Işıkoğlu"},
		{"Jos&eacute;", "Gibson", "Josep", "Gibson"},
		{"A\u200bda", "Gibson", "Ida", "Gibson"},
	} {
		d := newDesk(t, leadsync.Config{})
		for range 3 { // what is known stays known
			d.sync(mailboxLead("L1", c.first, c.last))
		}
		o := d.sync(mailboxLead("L1", c.toFirst, c.toLast))["L1"]
		row := d.org.Row("Lead", string(o.ID))
		require.Equal(t, []any{c.toFirst, c.toLast}, []any{row["FirstName"], row["LastName"]}, "%v", o.Warnings)
	}
}
