// SPDX-License-Identifier: Apache-2.0

package value

import "time"

// Listed returns a list that JSON writes as [] when it is empty, not as null.
func Listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Counts returns a map that JSON writes as {} when it is empty, not as null.
func Counts[K comparable, V any](counts map[K]V) map[K]V {
	if counts == nil {
		return map[K]V{}
	}
	return counts
}

// TimeOrNull returns what JSON writes as the time, or as null for the zero one.
func TimeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
