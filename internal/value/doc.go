// SPDX-License-Identifier: Apache-2.0

// Package value knows the values that go into Salesforce's fields: it reduces what a
// lead holds to plain values, converts them to what a field takes, and compares them as
// Salesforce stores them. It also has the texts that several packages say of fields and
// values. Planning uses it for every field of a lead.
//
// All functions are pure and safe for concurrent use. They know nothing of leads: what
// they find wrong is a Problem or a Note, and the caller makes an error or a warning of
// it.
package value
