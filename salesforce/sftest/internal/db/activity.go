// SPDX-License-Identifier: Apache-2.0

package db

import (
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// Activities returns the objects that a field of Activity shows on
// (docs/salesforce.md, Tasks).
func Activities() []string { return []string{"Event", "Task"} }

// definedOn returns the objects that get a field defined on an object.
func definedOn(object string) []string {
	if strings.EqualFold(object, "Activity") {
		return Activities()
	}
	return []string{object}
}

// leadWithWhat refuses an activity of a Lead that also has a Related To
// (docs/salesforce.md, Tasks; text unverified).
func (d *DB) leadWithWhat(s *Save) *wire.RowError {
	if who := d.Find(wire.TextOf(s.after["WhoId"])); who != nil && who.Obj.Name == "Lead" && s.after["WhatId"] != nil {
		return wire.NewRowError("FIELD_INTEGRITY_EXCEPTION",
			"Related To ID: a "+strings.ToLower(s.Obj.Label)+" of a lead cannot be related to another record", "WhatId")
	}
	return nil
}

func prepareTask(d *DB, s *Save) []*wire.RowError {
	if err := d.leadWithWhat(s); err != nil {
		return []*wire.RowError{err}
	}
	closed := d.closesTask(wire.TextOf(s.after["Status"]))
	s.after["IsClosed"] = closed
	s.after["IsHighPriority"] = s.after["Priority"] == "High"
	if s.after["CompletedDateTime"] == nil && closed {
		s.after["CompletedDateTime"] = d.SaveTime()
	}
	if !closed {
		delete(s.after, "CompletedDateTime")
	}
	return nil
}

// closesTask reports whether a Task of that status is closed (docs/salesforce.md, Tasks).
func (d *DB) closesTask(status string) bool {
	for _, row := range d.object("TaskStatus").Rows {
		if row.Text("ApiName") == status {
			return row.Get("IsClosed") == true
		}
	}
	return false
}

// prepareEvent makes the fields for the time of an event consistent: start and end, or start
// and minutes; for an all-day event the day (Object Reference, Event; texts unverified).
func prepareEvent(d *DB, s *Save) []*wire.RowError {
	if err := d.leadWithWhat(s); err != nil {
		return []*wire.RowError{err}
	}
	start, timed := s.eventStart()
	minutes, ended := s.eventMinutes(start)
	switch {
	case !timed || !ended:
		return s.eventIncomplete(timed, ended)
	case minutes < 0:
		return []*wire.RowError{wire.NewRowError("FIELD_INTEGRITY_EXCEPTION",
			"End: an event cannot end before it starts", "EndDateTime")}
	}
	end := start.Add(time.Duration(minutes) * time.Minute)
	s.after["StartDateTime"], s.after["ActivityDateTime"] = start, start
	s.after["ActivityDate"] = start.Format(time.DateOnly)
	s.after["EndDateTime"], s.after["EndDate"], s.after["DurationInMinutes"] = end, end.Format(time.DateOnly), minutes
	if s.after["IsAllDayEvent"] == true {
		delete(s.after, "ActivityDateTime")
	}
	return nil
}

// eventIncomplete names the missing fields. Seeds ignore it: rules do not apply to them.
func (s *Save) eventIncomplete(timed, ended bool) []*wire.RowError {
	var missing []string
	if !ended {
		missing = append(missing, "DurationInMinutes")
	}
	if !timed {
		missing = append(missing, "ActivityDateTime")
	}
	return []*wire.RowError{wire.NewRowError("REQUIRED_FIELD_MISSING",
		"Required fields are missing: ["+wire.Join(missing)+"]", missing...)}
}

// eventStart returns the start that the request sets, else that of the row.
func (s *Save) eventStart() (time.Time, bool) {
	for _, name := range []string{"StartDateTime", "ActivityDateTime"} {
		if t, ok := s.given[name].(time.Time); ok {
			return t, true
		}
	}
	if day, err := time.Parse(time.DateOnly, wire.TextOf(s.given["ActivityDate"])); err == nil {
		return day, true
	}
	t, ok := s.after["StartDateTime"].(time.Time)
	return t, ok
}

// eventMinutes returns the duration of the event: from the end if it is given, otherwise from
// the minutes. A new all-day event lasts a day.
func (s *Save) eventMinutes(start time.Time) (int, bool) {
	if end, ok := s.given["EndDateTime"].(time.Time); ok {
		return int(end.Sub(start) / time.Minute), true
	}
	if minutes, ok := s.after["DurationInMinutes"].(int); ok {
		return minutes, true
	}
	return 24 * 60, s.after["IsAllDayEvent"] == true
}

// activityAccount returns the Account that the activity refers to, else the Contact's.
func activityAccount(d *DB, r *Row) any {
	if what := d.Find(r.Text("WhatId")); what != nil && what.Obj.Name == "Account" {
		return what.ID
	}
	if who := d.Find(r.Text("WhoId")); who != nil {
		return who.Get("AccountId")
	}
	return nil
}

func countOf(name string) func(*DB, *Row) any {
	return func(d *DB, r *Row) any {
		if r.Get(name) == nil {
			return 0
		}
		return 1
	}
}
