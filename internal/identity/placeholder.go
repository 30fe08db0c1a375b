// SPDX-License-Identifier: Apache-2.0

package identity

import (
	_ "embed"
	"strings"

	"github.com/leadsync/leadsync/internal/blank"
)

// Data of addresses and companies. Each file says in its first lines what it holds.
var (
	//go:embed roles.txt
	roleNamesFile string
	//go:embed placeholders.txt
	placeholdersFile string
	//go:embed placeholderdomains.txt
	placeholderDomainsFile string
	//go:embed placeholdercompanies.txt
	placeholderCompaniesFile string
)

var (
	roleNames            = listOf(roleNamesFile)
	placeholders         = listOf(placeholdersFile)
	placeholderDomains   = listOf(placeholderDomainsFile)
	placeholderCompanies = listOf(placeholderCompaniesFile)
)

// RoleAddress reports whether several people read the mail at an address: info@, sales@
// and the like.
func RoleAddress(email string) bool {
	local, _, ok := strings.Cut(Email(email), "@")
	return ok && roleNames.has(strings.Trim(local, "._-"))
}

// PlaceholderAddress reports whether an address is nobody's: noreply@ anywhere, and others
// such as none@ at a domain that stands for none, or at free mail where the person has no
// such name.
func PlaceholderAddress(email string, name Name) bool {
	local, domain, ok := strings.Cut(Email(email), "@")
	if !ok {
		return false
	}
	local, _, _ = strings.Cut(local, "+")
	local = strings.Map(func(r rune) rune {
		if strings.ContainsRune(".-_", r) {
			return -1
		}
		return r
	}, local)
	switch e := placeholders.lookUp(local); {
	case e.has('!'):
		return true
	case !e.has(alone):
		return false
	}
	return placeholderDomains.has(domain) || FreeMail(domain) && !hasWord(name, local)
}

// hasWord reports whether a name has a word.
func hasWord(name Name, word string) bool {
	for _, field := range []string{name.First, name.Last} {
		for _, w := range splitName(field) {
			if w.plain == word {
				return true
			}
		}
	}
	return false
}

// PlaceholderCompany reports whether a company's name stands for none, such as
// "self-employed", and neither the website nor the e-mail address is a company's own.
func PlaceholderCompany(company, website, email string) bool {
	if strings.TrimSpace(company) == "" || CompanyDomain(website, email) != "" {
		return false
	}
	folded := strings.ReplaceAll(Company(company), "-", " ")
	return folded == "" || placeholderCompanies.has(folded) || blank.Words{}.Has(company) || blank.Always(company)
}
