package org

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/value"
)

// ListChanges says which members of a list were removed, and which were added.
func ListChanges(what string, before, now []string) (breaks, eases []string) {
	if gone := without(before, now); len(gone) > 0 {
		breaks = append(breaks, what+" removed: "+value.Quoted(gone))
	}
	if added := without(now, before); len(added) > 0 {
		eases = append(eases, what+" added: "+value.Quoted(added))
	}
	return breaks, eases
}

// Differences says in words what changed: what may break a sync, and what does
// not.
func (f *FieldSnapshot) Differences(now *FieldSnapshot) (breaks, eases []string) {
	if f.Type != now.Type {
		breaks = append(breaks, fmt.Sprintf("type %s, was %s", now.Type, f.Type))
	}
	shorter, longer := f.sizeChanges(now)
	stricter, looser := f.ruleChanges(now)
	breaks, eases = slices.Concat(breaks, shorter, stricter), append(longer, looser...)
	if f.Key && !now.Key {
		breaks = append(breaks, "no longer an External ID")
	}
	if !strings.EqualFold(f.Controller, now.Controller) {
		breaks = append(breaks, "the controlling field changed")
	}
	if !slices.Equal(f.ReferenceTo, now.ReferenceTo) {
		breaks = append(breaks, fmt.Sprintf("now refers to %s", now.ReferenceTo))
	}
	removed, added := ListChanges("options", f.Options, now.Options)
	return append(breaks, removed...), append(eases, added...)
}

func (f *FieldSnapshot) sizeChanges(now *FieldSnapshot) (shorter, longer []string) {
	for _, n := range []struct {
		what        string
		before, now int
	}{
		{"length", f.Length, now.Length}, {"digits", f.Digits, now.Digits}, {"scale", f.Scale, now.Scale},
		{"digits before the decimal point", f.Precision - f.Scale, now.Precision - now.Scale},
	} {
		text := fmt.Sprintf("%s %d, was %d", n.what, n.now, n.before)
		if n.now < n.before {
			shorter = append(shorter, text)
		} else if n.now > n.before {
			longer = append(longer, text)
		}
	}
	return shorter, longer
}

func (f *FieldSnapshot) ruleChanges(now *FieldSnapshot) (stricter, looser []string) {
	for _, b := range []struct {
		what        string
		before, now bool
	}{
		{"required", f.Required, now.Required}, {"read-only", f.ReadOnly, now.ReadOnly},
		{"writable on create only", f.CreateOnly, now.CreateOnly},
		{"unique", f.Unique, now.Unique}, {"restricted to its options", f.Restricted, now.Restricted},
	} {
		if b.now && !b.before {
			stricter = append(stricter, "now "+b.what)
		} else if b.before && !b.now {
			looser = append(looser, "no longer "+b.what)
		}
	}
	return stricter, looser
}

// without returns those of list that are not in other.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(other, s) })
}
