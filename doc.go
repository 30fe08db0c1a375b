// SPDX-License-Identifier: Apache-2.0

// Package leadsync keeps a Salesforce org in sync with leads captured at events: by badge
// scan, by form or from a file. A host passes it leads and gets an outcome for each: the
// record that was matched and why, what was written, or an error that says what to do.
//
// # How a lead is synced
//
// A [Syncer] takes up to a thousand leads at a time through match, plan and write. A
// [Strategy] decides how the record of a lead is found, a [Mapper] which values are
// written to which fields, a [CampaignLink] which campaign the people of an event join,
// and a [Qualifier] where an answer is written. Only differences are written, and the
// whole batch costs a handful of API calls, which Salesforce counts and all of the
// customer's tools share.
//
// [Syncer.Sync] does this at once and returns one [Outcome] per lead. [Syncer.Capture] and
// [Syncer.Run] do the same durably: a captured lead is kept in the [Store] until it is
// cleared, through crashes, outages and limits. [Syncer.Plan] returns what would be
// written and writes nothing; [Syncer.Revert] undoes what was written. [Syncer.Preflight]
// checks the org and the configuration before the first lead.
//
// [Settings] are what an administrator decides, as one JSON document. [Syncer.Summary]
// counts the captured leads and groups failed ones by how to fix them; [Syncer.Push]
// retries such a group.
//
// # Guarantees
//
// A lead that Capture acknowledged is not lost, provided that its Store is durable.
// Delivery is at least once; the effect is once. With a key field in the org (see
// [Config].ExternalIDs), Salesforce itself refuses a repeated create. Without one, a
// create whose response was lost is looked up before it is repeated, and never repeated
// while Salesforce may still be working on it.
//
// # Errors
//
// Errors are a [*Error], a [*BatchError] or the context's own. Each [*Error] has a [Code],
// and a Code is an error too:
//
//	if errors.Is(outcomes[3].Err, leadsync.DataValueValidation) { ... }
//
// Messages name fields and never their values, because leads are personal data. Error.Fix
// may quote what Salesforce said, for people to read.
//
// # Where things are
//
// This package has what hosts call. Most types that they pass and get are in packages
// below it; the ones that every host needs have aliases here.
//
//   - leadtype: leads, plans, outcomes, errors, codes and policies
//   - mapping: the field mapping, qualifiers and campaign links, as data, and what a form
//     that edits them needs to know
//   - store: the Store interface; store/memory keeps leads in memory, the module
//     store/sqlite in a file, store/postgres in a database; store/storetest tests your own
//   - preflight, revert, review: the results of Preflight, Revert and Summary
//   - salesforce: the REST client, with salesforce/soql for queries, salesforce/login for
//     OAuth, and salesforce/sftest for tests: a fake org over HTTP, which refuses what
//     Salesforce refuses, and fails on purpose
//   - otelsync, a module of its own: spans and metrics by OpenTelemetry
//   - phone, a module of its own: phone numbers in E.164, for a Mapping
//
// In the repository, pipeline.go shows the stages on one page, and docs/architecture.md
// the packages below.
package leadsync
