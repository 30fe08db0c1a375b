// SPDX-License-Identifier: Apache-2.0

package store

import (
	"time"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
)

// An Entry is a lead as a Store holds it. In its JSON every key is always there, and what is
// empty is "", 0, [] or null; Lead, Intents and Last have the forms in which they are stored.
type Entry struct {
	// Sequence orders the leads of a connection by first capture, from 1.
	Sequence int64          `json:"sequence"`
	Lead     *leadtype.Lead `json:"lead"`
	Stage    leadtype.Stage `json:"stage"`
	State    State          `json:"state"`
	Attempts int            `json:"attempts"`
	// RetryAt is when a queued lead is due, and when one that waits for enrichment is
	// claimed without. It is zero when a queued lead is due already or a waiting one
	// is never claimed, and in any other state.
	RetryAt time.Time `json:"retryAt"`
	// Since is when the lead entered its stage, or was captured or pushed again
	// there. An attempt that leaves it in Pre-Sync does not change it.
	Since time.Time `json:"since"`
	// Generation is that of the last claim, 0 before the first.
	Generation int64 `json:"generation"`
	// Intents are creates and updates that were journalled and not settled.
	Intents []leadtype.Intent `json:"intents"`
	// Last is the last outcome, nil before the first.
	Last *leadtype.Outcome `json:"last"`
	// Unreadable is set when something of the lead cannot be read, which is missing in the
	// other fields then. Lead has the id at least. See the function Unreadable.
	Unreadable *leadtype.Error `json:"unreadable"`
}

// MarshalJSON writes every key, also of what is empty.
func (e Entry) MarshalJSON() ([]byte, error) { return value.PageJSON(e) }
