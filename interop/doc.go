// SPDX-License-Identifier: Apache-2.0

// Package interop tests third-party Salesforce clients against the fake org of
// package sftest: go-salesforce and simpleforce in Go, jsforce under Node. It
// contains only tests. A client that works against Salesforce must work against the
// fake; where a bug of a client prevents that, the test notes it.
//
// soql-common, Salesforce's own parser, checks the queries in the list of package
// sftest, those of a sync and, in .ci/run, those that the tests of all modules send.
//
// The tests of jsforce and soql-common need node 18 or newer and npm, and install
// what their lock files name in the user's cache directory on their first run.
// Without them they are skipped, or fail if CI is set to true.
package interop
