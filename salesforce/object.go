// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"errors"
	"strings"

	"github.com/leadsync/leadsync/salesforce/internal/name"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// An Object is the API name of a Salesforce object, standard or custom. Salesforce
// compares these names without regard to case (unverified); this package sends them
// unchanged. Source: docs/salesforce.md, Fields.
type Object string

// Equal reports whether both name the same object.
func (o Object) Equal(other Object) bool {
	return o == other || len(o) == len(other) && strings.EqualFold(string(o), string(other))
}

// The standard objects that this module uses.
const (
	ObjectAccount                 Object = "Account"
	ObjectAssignmentRule          Object = "AssignmentRule"
	ObjectCampaign                Object = "Campaign"
	ObjectCampaignMember          Object = "CampaignMember"
	ObjectCampaignMemberStatus    Object = "CampaignMemberStatus"
	ObjectContact                 Object = "Contact"
	ObjectDuplicateRule           Object = "DuplicateRule"
	ObjectLead                    Object = "Lead"
	ObjectLeadStatus              Object = "LeadStatus"
	ObjectOrganization            Object = "Organization"
	ObjectPermissionSetAssignment Object = "PermissionSetAssignment"
	ObjectTask                    Object = "Task"
	ObjectUser                    Object = "User"
)

// ErrMalformedID is returned by ParseID for text that cannot be a record id.
// Source: docs/salesforce.md, IDs.
var ErrMalformedID = errors.New("salesforce: malformed record id")

// An ID is the id of a record: 15 case-sensitive characters, or those and a checksum of
// three characters that allows comparing all 18 without regard to case. Compare ids
// with Equal, or after ID18. Source: docs/salesforce.md, IDs.
type ID string

// ParseID returns the canonical 18-character form of s, which may be surrounded by
// white space. The checksum of an 18-character s restores the case of the first 15
// characters, and must match them. The error is ErrMalformedID.
func ParseID(s string) (ID, error) {
	s = strings.TrimSpace(s)
	switch len(s) {
	case 15:
		if !alphanumeric(s) {
			return "", ErrMalformedID
		}
		return ID(s + checksum(s)), nil
	case 18:
		if isCanonical(s) {
			return ID(s), nil // as it is, without a copy
		}
		if !alphanumeric(s) {
			return "", ErrMalformedID
		}
		return repairCase(s)
	}
	return "", ErrMalformedID
}

// ID18 returns the canonical 18-character form, and id itself when it is
// malformed.
func (i ID) ID18() ID {
	canonical, err := ParseID(string(i))
	if err != nil {
		return i
	}
	return canonical
}

// Equal reports whether id and other identify the same record, in either form. Two
// empty ids are equal.
func (i ID) Equal(other ID) bool {
	return i == other || i.ID18() == other.ID18()
}

// Prefix returns the three characters that identify the object, such as 00Q for Lead,
// and "" for a shorter id.
func (i ID) Prefix() string {
	if len(i) < 3 {
		return ""
	}
	return string(i[:3])
}

// SOQL returns the id as a string literal, for a condition of package soql.
func (i ID) SOQL() (string, error) { return soql.Quote(string(i)) }

const checksumAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

// checksum returns the three characters for an s of 15: one for each five characters of
// s, with bit k set if character k is an upper-case letter.
func checksum(s string) string {
	var sum [3]byte
	for group := range sum {
		bits := 0
		for k := range 5 {
			if c := s[group*5+k]; c >= 'A' && c <= 'Z' {
				bits |= 1 << k
			}
		}
		sum[group] = checksumAlphabet[bits]
	}
	return string(sum[:])
}

// repairCase gives the first 15 characters of an 18-character id the case that its
// checksum encodes.
func repairCase(s string) (ID, error) {
	fixed := []byte(s[:15])
	for group := range 3 {
		bits := strings.IndexByte(checksumAlphabet, name.Upper(s[15+group]))
		if bits < 0 {
			return "", ErrMalformedID
		}
		for k := range 5 {
			i := group*5 + k
			switch isLetter := fixed[i] > '9'; {
			case bits&(1<<k) != 0 && !isLetter:
				return "", ErrMalformedID
			case bits&(1<<k) != 0:
				fixed[i] = name.Upper(fixed[i])
			case isLetter:
				fixed[i] |= 0x20
			}
		}
	}
	return ID(string(fixed) + strings.ToUpper(s[15:])), nil
}

// isCanonical reports whether 18 characters are an id in the form that ParseID gives it, which
// nearly all have.
func isCanonical(s string) bool {
	for group := range 3 {
		bits := 0
		for k := range 5 {
			switch c := s[group*5+k]; {
			case 'A' <= c && c <= 'Z':
				bits |= 1 << k
			case (c < '0' || c > '9') && (c < 'a' || c > 'z'):
				return false
			}
		}
		if s[15+group] != checksumAlphabet[bits] {
			return false
		}
	}
	return true
}

func alphanumeric(s string) bool {
	for i := range len(s) {
		c := name.Upper(s[i])
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

// idWithPrefix returns the canonical form of s if it is an id with that prefix, else "".
func idWithPrefix(prefix, s string) ID {
	id, err := ParseID(s)
	if err != nil || id.Prefix() != prefix {
		return ""
	}
	return id
}
