package db

import (
	"regexp"
	"strings"
)

// What Salesforce takes for an e-mail address (SALESFORCE.md 7, Email, after npm
// salesforce-email): before the @ ASCII without blanks, with dots anywhere but
// at the start, and behind it at least two labels of a host name. It is laxer
// than RFC 5322 about dots, and stricter about accents and quotes.
var (
	emailLocal  = regexp.MustCompile("^[a-zA-Z0-9!#$%&'*+/=?^_{|}~`-][a-zA-Z0-9!#$%&'*+/=?^_{|}~.`-]*$")
	emailDomain = regexp.MustCompile(`^` + hostLabel + `(\.` + hostLabel + `)+$`)
	// A comment is allowed on either side of the domain.
	emailComment = regexp.MustCompile(`^\([^()]*\)|\([^()]*\)$`)
)

const hostLabel = `[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?`

func validEmail(s string) bool {
	local, domain, _ := strings.Cut(s, "@")
	return emailLocal.MatchString(local) && emailDomain.MatchString(emailComment.ReplaceAllString(domain, ""))
}
