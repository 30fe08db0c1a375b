// SPDX-License-Identifier: Apache-2.0

// Package number reads numbers as people, spreadsheets and event apps write them: with the
// grouping and decimal marks and the digits of any locale, words such as "Mio.", "lakh" or
// "万", currencies, percent, and ranges. A text is read whole or not at all: a part that is
// not understood, or that may mean two things, makes all of it unfit.
//
// The words are data: scales.txt, currencies.txt and people.txt.
//
// All functions are pure and safe for concurrent use.
package number
