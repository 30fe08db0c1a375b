// SPDX-License-Identifier: Apache-2.0

// Package endurance contains tests that run other processes: one that is killed
// repeatedly while it captures and syncs, and one that syncs a million leads. It
// exports nothing.
package endurance
