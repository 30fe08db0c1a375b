// SPDX-License-Identifier: Apache-2.0

package leadtype

import "time"

// A Suspect is what the attempts with a lead alone have shown, whose requests fail as they
// do in an outage: whether the lead makes them fail, or the connection does.
type Suspect struct {
	// Tries is how often the lead was tried alone.
	Tries int `json:"tries"`
	// Own is how many of those point to the lead: other leads got through since the time
	// before, or it has been found twice that they do and nothing else fails.
	Own int `json:"own,omitempty"`
	// At is when the lead was tried alone last.
	At time.Time `json:"at"`
	// For is how long this has been seen, in which the org answered look-ups: the time between
	// two attempts, but at most a day for each.
	For time.Duration `json:"for,omitempty"`
}
