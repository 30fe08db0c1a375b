// SPDX-License-Identifier: Apache-2.0

// Package pgtest gives tests a PostgreSQL server: a private one, on a Unix socket in a
// temporary folder, or the one that LEADSYNC_TEST_POSTGRES names.
package pgtest
