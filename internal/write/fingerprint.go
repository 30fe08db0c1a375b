// SPDX-License-Identifier: Apache-2.0

package write

import (
	"slices"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// namelessKey returns what the person of a lead shares with its namesakes, where a create
// of it is open or about to be sent that has neither an e-mail address nor a key; "" else.
func namelessKey(plan *leadtype.Plan, lead *leadtype.LeadPlan, it *match.Item) string {
	for i := range lead.Parts {
		part := &lead.Parts[i]
		if part.Kind != leadtype.PartPerson || part.Change == leadtype.Unplanned {
			continue
		}
		c := &plan.Changes[part.Change]
		if !c.Create || c.UniqueField != "" {
			return ""
		}
		intent := leadtype.Intent{Kind: part.Kind, Object: part.Object, Person: sentPerson(c)}
		return match.Nameless(&intent)
	}
	return match.Nameless(it.Intent(leadtype.PartPerson, ""))
}

// taskContent returns the leadtype.Intent.Content of the create of a lead's Task.
func taskContent(c *leadtype.Change, lead leadtype.LeadID) string {
	content := match.TaskKey{Subject: newText(c, "Subject"), Date: newText(c, "ActivityDate"),
		Description: value.StoredText(newText(c, "Description"))}
	return content.Digest(lead)
}

// fingerprint returns the digests of what a create writes, keyed with what namesakes
// share, so that the journal can tell their records apart. References to other records
// say nothing of whose a record is: the org may fill them, and an id may not have been
// known yet.
func fingerprint(c *leadtype.Change, key string) map[string]string {
	if key == "" || c.Kind != leadtype.PartPerson && c.Kind != leadtype.PartTask {
		return nil
	}
	digests := make(map[string]string)
	for i := range c.Fields {
		f := &c.Fields[i]
		text := value.Canonical(f.After)
		_, notID := salesforce.ParseID(text)
		if text == "" || f.By != "" || notID == nil ||
			c.Kind == leadtype.PartTask && !slices.Contains(match.TaskContent(), f.Field) {
			continue
		}
		digests[f.Field] = value.Digest(key, f.Field, text)
	}
	return digests
}
