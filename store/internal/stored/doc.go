// SPDX-License-Identifier: Apache-2.0

// Package stored has what the stores in databases share: the JSON and the columns in which
// they keep leads, outcomes and intents, and what a capture makes of a row.
package stored
