// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"regexp"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// activeRules is the one statement of the Tooling API that the fake knows.
var activeRules = regexp.MustCompile(`(?i)^SELECT ValidationName, EntityDefinition\.QualifiedApiName ` +
	`FROM ValidationRule WHERE Active = true$`)

// ToolingQuery answers /tooling/query for the active validation rules of all objects
// (docs/salesforce.md, Setup). A user without View Setup and Configuration does not see them.
func (a *API) ToolingQuery(req *wire.Request) *wire.Reply {
	if !activeRules.MatchString(req.Query.Get("q")) {
		return a.db.Unsupported(req.Method + " " + req.Text)
	}
	if !a.db.UserMay("PermissionsViewSetup") {
		return wire.Refuse(400, "INVALID_TYPE", "sObject type 'ValidationRule' is not supported.").Reply()
	}
	base := "/services/data/" + req.Version + "/tooling/sobjects/"
	rows := []any{}
	for _, obj := range a.db.InOrder() {
		for _, rule := range obj.Rules() {
			rows = append(rows, wire.Object{
				{Name: "attributes", Value: wire.Object{{Name: "type", Value: "ValidationRule"},
					{Name: "url", Value: base + "ValidationRule/" + a.db.NewID("03d")}}},
				{Name: "ValidationName", Value: rule.Name},
				{Name: "EntityDefinition", Value: wire.Object{
					{Name: "attributes", Value: wire.Object{{Name: "type", Value: "EntityDefinition"},
						{Name: "url", Value: base + "EntityDefinition/" + obj.Name}}},
					{Name: "QualifiedApiName", Value: obj.Name}}},
			})
		}
	}
	return wire.Answer(200, wire.Object{{Name: "size", Value: len(rows)}, {Name: "totalSize", Value: len(rows)},
		{Name: "done", Value: true}, {Name: "queryLocator", Value: nil}, {Name: "entityTypeName", Value: "ValidationRule"},
		{Name: "records", Value: rows}})
}
