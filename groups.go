package leadsync

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce"
)

// A Summary counts leads by what became of them. The counts add up: those of
// Stages to Total, those of Actions to Stages[Cleared], those of Groups to
// Stages[Failed], and those of a group's Causes to the group's.
type Summary struct {
	Total  int           `json:"total"`
	Stages map[Stage]int `json:"stages"`
	// Actions counts the cleared leads.
	Actions map[Action]int `json:"actions"`
	// Groups are the failed leads by code, the largest group first.
	Groups []Group `json:"groups,omitempty"`
}

// A Group is the failed leads of one code.
type Group struct {
	Code        Code   `json:"code"`
	Description string `json:"description"`
	// Fix is what to do about the code. A Cause's says more.
	Fix   string `json:"fix"`
	Count int    `json:"count"`
	// Leads are the leads of the group in the order they were given: a Push with
	// Filter.Leads set to them retries exactly these.
	Leads []LeadID `json:"leads"`
	// Causes divide the group, the largest first.
	Causes []Cause `json:"causes"`
}

// A Cause is the failed leads of a group that one deed heals: same object, same
// fields, same rule.
type Cause struct {
	Object salesforce.Object `json:"object,omitempty"`
	Fields []string          `json:"fields,omitempty"`
	// Rule is what refused them: the text of the org's rule, the name of its
	// trigger, Salesforce's code, or this library's own reason.
	Rule string `json:"rule,omitempty"`
	// Fix may quote what Salesforce said of the first of the leads: show it to
	// people, do not log it.
	Fix   string   `json:"fix"`
	Count int      `json:"count"`
	Leads []LeadID `json:"leads"`
}

// Summarize counts the outcomes of leads. It leaves out nil ones.
func Summarize(outcomes []*Outcome) Summary {
	var t tally
	for _, o := range outcomes {
		if o != nil {
			t.add(o.LeadID, o.Stage, o)
		}
	}
	return t.summary()
}

// SummarizeEntries counts leads as a Store holds them, by their stage of now:
// one that failed and was pushed again is in Pre-Sync.
func SummarizeEntries(entries []Entry) Summary {
	var t tally
	for _, e := range entries {
		id := LeadID("")
		if e.Lead != nil {
			id = e.Lead.ID
		}
		t.add(id, e.Stage, e.Last)
	}
	return t.summary()
}

// OnlyFailed returns the outcomes that failed, in their order.
func OnlyFailed(outcomes []*Outcome) []*Outcome {
	var failed []*Outcome
	for _, o := range outcomes {
		if o != nil && o.Stage == Failed {
			failed = append(failed, o)
		}
	}
	return failed
}

// Tee returns a Sink that tells each of sinks in turn, whatever the others
// return, and joins their errors. It leaves out nil ones.
func Tee(sinks ...Sink) Sink {
	sinks = slices.DeleteFunc(slices.Clone(sinks), func(s Sink) bool { return s == nil })
	return SinkFunc(func(ctx context.Context, outcomes []*Outcome) error {
		errs := make([]error, len(sinks))
		for i, sink := range sinks {
			errs[i] = sink.Record(ctx, outcomes)
		}
		return errors.Join(errs...)
	})
}

// A tally is a Summary in the making.
type tally struct {
	total   int
	stages  map[Stage]int
	actions map[Action]int
	failed  []failure
}

// A failure is a failed lead with its error, never nil.
type failure struct {
	lead LeadID
	err  *Error
}

func (t *tally) add(id LeadID, stage Stage, o *Outcome) {
	if t.stages == nil {
		t.stages, t.actions = make(map[Stage]int), make(map[Action]int)
	}
	t.total++
	t.stages[stage]++
	switch {
	case stage == Cleared && o != nil:
		t.actions[o.Action]++
	case stage == Cleared:
		t.actions[""]++
	case stage == Failed && o != nil && o.Err != nil:
		t.failed = append(t.failed, failure{id, o.Err})
	case stage == Failed:
		t.failed = append(t.failed, failure{id, &Error{Code: Unknown}})
	}
}

func (t *tally) summary() Summary {
	s := Summary{Total: t.total, Stages: t.stages, Actions: t.actions}
	for _, part := range divide(t.failed, func(f failure) string { return string(f.err.Code) }) {
		code := part[0].err.Code
		group := Group{Code: code, Description: code.Description(), Fix: code.Fix(), Count: len(part), Leads: leadsOf(part)}
		for _, same := range divide(part, func(f failure) string { return f.err.cause() }) {
			first := same[0].err
			group.Causes = append(group.Causes, Cause{
				Object: first.Object, Fields: first.Fields, Rule: first.rule(),
				Fix: fixOf(same), Count: len(same), Leads: leadsOf(same),
			})
		}
		s.Groups = append(s.Groups, group)
	}
	return s
}

// divide puts failures of one key together, the largest part first, then by key.
func divide(failures []failure, key func(failure) string) [][]failure {
	byKey := make(map[string][]failure)
	var keys []string
	for _, f := range failures {
		k := key(f)
		if byKey[k] == nil {
			keys = append(keys, k)
		}
		byKey[k] = append(byKey[k], f)
	}
	slices.SortFunc(keys, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(byKey[b]), len(byKey[a])), cmp.Compare(a, b))
	})
	parts := make([][]failure, len(keys))
	for i, k := range keys {
		parts[i] = byKey[k]
	}
	return parts
}

func leadsOf(failures []failure) []LeadID {
	leads := make([]LeadID, len(failures))
	for i, f := range failures {
		leads[i] = f.lead
	}
	return leads
}

// cause is what failures of one Cause have in common.
func (e *Error) cause() string {
	return strings.Join(append([]string{string(e.Object), e.rule()}, e.Fields...), "\x00")
}

// triggerInMessage finds the trigger that an Apex failure names.
var triggerInMessage = regexp.MustCompile(`^([A-Za-z][\w.]*): execution of `)

// rule names what refused the record. The message of a validation or duplicate
// rule is the administrator's text and the same for every record; other messages
// may hold values and would set apart what belongs together.
func (e *Error) rule() string {
	var sf *salesforce.Error
	if !errors.As(e.Err, &sf) {
		return e.Reason
	}
	switch sf.Code {
	case "FIELD_CUSTOM_VALIDATION_EXCEPTION", "DUPLICATES_DETECTED":
		if sf.Message != "" {
			return sf.Message
		}
	case "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY":
		if m := triggerInMessage.FindStringSubmatch(sf.Message); m != nil {
			return m[1]
		}
	}
	return cmp.Or(string(sf.Code), e.Reason)
}

// maxOptions bounds the missing options that a fix names.
const maxOptions = 10

// fixOf is the fix for failures of one cause: the first one's, but that a
// restricted picklist's names the options that any of them misses.
func fixOf(failures []failure) string {
	first := failures[0].err
	if first.status() != "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST" || first.Code != DataValueValidation {
		return first.Fix()
	}
	var missing []string
	for _, f := range failures {
		option := f.err.missingOption()
		if option != "" && !slices.Contains(missing, option) && len(missing) < maxOptions {
			missing = append(missing, option)
		}
	}
	return picklistFix(first.fieldNames(), missing...)
}

// missingOption is the value that a restricted picklist refused: the end of the
// message, whatever its language (SALESFORCE.md 3).
func (e *Error) missingOption() string {
	var sf *salesforce.Error
	if !errors.As(e.Err, &sf) {
		return ""
	}
	_, option, _ := strings.Cut(sf.Message, ": ")
	if _, rest, ok := strings.Cut(option, ": "); ok {
		option = rest
	}
	return option
}
