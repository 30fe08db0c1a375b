// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// A linkIndex finds campaign links without a look at each.
type linkIndex struct {
	open    map[string][]*CampaignLink // those that take people of an event, "" for any other
	ladders map[salesforce.ID][]string // of the campaigns whose links have one
	sources value.Set                  // that the links read
}

// indexLinks returns the index of links.
func indexLinks(links []CampaignLink) linkIndex {
	x := linkIndex{open: make(map[string][]*CampaignLink), ladders: make(map[salesforce.ID][]string),
		sources: make(value.Set)}
	for i := range links {
		link := &links[i]
		addSources(x.sources, link.Fields)
		if link.StatusBy != nil {
			x.sources.Add(value.PrefixQualifier + link.StatusBy.Qualifier)
		}
		if link.Archived {
			continue
		}
		if campaign := link.CampaignID.ID18(); len(link.Ladder) > 0 && x.ladders[campaign] == nil {
			x.ladders[campaign] = link.Ladder
		}
		x.open[link.EventID] = nil
	}
	for i := range links {
		switch link := &links[i]; {
		case link.Archived:
		case link.EventID != "":
			x.open[link.EventID] = append(x.open[link.EventID], link)
		default:
			for event := range x.open {
				x.open[event] = append(x.open[event], link)
			}
		}
	}
	return x
}

// LinksOf returns the campaign links that take a lead, in their order. They must not be changed.
func (s *Set) LinksOf(lead *leadtype.Lead) []*CampaignLink {
	links, known := s.links.open[lead.EventID]
	if !known {
		links = s.links.open[""]
	}
	tooFew := func(link *CampaignLink) bool { return lead.Scans < link.MinScans }
	if !slices.ContainsFunc(links, tooFew) {
		return links
	}
	return slices.DeleteFunc(slices.Clone(links), tooFew)
}

// Ladder returns the ladder of a campaign by the links to it, nil where none of them has
// one.
func (s *Set) Ladder(campaign salesforce.ID) []string { return s.links.ladders[campaign.ID18()] }

// MapMember returns what a campaign link wants of the lead's membership.
func (s *Set) MapMember(link *CampaignLink, lead *leadtype.Lead, target Target) Mapped {
	m := s.members[link].apply(lead, target, nil)
	if m.Err == nil {
		rules := s.members[link]
		m = m.checkWhole(lead, target, func(f *fault) bool { return rules.mayLeaveOut(target.Object, f) })
	}
	return m
}

// RemembersMembers reports whether a rule of a campaign link depends on what was last written.
func (s *Set) RemembersMembers() bool {
	return len(s.Remembered(salesforce.ObjectCampaignMember)) > 0
}

// MemberDigest is PartDigest for the lead's membership of a campaign, to which the links are.
func (s *Set) MemberDigest(links []*CampaignLink, lead *leadtype.Lead) string {
	var rules, values [512]byte
	rows, text := rules[:0], appendLead(values[:0], lead)
	for _, link := range links {
		rows = append(rows, s.linkRows[link]...)
		text = appendSources(append(append(text, 0), link.StatusFor(lead)...), link.Fields, lead)
	}
	sum := sha256.Sum256(rows)
	return partDigest(sum[:], text)
}

// digestLinks returns digests of the campaign links with what their rules are read by.
func (s *Set) digestLinks() map[*CampaignLink][]byte {
	rows := make(map[*CampaignLink][]byte, len(s.members))
	for link, rules := range s.members {
		text, err := json.Marshal(struct {
			Link  *CampaignLink
			Rules *Mapping
		}{link, rules})
		if err != nil {
			text = fmt.Append(nil, link) // it is only to change with the link
		}
		sum := sha256.Sum256(text)
		rows[link] = sum[:]
	}
	return rows
}

func appendLead(text []byte, lead *leadtype.Lead) []byte {
	return lead.CapturedAt.AppendFormat(append(text, lead.ID...), time.RFC3339)
}

// appendSources appends what the sources of rules have in a lead.
func appendSources(text []byte, rules []Rule, lead *leadtype.Lead) []byte {
	for i := range rules {
		source := rules[i].Source
		if source == "" {
			continue
		}
		if of, ok := lead.TextValue(source); ok { // most are, and a string needs no interface
			text = append(append(text, 0), of...)
		} else {
			text = appendValue(text, lead.Value(source))
		}
	}
	return text
}

func appendValue(text []byte, v any) []byte {
	text = append(text, 0)
	switch v := v.(type) {
	case nil:
		return text
	case string:
		return append(text, v...)
	default:
		plain, err := json.Marshal(v)
		if err != nil {
			plain = fmt.Append(nil, v)
		}
		return append(text, plain...)
	}
}

// partDigest returns the digest of a part, whose rules have a digest too.
func partDigest(rows, text []byte) string {
	var digest [rowsDigestSize + valuesDigestSize]byte
	sum := sha256.Sum256(text)
	copy(digest[copy(digest[:rowsDigestSize], rows):], sum[:])
	var some [64]byte
	return string(base64.RawURLEncoding.AppendEncode(some[:0], digest[:]))
}

// The lengths of the two parts of a PartDigest in bytes. In base64 they are apart too.
const (
	rowsDigestSize   = 3
	valuesDigestSize = 6
)

// RulesChanged reports whether two PartDigests of a record are of different rules. What
// follows a point is not of the rules. Of a digest with another length, which an earlier
// version has stored, the rules are not known.
func RulesChanged(before, now string) bool {
	const rows, whole = rowsDigestSize * 4 / 3, (rowsDigestSize + valuesDigestSize) * 4 / 3
	before, _, _ = strings.Cut(before, ".")
	now, _, _ = strings.Cut(now, ".")
	return len(before) == whole && len(now) == whole && before[:rows] != now[:rows]
}
