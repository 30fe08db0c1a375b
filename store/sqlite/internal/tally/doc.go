// SPDX-License-Identifier: Apache-2.0

// Package tally counts leads that are alike, in the transaction of each change.
package tally
