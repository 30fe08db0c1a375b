// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/address"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/preflight"
)

// checkFreeTexts finds rules of the Mapping and of campaign links that put whatever people
// write into a restricted picklist.
func (c *checker) checkFreeTexts() {
	for _, t := range c.targets() {
		if !t.field.RestrictedPicklist || isMappedToOptions(t.rule) || !c.isFreeText(t.rule.Source) {
			continue
		}
		if _, part := address.Described(t.object, t.field); part {
			continue // countries and states are known by their names
		}
		fate := "fails the lead"
		if t.rule.Unfit == mapping.Skip {
			fate = "is left out"
		}
		c.add(preflight.Finding{Severity: preflight.SeverityWarning, Code: leadtype.DataValueValidation, Object: t.object,
			Field: t.field.Name, Path: t.path + ".source",
			Reason: fmt.Sprintf("free text goes into a restricted picklist: what is none of its options %s", fate),
			Fix:    c.fix("free-text", "field", string(t.object)+"."+t.field.Name)})
	}
}

// isFreeText reports whether people may write anything in a source field.
func (c *checker) isFreeText(source string) bool {
	switch name, isAnswer := strings.CutPrefix(source, value.PrefixQualifier); {
	case source == "", source == mapping.SourceLeadSource:
		return false
	case isAnswer:
		return !slices.ContainsFunc(c.Set.Config().Qualifiers, func(q mapping.Qualifier) bool {
			return q.Name == name && len(q.Options) > 0
		})
	}
	return true
}
