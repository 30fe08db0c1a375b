// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"encoding/base64"
	"slices"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/salesforce"
)

// A Bond says how a lead came to the record of its person and to its account, and by
// which of its data. With it a later sync tells that the lead was corrected since, which
// the record alone does not show: others change it too. Of the data it has digests, whose
// key is the lead's id.
type Bond struct {
	Person  Origin `json:"person,omitempty"`
	Account Origin `json:"account,omitempty"`
	// Differs says that the record had another name before the lead was written to it.
	Differs bool `json:"differs,omitempty"`
	// Who says whose the record was by its name.
	Who Who `json:"who,omitempty"`
	// Email is of the e-mail address, Given of the ids of records that the host gave, and
	// Company of what identifies the company.
	Email string `json:"email,omitempty"`
	// Sent is of the addresses to which the lead was corrected in syncs that it did not clear:
	// each may have been written to the record, so that it has one of them or Email.
	Sent    []string `json:"sent,omitempty"`
	Given   string   `json:"given,omitempty"`
	Company []string `json:"company,omitempty"`
	// Names are of the first and last names that the lead had, and of what the mapping made of
	// them, the latest ones.
	Names []string `json:"names,omitempty"`
	// Choice is of the e-mail address, the name and the company for which a person made the
	// choice of the MatchTrace.
	Choice string `json:"choice,omitempty"`

	// Instead is the record of the earlier syncs, when a correction of the lead led to
	// another one or to none.
	Instead salesforce.ID `json:"-"`
}

// An Origin says how a lead came to a record.
type Origin string

// The origins.
const (
	// OriginCreated is for a record that was created for the lead, or has its key.
	OriginCreated Origin = "created"
	// OriginMatched is for a record that a probe found, or that another lead of the batch
	// brought along.
	OriginMatched Origin = "matched"
	// OriginDuplicate is for a record that a duplicate rule or a unique field named.
	OriginDuplicate Origin = "duplicate"
	// OriginGiven is for a record whose id the host gave.
	OriginGiven Origin = "given"
	// OriginChosen is for a record that a person chose.
	OriginChosen Origin = "chosen"
)

// A Who says whose a record is that a lead found by its e-mail address, by the names. It is
// empty for the lead's own person.
type Who string

// Whose a record may be.
const (
	// WhoDoubt is for a record whose name agrees with the lead's in part, and for one whose
	// name cannot be compared. Names are not written, and other fields only where they are
	// blank.
	WhoDoubt Who = "doubt"
	// WhoOther is for a record of another person. Nothing is written to the record itself.
	WhoOther Who = "other"
)

// NewBond returns a bond with the digests of a lead, as the host gave it.
func NewBond(lead *Lead) *Bond {
	return &Bond{Email: emailDigest(lead.ID, lead.Email), Given: givenDigest(lead)}
}

// maxNames is how many first and last names Names has.
const maxNames = 8

// SetNames enters the lead's names, beside those of the bond of its last sync, if any.
func (b *Bond) SetNames(lead *Lead, last *Bond) {
	b.Names = []string{nameDigest(lead.ID, firstName, lead.FirstName), nameDigest(lead.ID, lastName, lead.LastName)}
	if last == nil {
		return
	}
	earlier := slices.DeleteFunc(slices.Clone(last.Names), func(n string) bool { return slices.Contains(b.Names, n) })
	b.Names = append(earlier, b.Names...)
	b.Names = b.Names[max(0, len(b.Names)-maxNames):]
}

// NoteName enters a name that the mapping made of the lead's, in FirstName or LastName. Nothing
// happens for nil.
func (b *Bond) NoteName(id LeadID, field, name string) {
	if b == nil || b.Names == nil {
		return
	}
	if made := nameDigest(id, field, name); !slices.Contains(b.Names, made) {
		b.Names = append(b.Names, made)
		b.Names = b.Names[max(0, len(b.Names)-maxNames):]
	}
}

// HadName reports whether the lead had a name in FirstName or LastName, and whether that is
// known. Case and spaces do not count.
func (b *Bond) HadName(id LeadID, field, name string) (had, known bool) {
	if b == nil || b.Names == nil {
		return false, false
	}
	return slices.Contains(b.Names, nameDigest(id, field, name)), true
}

const (
	firstName = "FirstName"
	lastName  = "LastName"
)

func nameDigest(id LeadID, field, name string) string {
	digest := value.SpaceDigest(string(id), field, name)
	var some [64]byte
	return string(base64.RawURLEncoding.AppendEncode(some[:0], digest[:]))
}

// EmailChanged reports whether the lead has another e-mail address now than its record may
// have. One that lost its address was not corrected. False for nil.
func (b *Bond) EmailChanged(lead *Lead) bool {
	now := emailDigest(lead.ID, lead.Email)
	return b != nil && now != "" && (now != b.Email || len(b.Sent) > 0)
}

// GivenChanged reports whether the host gives the ids of other records now. False for nil.
func (b *Bond) GivenChanged(lead *Lead) bool {
	now := givenDigest(lead)
	return b != nil && now != "" && now != b.Given
}

// HasEmail reports whether an address is the one that the lead had, or one of Sent.
func (b *Bond) HasEmail(id LeadID, address string) bool {
	held := emailDigest(id, address)
	return held == b.Email || slices.Contains(b.Sent, held)
}

// maxSent is how many addresses Sent has, the latest ones.
const maxSent = 8

// Pending takes over the address from the bond before a correction which may not have been
// written yet, and notes the new one as sent if the record was created for the lead.
func (b *Bond) Pending(before *Bond) {
	b.Sent = slices.Clone(before.Sent)
	if b.Person == OriginCreated && b.Email != before.Email && !slices.Contains(b.Sent, b.Email) {
		b.Sent = append(b.Sent, b.Email)
		b.Sent = b.Sent[max(0, len(b.Sent)-maxSent):]
	}
	b.Email = before.Email
}

// CompanyDigests are those of the values that identify a lead's company.
func CompanyDigests(id LeadID, keys []string) []string {
	digests := make([]string, len(keys))
	for i, key := range keys {
		digests[i] = value.Digest(string(id), "company", key)
	}
	return digests
}

// CompanyChanged reports whether the lead's company, which these values identify, is
// another one now. False for nil, and where one of the two is unknown.
func (b *Bond) CompanyChanged(id LeadID, keys []string) bool {
	if b == nil || len(b.Company) == 0 || len(keys) == 0 {
		return false
	}
	return !slices.ContainsFunc(CompanyDigests(id, keys), func(now string) bool { return slices.Contains(b.Company, now) })
}

// Choose binds what a person chose to the lead's data.
func (b *Bond) Choose(lead *Lead) { b.Choice = choiceDigest(lead) }

// ChoiceHolds reports whether what a person chose was for the data that the lead has now,
// or for data that is not known.
func (b *Bond) ChoiceHolds(lead *Lead) bool { return b == nil || b.Choice == choiceDigest(lead) }

func emailDigest(id LeadID, address string) string {
	if address = identity.Email(address); address == "" {
		return ""
	}
	return value.Digest(string(id), "email", address)
}

func givenDigest(lead *Lead) string {
	if lead.ContactID == "" && lead.LeadID == "" {
		return ""
	}
	return value.Digest(string(lead.ID), "given", string(lead.ContactID.ID18())+" "+string(lead.LeadID.ID18()))
}

func choiceDigest(lead *Lead) string {
	text := identity.Email(lead.Email)
	for _, part := range []string{lead.FirstName, lead.LastName, identity.Company(lead.Company)} {
		text += "\x00" + part
	}
	return value.Digest(string(lead.ID), "choice", text)
}
