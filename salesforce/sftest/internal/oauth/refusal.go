// SPDX-License-Identifier: Apache-2.0

package oauth

import "github.com/leadsync/leadsync/salesforce/sftest/internal/wire"

// A refusal is an answer to the next requests for a token.
type refusal struct {
	code, description string
	times             int // negative for all
}

// RefuseTokens implements Org.RefuseTokens.
func (a *Access) RefuseTokens(code, description string, times int) {
	a.refusal = refusal{code, description, times}
}

// refused returns the answer to a request for a token, nil if it is not refused on demand.
func (a *Access) refused() *wire.Reply {
	if a.refusal.times == 0 {
		return nil
	}
	if a.refusal.times > 0 {
		a.refusal.times--
	}
	return oauthError(a.refusal.code, a.refusal.description)
}
