// SPDX-License-Identifier: Apache-2.0

// Package archtest holds the rules of the repository's structure, as data and as
// functions that find what breaks them: which package may import which (Layers),
// what planning must not touch, how large a package may be, which files use one
// another, and how the modules are bound together. Its tests hold the repository
// against them, and each rule against a planted breach.
package archtest

// Module is the path of the root module.
const Module = "github.com/leadsync/leadsync"
