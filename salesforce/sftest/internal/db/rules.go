// SPDX-License-Identifier: Apache-2.0

package db

import (
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// AddRule implements Org.AddRule.
func (d *DB) AddRule(object string, r Rule) {
	obj := d.object(object)
	if r.Refuses == nil {
		panic("sftest: the rule " + r.Name + " needs a function Refuses")
	}
	obj.rules = append(obj.rules, r)
}

// Rules returns the validation rules of an object.
func (o *Object) Rules() []Rule { return o.rules }

// OnRow implements Org.OnRow.
func (d *DB) OnRow(object string, refuse func(op string, row map[string]any) *wire.RowError) {
	name := d.object(object).Name
	d.hooks.onRow[name] = append(d.hooks.onRow[name], refuse)
}

// OnBatch implements Org.OnBatch.
func (d *DB) OnBatch(object string, refuse func(rows int) *wire.RowError) {
	d.hooks.onBatch[strings.ToLower(d.object(object).Name)] = refuse
}

// RefuseBatch asks the function of Org.OnBatch about rows that arrive together.
func (d *DB) RefuseBatch(object string, rows int) *wire.RowError {
	if refuse := d.hooks.onBatch[strings.ToLower(object)]; refuse != nil {
		return refuse(rows)
	}
	return nil
}

func (d *DB) runHooks(s *Save) []*wire.RowError {
	for _, hook := range d.hooks.onRow[s.Obj.Name] {
		if err := hook(s.Op, s.shown()); err != nil {
			return []*wire.RowError{err}
		}
	}
	return nil
}

func (d *DB) runRules(s *Save) []*wire.RowError {
	var errs []*wire.RowError
	for _, rule := range s.Obj.rules {
		if !rule.Refuses(s.shown()) {
			continue
		}
		err := wire.NewRowError("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.Message)
		err.Fields = []string{}
		if rule.Field != "" {
			err.Fields = []string{rule.Field}
		}
		errs = append(errs, err)
	}
	return errs
}
