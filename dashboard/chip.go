// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// A stageChip tells a lead's stage by a sign, a word and a colour together.
type stageChip struct {
	Sign  string
	Word  string
	Class string
}

func chipOf(e *store.Entry) stageChip {
	switch {
	case e.Stage == leadtype.Failed:
		return stageChip{"!", "Failed", "bad"}
	case e.Stage == leadtype.Cleared && e.Last != nil && e.Last.Action == leadtype.Dismissed:
		return stageChip{"–", "Dismissed", "quiet"}
	case e.Stage == leadtype.Cleared:
		return stageChip{"✓", "Cleared", "ok"}
	case e.State == store.StateFrozen:
		return stageChip{"❄", "Frozen", "wait"}
	case e.State == store.StateInFlight:
		return stageChip{"↑", "Syncing", "wait"}
	case e.State == store.StateWaiting:
		return stageChip{"◷", "Waits for enrichment", "wait"}
	case e.Last != nil && e.Last.Err != nil:
		return stageChip{"↻", "Is tried again", "wait"}
	}
	return stageChip{"◷", "Queued", "wait"}
}

// nameOfLead returns what a lead is called on the pages.
func (v *visit) nameOfLead(e *store.Entry) string {
	numbered := fmt.Sprintf("#%d", e.Sequence)
	if v.opts.Redact || e.Lead == nil {
		return numbered
	}
	name := strings.TrimSpace(e.Lead.FirstName + " " + e.Lead.LastName)
	return cmp.Or(name, e.Lead.Email, e.Lead.Company, string(e.Lead.ID), numbered)
}

// A donut is the shares of the stages as arcs of a circle with a circumference of 100.
type donut struct {
	Percent int // cleared
	Arcs    []arc
}

type arc struct {
	Class  string
	Length float64
	Rest   float64 // of the circle
	Offset float64
}

func newDonut(cleared, failed, preSync int) donut {
	total := cleared + failed + preSync
	if total == 0 {
		return donut{}
	}
	d := donut{Percent: cleared * 100 / total}
	begin := 0.0
	for _, part := range []struct {
		class string
		n     int
	}{{"ok", cleared}, {"bad", failed}, {"wait", preSync}} {
		if part.n == 0 {
			continue
		}
		// A small share stays visible.
		length := max(100*float64(part.n)/float64(total), 1)
		d.Arcs = append(d.Arcs, arc{part.class, length, 100 - length, 25 - begin})
		begin += length
	}
	return d
}

// modes are in the order of the switch.
func modes() []leadsync.Mode {
	return []leadsync.Mode{leadsync.Automatic, leadsync.Manual, leadsync.Disabled}
}
