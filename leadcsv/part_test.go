// SPDX-License-Identifier: Apache-2.0

package leadcsv_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadcsv"
)

// TestPartsOfAValueInColumnsOfTheirOwnAreJoined: each row names a column, its text and that of the
// column with the rest, and what becomes of both.
func TestPartsOfAValueInColumnsOfTheirOwnAreJoined(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ header, text, rest, value, want string }{
		{"Tussenvoegsel", "van der", "Achternaam", "Berg", "van der Berg"},
		{"Voorvoegsel", "'t", "Achternaam", "Hooft", "'t Hooft"},
		{"Tussenvoegsel", "d'", "Achternaam", "Ancona", "d'Ancona"},
		{"Tussenvoegsel", "de", "Achternaam", "de Vries", "de Vries"},
		{"Tussenvoegsel", "-", "Achternaam", "Jansen", "Jansen"},
		{"Namensvorsatz", "von und zu", "Nachname", "Guttenberg", "von und zu Guttenberg"},
		{"Segundo apellido", "Pérez", "Primer apellido", "García", "García Pérez"},
		{"Apellido materno", "Pérez", "Apellido paterno", "García Pérez", "García Pérez"},
		{"Hausnummer", "5", "Straße", "Hauptstr.", "Hauptstr. 5"},
		{"Haus-Nr.", "12 b", "Straße", "Am Markt", "Am Markt 12 b"},
		{"Hausnummer", "3-7", "Straße", "Ring", "Ring 3-7"},
		{"Hausnummer", "5.0", "Straße", "Ring", "Ring 5"},
		{"Hausnummer", "5", "Straße", "Hauptstr. 5", "Hauptstr. 5"},
		{"Huisnummer", "1", "Straat", "Dam", "Dam 1"},
		{"Numéro de rue", "4 bis", "Rue", "rue de la Paix", "4 bis rue de la Paix"},
		{"House Number", "10", "Street", "Downing Street", "10 Downing Street"},
		{"Vorwahl", "089", "Telefon", "1234567", "089 1234567"},
		{"Vorwahl", "089/", "Telefon", "089 1234567", "089 1234567"},
		{"Area Code", "(415)", "Phone", "555 0100", "(415) 555 0100"},
		{"Area Code", "415", "Phone", "+1 415 555 0100", "+1 415 555 0100"},
		{"Phone Country Code", "+49", "Phone", "089 12345678", "+498912345678"},
		{"Calling Code", "0049", "Phone", "089 12345678", "+498912345678"},
		{"Indicatif", "33", "Téléphone", "01 42 68 53 00", "+33142685300"},
		{"Calling Code", "+44", "Phone", "+44 20 7946 0000", "+44 20 7946 0000"},
		{"Ext.", "12", "Phone", "+1 415 555 0100", "+1 415 555 0100 x12"},
		{"Extension", "x12", "Phone", "+1 415 555 0100 x12", "+1 415 555 0100 x12"},
	} {
		for _, cells := range []string{c.header + ";" + c.rest + ";Email\n" + c.text + ";" + c.value + ";jo@example.com\n",
			"Email;" + c.rest + ";" + c.header + "\njo@example.com;" + c.value + ";" + c.text + "\n"} {
			list, err := leadcsv.Read(strings.NewReader(cells), nil)
			require.NoError(t, err)
			require.Empty(t, list.Report.Unfit, cells)
			require.Contains(t, []string{list.Leads[0].LastName, list.Leads[0].Street, list.Leads[0].Phone}, c.want)
		}
	}
}

// TestPartThatCannotBeJoinedIsReported: nothing of it is dropped in silence, and the rest stays.
func TestPartThatCannotBeJoinedIsReported(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ header, text, rest, value string }{
		{"Voorvoegsel", "Dhr.", "Achternaam", "Berg"},
		{"Hausnummer", "05. Jan", "Straße", "Ring"}, // what a spreadsheet made of 5-1
		{"Hausnummer", "05.01.2026", "Straße", "Ring"},
		{"Hausnummer", "Hinterhaus", "Straße", "Ring"},
		{"Hausnummer", "5", "Straße", ""},
		{"Tussenvoegsel", "van", "Achternaam", ""},
		{"Vorwahl", "München", "Telefon", "1234567"},
		{"Calling Code", "Germany", "Phone", "089 12345678"},
		{"Calling Code", "+999", "Phone", "089 12345678"},
		{"Ext.", "ask for Jo", "Phone", "+1 415 555 0100"},
		{"Ext.", "12", "Phone", ""},
	} {
		cells := c.header + ";" + c.rest + ";Email\n" + c.text + ";" + c.value + ";jo@example.com\n"
		list, err := leadcsv.Read(strings.NewReader(cells), nil)
		require.NoError(t, err)
		require.Len(t, list.Report.Unfit, 1, "%s %s", c.header, c.text)
		p := list.Report.Unfit[0]
		require.Equal(t, []any{2, 1, leadcsv.Unreadable}, []any{p.Line, p.Column, p.Kind})
		require.NotContains(t, p.Reason, c.text+" ")
		require.Contains(t, []string{list.Leads[0].LastName, list.Leads[0].Street, list.Leads[0].Phone}, c.value)
	}
	for _, header := range []string{"Tussenvoegsel", "Segundo apellido", "Hausnummer", "Vorwahl", "Calling Code", "Ext."} {
		list, err := leadcsv.Read(strings.NewReader(header+";Company;Email\n5;Acme;jo@example.com\n"), nil)
		require.NoError(t, err)
		require.Equal(t, leadcsv.NotUnderstood, list.Report.Columns[0].Status, header)
		require.NotEmpty(t, list.Report.Columns[0].Reason)
	}
}

func TestSecondColumnOfAPartFillsTheFirstOrIsReported(t *testing.T) {
	t.Parallel()
	for cells, want := range map[string]string{"5;;Ring": "Ring 5", ";7;Ring": "Ring 7", "5;5;Ring": "Ring 5",
		"5;7;Ring": "Ring 5"} {
		list, err := leadcsv.Read(strings.NewReader("Hausnummer;Haus-Nr.;Straße;Email\n"+cells+";jo@example.com\n"), nil)
		require.NoError(t, err)
		require.Equal(t, want, list.Leads[0].Street)
		require.Equal(t, cells == "5;7;Ring", list.Report.UnfitCount == 1, cells)
	}
}

func TestDayAndTimeOfDayInTwoColumnsAreOneTime(t *testing.T) {
	t.Parallel()
	for cells, want := range map[string]string{
		"2026-05-13;09:30":          "2026-05-13T09:30:00+02:00",
		"13.05.2026;9:30 PM":        "2026-05-13T21:30:00+02:00",
		"5/13/2026;21:30:15":        "2026-05-13T21:30:15+02:00",
		"2026-05-13 08:00:00;09:30": "2026-05-13T08:00:00+02:00",
		"2026-05-13;":               "2026-05-13T00:00:00+02:00",
		"2026-03-29;02:30":          "2026-03-29T00:00:00+01:00", // the clocks skip it
		";09:30":                    "",
	} {
		for _, names := range []string{"Scan Date;Scan Time", "Capture Date;Capture Time"} {
			list, err := leadcsv.Read(strings.NewReader(names+";Name;Email\n"+cells+";Jo Doe;jo@example.com\n"+
				"2026-05-14;10:00;Bo Doe;bo@example.com\n"), &leadcsv.Options{Location: berlin()})
			require.NoError(t, err)
			at := ""
			if !list.Leads[0].CapturedAt.IsZero() {
				at = list.Leads[0].CapturedAt.Format(time.RFC3339)
			}
			require.Equal(t, want, at, cells)
			require.Equal(t, strings.Contains(cells, "02:30") || cells[0] == ';', len(list.Report.Unfit) == 1, cells)
		}
	}
}

func TestCallingCodeIsNoCountry(t *testing.T) {
	t.Parallel()
	for code, country := range map[string]string{"+49": "", "49": "", "0049": "", "(+1)": "", "276": "", "DE": "DE",
		"Germany (+49)": "Germany (+49)", "1-Land": "1-Land"} {
		cells := "Country Code,Company Country,Email\n" + code + "," + code + ",jo@example.com\n"
		list, err := leadcsv.Read(strings.NewReader(cells), nil)
		require.NoError(t, err)
		require.Equal(t, country, list.Leads[0].Country, code)
		require.Equal(t, country, list.Leads[0].CompanyCountry, code)
		require.Equal(t, country == "", list.Report.UnfitCount == 2, code)
	}
}

// TestRoleInAMeetingIsNoJobTitle: attendance reports say who presented, and mark guests.
func TestRoleInAMeetingIsNoJobTitle(t *testing.T) {
	t.Parallel()
	for _, roles := range [][]string{{"Organizer", "Attendee"}, {"Presenter", "Co-organizer"}, {"Host", "Panelist"},
		{"Organisator", "Teilnehmer"}} {
		list, err := leadcsv.Read(strings.NewReader("Name\tEmail\tRole\nAda Holm (Guest)\tada@example.com\t"+roles[0]+
			"\nBo Lund (Unverified)\tbo@example.com\t"+roles[1]+"\n"), nil)
		require.NoError(t, err)
		for i, last := range []string{"Holm", "Lund"} {
			require.Equal(t, last, list.Leads[i].LastName)
			require.Empty(t, list.Leads[i].JobTitle)
		}
		require.Equal(t, "holds roles in a meeting", list.Report.Columns[2].Reason)
	}
	for _, header := range []string{"Role", "Job Title"} {
		list, err := leadcsv.Read(strings.NewReader("Name,Email,"+header+"\nAda Holm,ada@example.com,Moderator\n"+
			"Bo Lund,bo@example.com,Buyer\n"), nil)
		require.NoError(t, err)
		require.Equal(t, "Moderator", list.Leads[0].JobTitle, header)
	}
}

func TestNumberedQuestionsAreKnownByTheirNames(t *testing.T) {
	t.Parallel()
	for _, header := range []string{"1. First name,2. Last name,3. E-mail", "1) Vorname,2) Nachname,10) E-Mail-Adresse",
		"Q1: First name,Q2: Last name *,Q3: Your e-mail"} {
		list, err := leadcsv.Read(strings.NewReader(header+"\nAda,Holm,ada@example.com\n"), nil)
		require.NoError(t, err, header)
		lead := list.Leads[0]
		require.Equal(t, []string{"Ada", "Holm", "ada@example.com"}, []string{lead.FirstName, lead.LastName, lead.Email})
	}
	for _, header := range []string{"1. Choice", "2nd Name", "3 Email", "2026. E-mail", "1.", "Q1"} {
		list, err := leadcsv.Read(strings.NewReader(header+",Last name,E-mail\nx,Holm,ada@example.com\n"), nil)
		require.NoError(t, err, header)
		require.Equal(t, leadcsv.NotUnderstood, list.Report.Columns[0].Status, header)
	}
}
