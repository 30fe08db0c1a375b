// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"fmt"
	"strings"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// An Issue is something that is wrong with a Mapping, a Qualifier, a CampaignLink or
// another of the leadsync.Settings.
type Issue struct {
	// Path is its place in the JSON form: objects[0].rules[3].field within a
	// Mapping, mapping.objects[0].rules[3].field within leadsync.Settings.
	Path string `json:"path"`
	// Code is that of the error which the issue would become at run time.
	Code   leadtype.Code     `json:"code"`
	Object salesforce.Object `json:"object,omitempty"`
	Field  string            `json:"field,omitempty"`
	Reason string            `json:"reason"`
	// Warning says that leads are synced all the same, but that this is hardly what anyone
	// wants, such as a consent that a lead could give back. Only describes show it.
	Warning bool `json:"warning,omitempty"`
}

// A mappingCheck gathers issues.
type mappingCheck struct {
	mapping   *Mapping
	describes map[salesforce.Object]*salesforce.Describe
	object    salesforce.Object
	issues    []Issue
}

func (c *mappingCheck) add(path string, code leadtype.Code, field, format string, args ...any) {
	c.issues = append(c.issues, Issue{
		Path: path, Code: code, Object: c.object, Field: field, Reason: fmt.Sprintf(format, args...),
	})
}

// refuse adds an issue with a value that is not valid.
func (c *mappingCheck) refuse(path, field, format string, args ...any) {
	c.add(path, leadtype.DataValueValidation, field, format, args...)
}

// warn adds an issue that no lead fails by.
func (c *mappingCheck) warn(path, field, reason string) {
	c.refuse(path, field, "%s", reason)
	c.issues[len(c.issues)-1].Warning = true
}

// take adds issues, their paths starting with prefix in the place of own.
func (c *mappingCheck) take(prefix, own string, issues []Issue) {
	for _, issue := range issues {
		issue.Path = prefix + strings.TrimPrefix(issue.Path, own)
		c.issues = append(c.issues, issue)
	}
}

// A RuleIssue is an Issue of a rule. Hosts do not need it.
type RuleIssue struct {
	Issue
	Skipped bool // the policies skip the rule with a warning; leads do not fail by it
}
