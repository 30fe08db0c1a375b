// SPDX-License-Identifier: Apache-2.0

package check

import (
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/mapping"
)

// checkAnsweredConsents warns of answers that go into opt-outs and consents. Rules that
// could move one the wrong way are among the issues of the mapping and of campaign links.
func (c *checker) checkAnsweredConsents() { c.addIssues(c.Set.AnswerIssues(c.forNew())) }

// fixConsent returns the fix for a rule that could move a consent the wrong way.
func (c *checker) fixConsent(issue *mapping.RuleIssue) string {
	field, ok := c.Session.Describe(issue.Object).Field(issue.Field)
	fits := mapping.Raise
	if ok && value.ConsentOf(field.Name, field.Label) == value.OptIn {
		fits = mapping.Lower
	}
	return c.fix("consent", "field", string(issue.Object)+"."+issue.Field, "rule", string(fits))
}
