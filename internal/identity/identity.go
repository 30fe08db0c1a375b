// SPDX-License-Identifier: Apache-2.0

// Package identity folds the values that identify people and companies, so that two
// spellings of the same one are equal. All functions are pure, safe for
// concurrent use, and give for their own result that result again.
package identity

import (
	_ "embed"
	"net/netip"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
	"golang.org/x/text/unicode/norm"
)

// Email folds an e-mail address: trimmed, without control characters, in lower
// case and Unicode NFC, its domain in the ASCII form that mail uses. It is "" for a blank one. The
// address need not be a valid one.
func Email(address string) string {
	if isFolded(address) {
		return address
	}
	address = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, address)
	address = norm.NFC.String(strings.ToLower(strings.TrimSpace(address)))
	at := strings.LastIndexByte(address, '@')
	if at < 0 || isASCII(address[at:]) {
		return address
	}
	domain, err := idna.Lookup.ToASCII(address[at+1:])
	if err != nil {
		return address
	}
	return address[:at+1] + domain
}

// isFolded reports whether Email has nothing to do.
func isFolded(address string) bool {
	for i := range len(address) {
		if c := address[i]; c <= ' ' || c >= 0x7f || 'A' <= c && c <= 'Z' {
			return false
		}
	}
	return true
}

// Domain returns the registrable domain of a website or an e-mail address, such
// as example.co.uk of https://www.shop.example.co.uk:8080/a, in lower case and
// ASCII. It is "" where there is none: for blank text, IP addresses, names
// without a public suffix such as localhost, and a public suffix itself.
func Domain(website string) string {
	host := hostOf(strings.ToLower(strings.TrimSpace(website)))
	if host == "" || strings.HasPrefix(host, "[") {
		return ""
	}
	if last := host[len(host)-1]; '0' <= last && last <= '9' {
		if _, err := netip.ParseAddr(host); err == nil {
			return ""
		}
	}
	if !isPlainHost(host) {
		var err error
		if host, err = idna.Lookup.ToASCII(host); err != nil {
			return ""
		}
	}
	// A suffix of one label that no registry manages is not in the list: any
	// word would be one, as in "k.a.". Those reserved for examples and tests are
	// taken (RFC 2606), because hosts' tests use them.
	suffix, managed := publicsuffix.PublicSuffix(host)
	if !managed && !strings.Contains(suffix, ".") && suffix != "example" && suffix != "test" {
		return ""
	}
	rest, ok := strings.CutSuffix(host, "."+suffix)
	if !ok || rest == "" || strings.Contains(host, "..") {
		return ""
	}
	return host[strings.LastIndexByte(rest, '.')+1:]
}

// isPlainHost reports whether idna has nothing to say of a host in lower case, as of most.
func isPlainHost(host string) bool {
	for i := range len(host) {
		if c := host[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' {
			return false
		}
	}
	return true
}

// DomainForms returns the forms in which people write a domain in ASCII: that, and the one in
// letters of their language where there is one, such as müller.de of xn--mller-kva.de.
func DomainForms(domain string) []string {
	letters, err := idna.Lookup.ToUnicode(domain)
	if err != nil || letters == domain {
		return []string{domain}
	}
	return []string{domain, letters}
}

// hostOf cuts scheme, user, port, path and whatever follows from an address.
func hostOf(address string) string {
	if _, rest, ok := strings.Cut(address, "://"); ok {
		address = rest
	}
	address = strings.TrimPrefix(address, "//")
	if end := strings.IndexAny(address, "/\\?#,; \t\r\n"); end >= 0 {
		address = address[:end]
	}
	address = address[strings.LastIndexByte(address, '@')+1:]
	if !strings.HasPrefix(address, "[") {
		address, _, _ = strings.Cut(address, ":")
	}
	return strings.Trim(address, ".")
}

// freeMail holds one domain a line, sorted, with a line break before the first
// and after the last.
//
//go:embed freemail.txt
var freeMailFile string

var freeMail = listOf(freeMailFile)

// FreeMail reports whether anyone can have an address at the domain: that of a
// free-mail, access or disposable mail provider. Such a domain says nothing of
// a person's company. The list is a selection of the widely used ones.
func FreeMail(domain string) bool {
	domain = Domain(domain)
	return domain != "" && freeMail.has(domain)
}

// sharedHosts is kept as freeMail is.
//
//go:embed sharedhosts.txt
var sharedHostsFile string

var sharedHosts = listOf(sharedHostsFile)

// SharedHost reports whether anyone can have pages at the domain: that of a
// social network, a shop, map or profile service, a code host, a site builder or
// a shortener of links. A website there says nothing of a company, but an e-mail
// address does: only the staff of linkedin.com have one.
//
// The list is a selection of what people give as their website: what Google
// Business Profile takes as social media links and the like, Google's own pages,
// the most used shorteners (of github.com/PeterDaveHello/url-shorteners), and site
// builders that the Public Suffix List lacks, whose customers' subdomains would be
// one domain.
func SharedHost(domain string) bool {
	domain = Domain(domain)
	return domain != "" && sharedHosts.has(domain)
}

// Website returns the registrable domain by which the website of a known company
// identifies it: Domain, but "" for a page at a SharedHost. The front page of one,
// such as https://www.linkedin.com/, is that of the company that runs it.
func Website(address string) string {
	domain := Domain(address)
	if !SharedHost(domain) {
		return domain
	}
	page := strings.ToLower(strings.TrimSpace(address))
	if _, rest, ok := strings.Cut(page, "://"); ok {
		page = rest
	}
	if strings.TrimSuffix(strings.TrimPrefix(page, "www."), "/") != domain {
		return ""
	}
	return domain
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
