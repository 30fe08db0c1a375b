package leadsync

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/leadsync/leadsync/internal/identity"
)

// maxKey is the longest text that a key field takes.
const maxKey = 255

// personKey is what the key field of a person created for a lead holds.
func personKey(id LeadID) string { return boundKey(string(id)) }

// taskKeyText is what the key field of an activity's Task holds.
func taskKeyText(id LeadID, activity string) string { return boundKey(string(id) + "/" + activity) }

// accountKey is what the key field of an account created for leads holds: their
// registrable domain, else their company's folded name, or "" without either.
func accountKey(leads ...*Lead) string {
	for _, lead := range leads {
		if domain := companyDomain(lead); domain != "" {
			return boundKey(domain)
		}
	}
	for _, lead := range leads {
		if name := identity.Company(lead.Company); name != "" {
			return boundKey(name)
		}
	}
	return ""
}

// boundKey keeps a key within the field: a longer one becomes its hash.
func boundKey(key string) string {
	key = strings.TrimSpace(key)
	if len(key) <= maxKey {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}
