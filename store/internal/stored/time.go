// SPDX-License-Identifier: Apache-2.0

package stored

import "time"

// Micros returns a time as it is kept, in microseconds since 1970, and 0 for the zero time.
// It rounds up, so that a lead is never due early.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Add(time.Microsecond - 1).UnixMicro()
}

// FromMicros is the inverse of Micros.
func FromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
