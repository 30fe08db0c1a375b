// SPDX-License-Identifier: Apache-2.0

package stored

import (
	"encoding/json"

	"github.com/leadsync/leadsync/internal/jsontext"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// readPrinted reads of an outcome what store.DetailPrinted has, in one pass. It is false where
// encoding/json has to look: for any other form, and for what is no outcome.
func readPrinted(text string, o *leadtype.Outcome) bool {
	reader := jsontext.NewTextReader(text)
	for name := range reader.Members() {
		ok := true
		switch name {
		case "leadId":
			o.LeadID = leadtype.LeadID(reader.Text())
		case "eventId":
			o.EventID = reader.Text()
		case "stage":
			o.Stage = leadtype.Stage(reader.Text())
		case "action":
			o.Action = leadtype.Action(reader.Text())
		case "object":
			o.Object = salesforce.Object(reader.Text())
		case "id":
			o.ID = salesforce.ID(reader.Text())
		case "accountId":
			o.AccountID = salesforce.ID(reader.Text())
		case "warnings":
			ok = readWarnings(reader, o)
		case "error":
			ok = json.Unmarshal(reader.Raw(), &o.Err) == nil
		case "retryAt":
			ok = readTime(reader, &o.RetryAt)
		case "at":
			ok = readTime(reader, &o.At)
		case "parts", "trace", "owed", "ask", "together", "suspect", "left", "earlier":
			reader.Raw()
		default:
			ok = false
		}
		if !ok {
			return false
		}
	}
	return reader.End() == nil
}

func readWarnings(reader *jsontext.Reader, o *leadtype.Outcome) bool {
	if o.Warnings != nil {
		return false // given twice
	}
	o.Warnings = make([]leadtype.Warning, 0, 1)
	for range reader.Elements() {
		var w leadtype.Warning
		for name := range reader.Members() {
			switch name {
			case "kind":
				w.Kind = leadtype.WarningKind(reader.Text())
			case "code":
				w.Code = leadtype.Code(reader.Text())
			case "object":
				w.Object = salesforce.Object(reader.Text())
			case "field":
				w.Field = reader.Text()
			case "reason":
				w.Reason = reader.Text()
			case "record":
				w.Record = salesforce.ID(reader.Text())
			case "part":
				w.Part = reader.Text()
			default:
				return false
			}
		}
		o.Warnings = append(o.Warnings, w)
	}
	return true
}
