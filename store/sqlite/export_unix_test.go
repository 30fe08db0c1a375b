// SPDX-License-Identifier: Apache-2.0

//go:build unix

package sqlite

// Narrow makes a file private by a chmod of the test's.
var Narrow = narrow
