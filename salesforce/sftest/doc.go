// Package sftest runs a fake Salesforce org inside the test process.
//
// NewOrg starts one. It keeps records, answers the REST API (describes, rows,
// SOQL, collections, composite and its graphs, Bulk API 2.0) and refuses what
// Salesforce refuses, with the same status codes, codes and messages: required
// fields, lengths, types, picklists and record types, states and countries,
// unique fields, validation and duplicate rules, triggers and flows, field and
// object rights, converted, merged and deleted records, and the limits on a
// request. It counts API calls as Salesforce does, and fails on purpose when told to: see
// Org.Fail.
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
// It does not know the first Bulk API, lists of bulk jobs, composite tree,
// SOSL and search, page layouts, person accounts, of the UI API anything but
// picklist values, and of SOQL ROLLUP and CUBE,
// DISTANCE, convertCurrency, WITH, UPDATE and most of USING SCOPE. What it does
// not know it answers with 501, and fails the test.
//
// Where the behaviour of Salesforce is known only from memory or from one
// source, a comment says so, with the section of SALESFORCE.md.
package sftest
