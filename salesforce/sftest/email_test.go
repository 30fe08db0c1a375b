// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// docs/salesforce.md, Records, after the addresses that npm salesforce-email
// knows.
func TestEmailIsCheckedAsSalesforceDoes(t *testing.T) {
	t.Parallel()
	_, a := newAPI(t)
	for address, valid := range map[string]bool{
		"a..b@x.co":                      true,
		"a.@x.co":                        true,
		"abc!#$%&'*/=?^_+-`{|}~0@x-y.co": true,
		"ada@(comment)example.com":       true,
		"ada@example.com(comment)":       true,
		"o'neil@sub.example.co.uk":       true,
		".a@x.co":                        false,
		"zoé@x.co":                       false,
		"ada@exämple.com":                false,
		"ada@example":                    false,
		"ada@example.com.":               false,
		"ada@.com":                       false,
		"ada@-x.co":                      false,
		"ada lovelace@x.co":              false,
		"ada@@x.co":                      false,
		"ada[]@x.co":                     false,
		`"ada"@x.co`:                     false,
		"@x.co":                          false,
		"ada@":                           false,
		"ada@(x.co":                      false,
	} {
		res := a.do("POST", "/sobjects/Contact", fields{"LastName": "L", "Email": address})
		if valid {
			require.Equal(t, 201, res.Status, "%s: %s", address, res.Text)
			continue
		}
		require.Equal(t, "INVALID_EMAIL_ADDRESS", res.code(), address)
		require.Equal(t, "Email: invalid email address: "+address, res.at(0, "message"))
	}
}
