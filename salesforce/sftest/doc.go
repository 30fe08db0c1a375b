// Package sftest runs a fake Salesforce org inside the test process.
//
// NewOrg starts one. It keeps records, answers OAuth and the REST API (describes,
// rows, what changed, SOQL, searches, collections, composite with its batches,
// graphs and trees, Bulk API 2.0) in any version since v31.0, and refuses what
// Salesforce refuses, with the same status codes, codes and messages: required
// fields, lengths, types, picklists and record types, states and countries,
// unique fields, validation and duplicate rules, triggers and flows, field and
// object rights, converted, merged and deleted records, and the limits on a
// request. It counts API calls as Salesforce does, and fails on purpose when told
// to:
//
//   - Org.Fail scripts what becomes of each request: delays, 5xx, web pages,
//     connections cut before or after the work, answers cut in the middle, work
//     that is done long after the connection died. Its function may call the org,
//     say to expire the token.
//   - Org.LockRow locks a row for some tries, Org.SlowRows makes rows slow.
//   - Org.OnRow, Org.OnBatch and Org.AddRule refuse rows; Org.FailBulk stops a job.
//   - WithAPILimit, WithLongRequests and WithSessionTimeout run out.
//
// What the org holds is put there past all rules with Org.Insert and looked at
// with Org.Row and Org.Rows. What it is like is said with options and with
// DefineField, DefineObject and DefineRecordType; what it refuses, with AddRule,
// AddDuplicateRule, OnRow, OnBatch, Forbid and HideField; what it was asked is in
// Org.Requests. An org is safe for concurrent use.
//
//	org := sftest.NewOrg(t)
//	id := org.Insert("Contact", map[string]any{"LastName": "Lovelace", "Email": "ada@example.com"})
//	client := newClient(org.URL(), org.Token())
//
// It does not know XML, the first Bulk API, the Tooling API, page layouts, person
// accounts, query plans, of the UI API anything but picklist values, and of SOQL
// and SOSL: WITH (documented for Apex and for articles), UPDATE (for
// articles), scopes other than mine and everything, queries of two objects, parents
// of a parent of several kinds, functions of functions but for FORMAT and
// convertTimezone, date literals in NOT IN, and aliases of child queries. It has not
// all the objects of Salesforce (no Case, Product2, Profile, UserRecordAccess,
// histories and shares) nor the references to them, nor conditional requests of
// rows, nor null in place of a parent that an external id would name. What it does
// not know it answers with 501, and fails the test. A field of a standard object
// that it does not have is an unknown column, as one is that the user may not see:
// HasOptedOutOfEmail, HasOptedOutOfFax and DoNotCall, for some, which a new
// Developer org does not show (recorded). Org.DefineField and Org.DefineObject add
// what is missing. The org has one currency, its fiscal year is the calendar's, and
// its user lives in UTC.
//
// Where the behaviour of Salesforce is known only from memory or from one
// source, a comment says so, with the section of SALESFORCE.md.
package sftest
