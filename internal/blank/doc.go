// SPDX-License-Identifier: Apache-2.0

// Package blank tells texts that stand for no value, such as "n/a", "-" or what a
// spreadsheet writes for an error, from values. Which fields that matters for, and where
// such a word is a value after all, is up to its callers.
//
// All functions are pure and safe for concurrent use.
package blank
