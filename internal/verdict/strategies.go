// SPDX-License-Identifier: Apache-2.0

package verdict

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/leadtype"
)

// MixedStrategies warns of events whose leads would scatter over objects.
func MixedStrategies(strategies map[string][]string) []leadtype.Warning {
	var warnings []leadtype.Warning
	for _, event := range slices.Sorted(maps.Keys(strategies)) {
		if names := strategies[event]; event != "" && len(names) > 1 {
			warnings = append(warnings, leadtype.Warning{Kind: leadtype.TwoStrategies, Field: "strategy",
				Reason: fmt.Sprintf("event %q has leads with different strategies: %s", event, strings.Join(names, ", "))})
		}
	}
	return warnings
}
