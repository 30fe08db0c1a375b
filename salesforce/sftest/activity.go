package sftest

import (
	"strings"
	"time"
)

// activities are the objects that a field of Activity shows on (SALESFORCE.md
// 8.5).
func activities() []string { return []string{"Event", "Task"} }

// definedOn are the objects that get a field defined on an object.
func definedOn(object string) []string {
	if strings.EqualFold(object, "Activity") {
		return activities()
	}
	return []string{object}
}

// leadWithWhat refuses a Lead together with something the activity is about: a
// Lead has no Related To (SALESFORCE.md 3, Task; text from memory).
func (d *database) leadWithWhat(s *save) *rowError {
	if who := d.find(textOf(s.after["WhoId"])); who != nil && who.obj.name == "Lead" && s.after["WhatId"] != nil {
		return rowErr("FIELD_INTEGRITY_EXCEPTION", "Related To ID: a "+strings.ToLower(s.obj.label)+" of a lead cannot be related to another record", "WhatId")
	}
	return nil
}

func prepareTask(d *database, s *save) []*rowError {
	if err := d.leadWithWhat(s); err != nil {
		return []*rowError{err}
	}
	closed := s.after["Status"] == "Completed"
	s.after["IsClosed"] = closed
	s.after["IsHighPriority"] = s.after["Priority"] == "High"
	if s.after["CompletedDateTime"] == nil && closed {
		s.after["CompletedDateTime"] = d.saveTime()
	}
	if !closed {
		delete(s.after, "CompletedDateTime")
	}
	return nil
}

// prepareEvent brings the four ways to say when an event is in line: start and
// end, or start and minutes; of an all-day event the day (Object Reference,
// Event; texts from memory).
func prepareEvent(d *database, s *save) []*rowError {
	if err := d.leadWithWhat(s); err != nil {
		return []*rowError{err}
	}
	start, timed := s.eventStart()
	minutes, ended := s.eventMinutes(start)
	switch {
	case !timed || !ended:
		return s.eventIncomplete(timed, ended)
	case minutes < 0:
		return []*rowError{rowErr("FIELD_INTEGRITY_EXCEPTION", "End: an event cannot end before it starts", "EndDateTime")}
	}
	end := start.Add(time.Duration(minutes) * time.Minute)
	s.after["StartDateTime"], s.after["ActivityDateTime"], s.after["ActivityDate"] = start, start, start.Format(time.DateOnly)
	s.after["EndDateTime"], s.after["EndDate"], s.after["DurationInMinutes"] = end, end.Format(time.DateOnly), minutes
	if s.after["IsAllDayEvent"] == true {
		delete(s.after, "ActivityDateTime")
	}
	return nil
}

// eventIncomplete names what is missing. A seed may leave it out: rules do not
// concern it.
func (s *save) eventIncomplete(timed, ended bool) []*rowError {
	var missing []string
	if !ended {
		missing = append(missing, "DurationInMinutes")
	}
	if !timed {
		missing = append(missing, "ActivityDateTime")
	}
	return []*rowError{rowErr("REQUIRED_FIELD_MISSING", "Required fields are missing: ["+listed(missing)+"]", missing...)}
}

// eventStart is what the request sets, else what the row has.
func (s *save) eventStart() (time.Time, bool) {
	for _, name := range []string{"StartDateTime", "ActivityDateTime"} {
		if t, ok := s.given[name].(time.Time); ok {
			return t, true
		}
	}
	if day, err := time.Parse(time.DateOnly, textOf(s.given["ActivityDate"])); err == nil {
		return day, true
	}
	t, ok := s.after["StartDateTime"].(time.Time)
	return t, ok
}

// eventMinutes is how long the event lasts: the end counts when it is given, and
// the minutes otherwise. A new all-day event lasts a day.
func (s *save) eventMinutes(start time.Time) (int, bool) {
	if end, ok := s.given["EndDateTime"].(time.Time); ok {
		return int(end.Sub(start) / time.Minute), true
	}
	if minutes, ok := s.after["DurationInMinutes"].(int); ok {
		return minutes, true
	}
	return 24 * 60, s.after["IsAllDayEvent"] == true
}

// activityAccount is derived: the Account it is about, else the Contact's.
func activityAccount(d *database, r *row) any {
	if what := d.find(r.text("WhatId")); what != nil && what.obj.name == "Account" {
		return what.id
	}
	if who := d.find(r.text("WhoId")); who != nil {
		return who.values["AccountId"]
	}
	return nil
}

func countOf(name string) func(*database, *row) any {
	return func(d *database, r *row) any {
		if r.values[name] == nil {
			return 0
		}
		return 1
	}
}
