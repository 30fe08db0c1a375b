// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/identity"
)

func TestPlaceholderAddressesAreNobodys(t *testing.T) {
	t.Parallel()
	name := identity.Name{First: "Ana", Last: "Lopez"}
	for _, email := range []string{"noreply@acme.example",
		"No-Reply@acme.de", "do.not.reply@shop.com", "noemail@noemail.com",
		"none@none.com", "test@test.com", "unknown@gmail.com", "na@gmail.com", "keine-antwort@firma.de"} {
		require.True(t, identity.PlaceholderAddress(email, name), email)
	}
	for _, email := range []string{"", "ana@gmail.com", "test@acme.de", "unknown@acme.example", "ana@test.com",
		"none", "info@none.com", "contest@gmail.com", "ada@noemail.example"} {
		require.False(t, identity.PlaceholderAddress(email, name), email)
	}
	require.False(t, identity.PlaceholderAddress("na@gmail.com", identity.Name{First: "Min", Last: "Na"}))
}

func TestPlaceholderCompaniesAreNone(t *testing.T) {
	t.Parallel()
	for _, company := range []string{"-", "n/a", "N/A", "Self-employed",
		"Self employed", "student", "Student", "PRIVAT", "freelance",
		"Selbstständig", "None"} {
		require.True(t, identity.PlaceholderCompany(company, "", "ana@gmail.com"), company)
		require.True(t, identity.PlaceholderCompany(company, "", ""), company)
		require.False(t, identity.PlaceholderCompany(company, "", "ana@acme.de"), company)
		require.False(t, identity.PlaceholderCompany(company, "acme.de", "ana@gmail.com"), company)
	}
	for _, company := range []string{"", "Acme", "Private Bank AG", "Student Travel", "Unknown Worlds"} {
		require.False(t, identity.PlaceholderCompany(company, "", ""), company)
	}
}
