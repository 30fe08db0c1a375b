// SPDX-License-Identifier: Apache-2.0

package stored

import (
	"encoding/json"
	"time"

	"github.com/leadsync/leadsync/internal/jsontext"
	"github.com/leadsync/leadsync/leadtype"
)

// EncodeLead encodes a lead without its strategy, which is a separate column that a
// re-capture does not change.
func EncodeLead(lead *leadtype.Lead) (string, error) {
	var some [encodedSize]byte
	if text, ok := writeLead(jsontext.NewWriter(some[:0]), lead).End(); ok {
		return string(text), nil
	}
	data := *lead
	data.Strategy = ""
	text, err := json.Marshal(&data) // it says what is wrong
	return string(text), err
}

// DecodeLead reads a lead, as Decode does, into one that is empty.
func DecodeLead(text string, lead *leadtype.Lead) error {
	if text == "" || readLead(text, lead) {
		return nil
	}
	*lead = leadtype.Lead{}
	return Decode(text, lead)
}

// readLead reads a lead as EncodeLead writes it, in one pass. It is false where encoding/json
// has to look: for any other form, and for what is no lead.
func readLead(text string, lead *leadtype.Lead) bool {
	reader := jsontext.NewTextReader(text)
	for name := range reader.Members() {
		if to := lead.Text(name); to != nil {
			*to = reader.Text()
		} else if !readMember(reader, name, lead) {
			return false
		}
	}
	return reader.End() == nil
}

// readMember reads a member of a lead that is no text.
func readMember(reader *jsontext.Reader, name string, lead *leadtype.Lead) bool {
	var err error
	switch name {
	case "capturedAt":
		return readTime(reader, &lead.CapturedAt)
	case "enrichedAt":
		return readTime(reader, &lead.EnrichedAt)
	case "updatedAt":
		return readTime(reader, &lead.UpdatedAt)
	case "revision":
		lead.Revision, err = reader.Number().Int64()
	case "score":
		lead.Score = new(float64)
		*lead.Score, err = reader.Number().Float64()
	case "otherEmails":
		lead.OtherEmails = readTexts(reader)
	case "qualifiers":
		if lead.Answers != nil {
			return false // given twice: their members are to be joined
		}
		lead.Answers = make(map[string][]string)
		for qualifier := range reader.Members() {
			lead.Answers[qualifier] = readTexts(reader)
		}
	case "custom":
		if lead.Custom != nil || !reader.IsObject() {
			return false
		}
		lead.Custom, _ = reader.Value().(map[string]any)
	case "scans":
		err = json.Unmarshal(reader.Raw(), &lead.Scans)
	case "phones":
		err = json.Unmarshal(reader.Raw(), &lead.Phones)
	case "activities":
		if lead.Activities != nil {
			return false
		}
		return readActivities(reader, lead)
	default:
		return false
	}
	return err == nil
}

func readActivities(reader *jsontext.Reader, lead *leadtype.Lead) bool {
	lead.Activities = make([]leadtype.Activity, 0, 1)
	for range reader.Elements() {
		var a leadtype.Activity
		for name := range reader.Members() {
			switch name {
			case "id":
				a.ID = reader.Text()
			case "kind":
				a.Kind = leadtype.ActivityKind(reader.Text())
			case "at":
				if !readTime(reader, &a.At) {
					return false
				}
			case "by":
				a.By = reader.Text()
			case "notes":
				a.Notes = reader.Text()
			default:
				return false
			}
		}
		lead.Activities = append(lead.Activities, a)
	}
	return true
}

func readTime(reader *jsontext.Reader, at *time.Time) bool {
	return at.UnmarshalJSON(reader.Raw()) == nil
}

func readTexts(reader *jsontext.Reader) []string {
	texts := []string{}
	for range reader.Elements() {
		texts = append(texts, reader.Text())
	}
	return texts
}
