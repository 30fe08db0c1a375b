// SPDX-License-Identifier: Apache-2.0

package value

import "strings"

// A Consent is what a checkbox says about the consent of a person.
type Consent int

// The kinds of consent.
const (
	NoConsent Consent = iota
	OptOut            // ticked, it forbids something
	OptIn             // ticked, it allows something
)

// consentWords are the parts of names and labels by which consents are known, in
// English and some neighbouring languages, without spaces and punctuation. Opt-outs come
// first: "unsubscribe" has "subscri" in it.
var consentWords = []struct {
	kind  Consent
	parts []string
}{
	{OptOut, []string{"optout", "optedout", "unsubscri", "donot", "dontcontact", "nocontact", "nichtkontaktieren",
		"abgemeldet", "abmeld", "werbesperre", "desabonn", "désabonn", "nepascontact"}},
	{OptIn, []string{"optin", "optedin", "consent", "gdpr", "dsgvo", "rgpd", "subscri", "permission", "einwilligung",
		"newsletter", "consentement", "consentimiento", "consenso"}},
}

// ConsentOf returns what kind of consent a checkbox holds by its name and label.
func ConsentOf(name, label string) Consent {
	for _, text := range []string{name, label} {
		folded := strings.Map(func(r rune) rune {
			if strings.ContainsRune(" _-'’./", r) {
				return -1
			}
			return r
		}, strings.ToLower(text))
		for _, words := range consentWords {
			for _, part := range words.parts {
				if strings.Contains(folded, part) {
					return words.kind
				}
			}
		}
	}
	return NoConsent
}
