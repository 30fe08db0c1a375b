// SPDX-License-Identifier: Apache-2.0

// Package verdict says what a failure means for a lead: its code, whether and when the
// lead is retried, with how many others, and whether the whole connection pauses. All
// stages ask it. It also makes the library's errors of what the packages below, such as
// value and strictjson, report as plain ones.
//
// All functions are pure and safe for concurrent use.
package verdict
