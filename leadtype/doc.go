// SPDX-License-Identifier: Apache-2.0

// Package leadtype has the words of the library, as data: the Lead that is captured, the
// Probe by which its records are found, the Plan of what is written for it, the Outcome of
// that, the Error and its Code, and the policies that decide what is open. Every stage of a
// sync passes them on. Package leadsync has aliases of those that every host types.
//
// The types are plain values: they are safe for concurrent use as long as nothing changes
// them. Their JSON is stored, and stays readable by later versions.
package leadtype
