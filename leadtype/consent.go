// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"maps"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/reading"
	"github.com/leadsync/leadsync/internal/value"
)

// A ConsentSource is a source field in which leads say an opt-out or a consent. What one
// capture of a lead has said, no other takes back: a Store keeps it, whichever of them is
// older; see store.Merge.
type ConsentSource struct {
	// Source is custom.<name> or qualifier.<name>.
	Source string
	// Keep is the answer that stays: yes for an opt-out, no for a consent.
	Keep bool
	// Values are texts, compared without regard to case, and the true or false that they
	// stand for. Other texts are read as yes and no in the words of the main languages.
	Values map[string]string
}

// Said reports whether the lead has the answer that stays.
func (c *ConsentSource) Said(lead *Lead) bool {
	plain, _ := value.PlainValue(lead.Value(c.Source))
	switch plain := plain.(type) {
	case nil:
		return false
	case []string:
		return slices.ContainsFunc(plain, c.isKept)
	}
	return c.isKept(value.TextOf(plain, nil))
}

func (c *ConsentSource) isKept(text string) bool {
	if mapped, ok := value.Values(c.Values).Of(text); ok && len(c.Values) > 0 {
		text = mapped
	}
	yes, ok := reading.ReadYesNo(text)
	return ok && yes == c.Keep
}

// KeepConsents returns the lead with the answers that stay and that it lacks, of the others
// that have them. It changes none of the leads.
func KeepConsents(lead *Lead, consents []ConsentSource, others ...*Lead) *Lead {
	kept := lead
	for i := range consents {
		c := &consents[i]
		if c.Said(kept) {
			continue
		}
		if at := slices.IndexFunc(others, c.Said); at >= 0 {
			kept = c.take(kept, others[at])
		}
	}
	return kept
}

// take returns a lead with the answer of another.
func (c *ConsentSource) take(lead, from *Lead) *Lead {
	changed := *lead
	if name, ok := strings.CutPrefix(c.Source, value.PrefixCustom); ok {
		changed.Custom = maps.Clone(lead.Custom)
		if changed.Custom == nil {
			changed.Custom = make(map[string]any, 1)
		}
		changed.Custom[name] = from.Custom[name]
	}
	if name, ok := strings.CutPrefix(c.Source, value.PrefixQualifier); ok {
		changed.Answers = maps.Clone(lead.Answers)
		if changed.Answers == nil {
			changed.Answers = make(map[string][]string, 1)
		}
		changed.Answers[name] = from.Answers[name]
	}
	return &changed
}
