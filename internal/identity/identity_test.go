// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	_ "embed"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/identity"
)

func TestEmailFoldsCaseAndSpace(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		" Ada@Example.COM\n":          "ada@example.com",
		"":                            "",
		" \t":                         "",
		"ada@MÜLLER.example":          "ada@xn--mller-kva.example",
		"not an address":              "not an address",
		"ada@\u200b bad host":         "ada@\u200b bad host",
		"\x00ada\x07@example.com\x7f": "ada@example.com",
		"ada @example.com":            "ada @example.com",
	} {
		require.Equal(t, want, identity.Email(in), "%q", in)
	}
}

func TestDomainIsRegistrable(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"example.com":                           "example.com",
		"WWW.Example.com.":                      "example.com",
		"https://www.shop.example.co.uk:8080/a": "example.co.uk",
		"//cdn.example.de?x=1":                  "example.de",
		"http://user:pw@example.com/@ada":       "example.com",
		"ada@mail.example.com":                  "example.com",
		"mailto:ada@example.com":                "example.com",
		"example.com, example.de":               "example.com",
		"http://www.müller.de/kontakt":          "xn--mller-kva.de",
		"xn--mller-kva.de":                      "xn--mller-kva.de",
		"acme.github.io":                        "acme.github.io",
		"":                                      "",
		"   ":                                   "",
		"localhost":                             "",
		"http://localhost:8080":                 "",
		"server.local":                          "",
		"co.uk":                                 "",
		"com":                                   "",
		"192.168.0.1":                           "",
		"http://192.168.0.1:80/":                "",
		"http://[2001:db8::1]:80/":              "",
		"2001:db8::1":                           "",
		"Acme GmbH":                             "",
		"n/a":                                   "",
		"https://":                              "",
		"a..b.com":                              "",
		"exa mple.com":                          "",
	} {
		require.Equal(t, want, identity.Domain(in), "%q", in)
	}
}

func TestFreeMailKnowsProvidersAndNoCompany(t *testing.T) {
	t.Parallel()
	for _, domain := range []string{
		"gmail.com", "GMAIL.com", "ada@googlemail.com", "hotmail.fr", "outlook.de", "yahoo.co.uk", "mail.yahoo.co.jp",
		"gmx.de", "web.de", "t-online.de", "icloud.com", "proton.me", "qq.com", "163.com", "naver.com", "mail.ru",
		"libero.it", "orange.fr", "comcast.net", "uol.com.br", "wp.pl", "mailinator.com", "yopmail.com",
	} {
		require.True(t, identity.FreeMail(domain), domain)
	}
	for _, domain := range []string{"", "example.com", "salesforce.com", "google.com", "microsoft.com", "mail", "com",
		"localhost", "notgmail.com"} {
		require.False(t, identity.FreeMail(domain), domain)
	}
}

func TestSharedHostsHaveEverybodysPages(t *testing.T) {
	t.Parallel()
	for _, website := range []string{
		"https://www.linkedin.com/company/acme", "de.linkedin.com/in/ada", "facebook.com/acme", "m.facebook.com",
		"instagram.com", "x.com/acme",
		"TWITTER.com/acme", "xing.com/pages/acme", "https://www.youtube.com/@acme", "youtu.be/1", "tiktok.com/@acme",
		"github.com/acme", "linktr.ee/acme",
		"https://t.co/x", "bit.ly/x", "https://maps.app.goo.gl/x", "https://www.google.com/maps?cid=1",
		"sites.google.com/view/acme", "acme.wordpress.com",
	} {
		require.True(t, identity.SharedHost(website), website)
	}
	for _, website := range []string{"", "example.com", "notlinkedin.com", "acme.github.io", "acme.myshopify.com", "com",
		"linkedin"} {
		require.False(t, identity.SharedHost(website), website)
	}
}

func TestWebsiteOfACompanyIsNoPageAtASharedHost(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://www.linkedin.com/company/acme": "",
		"linkedin.com/company/acme":             "",
		"https://sites.google.com":              "",
		"https://google.com?q=acme":             "",
		"acme.wordpress.com":                    "",
		" https://WWW.LinkedIn.com/ ":           "linkedin.com",
		"linkedin.com":                          "linkedin.com",
		"https://www.example.com/company/acme":  "example.com",
		"acme.github.io":                        "acme.github.io",
		"":                                      "",
	} {
		require.Equal(t, want, identity.Website(in), "%q", in)
	}
}

//go:embed freemail.txt
var freeMail string

//go:embed sharedhosts.txt
var sharedHosts string

func TestListsAreSortedAndRegistrable(t *testing.T) {
	t.Parallel()
	for _, list := range []struct {
		text  string
		least int
		has   func(string) bool
	}{{freeMail, 500, identity.FreeMail}, {sharedHosts, 40, identity.SharedHost}} {
		require.True(t, strings.HasPrefix(list.text, "\n") && strings.HasSuffix(list.text, "\n"))
		domains := strings.Split(strings.Trim(list.text, "\n"), "\n")
		require.Greater(t, len(domains), list.least)
		require.True(t, slices.IsSorted(domains))
		require.Len(t, slices.Compact(slices.Clone(domains)), len(domains))
		for _, domain := range domains {
			require.Equal(t, domain, identity.Domain(domain))
			require.True(t, list.has(domain))
		}
	}
}

func TestDomainFormsAreThoseThatPeopleWrite(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][]string{
		"example.com":       {"example.com"},
		"xn--mller-kva.de":  {"xn--mller-kva.de", "müller.de"},
		"xn--e1afmkfd.рф":   {"xn--e1afmkfd.рф", "пример.рф"},
		"xn--r8jz45g.jp":    {"xn--r8jz45g.jp", "例え.jp"},
		"xn--not-a-label--": {"xn--not-a-label--"},
		"":                  {""},
	} {
		require.Equal(t, want, identity.DomainForms(in), "%q", in)
	}
}

func FuzzDomain(f *testing.F) {
	for _, seed := range []string{"https://www.example.co.uk:80/a?b#c", "a@b.com", "[::1]", "xn--", "ＥＸＡＭＰＬＥ.com",
		"a.b..c", "\xff.com", "ß.de", "1.2.3.4"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, website string) {
		domain := identity.Domain(website)
		require.Equal(t, domain, identity.Domain(domain))
		require.NotContains(t, domain, "/")
		address := identity.Email(website)
		require.Equal(t, address, identity.Email(address))
		identity.FreeMail(website)
		if company := identity.Website(website); company != "" {
			require.Equal(t, domain, company)
			require.Equal(t, company, identity.Website(company))
		}
	})
}
