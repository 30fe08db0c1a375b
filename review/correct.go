// SPDX-License-Identifier: Apache-2.0

package review

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/csvtext"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
)

// A correction is a cell on its way into a lead.
type correction struct {
	stored *leadtype.Lead
	lead   *leadtype.Lead // a copy of stored, whose maps and lists are its own
	column string
	ansi   bool // the file cannot hold every character
}

// apply changes the lead where the cell, which is not blank, says something else than
// what is stored. The error says which rule it breaks, without a value.
func (c *correction) apply(cell string) error {
	for _, raw := range []bool{true, false} {
		written := cellOf(c.stored, c.column, raw)
		if sameCell(written, cell, c.ansi) || sameCell(csvtext.GuardCell(written), cell, c.ansi) {
			return nil
		}
	}
	cell = strings.TrimSpace(csvtext.Unguard(lines.Replace(cell)))
	if cell == "" {
		return nil
	}
	if name, ok := strings.CutPrefix(c.column, value.PrefixQualifier); ok {
		return c.answers(name, cell)
	}
	if name, ok := strings.CutPrefix(c.column, value.PrefixCustom); ok {
		return c.custom(name, cell)
	}
	if strings.HasPrefix(c.column, value.PrefixActivity) && len(c.stored.Activities) > 0 {
		return errors.New("activities are corrected in the column activities of a raw file")
	}
	switch c.column {
	case activitiesColumn:
		return c.activities(cell)
	case phonesColumn:
		var phones []leadtype.Phone
		if err := readJSON(cell, &phones); err != nil {
			return err
		}
		c.lead.Phones = phones
		return nil
	}
	return c.field(cell)
}

// field changes a source field that every lead has.
func (c *correction) field(cell string) error {
	switch was := c.stored.Value(c.column).(type) {
	case time.Time:
		if at, ok := timeIn(cell, was.Location()); ok {
			cell = at.Format(time.RFC3339Nano)
		}
	case int, int64, float64:
		cell = withPoint(cell)
	case nil:
		if slices.Contains([]string{"score", "scans", "revision"}, c.column) {
			cell = withPoint(cell)
		}
	}
	var refused *leadtype.Error
	if errors.As(c.lead.Set(c.column, cell), &refused) {
		return errors.New(refused.Reason)
	}
	return nil
}

func (c *correction) answers(name, cell string) error {
	answers, err := readAnswers(cell)
	if err != nil {
		return err
	}
	if len(answers) == 0 {
		delete(c.lead.Answers, name)
		return nil
	}
	if c.lead.Answers == nil {
		c.lead.Answers = make(map[string][]string)
	}
	c.lead.Answers[name] = answers
	return nil
}

// custom changes a custom value, which keeps the type that is stored.
func (c *correction) custom(name, cell string) error {
	was := c.stored.Custom[name]
	plain, isPlain := value.PlainValue(was)
	if !isPlain {
		plain = was // a list of lists, or an object
	}
	v, err := readCustom(cell)
	switch plain.(type) {
	case string:
		if _, isText := v.(string); err != nil || !isText {
			v, err = cell, nil
		}
	case bool:
		truth, ok := truthOf(cell)
		if !ok {
			return errors.New("is not true or false, as what is stored is")
		}
		v, err = truth, nil
	case nil: // of any type
	case json.Number:
		if v, err = readCustom(withPoint(cell)); err == nil {
			if _, ok := v.(json.Number); !ok {
				err = errors.New("is not a number, as what is stored is")
			}
		}
	default: // a list or an object
		if _, isText := v.(string); err == nil && isText {
			err = errNotJSON
		}
	}
	if err != nil {
		return err
	}
	if c.lead.Custom == nil {
		c.lead.Custom = make(map[string]any)
	}
	c.lead.Custom[name] = v
	return nil
}

// activities replaces the activities. One without an id that was not changed, or only
// moved, stays as it is stored.
func (c *correction) activities(cell string) error {
	var activities []leadtype.Activity
	if err := readJSON(cell, &activities); err != nil {
		return err
	}
	for i := range activities {
		var unfit *leadtype.Error
		if errors.As(activities[i].Check(), &unfit) {
			return errors.New("has an activity that " + unfit.Reason)
		}
	}
	c.lead.Activities = c.named(activities)
	return nil
}

// named gives an activity without an id whose notes or rep were changed the key of the
// stored one that it was, so that it is not logged a second time.
func (c *correction) named(activities []leadtype.Activity) []leadtype.Activity {
	type when struct {
		kind leadtype.ActivityKind
		at   int64
	}
	known, kept := make(map[string]bool), make(map[string]bool)
	for i := range c.stored.Activities {
		known[c.stored.Activities[i].Key()] = true
	}
	for i := range activities {
		kept[activities[i].Key()] = true
	}
	changed := make(map[when][]string) // the keys of stored activities that are there no more
	for i := range c.stored.Activities {
		a := &c.stored.Activities[i]
		if key := a.Key(); a.ID == "" && !kept[key] {
			at := when{a.Kind, a.At.UnixNano()}
			changed[at] = append(changed[at], key)
		}
	}
	for i := range activities {
		a := &activities[i]
		at := when{a.Kind, a.At.UnixNano()}
		if keys := changed[at]; a.ID == "" && !known[a.Key()] && len(keys) > 0 {
			a.ID, changed[at] = keys[0], keys[1:]
		}
	}
	return activities
}
