// SPDX-License-Identifier: Apache-2.0

package reading_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"
	"pgregory.net/rapid"

	"github.com/leadsync/leadsync/internal/reading"
)

func TestNamesInOneCaseAreWrittenAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"Ada", "Lovelace", "Jean-Luc", "Anna-Lena", "Mary Jane", "McDonald", "McKay", "McNamara", "O'Neill", "O’Brien",
		"MacLeod", "MacDonald", "MacArthur", "Mackenzie", "Macy", "Mack", "Machado", "Macias", "Mackey", "Mcu",
		"van der Berg", "van den Broek", "van de Velde", "von Neumann", "von der Leyen", "vom Bruch", "zu Guttenberg",
		"de la Cruz", "de los Santos", "De Luca", "Di Maio", "Della Valle", "Oscar de la Renta", "María del Carmen",
		"Ludwig van Beethoven", "Simone de Beauvoir", "José Ortega y Gasset", "dos Santos", "da Silva", "João da Costa",
		"D'Angelo", "Gabriele d'Annunzio", "L'Hôpital", "N'Diaye", "Dell'Acqua", "Sant'Angelo", "'t Hooft",
		"Ahmad ibn Hanbal", "ibn Sina", "Mohammed bin Salman", "John Smith III", "Smith Jr", "Smith Jr.", "John Smith, PhD",
		"Henry VIII", "Iv Smith", "J.R.R. Tolkien", "J. Smith", "St. John", "Dr. Müller", "Müller-Lüdenscheidt",
		"Łukasz Żak", "Øyvind Åsen", "Çelik", "Ñuñez", "Strauß", "Георгий Иванов", "Αντώνης", "Ng", "Le Pen", "LeBlanc",
		"Élodie", "3rd Floor", "Villeneuve-sur-Lot", "Ka'ala", "Charlie La Rosa", "VP Sales", "CEO", "St James's",
	} {
		require.Equal(t, name, reading.Title(strings.ToLower(name), language.Und), "from small letters")
		if !strings.Contains(name, "ß") {
			require.Equal(t, name, reading.Title(strings.ToUpper(name), language.Und), "from capitals")
		}
	}
	for in, want := range map[string]string{
		"JJ": "JJ", "DJ SMITH": "DJ Smith", "AJ": "AJ", "A": "A", "b": "B", "JO": "Jo", "WU": "Wu", "NG": "Ng",
		"  ADA   LOVELACE ": "  Ada   Lovelace ", "": "", "田中": "田中", "123": "123", "STRAUSS": "Strauss", "VAN": "Van",
		"BOB SMITH-JONES (ACME)": "Bob Smith-Jones (Acme)", "ÇELİK": "Çelik", "İNCİ": "İnci",
		"İBRAHİM": "İbrahim", "IŞIL": "Işıl", "IŞIK": "Işık", "DOĞAN": "Doğan", "YILDIRIM ŞAHİN": "Yıldırım Şahin",
		"ismail şahin": "İsmail Şahin", "ışıl": "Işıl", "çelik": "Çelik", "ŞTEFĂNIŢĂ": "Ştefăniţă", "IONIŢĂ": "Ioniţă",
		"ERDOĞAN": "Erdoğan", "GÜL IRMAK": "Gül Irmak", "DİYARBAKIRLI": "Diyarbakırlı",
		"BIN LI": "Bin Li", "BIN SALMAN": "Bin Salman", "VAN DER BERG": "van der Berg",
	} {
		require.Equal(t, want, reading.Title(in, language.Und))
	}
	for in, want := range map[string]string{
		"VAN ANH": "Van Anh", "DA EUN": "Da Eun", "DO YEON": "Do Yeon", "THI VAN ANH": "Thi Van Anh", "van anh": "Van Anh",
		"MARÍA DEL CARMEN": "María del Carmen", "TE": "Te", "DE": "De", "LE THI": "Le Thi", "JEAN-LUC": "Jean-Luc",
		"DES MOND": "Des Mond", "DI": "Di", "AF KARI": "Af Kari", "TEN ZIN": "Ten Zin", "Van anh": "Van anh", "JO": "Jo",
	} {
		require.Equal(t, want, reading.GivenName(in, language.Und))
	}
	require.Equal(t, "Işık", reading.Title("IŞIK", language.Turkish))
	require.Equal(t, "İnci", reading.Title("inci", language.Turkish))
	require.Equal(t, "IJsbrand", reading.Title("IJSBRAND", language.Dutch))
}

// What a person wrote in mixed case is theirs.
func TestNamesInMixedCaseStay(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"van der Berg", "deVries", "MCdonald", "Ada lovelace", "bell hooks Jr", "eBay",
		"DiMaggio"} {
		require.Equal(t, name, reading.Title(name, language.Und))
	}
}

func TestTitleCaseChangesNothingButCase(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		name := rapid.StringMatching(`[A-ZÀ-ÞĀĂĞİIŁŞŽΑ-ΡΣ-ΩА-Я'’ .,-]{0,20}`).Draw(r, "name")
		for _, title := range []func(string, language.Tag) string{reading.Title, reading.GivenName} {
			got := title(name, language.Und)
			fold := func(text string) string { return strings.NewReplacer("İ", "I", "ı", "i").Replace(text) }
			require.True(r, strings.EqualFold(fold(name), fold(got)), "%q %q", name, got)
			require.Equal(r, got, title(got, language.Und), "again")
			require.NotContains(r, got, "\u0307", "a mark of its own")
		}
	})
}
