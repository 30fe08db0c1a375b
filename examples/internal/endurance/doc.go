// SPDX-License-Identifier: Apache-2.0

// Package endurance contains tests that run other processes: one that is killed
// repeatedly while it captures and syncs, one that syncs a million leads, and several
// that share the connections of a PostgreSQL server and are killed. It exports nothing.
package endurance
