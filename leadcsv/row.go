// SPDX-License-Identifier: Apache-2.0

package leadcsv

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/leadsync/leadsync/internal/csvtext"
	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/internal/reading"
	"github.com/leadsync/leadsync/leadtype"
)

// A row is a row that becomes a lead.
type row struct {
	file   *file
	record *csvtext.Record
	lead   *leadtype.Lead
	unfit  []Problem
	// whole is the whole name of the person, and line2 the second line of the street.
	whole, line2 string
	// parts are those of source fields, by what they are.
	parts map[string]part
}

// addRow adds the lead of a row, or says why it is left out.
func (f *file) addRow(at int) {
	r := &f.table.records[at]
	f.list.Report.Rows++
	if p := f.unreadable(at); p != nil {
		f.leaveOut(*p)
		return
	}
	w := &row{file: f, record: r, lead: &leadtype.Lead{}}
	for _, second := range []bool{false, true} {
		for i := range f.columns {
			c := &f.columns[i]
			if i < len(r.Cells) && c.isRead() && (c.Status == Second) == second {
				w.fill(c, r.Cells[i])
			}
		}
	}
	for i := range f.columns {
		if c := &f.columns[i]; i < len(r.Cells) && !c.isRead() && strings.TrimSpace(r.Cells[i]) != "" {
			c.Filled++
		}
	}
	w.complete()
	f.add(w)
}

// unreadable returns why a row cannot be read, nil where it can.
func (f *file) unreadable(at int) *Problem {
	r := &f.table.records[at]
	extra := slices.IndexFunc(r.Cells[min(len(r.Cells), len(f.columns)):], func(cell string) bool {
		return strings.TrimSpace(cell) != ""
	})
	p := &Problem{Line: r.Line}
	switch {
	case r.Broken != "":
		p.Kind, p.Reason = Quotes, r.Broken
		f.at(p, len(r.Cells))
	case r.Inside && !f.isWhole(r):
		p.Kind, p.Reason = Quotes, "lies within the quotation marks of a row before it"
	case extra >= 0:
		p.Kind = TooManyCells
		p.Reason = fmt.Sprintf("has %s, and the header %d", count(len(r.Cells), "cell"), len(f.columns))
		p.Column, p.Line = len(f.columns)+extra+1, r.CellLine(len(f.columns)+extra)
	case r.Open && len(r.Cells) < f.named:
		p.Kind = Cut
		p.Reason = fmt.Sprintf("is where the file ends, behind %d of %d cells", len(r.Cells), f.named)
		f.at(p, len(r.Cells))
	case f.isShort(at):
		p.Kind, p.Reason = TooFewCells, fmt.Sprintf("has %s, and the header %d", count(len(r.Cells), "cell"), f.named)
		f.at(p, len(r.Cells)+1)
	default:
		return nil
	}
	return p
}

// isWhole reports whether a line within the quotation marks of another row is a row of its own:
// it has all cells, no quotation mark in the middle of one, and an address where one belongs.
func (f *file) isWhole(r *csvtext.Record) bool {
	return len(r.Cells) >= f.named && !r.Loose && (f.columnOf("email") == nil || f.hasAddress(r))
}

// isShort reports whether a row has too few cells, as the halves of one have that is broken by
// a line end without quotation marks. Excel leaves out blank cells at the end of rows, so that
// a row counts as whole where its e-mail address is in its place, and no half is behind it.
func (f *file) isShort(at int) bool {
	short := func(r *csvtext.Record) bool { return r.Broken == "" && len(r.Cells) < f.named }
	if !short(&f.table.records[at]) {
		return false
	}
	if !f.hasAddress(&f.table.records[at]) {
		return true
	}
	next := f.table.next(at)
	return next < len(f.table.records) && short(&f.table.records[next]) && !f.hasAddress(&f.table.records[next]) &&
		!f.table.isTitle(next) && !f.table.headers[next]
}

// hasAddress reports whether a row has an e-mail address in the column for it.
func (f *file) hasAddress(r *csvtext.Record) bool {
	c := f.columnOf("email")
	return c != nil && c.Number <= len(r.Cells) && strings.Contains(r.Cells[c.Number-1], "@")
}

// at fills the column of a problem, by its number.
func (f *file) at(p *Problem, number int) {
	p.Column = number
	if number >= 1 && number <= len(f.columns) {
		c := &f.columns[number-1]
		p.Header, p.Source = c.Header, c.Source
	}
}

func (f *file) leaveOut(p Problem) { f.list.Report.LeftOut = append(f.list.Report.LeftOut, p) }

// fill fills the source field of a column.
func (w *row) fill(c *column, cell string) {
	text := strings.ReplaceAll(cell, "\r\n", "\n")
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r", "\n"))
	text = strings.TrimSpace(csvtext.Unguard(reading.CellText(text)))
	if text == "" {
		return
	}
	c.Filled++
	v, kind, reason := w.file.read(c, text)
	if reason != "" {
		w.refuse(c, kind, reason)
		return
	}
	switch {
	case v == "":
	case c.holds == wholeName:
		if w.whole == "" {
			w.whole = v
		}
	case c.holds == secondLine:
		if w.line2 == "" {
			w.line2 = v
		}
	case partOf(c.holds) != "":
		if w.parts == nil {
			w.parts = make(map[string]part)
		}
		switch p, filled := w.parts[c.holds]; {
		case !filled:
			w.parts[c.holds] = part{c, v}
		case !sameText(p.text, v):
			w.refuse(c, Contradicts, "is not what column "+strconv.Itoa(p.column.Number)+" has, which counts")
		}
	case c.holds == "website" && personProfile.MatchString(v): // "URL" in lists of a network's contacts
		if w.lead.LinkedIn == "" {
			w.lead.LinkedIn = v
		}
	case c.Status == Second:
		w.fillSecond(c, v)
	default:
		w.set(c, v)
	}
}

// personProfile is the page of a person, which is no website of their company.
var personProfile = regexp.MustCompile(`(?i)\blinkedin\.com/in/`)

func (w *row) set(c *column, text string) {
	var refused *leadtype.Error
	if errors.As(w.lead.Set(c.holds, text), &refused) {
		w.refuse(c, Unreadable, refused.Reason)
	}
}

// fillSecond takes the value of a second column for a source field: where the first has
// another, a second e-mail address or phone number is kept beside it.
func (w *row) fillSecond(c *column, text string) {
	var has string
	switch c.holds {
	case "phone":
		has = w.lead.Phone
	case "mobilePhone":
		has = w.lead.MobilePhone
	default:
		has = textOf(w.lead.Value(c.holds))
	}
	number := reading.ReadDialled(text)
	switch {
	case has == "":
		w.set(c, text)
	case sameText(has, text):
	case c.holds == "email" && strings.Contains(text, "@"):
		if identity.Email(text) != identity.Email(has) {
			w.lead.OtherEmails = append(w.lead.OtherEmails, text)
		}
	case c.holds == "otherEmails":
		w.lead.OtherEmails = append(w.lead.OtherEmails, text)
	case c.holds == "phone" || c.holds == "mobilePhone":
		kind := leadtype.PhoneWork
		if c.holds == "mobilePhone" {
			kind = leadtype.PhoneMobile
		}
		known := slices.ContainsFunc(w.lead.Phones, func(p leadtype.Phone) bool {
			return reading.ReadDialled(p.Number).Same(number)
		})
		if !known && !reading.ReadDialled(has).Same(number) {
			w.lead.Phones = append(w.lead.Phones, leadtype.Phone{Number: text, Kind: kind})
		}
	default:
		w.refuse(c, Contradicts, "is not what the first column for "+c.holds+" has, which counts")
	}
}

func (w *row) refuse(c *column, kind ProblemKind, reason string) {
	w.unfit = append(w.unfit, Problem{Line: w.record.CellLine(c.Number - 1), Column: c.Number, Header: c.Header,
		Source: c.Source, Kind: kind, Reason: reason})
}

// complete fills what several columns, or none, say.
func (w *row) complete() {
	l, o := w.lead, &w.file.opts
	if w.whole != "" && l.FirstName == "" && l.LastName == "" {
		l.FirstName, l.LastName = identity.Split(w.whole)
	} else if w.whole != "" && (l.FirstName == "" || l.LastName == "") {
		w.otherName()
	}
	w.joinParts()
	switch {
	case w.line2 == "":
	case l.Street == "":
		l.Street = w.line2
	case !strings.Contains(l.Street, w.line2):
		l.Street += "\n" + w.line2
	}
	l.EventID, l.EventName = cmp.Or(l.EventID, o.EventID), cmp.Or(l.EventName, o.EventName)
	l.Provenance = cmp.Or(l.Provenance, o.Provenance)
}

// otherName fills the half of a name that is blank with what the whole name has besides the
// other half.
func (w *row) otherName() {
	l := w.lead
	words := strings.Fields(w.whole)
	half := strings.Fields(l.FirstName + l.LastName)
	if len(half) >= len(words) {
		return
	}
	same := func(a, b []string) bool { return slices.EqualFunc(a, b, strings.EqualFold) }
	begin, end := words[len(half):], words[:len(words)-len(half)]
	switch {
	case l.LastName == "" && same(words[:len(half)], half):
		l.LastName = strings.Join(begin, " ")
	case l.FirstName == "" && same(words[len(words)-len(half):], half):
		l.FirstName = strings.Join(end, " ")
	}
}

// add adds a lead, or says why its row is left out.
func (f *file) add(w *row) {
	var by basis
	if w.lead.ID == "" {
		by = f.basisOf(w.lead)
		if by.isNone() {
			f.leaveOut(Problem{Line: w.record.Line, Kind: NotIdentified, Reason: "has nothing that tells whose row it is: an " +
				"id, an e-mail address, or a name with a company or a phone number"})
			return
		}
		w.lead.ID = by.id(f.opts.IDKey)
	}
	if at, ok := f.seen[w.lead.ID]; ok {
		f.repeat(w, at, by)
		return
	}
	if p := w.check(); p != nil {
		f.leaveOut(*p)
		return
	}
	if f.seen == nil {
		f.seen = make(map[leadtype.LeadID]int)
	}
	f.seen[w.lead.ID] = len(f.list.Leads)
	f.list.Leads = append(f.list.Leads, w.lead)
	f.list.Lines = append(f.list.Lines, w.record.Line)
	f.note(w.unfit)
}

// check returns why a lead cannot be captured, nil where it can.
func (w *row) check() *Problem {
	var refused *leadtype.Error
	errors.As(w.lead.Check(), &refused)
	if refused == nil || refused.Code == leadtype.RequiredFieldMissing { // it has an id: Capture says what it lacks
		refused = nil
		errors.As(w.lead.CheckJSON(), &refused)
	}
	if refused == nil {
		return nil
	}
	p := &Problem{Line: w.record.Line, Kind: TooLarge, Reason: refused.Reason}
	for _, field := range refused.Fields {
		if c := w.file.columnOf(field); c != nil {
			w.file.at(p, c.Number)
			p.Line = w.record.CellLine(c.Number - 1)
			break
		}
	}
	return p
}

// note adds values that were not taken to the report.
func (f *file) note(unfit []Problem) {
	for _, p := range unfit {
		f.columns[p.Column-1].Unfit++
		f.list.Report.UnfitCount++
		if len(f.list.Report.Unfit) < MaxUnfit {
			f.list.Report.Unfit = append(f.list.Report.Unfit, p)
		}
	}
}

// finish puts the columns into the report, but for those behind the last that has a name or a
// text.
func (f *file) finish() {
	last := f.named
	for i := range f.columns {
		if f.columns[i].Filled > 0 {
			last = max(last, i+1)
		}
	}
	for _, c := range f.columns[:last] {
		f.list.Report.Columns = append(f.list.Report.Columns, c.Column)
	}
}
