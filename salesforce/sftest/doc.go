// SPDX-License-Identifier: Apache-2.0

// Package sftest runs a fake Salesforce org inside the test process.
//
// NewOrg makes one. It keeps records, answers OAuth and the REST API (describes,
// rows, changes, SOQL, searches, collections, composites with their batches,
// graphs and trees, both Bulk APIs) in every version from v31.0, and refuses what
// Salesforce refuses, with the same HTTP statuses, codes and messages: required
// fields, lengths, types, picklists and record types, states and countries, unique
// fields, validation and duplicate rules, triggers and flows, field and object
// permissions, converted, merged and deleted records, and the limits on a request.
// It counts API calls as Salesforce does, and fails on purpose:
//
//   - Org.Fail scripts the fault of each request: delays, 5xx, web pages,
//     connections closed before or after the work, responses cut in the middle,
//     work that is done long after the connection was closed. Its function may
//     call the org, for example to expire the token.
//   - Org.LockRow locks a row for some attempts, Org.SlowRows makes rows slow.
//   - Org.OnRow, Org.OnBatch and Org.AddRule refuse rows; Org.FailBulk stops a
//     job.
//   - Org.RefuseTokens refuses logins and refreshes, as policies do.
//   - Org.OnBulk sees bulk jobs under way, which run beside other requests.
//   - WithAPILimit, WithLongRequests and WithSessionTimeout set limits, Org.SetLimits those
//     of a running org.
//
// Org.Insert adds records without checking rules; Org.Row and Org.Rows return them,
// and Org.Snapshot and Org.Restore bring them back. Options, DefineField, DefineObject
// and DefineRecordType define the org; AddRule, AddDuplicateRule, OnRow, OnBatch,
// Forbid and HideField define what it refuses. Org.Requests returns the requests that
// it received. An org is safe for concurrent use.
//
//	org := sftest.NewOrg(t)
//	id := org.Insert("Contact", map[string]any{"LastName": "Lovelace", "Email": "ada@example.com"})
//	client := newClient(org.URL(), org.Token())
//
// It does not support XML (but for jobs of the first Bulk API), SOAP but
// for logins (WithSOAPLogin), logout, getServerTimestamp and getUserInfo, the Tooling API but
// for queries of EntityDefinition, FieldDefinition and ValidationRule, page layouts, or any of the UI
// API but picklist values. Of SOQL and SOSL it does not support WITH (documented for Apex and
// for articles), UPDATE (for articles), scopes of teams, groups and territories,
// queries of two objects, parents of a parent of several kinds, nested functions other
// than FORMAT and convertTimezone, date literals in NOT IN, and aliases of child
// queries. It lacks some objects of Salesforce (such as Product2, CaseComment,
// Attachment, UserRecordAccess, histories and shares) and the references to them, files
// by a URL, archived ones and those of bulk jobs, and null in place of a parent that an
// external id would name. A request for something that it
// does not support is answered with 501 and fails the test, as is one for a standard
// field that it lacks. A field that the user may not see is an unknown column, such as
// HasOptedOutOfEmail, HasOptedOutOfFax and DoNotCall, which a new Developer org does
// not show (recorded). Org.DefineField and Org.DefineObject add what is missing. The
// org has one currency, its fiscal year is the calendar year, and its user's time zone
// is UTC.
//
// Comments mark behaviour of Salesforce that is unverified, and name the source of
// what is known.
package sftest
