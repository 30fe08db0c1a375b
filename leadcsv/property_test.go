// SPDX-License-Identifier: Apache-2.0

package leadcsv_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"github.com/leadsync/leadsync/internal/csvtext"
	"github.com/leadsync/leadsync/leadcsv"
	"github.com/leadsync/leadsync/leadtype"
)

// headers are names that columns have, by source field.
var headers = map[string][]string{
	"lastName":   {"lastName", "Last Name", "Nachname", "Nom de famille", "Apellidos", "Achternaam", "SURNAME"},
	"firstName":  {"firstName", "First Name", "Vorname", "Prénom", "Nombre de pila", "Voornaam"},
	"email":      {"email", "E-Mail", "Adresse e-mail", "Correo electrónico", "E-mailadres"},
	"company":    {"company", "Company Name", "Firma", "Société", "Empresa", "Bedrijf"},
	"jobTitle":   {"jobTitle", "Job Title", "Funktion", "Fonction", "Puesto", "Functie"},
	"notes":      {"notes", "Comments", "Bemerkungen", "Commentaires", "Observaciones", "Opmerkingen"},
	"street":     {"street", "Street Address", "Straße", "Rue", "Calle", "Straat"},
	"city":       {"city", "City", "Ort", "Ville", "Ciudad", "Plaats"},
	"postalCode": {"postalCode", "ZIP", "PLZ", "Code postal", "Código postal", "Postcode"},
	"phone":      {"phone", "Phone Number", "Telefon", "Téléphone", "Teléfono", "Telefoonnummer"},
}

// A dialect is how a program writes a file.
type dialect struct {
	separator, lineEnd string
	encoding           encoding.Encoding
	quoteAll, sepLine  bool
	preamble           string
}

func drawDialect(t *rapid.T) dialect {
	d := dialect{
		separator: rapid.SampledFrom([]string{",", ";", "\t", "|"}).Draw(t, "separator"),
		lineEnd:   rapid.SampledFrom([]string{"\n", "\r\n", "\r"}).Draw(t, "line end"),
		encoding: rapid.SampledFrom([]encoding.Encoding{
			unicode.UTF8, unicode.UTF8BOM, charmap.Windows1252,
			unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
			unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
		}).Draw(t, "encoding"),
		quoteAll: rapid.Bool().Draw(t, "all cells are quoted"),
		preamble: rapid.SampledFrom([]string{"", "Report", "Report of,someone;and\tothers"}).Draw(t, "preamble"),
	}
	d.sepLine = d.preamble == "" && rapid.Bool().Draw(t, "sep=")
	return d
}

func (d dialect) cell(text string) string {
	if d.quoteAll || strings.ContainsAny(text, d.separator+"\"\r\n") || strings.TrimSpace(text) != text {
		text = `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
	}
	return text
}

func (d dialect) write(t *rapid.T, rows [][]string) []byte {
	var b strings.Builder
	if d.sepLine {
		b.WriteString("sep=" + d.separator + d.lineEnd)
	}
	if d.preamble != "" {
		b.WriteString(d.preamble + d.lineEnd + d.lineEnd)
	}
	for _, row := range rows {
		for i, text := range row {
			if i > 0 {
				b.WriteString(d.separator)
			}
			b.WriteString(d.cell(text))
		}
		b.WriteString(d.lineEnd)
	}
	data, err := d.encoding.NewEncoder().Bytes([]byte(b.String()))
	require.NoError(t, err)
	return data
}

// drawCell draws a text with what files may get wrong. Its letters are those of
// Windows-1252 that no two of make one of UTF-8.
func drawCell(t *rapid.T, label string) string {
	text := rapid.StringOfN(rapid.RuneFrom([]rune("abXYZ äöüßé,;|\t\"'\n127.-=+@()")), 0, 12, -1).Draw(t, label)
	text = strings.TrimSpace(text)
	if csvtext.Unguard(text) != text || strings.HasPrefix(text, `="`) || strings.Contains(text, "@") {
		return ""
	}
	return text
}

// Whatever a program writes is read back, and the rows keep their order.
func TestLeadsAreReadBackFromEachDialect(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		d := drawDialect(r)
		sources := []string{"lastName", "email"}
		for source := range headers {
			if !slices.Contains(sources, source) {
				sources = append(sources, source)
			}
		}
		slices.Sort(sources)
		sources = rapid.Permutation(sources).Draw(r, "columns")
		withID := rapid.Bool().Draw(r, "ids")
		var header []string
		if withID {
			header = append(header, "id")
		}
		for _, source := range sources {
			header = append(header, rapid.SampledFrom(headers[source]).Draw(r, "header of "+source))
		}
		rows := [][]string{header}
		var want []*leadtype.Lead
		for i := range rapid.IntRange(0, 5).Draw(r, "rows") {
			lead := &leadtype.Lead{}
			var row []string
			if withID {
				lead.ID = leadtype.LeadID(fmt.Sprintf("L-%d", i))
				row = append(row, string(lead.ID))
			}
			for _, source := range sources {
				text := drawCell(r, source)
				switch source {
				case "lastName":
					text = "Berg" + text
				case "email":
					text = fmt.Sprintf("p%d@example.com", i)
				case "phone":
					text = rapid.SampledFrom([]string{"", "+49 30 5550100", "0171/5550100"}).Draw(r, "phone")
				case "postalCode":
					text = rapid.SampledFrom([]string{"", "01067", "SW1A 1AA"}).Draw(r, "postal code")
				}
				require.NoError(r, lead.Set(source, text))
				row = append(row, text)
			}
			want, rows = append(want, lead), append(rows, row)
		}
		data := d.write(r, rows)
		list, err := leadcsv.Read(bytes.NewReader(data), nil)
		require.NoError(r, err)
		require.Empty(r, list.Report.LeftOut)
		require.Empty(r, list.Report.Unfit)
		require.Len(r, list.Leads, len(want))
		ids := make(map[leadtype.LeadID]bool)
		for i, lead := range list.Leads {
			ids[lead.ID] = true
			if !withID {
				want[i].ID = lead.ID
			}
			require.Equal(r, want[i], lead)
		}
		require.Len(r, ids, len(want))
		again, err := leadcsv.Read(bytes.NewReader(data), nil)
		require.NoError(r, err)
		require.Equal(r, list, again)
	})
}

// countRecords counts the records of a file by a separator.
func countRecords(t require.TestingT, data []byte, separator rune) int {
	text, fault := csvtext.Read(bytes.NewReader(data), "")
	require.Nil(t, fault)
	rows := text.Records(separator)
	for n := 0; ; n++ {
		_, ok, fault := rows.Next()
		require.Nil(t, fault)
		if !ok {
			return n
		}
	}
}

// requireAccounted checks that every record of a file is a lead, or is said to be something
// else.
func requireAccounted(t require.TestingT, data []byte, list *leadcsv.List) {
	r := list.Report
	accounted := 1 + r.Blank + r.Rows // the header
	for _, s := range r.Skipped {
		accounted += s.Rows
		require.LessOrEqual(t, s.First, s.Last)
	}
	// Where a quotation mark is wrong, several rows may be one by it, or one several.
	if !slices.ContainsFunc(r.LeftOut, func(p leadcsv.Problem) bool { return p.Kind == leadcsv.Quotes }) {
		require.Equal(t, countRecords(t, data, r.Separator), accounted)
	}
	require.Equal(t, r.Rows, len(list.Leads)+len(r.LeftOut))
	require.Len(t, list.Lines, len(list.Leads))
	require.True(t, slices.IsSorted(list.Lines))
	ids := make(map[leadtype.LeadID]bool)
	for _, lead := range list.Leads {
		if err := lead.Check(); err != nil { // it has an id of the file
			require.ErrorIs(t, err, leadtype.RequiredFieldMissing)
		}
		require.NoError(t, lead.CheckJSON())
		require.False(t, ids[lead.ID])
		ids[lead.ID] = true
	}
	for _, p := range slices.Concat(r.LeftOut, r.Unfit) {
		require.Positive(t, p.Line)
		require.NotEmpty(t, p.Kind)
		require.NotEmpty(t, p.Reason)
	}
}

func TestEveryRecordOfASampleIsAccountedFor(t *testing.T) {
	t.Parallel()
	for _, s := range samples() {
		if s.refused != "" || s.opts != nil && s.opts.Encoding != "" {
			continue
		}
		data, err := os.ReadFile(filepath.Join("testdata", s.file))
		require.NoError(t, err)
		list, err := leadcsv.Read(bytes.NewReader(data), s.opts)
		require.NoError(t, err)
		requireAccounted(t, data, list)
	}
}

// One bad character costs its row at most, and no row gets what belongs to another.
func TestOneBadCharacterStaysInItsRow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		d := dialect{separator: rapid.SampledFrom([]string{",", ";", "\t"}).Draw(r, "separator"),
			lineEnd:  rapid.SampledFrom([]string{"\n", "\r\n", "\r"}).Draw(r, "line end"),
			quoteAll: rapid.Bool().Draw(r, "quotes"), encoding: unicode.UTF8}
		lines := []string{strings.Join([]string{"Notes", "First Name", "Email", "Last Name", "Country"}, d.separator)}
		want := make(map[string]*leadtype.Lead)
		n := rapid.IntRange(1, 5).Draw(r, "rows")
		for i := range n {
			notes := rapid.OneOf(rapid.Custom(func(t *rapid.T) string { return drawCell(t, "notes") }),
				rapid.SampledFrom([]string{d.separator + "x", "x\ny", "x" + d.separator, `"x"`, "x\n\ny" + d.separator}),
			).Draw(r, "note")
			lead := &leadtype.Lead{Notes: notes, FirstName: fmt.Sprintf("First%d", i),
				Email: fmt.Sprintf("p%d@example.com", i), LastName: fmt.Sprintf("Last%d", i), Country: "Norway"}
			var cells []string
			for _, text := range []string{lead.Notes, lead.FirstName, lead.Email, lead.LastName, lead.Country} {
				cells = append(cells, d.cell(text))
			}
			lead.Notes = strings.TrimSpace(lead.Notes)
			want[lead.Email] = lead
			lines = append(lines, strings.Join(cells, d.separator))
		}
		bad := rapid.IntRange(0, n-1).Draw(r, "bad row")
		line := lines[bad+1]
		at := rapid.IntRange(0, len(line)-1).Draw(r, "place")
		if rapid.Bool().Draw(r, "a character is lost") {
			line = line[:at] + line[at+1:]
		} else {
			bad := rapid.SampledFrom([]string{`"`, `"`, d.separator, d.lineEnd, "'"}).Draw(r, "character")
			line = line[:at] + bad + line[at:]
		}
		lines[bad+1] = strings.ToValidUTF8(line, "?")
		data := []byte(strings.Join(lines, d.lineEnd) + d.lineEnd)
		list, err := leadcsv.Read(bytes.NewReader(data), nil)
		require.NoError(r, err)
		requireAccounted(r, data, list)
		found := make(map[string]bool)
		for _, lead := range list.Leads {
			require.NotContains(r, lead.FirstName+lead.LastName+lead.Country, "@", "%q", data)
			require.False(r, strings.HasPrefix(lead.FirstName, "Last"), "%q", data)
			require.False(r, strings.HasPrefix(lead.LastName, "First"), "%q", data)
			require.NotEqual(r, "Norway", lead.FirstName+lead.LastName+lead.Email, "%q", data)
			var number int
			if _, err := fmt.Sscanf(lead.LastName, "Last%d", &number); err != nil || number == bad {
				continue
			}
			require.Equal(r, fmt.Sprintf("p%d@example.com", number), lead.Email, "%q", data)
			found[lead.Email] = true
			want[lead.Email].ID = lead.ID
			require.Equal(r, want[lead.Email], lead)
		}
		require.Len(r, found, n-1, "%q", data)
	})
}

// A file that is cut anywhere loses rows, and the row within which it is cut is not taken.
func TestCutFilesAreNotSilentlyShort(t *testing.T) {
	t.Parallel()
	whole := "First Name,Last Name,Email,Notes,Country\nIda,Berg,ida@example.com,\"a\nb\",Norway\n" +
		"Bo,Lund,bo@example.com,c,Norway\n"
	for n := strings.Index(whole, "Ida"); n < len(whole); n++ {
		list, err := leadcsv.Read(strings.NewReader(whole[:n]), nil)
		require.NoError(t, err)
		requireAccounted(t, []byte(whole[:n]), list)
		for i, lead := range list.Leads {
			require.Equal(t, fmt.Sprint([]string{"ida@example.com", "bo@example.com"}[i]), lead.Email)
			require.NotEmpty(t, lead.Notes)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range samples() {
		data, err := os.ReadFile(filepath.Join("testdata", s.file))
		require.NoError(f, err)
		f.Add(data, false)
	}
	for _, seed := range []string{"sep=,", "Email\n\"", "Name,Email\n\"\n\"\"\n", "Email,Email\n,a\n",
		"\"Name\",Email\r\"a\rb",
		"Vorname;Name\nA;B\n;\n"} {
		f.Add([]byte(seed), true)
	}
	f.Fuzz(func(t *testing.T, data []byte, custom bool) {
		list, err := leadcsv.Read(bytes.NewReader(data), &leadcsv.Options{Custom: custom, EventID: "expo"})
		if err != nil {
			require.Nil(t, list)
			return
		}
		requireAccounted(t, data, list)
		require.NotEmpty(t, list.Report.String())
	})
}

func BenchmarkRead(b *testing.B) {
	var rows strings.Builder
	rows.WriteString("Scan Time,First Name,Last Name,Company,Title,Email,Phone,Street,City,Zip,Country,Notes\n")
	for i := range 10_000 {
		fmt.Fprintf(&rows, "2026-05-14 09:05,Ida,Berg %d,Berg AS,Buyer,p%d@example.com,+47 555 01 000,Storgata 1,Oslo,0155,"+
			"Norway,\"Wants a demo, soon\"\n", i, i)
	}
	for b.Loop() {
		list, err := leadcsv.Read(strings.NewReader(rows.String()), nil)
		if err != nil || len(list.Leads) != 10_000 {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(rows.Len()))
}
