// SPDX-License-Identifier: Apache-2.0

// Package multirow writes rows by statements that take many at once, and that are prepared once.
package multirow
