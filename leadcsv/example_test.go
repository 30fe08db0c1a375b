// SPDX-License-Identifier: Apache-2.0

package leadcsv_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/leadsync/leadsync/leadcsv"
)

func ExampleRead() {
	file := strings.NewReader("Vorname;Nachname;Firma;E-Mail;Telefon;Standbesuch\r\n" +
		"Ida;Berg;Berg AG;ida@example.com;4,91711E+11;ja\r\n" +
		";;Lund AS;;;\r\n")
	list, err := leadcsv.Read(file, &leadcsv.Options{EventID: "expo-2026"})
	if err != nil {
		log.Fatal(err) // the file as a whole
	}
	fmt.Print(list.Report)
	for i, lead := range list.Leads {
		fmt.Printf("line %d: %s at %s\n", list.Lines[i], lead.ID, lead.EventID)
	}
	// Output:
	// utf-8, separated by semicolons, header in line 1
	// 2 rows: 1 lead, 1 left out; 1 value not taken
	// column 1 "Vorname": understood, firstName
	// column 2 "Nachname": understood, lastName
	// column 3 "Firma": understood, company
	// column 4 "E-Mail": understood, email
	// column 5 "Telefon": understood, phone
	// column 6 "Standbesuch": not-understood
	// row left out, line 3: has nothing that tells whose row it is: an id, an e-mail address, or a name with a company or a phone number
	// value not taken, line 2, column 5 "Telefon": has lost digits in a spreadsheet: format the column as text before the export
	// line 2: csv-6ivwjss6vbfj5rfjf6wqp3i2dh7e7svs at expo-2026
}
