// SPDX-License-Identifier: Apache-2.0

// Package leadsync keeps a Salesforce org in step with leads captured at events:
// by badge scan, by form or from a file. A host gives it leads and gets for each
// an outcome: the record that was matched and why, what was written, or an error
// that says what to do.
//
// # The way of a lead
//
// A [Syncer] takes up to a thousand leads at a time through match, plan and
// write. A [Strategy] says how the record of a lead is found, a [Mapper] what
// goes into which field, a [CampaignLink] which campaign its event belongs to,
// a [Qualifier] where an answer goes. Only what differs is written, and the
// whole batch costs a handful of API calls: Salesforce counts them, and shares
// them out among all tools of the customer.
//
// [Syncer.Sync] does this at once and returns one [Outcome] per lead.
// [Syncer.Capture] and [Syncer.Run] do the same durably: a captured lead is in
// the [Store] and stays there until it is cleared, through crashes, outages and
// limits. [Syncer.Plan] says what would be written and writes nothing;
// [Syncer.Revert] takes back what was. [Syncer.Preflight] checks org and
// configuration before the first lead.
//
// [Settings] are what an administrator decides, as one JSON document.
// [Syncer.Summary] counts the captured leads, and groups those that failed by
// what to do about it; [Syncer.Push] tries such a group again.
//
// # What is promised
//
// A lead that Capture acknowledged is not lost, provided that its Store is
// durable. Delivery is at least once; the effect is once. With a key field
// in the org (see [Config].ExternalIDs), a create that is repeated is refused by
// Salesforce itself. Without one, a create whose answer was lost is looked for
// before it is repeated, and not repeated before Salesforce is certain to have
// finished with it.
//
// # Errors
//
// Errors are a [*Error], a [*BatchError] or the context's own. Each [*Error] has
// a [Code], and a Code is an error too:
//
//	if errors.Is(outcomes[3].Err, leadsync.DataValueValidation) { ... }
//
// The text of an error names fields and never their values: leads are personal
// data. Error.Fix may quote what Salesforce said, for people to read.
//
// # Testing a host
//
// Package salesforce/sftest is a fake org over HTTP. It refuses what Salesforce
// refuses, and fails on purpose. By its Transport it needs no network: a test
// inside testing/synctest takes an outage of hours in no time.
package leadsync
