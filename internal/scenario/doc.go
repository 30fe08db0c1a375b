// SPDX-License-Identifier: Apache-2.0

// Package scenario tests leadsync as a whole: what happens to leads on their way
// through several stages, most of the time against the fake org of package sftest.
// A test of one package is kept beside that package.
//
// The functions and types of the package itself are what these tests share with the
// tests of the packages below: leads, orgs, and a Syncer between the two.
package scenario
