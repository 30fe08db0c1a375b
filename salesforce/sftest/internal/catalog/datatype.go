// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
)

// dataType returns the type of a field as Setup shows it, such as Text(80), with its key
// (recorded in lists of fields; docs/salesforce.md, Tooling API).
func (c *Catalog) dataType(f *db.Field, obj *db.Object) string {
	switch {
	case f.AutoNumber:
		return "Auto Number"
	case f.Formula:
		return "Formula (" + withoutSize(c.plainType(f, obj)) + ")"
	}
	text := c.plainType(f, obj)
	if f.ExternalID {
		text += " (External ID)"
	}
	switch {
	case f.Unique && f.Custom && f.CaseSensitive:
		text += " (Unique Case Sensitive)"
	case f.Unique && f.Custom:
		text += " (Unique Case Insensitive)"
	}
	return text
}

// withoutSize returns a type without what it has in brackets: formulas have no size.
func withoutSize(text string) string {
	plain, _, _ := strings.Cut(text, "(")
	return plain
}

func (c *Catalog) plainType(f *db.Field, obj *db.Object) string {
	switch f.Type {
	case "base64": // how Setup shows these is not known
		return ""
	case "id":
		return "Lookup()"
	case "reference":
		return c.lookupType(f)
	case "textarea":
		return textAreaType(f)
	case "double":
		return sized("Number", f)
	case "currency":
		return sized("Currency", f)
	case "percent":
		return sized("Percent", f)
	case "int":
		return fmt.Sprintf("Number(%d, 0)", f.Digits)
	case "url":
		return fmt.Sprintf("URL(%d)", f.Length)
	case "phone":
		if f.Name == "Fax" {
			return "Fax"
		}
		return "Phone"
	}
	if f == obj.NameField() && slices.Contains([]string{"Account", "Contact", "Lead", "User"}, obj.Name) {
		return "Name"
	}
	names := map[string]string{
		"address": "Address", "boolean": "Checkbox", "date": "Date", "datetime": "Date/Time", "email": "Email",
		"multipicklist": "Picklist (Multi-Select)", "picklist": "Picklist", "time": "Time",
	}
	if name := names[f.Type]; name != "" {
		return name
	}
	return fmt.Sprintf("Text(%d)", f.Length)
}

// lookupType names the objects that a reference points at by their labels, users before groups.
func (c *Catalog) lookupType(f *db.Field) string {
	labels := make([]string, len(f.ReferenceTo))
	for i, name := range f.ReferenceTo {
		labels[i] = name
		if obj := c.of.Named(name); obj != nil {
			labels[i] = obj.Label
		}
	}
	if slices.Equal(labels, []string{"Group", "User"}) {
		slices.Reverse(labels)
	}
	kind := "Lookup"
	switch {
	case f.Name == "RecordTypeId":
		return "Record Type"
	case f.MasterDetail:
		kind = "Master-Detail"
	}
	return kind + "(" + strings.Join(labels, ",") + ")"
}

func textAreaType(f *db.Field) string {
	kind := "Text Area"
	switch {
	case f.RichText:
		kind = "Rich Text Area"
	case f.Length > 255:
		kind = "Long Text Area"
	}
	return fmt.Sprintf("%s(%d)", kind, f.Length)
}

// sized shows how many digits a number has before and after the point.
func sized(kind string, f *db.Field) string {
	return fmt.Sprintf("%s(%d, %d)", kind, f.Precision-f.Scale, f.Scale)
}
