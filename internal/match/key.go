// SPDX-License-Identifier: Apache-2.0

package match

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// maxKey is the longest text that a key field takes.
const maxKey = 255

// keyMark begins every key, and keyHashMark one that did not fit its field. No key of
// either kind can be mistaken for the other.
const (
	keyMark     = "ls1:"
	keyHashMark = "ls1h:"
)

// A KeyField is the field of an object that holds the keys of the records that we create.
// Two leads, activities or companies never have the same key, nor do two systems with
// different prefixes, and two keys still differ where the field ignores case, accents or
// spaces.
//
// A key is a mark and then, each with its length, the prefix, the kind and the parts,
// such as "ls1:4:acme,1:p,2:17,". It holds lower-case ASCII letters, digits and
// punctuation only. When it does not fit the field, it is replaced by its hash.
type KeyField struct {
	Name   string // "" where the org has no usable one
	prefix string
	length int // of the field, in characters
}

// KeyFieldOf returns the key field of an object.
func KeyFieldOf(session *org.Session, set *mapping.Set, object salesforce.Object) KeyField {
	name := session.KeyField(set, object)
	if name == "" {
		return KeyField{}
	}
	length := maxKey
	if field, ok := session.Describe(object).Field(name); ok && field.Length > 0 {
		length = min(length, field.Length)
	}
	return KeyField{Name: name, prefix: set.Config().KeyPrefix, length: length}
}

// Person returns the key of the person created for a lead.
func (f KeyField) Person(id leadtype.LeadID) string { return f.key("p", string(id)) }

// Replacing returns the key of the record that takes the place of one with the key
// given, which keeps it.
func (f KeyField) Replacing(key string, holder salesforce.ID) string {
	return f.key("p", key, string(holder))
}

// Task returns the key of an activity's Task.
func (f KeyField) Task(id leadtype.LeadID, activity string) string {
	return f.key("t", string(id), activity)
}

// Account returns the key of an account created for leads: of their registrable domain,
// else of their company's folded name; "" without either.
func (f KeyField) Account(leads ...*leadtype.Lead) string {
	domain, name := companyOf(leads)
	switch {
	case domain != "":
		return f.key("a", "domain", domain)
	case name != "":
		return f.key("a", "name", name)
	}
	return ""
}

// stem returns how the keys of a kind and a first part begin, unless they are hashes.
func (f KeyField) stem(kind, part string) string {
	var b strings.Builder
	b.WriteString(keyMark)
	writePart(&b, f.prefix)
	writePart(&b, kind)
	writePart(&b, part)
	return strings.TrimSuffix(b.String(), ",")
}

// key returns the key of a kind and parts.
func (f KeyField) key(kind string, parts ...string) string {
	var b strings.Builder
	b.WriteString(keyMark)
	writePart(&b, f.prefix)
	writePart(&b, kind)
	for _, part := range parts {
		writePart(&b, part)
	}
	if b.Len() <= f.length {
		return b.String()
	}
	sum := sha256.Sum256([]byte(b.String()))
	hash := keyHashMark + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:]))
	return hash[:min(len(hash), f.length)]
}

// writePart writes a part with its length. What a database may fold (capitals, spaces,
// accents, anything but ASCII) is written as the hexadecimal codes of its bytes, and so
// stays different.
func writePart(b *strings.Builder, part string) {
	coded := 0
	for i := range len(part) {
		if !plainInKey(part[i]) {
			coded++
		}
	}
	b.WriteString(strconv.Itoa(len(part) + 2*coded))
	b.WriteByte(':')
	if coded == 0 {
		b.WriteString(part)
	} else {
		for i := range len(part) {
			if plainInKey(part[i]) {
				b.WriteByte(part[i])
			} else {
				fmt.Fprintf(b, "%%%02x", part[i])
			}
		}
	}
	b.WriteByte(',')
}

func plainInKey(c byte) bool {
	switch c {
	case '-', '.', '_':
		return true
	}
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9'
}

// OldPersonKey returns the key that earlier versions gave to the person of a lead: its bare
// id. It is "" for an id that could be taken for a key of the current form.
func OldPersonKey(id leadtype.LeadID) string { return oldKey(string(id)) }

// OldTaskKey returns the key that earlier versions gave to an activity's Task. Another
// lead and activity may have the same.
func OldTaskKey(id leadtype.LeadID, activity string) string {
	return oldKey(string(id) + "/" + activity)
}

// oldAccountKey returns the key that earlier versions gave to the account of a lead.
func oldAccountKey(lead *leadtype.Lead) string {
	domain, name := companyOf([]*leadtype.Lead{lead})
	if domain != "" {
		return oldKey(domain)
	}
	return oldKey(name)
}

func oldKey(key string) string {
	key = strings.TrimSpace(key)
	if len(key) > maxKey {
		sum := sha256.Sum256([]byte(key))
		return hex.EncodeToString(sum[:])
	}
	lower := strings.ToLower(key)
	if strings.HasPrefix(lower, keyMark) || strings.HasPrefix(lower, keyHashMark) {
		return ""
	}
	return key
}

// companyOf returns the first registrable domain of leads, and their first company's
// folded name.
func companyOf(leads []*leadtype.Lead) (domain, name string) {
	for _, lead := range leads {
		if domain = identity.CompanyDomain(lead.Website, lead.Email); domain != "" {
			return domain, ""
		}
	}
	for _, lead := range leads {
		if name = identity.Company(lead.Company); name != "" {
			return "", name
		}
	}
	return "", ""
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
	if keys := appendIdentityKey(nil, nil, p); len(keys) > 0 {
		return keys[0]
	}
	return ""
}

// appendIdentityKey appends the IdentityKey of a probe, unless there is none or keys have it. It
// may be one of made, which were made before.
func appendIdentityKey(keys, made []string, p *leadtype.Probe) []string {
	if p.Object == salesforce.ObjectAccount {
		return keys
	}
	value := foldValue(p.Object, p.Field, p.Value)
	has := func(key string) bool {
		rest, ok := strings.CutPrefix(key, p.Field)
		return ok && len(rest) > 0 && rest[0] == 0 && rest[1:] == value
	}
	if value == "" || slices.ContainsFunc(keys, has) {
		return keys
	}
	if at := slices.IndexFunc(made, has); at >= 0 {
		return append(keys, made[at])
	}
	return append(keys, p.Field+"\x00"+value)
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

// FitKeyPrefix reports whether keys may begin with a text: up to 64 letters, digits, hyphens,
// underscores and full stops.
func FitKeyPrefix(prefix string) bool {
	const longest = 64
	return len(prefix) <= longest && strings.Trim(prefix,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == ""
}
