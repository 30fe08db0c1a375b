// SPDX-License-Identifier: Apache-2.0

// Package store has the Store, which keeps captured leads and what became of them, and the
// types that it takes and returns. A sync begins and ends there: due leads are claimed from
// a Store under a lease, and settled in it with their outcomes.
//
// Package memory has a Store in memory, module store/sqlite one in a file, and module
// store/postgres one in a PostgreSQL database, for many processes; package storetest checks
// any other.
package store
