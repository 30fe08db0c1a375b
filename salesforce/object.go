package salesforce

import (
	"errors"
	"strings"

	"github.com/leadsync/leadsync/salesforce/internal/name"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// An Object is the API name of a Salesforce object, standard or custom.
// Salesforce compares these names without regard to case (from memory); this
// package writes them as they are given. Source: SALESFORCE.md 2 and 7.
type Object string

// Equal reports whether both name the same object.
func (o Object) Equal(other Object) bool { return strings.EqualFold(string(o), string(other)) }

// The standard objects that this module deals with.
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
// Source: SALESFORCE.md 7, IDs.
var ErrMalformedID = errors.New("salesforce: malformed record id")

// An ID is the key of a record: 15 case-sensitive characters, or those and a
// three-character checksum that makes the 18 safe to compare without regard to
// case. Compare ids with Equal, or after ID18 (SALESFORCE.md 7, IDs).
type ID string

// ParseID returns the canonical 18-character form of s, which may be surrounded
// by white space. For an 18-character s the checksum restores the case of the
// first 15 characters, and must fit them. The error is ErrMalformedID.
func ParseID(s string) (ID, error) {
	s = strings.TrimSpace(s)
	switch len(s) {
	case 15:
		if !alphanumeric(s) {
			return "", ErrMalformedID
		}
		return ID(s + checksum(s)), nil
	case 18:
		if !alphanumeric(s) {
			return "", ErrMalformedID
		}
		return repairCase(s)
	}
	return "", ErrMalformedID
}

// ID18 returns the canonical 18-character form, and id itself when it is
// malformed.
func (id ID) ID18() ID {
	canonical, err := ParseID(string(id))
	if err != nil {
		return id
	}
	return canonical
}

// Equal reports whether id and other name the same record, whichever form each
// has. Two empty ids are equal.
func (id ID) Equal(other ID) bool {
	return id == other || id.ID18() == other.ID18()
}

// Prefix returns the three characters that tell the object's type, such as 00Q
// for Lead, and "" for an id shorter than that.
func (id ID) Prefix() string {
	if len(id) < 3 {
		return ""
	}
	return string(id[:3])
}

// SOQL returns the id as a string literal, for a condition of package soql.
func (id ID) SOQL() (string, error) { return soql.Quote(string(id)) }

const checksumAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

// checksum returns the three characters for s of 15: each stands for five
// characters of s, bit k set where character k is an upper-case letter.
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

// repairCase gives the first 15 characters of an 18-character id the case that
// its checksum says.
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

func alphanumeric(s string) bool {
	for i := range len(s) {
		c := name.Upper(s[i])
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

// idWithPrefix returns the canonical form of s if it is an id of that prefix,
// else nothing.
func idWithPrefix(prefix, s string) ID {
	id, err := ParseID(s)
	if err != nil || id.Prefix() != prefix {
		return ""
	}
	return id
}
