// SPDX-License-Identifier: Apache-2.0

//go:build !soqlrecord

package query

// recordSOQL does nothing without the build tag soqlrecord.
func recordSOQL(string) {}
