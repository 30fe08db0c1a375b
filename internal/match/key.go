package match

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// maxKey is the longest text that a key field takes.
const maxKey = 255

// PersonKey is what the key field of a person created for a lead holds.
func PersonKey(id leadtype.LeadID) string { return BoundKey(string(id)) }

// taskKeyText is what the key field of an activity's Task holds.
func taskKeyText(id leadtype.LeadID, activity string) string {
	return BoundKey(string(id) + "/" + activity)
}

// AccountKey is what the key field of an account created for leads holds: their
// registrable domain, else their company's folded name, or "" without either.
func AccountKey(leads ...*leadtype.Lead) string {
	for _, lead := range leads {
		if domain := identity.CompanyDomain(lead.Website, lead.Email); domain != "" {
			return BoundKey(domain)
		}
	}
	for _, lead := range leads {
		if name := identity.Company(lead.Company); name != "" {
			return BoundKey(name)
		}
	}
	return ""
}

// BoundKey keeps a key within the field: a longer one becomes its hash.
func BoundKey(key string) string {
	key = strings.TrimSpace(key)
	if len(key) <= maxKey {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// OwnKey identifies the person of a lead that no probe identifies.
func OwnKey(lead *leadtype.Lead) string { return "lead\x00" + string(lead.ID) }

// PartKeys returns the values by which a part of the lead equals a part of another
// lead, or of the same lead in another sync.
func PartKeys(lead *leadtype.LeadPlan, kind leadtype.PartKind, key string) []string {
	var values []string
	switch kind {
	case leadtype.PartPerson:
		values = lead.Keys.Person
	case leadtype.PartAccount:
		values = lead.Keys.Company
	case leadtype.PartTask:
		values = []string{string(lead.LeadID) + "\x00" + key}
	}
	keys := make([]string, len(values))
	for i, value := range values {
		keys[i] = string(kind) + "\x00" + value
	}
	return keys
}

// IdentityKey returns the value by which a probe identifies the person, "" for none.
func IdentityKey(p *leadtype.Probe) string {
	value := foldValue(p.Object, p.Field, p.Value)
	if p.Object == salesforce.ObjectAccount || value == "" {
		return ""
	}
	return p.Field + "\x00" + value
}

// A ValueKey is one folded value of one field.
type ValueKey struct {
	Object salesforce.Object
	Field  string // lower case
	Value  string // folded
}

// foldValue brings a value into the form in which two that mean the same are
// equal.
func foldValue(object salesforce.Object, field, value string) string {
	switch {
	case strings.EqualFold(field, "Id"):
		return string(salesforce.ID(strings.TrimSpace(value)).ID18())
	case object == salesforce.ObjectAccount && strings.EqualFold(field, "Website"):
		return identity.Website(value)
	case object == salesforce.ObjectAccount && strings.EqualFold(field, "Name"):
		return identity.Company(value)
	}
	return identity.Email(value) // trimmed and in lower case, as Salesforce compares text
}

// CompanyKeys are the values by which the company of one lead equals that of another.
func CompanyKeys(lead *leadtype.Lead) []string {
	return identity.CompanyKeys(lead.Website, lead.Email, lead.Company)
}
