// SPDX-License-Identifier: Apache-2.0

// Package interop runs Salesforce clients that others wrote against the fake org
// of package sftest: go-salesforce and simpleforce from Go, jsforce under Node.
// It holds tests only. A client that works against Salesforce has to work
// against the fake; where a client's own bug is in the way, the test says so.
//
// The queries that package sftest knows, those of a sync and, in .ci/run, those
// that the tests of all modules send are put to soql-common, the parser of
// Salesforce itself.
//
// The tests of jsforce and soql-common need node 18 or newer and npm, and install
// what their lock files name in the user's cache directory on their first run.
// Without the two they are skipped, and fail where CI is set to true.
package interop
