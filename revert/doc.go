// SPDX-License-Identifier: Apache-2.0

// Package revert has the options and the report of leadsync.Syncer.Revert, which takes back
// what outcomes say was written.
package revert
