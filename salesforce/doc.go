// SPDX-License-Identifier: Apache-2.0

// Package salesforce is a REST client for Salesforce that makes as few API calls as the
// platform allows. A [Client] uses the composite resource: it packs many reads, or many
// writes with the dependencies among them, into single calls and returns a result for
// each. [Client.WriteGraphs] writes records together or not at all.
//
// For more than some thousand rows there is Bulk API 2.0: [Client.Ingest] streams rows
// in and their results out, [Client.BulkQuery] streams rows out.
//
// Package [github.com/leadsync/leadsync/salesforce/soql] builds the statements of
// queries and quotes every value; there is no way to put raw text into one.
//
// Package [github.com/leadsync/leadsync/salesforce/login] gets tokens and seals them
// for storage.
//
// Comments cite docs/salesforce.md for facts about the platform, which has the public
// sources. "Unverified" marks what no published page says.
//
// Errors of Salesforce are [*Error]. Neither their text nor anything else that this
// package formats contains a field's value or a token.
package salesforce
