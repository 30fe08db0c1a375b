// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/identity"
)

func TestNamesAgreeAsTheyDidBeforeCorrections(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b identity.Name
		want identity.Agreement
	}{
		{identity.Name{First: "Ada", Last: "Lovelace"}, identity.Name{First: "ADA", Last: " lovelace"}, identity.Same},
		{identity.Name{First: "José", Last: "Müller"}, identity.Name{First: "Jose", Last: "Muller"}, identity.Same},
		{identity.Name{First: "Ada", Last: "Groß"}, identity.Name{First: "Ada", Last: "Gross"}, identity.Same},
		{identity.Name{First: "Lovelace", Last: "Ada"}, identity.Name{First: "Ada", Last: "Lovelace"}, identity.Same},
		{identity.Name{First: "A.", Last: "Lovelace"}, identity.Name{First: "Ada", Last: "Lovelace"}, identity.Same},
		{identity.Name{Last: "Lovelace"}, identity.Name{First: "Ada", Last: "Lovelace"}, identity.Same},
		{identity.Name{First: "Ada", Last: "King Lovelace"}, identity.Name{First: "Ada", Last: "Lovelace"}, identity.Same},
		{identity.Name{First: "Sean", Last: "O'Brien"}, identity.Name{First: "Sean", Last: "OBrien"}, identity.Same},
		{identity.Name{}, identity.Name{First: "Ada", Last: "Lovelace"}, identity.Same},
		{identity.Name{First: "Ada", Last: "Lovelace"}, identity.Name{First: "Anna", Last: "Lovelace"}, identity.Doubt},
		{identity.Name{First: "Ada", Last: "Lovelace"}, identity.Name{First: "Ada", Last: "Byron"}, identity.Doubt},
		{identity.Name{First: "Ada", Last: "Lovelace"}, identity.Name{First: "Charles", Last: "Babbage"}, identity.Other},
		{identity.Name{First: "Ada"}, identity.Name{First: "Charles", Last: "Babbage"}, identity.Other},
	} {
		require.Equal(t, c.want, identity.Compare(c.a, c.b).Agreement, "%v %v", c.a, c.b)
	}
}
