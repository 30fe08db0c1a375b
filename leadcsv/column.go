// SPDX-License-Identifier: Apache-2.0

package leadcsv

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/leadsync/leadsync/internal/csvtext"
	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/internal/reading"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
)

// A column is a column that is read.
type column struct {
	Column
	// holds is what the cells are: a source field, wholeName, a part of a source field, or ""
	// for a column that is not read.
	holds string
	rank  int
	order reading.Order // of dates
}

func (c *column) isRead() bool { return c.holds != "" }

// understand finds out what the columns of the header are.
func (f *file) understand(t *table, header int) error {
	f.table = t
	cells := t.records[header].Cells
	if len(cells) > MaxColumns {
		return refuse(fmt.Sprintf("line %d: has more than %d columns", t.records[header].Line, MaxColumns))
	}
	var names []string
	names, f.second = t.columnNames(header)
	for i, name := range names {
		c := column{Column: Column{Number: i + 1, Header: name}}
		switch named, ok := t.names.of(name); {
		case name == "":
			c.Status = Unnamed
		case ok && named.source == "":
			c.Status = Ignored
		case ok:
			c.Status, c.Source, c.holds, c.rank = Understood, named.source, named.source, named.rank
		default:
			c.Status = NotUnderstood
		}
		f.columns = append(f.columns, c)
		if name != "" {
			f.named = i + 1
		}
	}
	if f.isExport() {
		return refuse(fmt.Sprintf("line %d: is the header of an export of leadsync: read it with Syncer.ReadCSV",
			t.records[header].Line))
	}
	f.decideIDs(header)
	f.decideTitles(header)
	f.decideWhose(header)
	f.decideNames(header)
	f.decideClock(header)
	f.decideParts()
	f.decideTwice()
	f.keepCustom()
	return nil
}

// isExport reports whether the columns are those of an export of leadsync.
func (f *file) isExport() bool {
	outcome := 0
	for _, c := range f.columns {
		if slices.Contains(csvtext.OutcomeColumns(), c.Header) {
			outcome++
		}
	}
	return outcome >= 3 && f.columnOf("id") != nil
}

// columnOf returns the first column that fills a source field, nil for none.
func (f *file) columnOf(holds string) *column {
	for i := range f.columns {
		if f.columns[i].holds == holds {
			return &f.columns[i]
		}
	}
	return nil
}

// texts yields the texts of a column below the header, as far as the evidence goes.
func (f *file) texts(header int, c *column, each func(text string, cells []string)) {
	const evidence = 1000
	records := f.table.records[header+1:]
	for i := range records[:min(len(records), evidence)] {
		if cells := records[i].Cells; records[i].Broken == "" && c.Number <= len(cells) {
			if text := strings.TrimSpace(cells[c.Number-1]); text != "" {
				each(text, cells)
			}
		}
	}
}

// rowNumber is what forms number their rows with.
var rowNumber = regexp.MustCompile(`^\d{1,6}$`)

// decideIDs does not take the numbers of rows for ids: each file has the same ones.
func (f *file) decideIDs(header int) {
	for i := range f.columns {
		c := &f.columns[i]
		if c.holds != "id" || f.opts.TrustIDs {
			continue
		}
		all, numbers := 0, 0
		f.texts(header, c, func(text string, _ []string) {
			all++
			if rowNumber.MatchString(text) {
				numbers++
			}
		})
		if all > 0 && numbers == all {
			c.Status, c.Source, c.holds = Ambiguous, "", ""
			c.Reason = "holds numbers that other files may have for other people: set Options.TrustIDs if none has"
		}
	}
}

// meetingRoles are what people are in a meeting or webinar, folded.
var meetingRoles = []string{"attendee", "presenter", "organizer", "organiser", "coorganizer", "host", "cohost",
	"panelist", "participant", "teilnehmer", "teilnehmerin", "organisator", "referent", "referentin", "moderator",
	"organisateur", "presentateur", "organizador", "moderador", "asistente", "participante", "deelnemer", "presentator"}

// decideTitles does not take salutations for job titles, nor roles in a meeting.
func (f *file) decideTitles(header int) {
	for i := range f.columns {
		c := &f.columns[i]
		name := fold(c.Header)
		if c.holds != "jobTitle" || !slices.Contains([]string{"title", "role", "rolle", "rol"}, name) {
			continue
		}
		all, short, roles := 0, 0, 0
		f.texts(header, c, func(text string, _ []string) {
			all++
			if identity.IsSalutation(text) {
				short++
			}
			if slices.Contains(meetingRoles, fold(text)) {
				roles++
			}
		})
		switch {
		case all == 0:
		case name == "title" && short*2 > all:
			c.Status, c.Source, c.holds, c.Reason = NotUnderstood, "", "", "holds salutations"
		case name != "title" && roles == all:
			c.Status, c.Source, c.holds, c.Reason = NotUnderstood, "", "", "holds roles in a meeting"
		}
	}
}

func (f *file) countTexts(header int, c *column) (n int) {
	f.texts(header, c, func(string, []string) { n++ })
	return n
}

// decideWhose does not read the name and the e-mail address of someone else, who has bought the
// ticket or used the scanner, beside those of the people that the list is about, unless
// most of these are blank.
func (f *file) decideWhose(header int) {
	for i := range f.columns {
		c := &f.columns[i]
		kinds := []string{"email"}
		if c.holds != "email" {
			kinds = []string{wholeName, "firstName", "lastName"}
		}
		if !slices.Contains(kinds, c.holds) || isWhose(c.Header) {
			continue
		}
		isUser := slices.Contains([]string{"username", "useremail"}, fold(c.Header))
		other := slices.IndexFunc(f.columns, func(o column) bool {
			return slices.Contains(kinds, o.holds) && o.Number != c.Number && (isUser || isWhose(o.Header)) &&
				2*f.countTexts(header, &o) >= f.countTexts(header, c)
		})
		if other >= 0 {
			c.Status, c.Source, c.holds = Ambiguous, "", ""
			c.Reason = fmt.Sprintf("may be someone else's than column %d", other+1)
		}
	}
}

// decideNames says what a column such as Name is: beside a first name it may be the last name
// or the whole one.
func (f *file) decideNames(header int) {
	first, last := f.columnOf("firstName"), f.columnOf("lastName")
	whole := f.columnOf(wholeName)
	if whole == nil {
		return
	}
	switch {
	case first != nil && last != nil:
		whole.Reason = "is read where the first and the last name are blank"
	case first == nil && last == nil:
		whole.Reason = "the whole name is split where that is certain"
	case first != nil && !f.contains(header, whole, first):
		whole.holds = "lastName"
	case last != nil && !f.contains(header, whole, last):
		whole.holds = "firstName"
	default:
		whole.Reason = "holds the whole name, and a part of it has a column of its own"
	}
	whole.Source = whole.holds
	for i := range f.columns {
		if c := &f.columns[i]; c.holds == wholeName {
			c.Source = "lastName"
		}
	}
}

// contains reports whether most texts of a column have those of another in them.
func (f *file) contains(header int, whole, part *column) bool {
	all, has := 0, 0
	f.texts(header, whole, func(text string, cells []string) {
		if part.Number > len(cells) || strings.TrimSpace(cells[part.Number-1]) == "" {
			return
		}
		all++
		words := " " + strings.Join(strings.Fields(strings.ToLower(text)), " ") + " "
		if strings.Contains(words, " "+strings.ToLower(strings.TrimSpace(cells[part.Number-1]))+" ") {
			has++
		}
	})
	return has*2 > all
}

// isTime reports whether a source field is a time.
func isTime(source string) bool {
	return source == "capturedAt" || source == "enrichedAt" || source == "updatedAt"
}

// decideTwice says what becomes of two columns for one source field: the second fills what the
// first leaves blank. Of ids and times only one is read.
func (f *file) decideTwice() {
	first := make(map[string]int)
	for i := range f.columns {
		c := &f.columns[i]
		if !c.isRead() {
			continue
		}
		at, twice := first[c.holds]
		switch {
		case !twice:
			first[c.holds] = i
		case isTime(c.holds) || c.holds == "id":
			other := &f.columns[at]
			if c.rank < other.rank {
				first[c.holds] = i
				c, other = other, c
			}
			c.Reason = fmt.Sprintf("column %d is read as %s", other.Number, other.holds)
			c.Status, c.Source, c.holds = Ambiguous, "", ""
		default:
			c.Status = Second
			c.Reason = fmt.Sprintf("is read where column %d is blank or another", f.columns[at].Number)
		}
	}
}

// keepCustom makes custom values of the columns that are not understood, where the host wants
// them.
func (f *file) keepCustom() {
	if !f.opts.Custom {
		return
	}
	taken := make(map[string]bool)
	for _, c := range f.columns {
		taken[c.holds] = true
	}
	for i := range f.columns {
		c := &f.columns[i]
		if c.Status != NotUnderstood && c.Status != Ambiguous || strings.ContainsFunc(c.Header, unicode.IsControl) ||
			len(c.Header) > leadtype.MaxName-8 {
			continue
		}
		source := value.PrefixCustom + c.Header
		for n := 2; taken[source]; n++ {
			source = fmt.Sprintf("%s%s (%d)", value.PrefixCustom, c.Header, n)
		}
		taken[source] = true
		c.Status, c.Source, c.holds = Custom, source, source
	}
}

// twoNumbers is what a date has that may be of either order.
var twoNumbers = regexp.MustCompile(`(?:^|\D)\d{1,2}\s*[-/]\s*\d{1,2}\s*[-/]`)

// readOrders finds out in which order the dates of each column are.
func (f *file) readOrders() {
	for i := range f.columns {
		c := &f.columns[i]
		if !isTime(c.holds) {
			continue
		}
		if c.order = f.opts.DateOrder.order(); c.order != reading.AnyOrder {
			continue
		}
		var day, month bool
		for _, row := range f.rows {
			cells := f.table.records[row].Cells
			if c.Number > len(cells) || !twoNumbers.MatchString(cells[c.Number-1]) {
				continue
			}
			_, dayErr := reading.ReadDateBy(cells[c.Number-1], reading.DayFirst)
			_, monthErr := reading.ReadDateBy(cells[c.Number-1], reading.MonthFirst)
			day = day || dayErr == nil && monthErr != nil
			month = month || monthErr == nil && dayErr != nil
		}
		switch {
		case day && !month:
			c.order = reading.DayFirst
		case month && !day:
			c.order = reading.MonthFirst
		}
	}
}
