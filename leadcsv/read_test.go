// SPDX-License-Identifier: Apache-2.0

package leadcsv_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadcsv"
	"github.com/leadsync/leadsync/leadtype"
)

var update = flag.Bool("update", false, "write the .golden files")

// berlin is a time zone whose clocks change.
func berlin() *time.Location {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return zone
}

func readSample(t *testing.T, s sample) (*leadcsv.List, error) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", s.file))
	require.NoError(t, err)
	return leadcsv.Read(bytes.NewReader(data), s.opts)
}

// said is all that a list says, as text.
func said(t *testing.T, list *leadcsv.List) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprint(&b, list.Report)
	for i, lead := range list.Leads {
		data, err := json.Marshal(lead)
		require.NoError(t, err)
		fmt.Fprintf(&b, "line %d: %s\n", list.Lines[i], data)
	}
	return b.String()
}

func TestSamplesAreReadWholeOrRefused(t *testing.T) {
	t.Parallel()
	require.GreaterOrEqual(t, len(samples()), 60)
	for _, s := range samples() {
		t.Run(s.file, func(t *testing.T) {
			t.Parallel()
			list, err := readSample(t, s)
			if s.refused != "" {
				var refused *leadtype.Error
				require.ErrorAs(t, err, &refused)
				require.Equal(t, s.refused, refused.Reason)
				require.Equal(t, leadtype.DataValueValidation, refused.Code)
				require.Nil(t, list)
				return
			}
			require.NoError(t, err)
			r := list.Report
			require.Equal(t, []int{s.leads, s.leftOut, s.unfit}, []int{len(list.Leads), len(r.LeftOut), r.UnfitCount}, r)
			require.Equal(t, r.Rows, len(list.Leads)+len(r.LeftOut))
			require.Len(t, r.Unfit, r.UnfitCount)
			golden := filepath.Join("testdata", "golden", s.file+".txt")
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(said(t, list)), 0o600))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), said(t, list))
		})
	}
}

func TestEveryFileOfTestdataIsASample(t *testing.T) {
	t.Parallel()
	var want []string
	for _, s := range samples() {
		want = append(want, s.file)
		if s.refused == "" {
			want = append(want, filepath.Join("golden", s.file+".txt"))
		}
	}
	var have []string
	require.NoError(t, filepath.WalkDir("testdata", func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && !strings.Contains(path, "fuzz") {
			name, _ := filepath.Rel("testdata", path)
			have = append(have, name)
		}
		return err
	}))
	require.ElementsMatch(t, want, have)
}

// No report and no error holds what a cell holds.
func TestReportsHoldNoValues(t *testing.T) {
	t.Parallel()
	for _, s := range samples() {
		list, err := readSample(t, s)
		if err != nil {
			require.NotContains(t, err.Error(), "@", s.file)
			continue
		}
		text, err := json.Marshal(list.Report)
		require.NoError(t, err)
		text = append(text, list.Report.String()...)
		require.NotContains(t, string(text), "@", s.file)
		for _, lead := range list.Leads {
			for _, source := range []string{"email", "phone", "lastName", "street"} {
				v, _ := lead.Value(source).(string)
				words := strings.FieldsFunc(string(text), func(r rune) bool { return strings.ContainsRune(" \",:()", r) })
				require.False(t, len(v) > 3 && slices.Contains(words, v), "%s: %s", s.file, source)
			}
		}
	}
}

// wholeOf are the source fields that the shipped parts are of.
var wholeOf = map[string]string{"particle": "lastName", "secondSurname": "lastName", "houseNumber": "street",
	"streetNumber": "street", "areaCode": "phone", "callingCode": "phone", "extension": "phone"}

// No name stands for two things, and each is read as what the list says.
func TestEveryShippedNameIsUnderstood(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("aliases.tsv")
	require.NoError(t, err)
	languages, checked := make(map[string]int), 0
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(strings.TrimSpace(line), "\t")
		require.Len(t, cells, 3)
		languages[cells[1]]++
		want, rest := map[string]string{"name": "lastName", "street2": "street"}[cells[0]], "Website"
		if whole := wholeOf[cells[0]]; whole != "" {
			want, rest = whole, whole
		} else if want == "" {
			want = cells[0]
		}
		for name := range strings.SplitSeq(cells[2], "|") {
			for _, spelled := range []string{name, strings.ToUpper(name), " " + strings.ReplaceAll(name, " ", "_") + ": "} {
				beside := "E-mail"
				if name == "User Email" { // which is someone else's beside another address
					beside = "Surname"
				}
				list, err := leadcsv.Read(strings.NewReader("\""+spelled+"\","+beside+","+rest+"\n"), nil)
				require.NoError(t, err)
				require.Equal(t, want, list.Report.Columns[0].Source, spelled)
				checked++
			}
		}
	}
	require.Greater(t, checked, 2000)
	for _, language := range []string{"en", "de", "fr", "es", "nl"} {
		require.Greater(t, languages[language], 20, language)
	}
}

// A name that only looks like a known one is not taken for it.
func TestOtherNamesAreNotUnderstood(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Ticket Name", "Order Email", "Billing City", "Lead Owner", "Contact ID",
		"Contact Owner", "Event Date", "Company ID", "Email Opt In", "Email Status", "Phone Extension", "Name of Event",
		"Session", "Status",
		"Lead Status", "Lead ID", "Attendee #", "Attendee ID", "Attendee Status", "Registrant ID", "Badge", "Badge ID",
		"Required", "Your", "Group", "Type", "Number", "Nummer", "Anrede", "Titel", "Geburtsdatum", "Age", "Gender", "IP",
		"User Agent", "Campaign Name", "Form Name", "Ad Name", "Price", "Total", "Currency", "Tags", "Interest", "Budget",
		"Middle Name", "Nickname", "Email Name", "Phone Name", "Address Name", "Company Contact",
		"Name Tag", "Name Company", "Manager Name", "Assistant Email", "Owner", "Latitude", "Time Zone", "Language",
		"Sprache"} {
		list, err := leadcsv.Read(strings.NewReader("\""+name+"\",Surname,E-mail\n"), nil)
		require.NoError(t, err)
		require.Equal(t, leadcsv.NotUnderstood, list.Report.Columns[0].Status, name)
		require.Empty(t, list.Report.Columns[0].Source, name)
	}
}

// Who has bought a ticket, invited people or used the scanner is not the lead.
func TestSomeoneElsesNameAndAddressAreNotTheLeads(t *testing.T) {
	t.Parallel()
	for _, file := range []string{
		"User Name,User Email,Invitee Name,Invitee Email\nSam Rep,sam@host.example,Ida Berg,ida@example.com\n",
		"Name;E-Mail;Teilnehmer: Name;Teilnehmer: E-Mail\nEinkauf;pay@example.com;Ida Berg;ida@example.com\n",
		"Nom du participant,Prénom du participant,E-mail du participant,E-mail\nBerg,Ida,ida@example.com,pay@example.com\n",
		"User Email,First,Last,Email\nsam@host.example,Ida,Berg,ida@example.com\n",
		"Name,Email,Attendee\nIda Berg,ida@example.com,Yes\n",
		"Attendee Email,Name,Email\n,Ida Berg,ida@example.com\n,Omar Said,omar@example.com\n" +
			"x@example.com,Lin Wei,lin@example.com\n",
	} {
		list, err := leadcsv.Read(strings.NewReader(file), nil)
		require.NoError(t, err)
		require.NotEmpty(t, list.Leads, list.Report)
		lead := list.Leads[0]
		got := []string{lead.FirstName, lead.LastName, lead.Email}
		require.Equal(t, []string{"Ida", "Berg", "ida@example.com"}, got, file)
		require.Empty(t, lead.OtherEmails, file)
	}
}

func TestTheSameRowHasTheSameID(t *testing.T) {
	t.Parallel()
	id := func(text string, opts *leadcsv.Options) leadtype.LeadID {
		list, err := leadcsv.Read(strings.NewReader(text), opts)
		require.NoError(t, err)
		require.Len(t, list.Leads, 1, list.Report)
		return list.Leads[0].ID
	}
	expo := &leadcsv.Options{EventID: "expo"}
	a := id("First Name,Last Name,Email\nIda,Berg,ida@example.com\n", expo)
	for _, same := range []string{
		"First Name,Last Name,Email\nIDA,berg,Ida@Example.com\n",
		"E-Mail;Nachname;Vorname;Notiz\nida@example.com;Berg;Ida;anders\n",
		"Name,Email,Company\nIda Berg,mailto:ida@example.com,Other\n",
	} {
		require.Equal(t, a, id(same, expo))
	}
	require.True(t, strings.HasPrefix(string(a), "csv-"))
	for _, other := range []string{
		"First Name,Last Name,Email\nBo,Berg,ida@example.com\n", "First Name,Last Name,Email\nIda,Berg,ida@example.org\n",
		"First Name,Last Name,Email\n,,ida@example.com\n",
	} {
		require.NotEqual(t, a, id(other, expo))
	}
	row := "First Name,Last Name,Email\nIda,Berg,ida@example.com\n"
	require.NotEqual(t, a, id(row, nil))
	require.NotEqual(t, a, id(row, &leadcsv.Options{EventID: "fair"}))
	require.NotEqual(t, id(row, nil), id(row, &leadcsv.Options{EventName: "expo"}))
	require.NotEqual(t, a, id(row, &leadcsv.Options{EventID: "expo", IDKey: []byte("secret")}))
	// The parts of a name, a company and a number do not run into one another.
	require.NotEqual(t, id("Last Name,Company\nBerg 1,2\n", nil), id("Last Name,Company\nBerg,1 2\n", nil))
	// Ids are stored: they are never made in another way.
	require.EqualValues(t, "csv-ahexixhglqh4soosrl26rzbw5qke2j3f", a)
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for field, opts := range map[string]*leadcsv.Options{
		"Options.Encoding":   {Encoding: "ebcdic"},
		"Options.Separator":  {Separator: ':'},
		"Options.HeaderLine": {HeaderLine: -1},
		"Options.DateOrder":  {DateOrder: "year-first"},
		"Options.Aliases":    {Aliases: map[string]string{"x": "surname"}},
	} {
		_, err := leadcsv.Read(strings.NewReader("Last Name,Email\nBerg,ida@example.com\n"), opts)
		var refused *leadtype.Error
		require.ErrorAs(t, err, &refused)
		require.Equal(t, []string{field}, refused.Fields)
	}
}

func TestFilesBeyondTheBoundsAreRefused(t *testing.T) {
	t.Parallel()
	head := "Last Name,Email\n"
	for reason, text := range map[string]string{
		"has more than 100000 rows":          head + strings.Repeat("x,y\n", leadcsv.MaxRows+1),
		"line 1: has more than 1000 columns": "Last Name,Email" + strings.Repeat(",x", leadcsv.MaxColumns) + "\n",
		"has more than 67108864 bytes":       head + strings.Repeat(" ", leadcsv.MaxBytes),
	} {
		_, err := leadcsv.Read(strings.NewReader(text), nil)
		var refused *leadtype.Error
		require.ErrorAs(t, err, &refused)
		require.Equal(t, reason, refused.Reason)
	}
}

func TestRowsBeyondTheBoundsAreLeftOut(t *testing.T) {
	t.Parallel()
	list, err := leadcsv.Read(strings.NewReader("Notes,Last Name,Email\n"+strings.Repeat("x", leadtype.MaxText+1)+
		",Berg,ida@example.com\nx,Lund,bo@example.com\n"), nil)
	require.NoError(t, err)
	require.Len(t, list.Leads, 1)
	require.Equal(t, leadcsv.TooLarge, list.Report.LeftOut[0].Kind)
	require.Equal(t, 1, list.Report.LeftOut[0].Column)
}

type failingReader struct{ err error }

func (f failingReader) Read([]byte) (int, error) { return 0, f.err }

func TestAFailingReaderFails(t *testing.T) {
	t.Parallel()
	failure := errors.New("disk full")
	list, err := leadcsv.Read(failingReader{failure}, nil)
	require.ErrorIs(t, err, failure)
	require.Nil(t, list)
}

// However many values are unfit, the report stays small and counts them all.
func TestUnfitValuesAreCounted(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("Last Name,Email,Phone\n")
	for i := range leadcsv.MaxUnfit + 7 {
		fmt.Fprintf(&b, "x,p%d@example.com,#NAME?\n", i)
	}
	list, err := leadcsv.Read(strings.NewReader(b.String()), nil)
	require.NoError(t, err)
	require.Len(t, list.Report.Unfit, leadcsv.MaxUnfit)
	require.Equal(t, leadcsv.MaxUnfit+7, list.Report.UnfitCount)
	require.Equal(t, leadcsv.MaxUnfit+7, list.Report.Columns[2].Unfit)
	require.Contains(t, list.Report.String(), "... and 9987 more")
}
