// SPDX-License-Identifier: Apache-2.0

package stored

import (
	"maps"
	"slices"

	"github.com/leadsync/leadsync/internal/jsontext"
	"github.com/leadsync/leadsync/leadtype"
)

// writeIntents writes intents as encoding/json does.
func writeIntents(w jsontext.Writer, list []leadtype.Intent) jsontext.Writer {
	w = w.Open('[')
	for i := range list {
		w = writeIntent(w, &list[i])
	}
	return w.Close(']')
}

func writeIntent(w jsontext.Writer, i *leadtype.Intent) jsontext.Writer {
	w = w.Open('{').
		Member("kind", string(i.Kind)).
		Member("object", string(i.Object)).
		Filled("key", i.Key)
	if p := i.Person; p != (leadtype.SentPerson{}) {
		w = w.Name("person").Open('{').
			Filled("email", p.Email).
			Filled("firstName", p.FirstName).
			Filled("lastName", p.LastName).
			Filled("company", p.Company).
			Close('}')
	}
	w = w.Filled("who", string(i.Who))
	if len(i.Fields) > 0 {
		w = w.Name("fields").Open('{')
		for _, field := range slices.Sorted(maps.Keys(i.Fields)) {
			w = w.AnyName(field).Text(i.Fields[field])
		}
		w = w.Close('}')
	}
	w = writeTexts(w.Filled("content", i.Content), "company", i.Company).
		Filled("record", string(i.Record)).
		Flag("update", i.Update)
	w = writeChanges(w, i.Changes)
	if len(i.Replaced) > 0 {
		w = w.Name("replaced").Value(i.Replaced)
	}
	w = w.Filled("written", string(i.Written)).Time("sentAt", i.SentAt)
	return writeTime(w, "plannedAt", i.PlannedAt).Close('}')
}
