// SPDX-License-Identifier: Apache-2.0

package dial

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOriginRefusesCharactersThatNoHostHas(t *testing.T) {
	t.Parallel()
	const refusal = "letters, digits, hyphens and dots"
	for _, host := range []string{
		"a_b.salesforce.com", "a!b.salesforce.com", "a;b.salesforce.com", "a$b.salesforce.com", "a(b).salesforce.com",
		"evil.example,x.salesforce.com", "evil.example&x.salesforce.com", "evil.example*.salesforce.com",
		"evil.example=.salesforce.com", "evil.example'.salesforce.com", "b\u00fccher.salesforce.com",
		"b%C3%BCcher.salesforce.com", "a%E2%80%8B.salesforce.com", "\u0430.salesforce.com",
		"evil.example\uff0f.salesforce.com",
		"evil.example\u3002x.salesforce.com", ".salesforce.com", "a..salesforce.com", "~.salesforce.com", "+.salesforce.com",
	} {
		_, _, err := Origin("https://"+host, nil)
		require.ErrorContains(t, err, refusal, host)
		require.NotContains(t, err.Error(), "evil", "what is malformed is not repeated")
		_, _, err = Origin("https://"+host, []string{host})
		require.ErrorContains(t, err, refusal, host)
	}
	for address, hosts := range map[string][]string{
		"https://Example.My.Salesforce.com":           nil,
		"https://acme--dev.sandbox.my.salesforce.com": nil,
		"https://na139.salesforce.com:443/":           nil,
		"https://xn--bcher-kva.salesforce.com":        nil,
		"http://[::1]:8080":                           {"[::1]:8080"},
		"http://127.0.0.1:8080":                       {"127.0.0.1:8080"},
		"http://localhost:8080":                       {"localhost:8080"},
		"https://my-proxy.internal.example:8443":      {"my-proxy.internal.example:8443"},
	} {
		_, _, err := Origin(address, hosts)
		require.NoError(t, err, address)
	}
	_, _, err := Origin("https://[fe80::1%25.salesforce.com]", nil)
	require.Error(t, err)
}
