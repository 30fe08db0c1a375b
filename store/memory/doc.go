// SPDX-License-Identifier: Apache-2.0

// Package memory keeps captured leads in memory. It is the Store of a leadsync.Config that
// names none.
package memory
