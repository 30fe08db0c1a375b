// Package salesforce is a REST client for Salesforce that spends as few API
// calls as the platform allows. What it reads and writes goes through the
// composite resource: a [Client] packs many reads, or many writes with the
// dependencies among them, into single calls, and gives each its own answer.
// [Client.WriteGraphs] writes records together or not at all.
//
// What is too much for that, from some thousand rows on, goes through Bulk API
// 2.0: [Client.Ingest] streams rows in and their results out, [Client.BulkQuery]
// streams rows out.
//
// Package [github.com/leadsync/leadsync/salesforce/soql] builds the statements of
// queries and quotes every value; there is no way to put raw text into one.
//
// Package [github.com/leadsync/leadsync/salesforce/login] gets tokens and seals them
// for storage.
//
// A key such as (SALESFORCE.md 3) tells the source of what a comment says of the
// platform: a section of the facts that the maintainers have gathered. "From
// memory" marks what no published page was found for.
//
// Errors of Salesforce are [*Error]. Neither their text nor anything else that
// this package prints holds a field's value or a token.
package salesforce
