// SPDX-License-Identifier: Apache-2.0

// Package csvtext reads the text of CSV files as programs and spreadsheets write them:
// encodings, separators, line ends, quotation marks, and the guard against formulas. It
// knows nothing of what the columns mean, but for the names of the columns of an export.
package csvtext
