// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"fmt"
	"slices"
	"strings"
)

// A BatchError says that some leads of a call failed. The others went through.
type BatchError struct {
	// Failed holds the failures by the index of the lead in the call.
	Failed map[int]error
}

// Error counts the failures by code. Of one lead it is the text of its failure.
func (e *BatchError) Error() string {
	if failures := e.Unwrap(); len(failures) == 1 {
		return failures[0].Error()
	}
	byCode := make(map[Code]int)
	for _, err := range e.Failed {
		byCode[CodeOf(err)]++
	}
	parts := make([]string, 0, len(byCode))
	for code, n := range byCode {
		parts = append(parts, fmt.Sprintf("%d %s", n, code))
	}
	slices.Sort(parts)
	return fmt.Sprintf("leadsync: %d leads failed: %s", len(e.Failed), strings.Join(parts, ", "))
}

// Unwrap returns the failures in the order of the leads.
func (e *BatchError) Unwrap() []error {
	indexes := make([]int, 0, len(e.Failed))
	for i, err := range e.Failed {
		if err != nil {
			indexes = append(indexes, i)
		}
	}
	slices.Sort(indexes)
	failures := make([]error, len(indexes))
	for k, i := range indexes {
		failures[k] = e.Failed[i]
	}
	return failures
}
