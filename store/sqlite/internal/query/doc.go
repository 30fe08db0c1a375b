// SPDX-License-Identifier: Apache-2.0

// Package query has the queries by which a store in a SQLite file finds and counts the leads of a
// filter.
package query
