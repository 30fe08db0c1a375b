// SPDX-License-Identifier: Apache-2.0

package reading

import (
	"regexp"
	"strings"
)

var (
	labelled    = regexp.MustCompile(`(?i)^(?:e-?)?mail(?:[- ]?add?resse?)?\s*:\s*`)
	angled      = regexp.MustCompile(`^(?:"[^"]*"|'[^']*'|[^<>@"]*)\s*<\s*([^<>\s]+@[^<>\s]+)\s*>$`)
	spacedSigns = regexp.MustCompile(`\s*(@)\s*`)
	spacedDots  = regexp.MustCompile(`\s*\.\s*`)
)

// ReadEmail reads one e-mail address: without "mailto:" and what follows its "?", without
// a label such as "E-mail:" or the name before <address>, without the HTML of a link and
// quotes around it, spaces at its @ and at the full stops of its domain, and a comma,
// semicolon or full stop at its end. Full-width letters are narrow ones. An address twice is
// one; two are unfit. Whether Salesforce takes the address is not looked at.
func ReadEmail(text string) (string, error) {
	if isBare(text) {
		return text, nil
	}
	if IsHTML(text) {
		text = HTMLText(text)
	}
	address := labelled.ReplaceAllString(plain(text), "")
	if found := angled.FindStringSubmatch(address); found != nil {
		address = found[1]
	}
	address = withoutMailto(address)
	address = strings.TrimRight(strings.TrimSpace(address), ".,;: ")
	if quoted := strings.Trim(address, `"'<>`); strings.Count(quoted, "@") == 1 && !strings.ContainsAny(quoted, `"<>`) {
		address = strings.TrimSpace(quoted)
	}
	if strings.Count(address, "@") > 1 {
		parts := strings.FieldsFunc(address, func(r rune) bool { return strings.ContainsRune(",; \n|/<>[]()", r) })
		for i := range parts {
			parts[i] = withoutMailto(parts[i])
			if !strings.EqualFold(parts[i], parts[0]) {
				return "", Unfit("is more than one e-mail address")
			}
		}
		address = parts[0]
	}
	address = spacedSigns.ReplaceAllString(address, "$1")
	if local, domain, ok := strings.Cut(address, "@"); ok {
		domain = spacedDots.ReplaceAllString(strings.ReplaceAll(domain, "。", "."), ".")
		address = local + "@" + domain
	}
	return address, nil
}

// withoutMailto takes the scheme off an address, and what follows its "?".
func withoutMailto(address string) string {
	const scheme = "mailto:"
	if len(address) >= len(scheme) && strings.EqualFold(address[:len(scheme)], scheme) {
		address, _, _ = strings.Cut(address[len(scheme):], "?")
	}
	return address
}

// isBare reports whether text is nothing but an address in plain letters.
func isBare(text string) bool {
	signs := 0
	for i := range len(text) {
		switch c := text[i]; {
		case c == '@':
			signs++
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '+':
		case c == '.' && i < len(text)-1:
		default:
			return false
		}
	}
	return signs == 1
}
