// SPDX-License-Identifier: Apache-2.0

// Package interop tests third-party Salesforce clients against the fake org of
// package sftest: go-salesforce and simpleforce in Go, and under Node the official command
// line tool, @salesforce/core, jsforce 1 and 3, nforce, ts-force and sfdmu. It contains only
// tests. A client that works against Salesforce must work against the fake; where a bug of a
// client prevents that, the test notes it. README.md has a table of what works, which the
// tests compare and, with -update, write.
//
// soql-common, Salesforce's own parser, checks the queries in the list of package
// sftest, those of a sync and, in .ci/run, those that the tests of all modules send.
//
// The tests under Node need node 18 or newer and npm, and install what their lock files
// name, some 700 MB, in the user's cache directory on their first run. Without them they are
// skipped, or fail if CI is set to true.
package interop
