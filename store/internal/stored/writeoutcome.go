// SPDX-License-Identifier: Apache-2.0

package stored

import (
	"time"

	"github.com/leadsync/leadsync/internal/jsontext"
	"github.com/leadsync/leadsync/leadtype"
)

// encodedSize is how many bytes most leads and outcomes have at most.
const encodedSize = 2 << 10

// writeOutcome writes an outcome as encoding/json does.
func writeOutcome(w jsontext.Writer, o *leadtype.Outcome) jsontext.Writer {
	w = w.Open('{').
		Member("leadId", string(o.LeadID)).
		Filled("eventId", o.EventID).
		Member("stage", string(o.Stage)).
		Filled("action", string(o.Action)).
		Filled("object", string(o.Object)).
		Filled("id", string(o.ID)).
		Filled("accountId", string(o.AccountID))
	w = writeWarnings(writeTrace(writeParts(w, o.Parts), &o.Trace), o.Warnings)
	if len(o.Owed) > 0 {
		w = w.Name("owed").Value(o.Owed)
	}
	if o.Ask != nil {
		w = w.Name("ask").Value(o.Ask)
	}
	w = writeTime(writeError(w, o.Err), "retryAt", o.RetryAt).Number("together", int64(o.Together))
	if o.Suspect != nil {
		w = w.Name("suspect").Value(o.Suspect)
	}
	w = w.Time("at", o.At)
	if len(o.Left) > 0 {
		w = w.Name("left").Value(o.Left)
	}
	if len(o.Earlier) > 0 {
		w = w.Name("earlier").Value(o.Earlier)
	}
	return w.Close('}')
}

func writeError(w jsontext.Writer, err *leadtype.Error) jsontext.Writer {
	if err == nil {
		return w
	}
	return w.Name("error").Value(err)
}

func writeParts(w jsontext.Writer, parts []leadtype.Part) jsontext.Writer {
	if len(parts) == 0 {
		return w
	}
	w = w.Name("parts").Open('[')
	for i := range parts {
		p := &parts[i]
		w = w.Open('{').
			Member("kind", string(p.Kind)).
			Member("object", string(p.Object)).
			Filled("key", p.Key).
			Filled("id", string(p.ID)).
			Filled("action", string(p.Action))
		w = writeChanges(w, p.Changes).Filled("digest", p.Digest).Filled("owner", p.Owner)
		w = writeError(w, p.Err).Close('}')
	}
	return w.Close(']')
}

func writeChanges(w jsontext.Writer, changes []leadtype.FieldChange) jsontext.Writer {
	if len(changes) == 0 {
		return w
	}
	w = w.Name("changes").Open('[')
	for i := range changes {
		c := &changes[i]
		w = w.Open('{').Member("field", c.Field)
		if c.Before != nil {
			w = w.Name("before").Value(c.Before)
		}
		w = w.Name("after").Value(c.After).
			Filled("by", c.By).
			Filled("beforeId", string(c.BeforeID)).
			Filled("personField", c.PersonField).
			Flag("removed", c.Removed).
			Filled("reason", c.Reason)
		if c.CapturedAt != nil {
			w = w.Time("capturedAt", *c.CapturedAt)
		}
		w = w.Filled("formOf", string(c.FormOf)).Number("held", int64(c.Held))
		w = writeTexts(w, "appended", c.Appended).Flag("consent", c.Consent).Close('}')
	}
	return w.Close(']')
}

func writeTrace(w jsontext.Writer, t *leadtype.MatchTrace) jsontext.Writer {
	w = writeProbes(w.Name("trace").Open('{').Filled("strategy", t.Strategy), t.Probes).
		Filled("rule", t.Rule).
		Filled("foldedInto", string(t.FoldedInto)).
		Filled("attachedTo", string(t.AttachedTo)).
		Filled("chosen", string(t.Chosen)).
		Filled("chosenBy", t.ChosenBy).
		Filled("chosenAccount", string(t.ChosenAccount)).
		Filled("accountBy", t.AccountBy)
	if len(t.Passed) > 0 {
		w = w.Name("passed").Value(t.Passed)
	}
	return writeBond(w, t.Bond).Close('}')
}

func writeProbes(w jsontext.Writer, probes []leadtype.ProbeTrace) jsontext.Writer {
	if len(probes) == 0 {
		return w
	}
	w = w.Name("probes").Open('[')
	for i := range probes {
		p := &probes[i]
		w = w.Open('{').
			Member("object", string(p.Object)).
			Member("field", p.Field).
			Filled("key", string(p.Key)).
			Filled("skipped", p.Skipped).
			Filled("tried", string(p.Tried))
		w = writeCandidates(w, p.Candidates).Number("removed", int64(p.Removed)).Flag("hit", p.Hit).Close('}')
	}
	return w.Close(']')
}

func writeCandidates(w jsontext.Writer, candidates []leadtype.Candidate) jsontext.Writer {
	if len(candidates) == 0 {
		return w
	}
	w = w.Name("candidates").Open('[')
	for i := range candidates {
		c := &candidates[i]
		w = w.Open('{').
			Member("object", string(c.Object)).
			Member("id", string(c.ID)).
			Filled("note", c.Note).
			Filled("from", string(c.From)).
			Filled("why", string(c.Why)).
			Filled("field", c.Field).
			Close('}')
	}
	return w.Close(']')
}

func writeBond(w jsontext.Writer, b *leadtype.Bond) jsontext.Writer {
	if b == nil {
		return w
	}
	w = w.Name("bond").Open('{').
		Filled("person", string(b.Person)).
		Filled("account", string(b.Account)).
		Flag("differs", b.Differs).
		Filled("who", string(b.Who)).
		Filled("email", b.Email)
	w = writeTexts(writeTexts(w, "sent", b.Sent).Filled("given", b.Given), "company", b.Company)
	return writeTexts(w, "names", b.Names).Filled("choice", b.Choice).Close('}')
}

func writeWarnings(w jsontext.Writer, warnings []leadtype.Warning) jsontext.Writer {
	if len(warnings) == 0 {
		return w
	}
	w = w.Name("warnings").Open('[')
	for i := range warnings {
		one := &warnings[i]
		w = w.Open('{').
			Filled("kind", string(one.Kind)).
			Member("code", string(one.Code)).
			Filled("object", string(one.Object)).
			Filled("field", one.Field).
			Member("reason", one.Reason).
			Filled("record", string(one.Record)).
			Filled("part", one.Part).
			Close('}')
	}
	return w.Close(']')
}

// writeTime writes a member that is a time, unless it is zero.
func writeTime(w jsontext.Writer, name string, t time.Time) jsontext.Writer {
	if t.IsZero() {
		return w
	}
	return w.Time(name, t)
}

// writeTexts writes a member that is a list of texts, unless it is empty.
func writeTexts(w jsontext.Writer, name string, list []string) jsontext.Writer {
	if len(list) == 0 {
		return w
	}
	return w.Name(name).Texts(list)
}
