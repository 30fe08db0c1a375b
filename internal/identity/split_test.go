// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/identity"
)

func TestSplitParts(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][2]string{
		"Pia Gibson":                    {"Pia", "Gibson"},
		"  Pia   Gibson ":               {"Pia", "Gibson"},
		"Gibson, Pia Ann":               {"Pia Ann", "Gibson"},
		"Dr. Anna Weber":                {"Dr. Anna", "Weber"},
		"Anna van der Berg":             {"Anna", "van der Berg"},
		"Maria de la Cruz":              {"Maria", "de la Cruz"},
		"John R. Smith":                 {"John R.", "Smith"},
		"Pia":                           {"", "Pia"},
		"José García López":             {"", "José García López"},
		"Mary Ann Lee Smith":            {"", "Mary Ann Lee Smith"},
		"Smith, Jr.":                    {"", "Smith, Jr."},
		"Smith, PhD":                    {"", "Smith, PhD"},
		"Gibson,":                       {"", "Gibson,"},
		"A, B, C":                       {"", "A, B, C"},
		"長谷川 翔":                         {"翔", "長谷川"},
		"김 철수":                          {"철수", "김"},
		"ヤマダ タロウ":                       {"", "ヤマダ タロウ"},
		"GIBSON Pia":                    {"Pia", "GIBSON"},
		"Dr. DE LA CRUZ Maria Pia":      {"Dr. Maria Pia", "DE LA CRUZ"},
		"PIA GIBSON":                    {"PIA", "GIBSON"},
		"Pia GIBSON":                    {"Pia", "GIBSON"},
		"AJ Smith":                      {"AJ", "Smith"},
		"CEO Pia Gibson":                {"", "CEO Pia Gibson"},
		"van der Berg Anna":             {"", "van der Berg Anna"},
		"van Dijk":                      {"", "van Dijk"},
		"Van Morrison":                  {"Van", "Morrison"},
		"Pia Gibson | Initech":          {"", "Pia Gibson | Initech"},
		"Pia & Max Gibson":              {"", "Pia & Max Gibson"},
		"Initech GmbH":                  {"", "Initech GmbH"},
		"pia@initech.example":           {"", "pia@initech.example"},
		"Dr. Weber":                     {"", "Dr. Weber"},
		"Pia (Guest)":                   {"", "Pia"},
		"Pia Gibson (Host)":             {"Pia", "Gibson"},
		"Pia Gibson (GAST)":             {"Pia", "Gibson"},
		"Pia (Initech)":                 {"", "Pia (Initech)"},
		"[Initech] Pia":                 {"", "[Initech] Pia"},
		"(Guest)":                       {"", "(Guest)"},
		"P Gibson (Pia) (Me) (she/her)": {"", "P Gibson (Pia)"},
		"":                              {"", ""},
	} {
		first, last := identity.Split(name)
		require.Equal(t, want, [2]string{first, last}, name)
	}
}

func TestParticlesOfFamilyNames(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"van", "Van der", "d'", "'t", "von und zu", "de la", "Ter"} {
		require.True(t, identity.IsParticle(text), text)
	}
	for _, text := range []string{"", " ", "'", "Dr.", "Mr", "van Berg", "Jansen", "-", "5"} {
		require.False(t, identity.IsParticle(text), text)
	}
}
