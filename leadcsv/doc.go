// SPDX-License-Identifier: Apache-2.0

// Package leadcsv reads lead lists as people have them: what badge scanners, event tools,
// forms and spreadsheets export.
//
//	list, err := leadcsv.Read(file, &leadcsv.Options{EventID: "expo-2026"})
//	if err != nil {
//		return err // the file as a whole is refused
//	}
//	fmt.Print(list.Report) // what was understood and what was not
//	_, err = syncer.Capture(ctx, list.Leads...)
//
// Read finds out the encoding (UTF-8, UTF-16, Windows-1252), the separator (comma, semicolon,
// tab, vertical bar) and the ends of lines, passes over a preamble, and takes the first row
// that names known columns for the header, in English, German, French, Spanish or Dutch, or
// as source fields are called. Of a file with several sections, as Zoom and Teams write them, it reads
// that of the attendees.
//
// Nothing is left out silently: Report has each column and what became of it, the lines that
// were passed over, the rows that are not among the leads, and the values that were not
// taken, with line and column. It holds no values. Rows is the number of leads and of rows
// that were left out.
//
// A lead without an id gets one that is made of its event and of what identifies the person,
// so that the same row has the same id whenever it is read; see Options.IDKey.
//
// A file that leadsync exported is refused: Syncer.ReadCSV reads it, which takes the stored
// lead for all that has not been corrected.
package leadcsv
