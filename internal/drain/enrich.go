// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"context"
	"slices"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// freezeWaited freezes, under Manual, the claimed leads that waited for enrichment until
// their time was over: what was to be pushed when it is enriched is to be pushed without,
// too. It returns the other leads.
func (d *Drainer) freezeWaited(ctx context.Context, claimed []store.Claimed) ([]store.Claimed, error) {
	if mode, _ := d.State.Current(); mode != leadtype.Manual {
		return claimed, nil
	}
	var settlements []store.Settlement
	for _, c := range claimed {
		if !c.Waited {
			continue
		}
		frozen := noted(&c, d.Now()) // without RetryAt
		settlements = append(settlements, store.Settlement{LeadID: c.Lead.ID, Generation: c.Generation, Outcome: frozen,
			Intents: c.Intents, Free: true})
	}
	if len(settlements) == 0 {
		return claimed, nil
	}
	if _, err := d.Store.Settle(ctx, d.lease, settlements); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(claimed, func(c store.Claimed) bool { return c.Waited }), nil
}

// warnUnenriched warns that a lead that was to be enriched was synced without.
func (d *Drainer) warnUnenriched(it *match.Item) {
	if d.WaitForEnrichment && it.Lead.EnrichedAt.IsZero() {
		it.Outcome.Warnings = append(it.Outcome.Warnings,
			leadtype.Warning{Field: "enrichedAt", Reason: "synced without enrichment, which did not come in time"})
	}
}
