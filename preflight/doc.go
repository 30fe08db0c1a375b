// SPDX-License-Identifier: Apache-2.0

// Package preflight has what leadsync.Syncer.Preflight reports: findings about the org and
// the configuration, before leads are synced, and the Schema with which a later Preflight
// compares the org.
package preflight
