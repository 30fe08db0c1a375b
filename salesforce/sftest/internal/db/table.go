// SPDX-License-Identifier: Apache-2.0

package db

import (
	"embed"
	"strconv"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

//go:embed describe/*.tsv
var tables embed.FS

// readTable reads the fields of a standard object.
func readTable(name string) []*Field {
	var fields []*Field
	for _, cells := range ReadTSV(strings.ToLower(name)) {
		fields = append(fields, tableField(cells))
	}
	return fields
}

// ReadTSV reads the rows of a table by the names of their columns.
func ReadTSV(name string) []map[string]string {
	text, err := tables.ReadFile("describe/" + name + ".tsv")
	if err != nil {
		panic("sftest: " + err.Error())
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")[1:] // the first says where the table is from
	columns := strings.Split(lines[0], "\t")
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := make(map[string]string, len(columns))
		for i, cell := range strings.Split(line, "\t") {
			row[columns[i]] = cell
		}
		rows = append(rows, row)
	}
	return rows
}

// readLacking reads the names of the fields that the fake lacks, in lower case, by their object.
func readLacking() map[string][]string {
	lacking := map[string][]string{}
	for _, row := range ReadTSV("lacking") {
		lacking[row["object"]] = strings.Fields(strings.ToLower(row["fields"]))
	}
	return lacking
}

func tableField(cells map[string]string) *Field {
	yes := func(column string) bool { return cells[column] == "y" }
	number := func(column string) int {
		n, _ := strconv.Atoi(cells[column])
		return n
	}
	f := &Field{
		FieldSpec: FieldSpec{
			Name: cells["name"], Label: cells["label"], Type: cells["type"],
			Length: number("length"), Precision: number("precision"), Scale: number("scale"), Digits: number("digits"),
			Restricted: yes("restrictedPicklist"), ExternalID: yes("externalId"), Unique: yes("unique"),
			Relationship: cells["relationshipName"], Options: wire.Split(cells["picklist"], "|"),
			ReferenceTo: wire.Split(cells["referenceTo"], ","), AutoNumber: yes("autoNumber"),
		},
		Nillable: yes("nillable"), Createable: yes("createable"), Updateable: yes("updateable"),
		Defaulted: yes("defaultedOnCreate"),
		IDLookup:  yes("idLookup"), Filterable: yes("filterable"), Compound: cells["compoundFieldName"],
	}
	for i, option := range f.Options {
		if name, ok := strings.CutPrefix(option, "*"); ok {
			f.Options[i] = name
			f.Default = name
		}
	}
	return f
}
