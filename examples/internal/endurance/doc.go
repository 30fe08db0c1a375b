// SPDX-License-Identifier: Apache-2.0

// Package endurance holds the tests that need other processes: one that is
// killed again and again while it captures and syncs, and one that syncs a
// million leads. It has nothing to import.
package endurance
