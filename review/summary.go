// SPDX-License-Identifier: Apache-2.0

package review

import (
	"cmp"
	"slices"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

// A Summary counts leads by what became of them. The counts add up: those of
// Stages to Total, those of Actions to Stages[leadtype.Cleared], those of Groups to
// Stages[leadtype.Failed], those of a group's Causes to the group's, and those of States,
// which Summarize leaves out, to Stages[leadtype.PreSync].
//
// Its JSON is made for pages: every key is always there, and what is empty is "", 0, [] or {}.
type Summary struct {
	// Total counts all leads, Stages those of each stage that has some.
	Total  int                    `json:"total"`
	Stages map[leadtype.Stage]int `json:"stages"`
	// States counts the leads in Pre-Sync.
	States map[store.State]int `json:"states"`
	// Actions counts the cleared leads.
	Actions map[leadtype.Action]int `json:"actions"`
	// Groups are the failed leads by code, the largest group first.
	Groups []Group `json:"groups"`
	// Warnings count the leads by the kinds of what their last outcomes warn of, those of most
	// leads first, and Notes what needs nobody's attention. A lead counts once for each kind.
	Warnings []WarningGroup `json:"warnings"`
	Notes    []WarningGroup `json:"notes"`
	// Version, given as store.Filter.Version, selects what has not changed since the
	// summary was made. Only leadsync.Syncer.Summary sets it.
	Version int64 `json:"version"`
}

// Share returns how large a part of the leads is in a stage, from 0 to 1. Of no
// leads it is 0.
func (s Summary) Share(stage leadtype.Stage) float64 {
	if s.Total == 0 {
		return 0
	}
	return float64(s.Stages[stage]) / float64(s.Total)
}

// A Group is the failed leads of one code.
type Group struct {
	// Code is the leads', Description the sentence for people.
	Code        leadtype.Code `json:"code"`
	Description string        `json:"description"`
	// Fix is what to do: about the one cause where there is one, else about the code. A Cause's
	// says more, and Description is like it.
	Fix string `json:"fix"`
	// Help is the address of the host's page about the code; see leadtype.Advice.
	Help  string `json:"help"`
	Count int    `json:"count"`
	// Leads are the leads of the group in the order they were given. leadsync.Syncer.Summary
	// leaves them out.
	Leads []leadtype.LeadID `json:"leads"`
	// Filter selects the leads that were counted, for Push, Dismiss, Leads and
	// ExportCSV: those of them that have not changed since, after leadsync.Syncer.Summary;
	// else those that are still failed with the code.
	Filter store.Filter `json:"filter"`
	// Causes divide the group, the largest first.
	Causes []Cause `json:"causes"`
}

// A Cause is the failed leads of a group that one fix resolves: same object, same
// fields, same rule.
type Cause struct {
	// Key identifies the cause in store.Filter.Causes.
	Key    leadtype.CauseKey `json:"key"`
	Object salesforce.Object `json:"object"`
	Fields []string          `json:"fields"`
	// Rule is what refused them: the text of the org's rule, the name of its
	// trigger, Salesforce's code, or this library's own reason.
	Rule string `json:"rule"`
	// Description says what happened.
	Description string `json:"description"`
	// Fix may quote what Salesforce said of the first of the leads: show it to
	// people, do not log it.
	Fix   string            `json:"fix"`
	Help  string            `json:"help"`
	Count int               `json:"count"`
	Leads []leadtype.LeadID `json:"leads"`
	// Filter is like Group.Filter, for the leads of this cause.
	Filter store.Filter `json:"filter"`
}

// Summarize counts the outcomes of leads. It leaves out nil ones.
func Summarize(outcomes []*leadtype.Outcome) Summary {
	var t tally
	for _, o := range outcomes {
		if o != nil {
			t.add(o.LeadID, o.Stage, o)
		}
	}
	return t.summary()
}

// SummarizeEntries counts leads as a Store holds them, by their current stage: one
// that failed and was pushed again is in Pre-Sync.
func SummarizeEntries(entries []store.Entry) Summary {
	var t tally
	for _, e := range entries {
		id := leadtype.LeadID("")
		if e.Lead != nil {
			id = e.Lead.ID
		}
		t.add(id, e.Stage, e.Last)
		if e.Stage == leadtype.PreSync {
			t.addState(e.State, 1)
		}
	}
	return t.summary()
}

// A tally is a Summary in the making.
type tally struct {
	total   int
	stages  map[leadtype.Stage]int
	states  map[store.State]int
	actions map[leadtype.Action]int
	failed  []failure
	warned  map[leadtype.WarningKind]*WarningGroup
	causes  map[leadtype.CauseKey]*WarningCause
	within  store.Filter // that selected the leads, for Group.Filter
	advisor *leadtype.Advisor
}

// A failure is failed leads of one cause: one, or as many as a Store counted.
type failure struct {
	code  leadtype.Code
	key   leadtype.CauseKey
	err   *leadtype.Error // of one of them, never nil
	leads []leadtype.LeadID
	count int
}

func (t *tally) add(id leadtype.LeadID, stage leadtype.Stage, o *leadtype.Outcome) {
	if o == nil {
		o = &leadtype.Outcome{Stage: stage}
	}
	t.addStage(stage, o.Action, 1)
	t.addWarnings(id, o)
	if stage != leadtype.Failed {
		return
	}
	f := failure{code: o.Code(), key: o.CauseKey(), err: o.Err, leads: []leadtype.LeadID{id}, count: 1}
	if f.err == nil {
		f.code, f.err = leadtype.Unknown, &leadtype.Error{Code: leadtype.Unknown}
		f.key = f.err.CauseKey()
	}
	t.failed = append(t.failed, f)
}

// addStage counts leads of a stage; of cleared ones also the action.
func (t *tally) addStage(stage leadtype.Stage, action leadtype.Action, leads int) {
	if t.stages == nil {
		t.stages, t.actions = make(map[leadtype.Stage]int), make(map[leadtype.Action]int)
	}
	t.total += leads
	t.stages[stage] += leads
	if stage == leadtype.Cleared {
		t.actions[action] += leads
	}
}

func (t *tally) addState(state store.State, leads int) {
	if t.states == nil {
		t.states = make(map[store.State]int)
	}
	t.states[state] += leads
}

func (t *tally) summary() Summary {
	s := Summary{Total: t.total, Stages: t.stages, States: t.states, Actions: t.actions, Warnings: t.warnings(false),
		Notes: t.warnings(true), Version: t.within.Version}
	for _, part := range divide(t.failed, func(f failure) string { return string(f.code) }) {
		code := part[0].code
		advice := t.advisor.Code(code)
		group := Group{Code: code, Description: advice.Description, Fix: advice.Fix, Help: advice.Help,
			Count: countOf(part), Leads: leadsOf(part)}
		group.Filter = t.filter(group.Leads, code)
		for _, same := range divide(part, func(f failure) string { return string(f.key) }) {
			first, advice := same[0].err, t.adviceOn(same)
			cause := Cause{
				Key: same[0].key, Object: first.Object, Fields: first.Fields, Rule: value.RuleOf(first.Err, first.Reason),
				Description: advice.Description, Fix: advice.Fix, Help: advice.Help,
				Count: countOf(same), Leads: leadsOf(same),
			}
			cause.Filter = t.filter(cause.Leads, code)
			cause.Filter.Causes = []leadtype.CauseKey{cause.Key}
			group.Causes = append(group.Causes, cause)
		}
		if len(group.Causes) == 1 {
			group.Description, group.Fix = group.Causes[0].Description, group.Causes[0].Fix
		}
		s.Groups = append(s.Groups, group)
	}
	return s
}

// filter selects failed leads of a code: these, unless leads is nil.
func (t *tally) filter(leads []leadtype.LeadID, code leadtype.Code) store.Filter {
	f := t.within
	f.Stages, f.Codes = []leadtype.Stage{leadtype.Failed}, []leadtype.Code{code}
	if leads != nil {
		f.Leads = leads
	}
	return f
}

// divide groups failures by key: the group of most leads first, then in order of the
// text of their causes.
func divide(failures []failure, key func(failure) string) [][]failure {
	at := make(map[string]int)
	var parts [][]failure
	for _, f := range failures {
		k := key(f)
		i, ok := at[k]
		if !ok {
			i = len(parts)
			at[k], parts = i, append(parts, nil)
		}
		parts[i] = append(parts[i], f)
	}
	slices.SortStableFunc(parts, func(a, b []failure) int {
		return cmp.Or(cmp.Compare(countOf(b), countOf(a)), cmp.Compare(a[0].code, b[0].code),
			cmp.Compare(causeText(a[0].err), causeText(b[0].err)))
	})
	return parts
}

func countOf(failures []failure) int {
	n := 0
	for _, f := range failures {
		n += f.count
	}
	return n
}

func leadsOf(failures []failure) []leadtype.LeadID {
	var leads []leadtype.LeadID
	for _, f := range failures {
		leads = append(leads, f.leads...)
	}
	return leads
}

func causeText(e *leadtype.Error) string { return value.CauseOf(e.Object, e.Fields, e.Err, e.Reason) }

// adviceOn says what to do about failures of one cause.
func (t *tally) adviceOn(failures []failure) leadtype.Advice {
	errs := make([]*leadtype.Error, len(failures))
	for i, f := range failures {
		errs[i] = f.err
	}
	return t.advisor.Error(errs...)
}
