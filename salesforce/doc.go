// Package salesforce is a REST client for Salesforce that spends as few API
// calls as the platform allows. Everything goes through the composite resource:
// a [Client] packs many reads, or many writes with the dependencies among them,
// into single calls, and gives each its own answer.
//
// What is too much for that goes through Bulk API 2.0: [Client.Ingest] streams
// rows in and their results out, [Client.BulkQuery] streams rows out.
//
// A query is built with [From] and the conditions, which quote every value;
// there is no way to put raw text into a statement.
//
// Errors of Salesforce are [*Error]. Neither their text nor anything else that
// this package prints holds a field's value or a token.
package salesforce
