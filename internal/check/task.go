// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
)

// plainTask are the fields that a Task has without rules.
var plainTask = []string{"Subject", "Description", "Status", "ActivityDate", "TaskSubtype", "WhoId", value.OwnerField}

// checkTasks checks whether the org takes the Tasks of activities.
func (c *checker) checkTasks() {
	const object = salesforce.ObjectTask
	if !c.written(object) {
		return
	}
	describe := c.forNew()[value.Folded(object)]
	filled := slices.Concat(plainTask, c.Set.FilledFields(object))
	if key := c.Session.KeyField(c.Set, object); key != "" {
		filled = append(filled, key)
	}
	for i := range describe.Fields {
		field := &describe.Fields[i]
		if field.RequiredOnCreate() && !value.ContainsFold(filled, field.Name) {
			c.add(preflight.Finding{Severity: preflight.SeverityError, Code: leadtype.RequiredFieldMissing, Object: object,
				Field: field.Name, Reason: "the org requires a field of Tasks that is not mapped, so that activities fail"})
		}
	}
	c.checkTaskStatus(describe)
	c.checkTaskSubtype(describe)
}

// isMapped reports whether a rule of the mapping fills a field of Tasks.
func (c *checker) isMapped(field string) bool {
	return c.Set.FillsTask(field)
}

// checkTaskStatus finds that the org does not say which status a Task has that is done.
func (c *checker) checkTaskStatus(describe *salesforce.Describe) {
	status := c.Session.DoneTask(describe)
	if !status.Guessed || c.isMapped("Status") {
		return
	}
	name := fmt.Sprintf("the first status, %q", status.Name)
	if status.Name == "" {
		name = "the org's default status"
	}
	c.add(preflight.Finding{Severity: preflight.SeverityWarning, Object: salesforce.ObjectTask, Field: "Status",
		Reason: "the org has no status \"Completed\" that closes a Task, and not just one other: Tasks get " + name,
		Fix:    c.fix("task-status")})
}

// checkTaskSubtype finds subtypes that the org does not take: the Tasks go without.
func (c *checker) checkTaskSubtype(describe *salesforce.Describe) {
	field, ok := describe.Field("TaskSubtype")
	if !ok || !field.Createable || !field.RestrictedPicklist || c.isMapped(field.Name) {
		return
	}
	var missing []string
	for _, subtype := range []string{"Email", "Call"} {
		if _, known := value.FindOption(field, subtype); !known {
			missing = append(missing, subtype)
		}
	}
	if len(missing) > 0 {
		c.add(preflight.Finding{Severity: preflight.SeverityInfo, Code: leadtype.DataValueValidation,
			Object: salesforce.ObjectTask, Field: field.Name, Reason: "the org has no subtype " +
				strings.Join(missing, " and ") + ", so Tasks of that kind go without one",
			Fix: c.fix("task-subtype")})
	}
}
