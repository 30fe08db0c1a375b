// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
)

// given is the lead's own value for a field, nil where it has none.
func (r *reader) given(field string) any {
	for name, value := range map[string]any{"Title": r.lead.JobTitle, "Phone": r.lead.Phone, "Email": r.lead.Email,
		"Tier__c": r.lead.Custom["tier"], "FirstName": r.lead.FirstName, "LastName": r.lead.LastName,
		"Company": r.lead.Company, "Name": r.lead.Company, "Description": r.lead.Notes, "Notes__c": r.lead.Notes,
		"Interest__c": r.mappedAnswer()} {
		if name == field && value != "" {
			return value
		}
	}
	return nil
}

// warning checks what became of a value.
func (r *reader) warning(m []string) {
	label, object, field, key, reason := m[1], m[2], m[3], m[4], m[5]
	done, _, _ := strings.Cut(m[6], ", ")
	isNote := done == "kept: has a value" || done == "left out: no value"
	r.require((label == "Note") == isNote, "it is no %s", label)
	r.said[object+"."+field] = true
	row, before := r.after[r.record], r.seen(r.record)
	isRecord := object == r.object && row != nil && field != ""
	given := r.given(field)
	switch done {
	case "left out: unfit":
		r.require(field == "Tier__c" && given == "Platinum", "the value fits")
	case "left out: unmapped":
		r.require(field == "Interest__c" && r.unmapped == mapping.DropUnmapped &&
			slices.Equal(r.lead.Answers["Interest"], []string{"spam"}), "the answer is mapped")
	case "chosen":
		r.chosenGone(object, reason)
		isRecord = false
	case "left out: no value":
		r.require(given == "N/A", "there is a value")
	case "left out: locked":
		r.require(r.locked == object+"."+field, "it is not locked")
	case "left out: placeholder":
		r.require(field == "Email" && strings.HasPrefix(r.lead.Email, "noreply@") ||
			object+"."+field == "Account.Name" && r.lead.Company == "N/A", "it is none")
	case "left out: perhaps another person":
		r.loose = true
		r.require(before == nil || before["Email"] == r.lead.Email || r.shared(), "it has another address")
		isRecord = false
	case "kept: another person's record":
		r.loose = true
		r.require(row != nil && row["LastName"] != r.lead.LastName, "it has the name")
		isRecord = false
	case "kept: has a value":
		r.require(before[field] != nil && (before[field] != given || field == "Company"), "it has none, or the same")
	case "left out: older than what is there":
		r.require(r.shared(), "nobody else wrote it")
		isRecord = false
	case "cut: too long":
		r.require(field == "Title" && len(r.lead.JobTitle) > 128, "it is not too long")
		owed := strings.Contains(r.told[r.lead.ID], object+"."+field+": was left out because Salesforce refused it")
		open := !isRecord || owed || r.shared() || r.stage != "cleared"
		r.require(open || row[field] == strings.TrimSpace(r.lead.JobTitle[:128]), "it is %v", row[field])
		isRecord = false
	case "owed: written when the schema or the mapping has changed":
		r.require(strings.Contains(reason, "Salesforce refused it"), "nobody refused it")
	case "replaced: not one active owner":
		r.owner(object, key)
		isRecord = false
	case "record-reused":
		r.require(r.ruled && before != nil, "no rule named it")
		isRecord = false
	case "rebound":
		r.idle(reason)
		isRecord = false
	case "not-identifiable":
		r.require(r.lead.Email == "" || strings.HasPrefix(r.lead.Email, "noreply@"), "it has an address")
		isRecord = false
	default:
		r.require(false, "of an unknown kind: %s", done)
	}
	if isRecord && r.stage == "cleared" && given != nil && !r.shared() {
		r.require(before == nil && row[field] != given || before != nil && before[field] == row[field],
			"it was written: %v", row[field])
	}
}

var idleForm = regexp.MustCompile(`^Account ` + anID + ` was created for the lead, whose person is not in it\. ` +
	`Revert deletes it, unless others use it: see Left$`)

// idle checks that an Account was created, and that the lead's person is elsewhere.
func (r *reader) idle(reason string) {
	is := idleForm.FindStringSubmatch(reason)
	if is == nil {
		r.require(false, "a reason of an unknown form")
		return
	}
	row := r.after[is[1]]
	r.require(row != nil && row["object"] == "Account" && r.wasNew(is[1]), "it was not created")
	r.require(r.record != "" && r.after[r.record]["AccountId"] != is[1], "the person is in it")
	r.parts[is[1]] = "was created"
}

// owner checks that nobody is the owner but the connected user, where the rep is no User.
func (r *reader) owner(object, key string) {
	by, id := r.lead.CapturedBy, r.record
	if key != "" {
		id = r.taskOf(key)
		for _, a := range r.lead.Activities {
			if a.ID == key {
				by = a.By
			}
		}
	}
	r.require(by == "rep@events.example", "no rep is named")
	if row := r.after[id]; row != nil && row["object"] == object && r.before[id] == nil {
		r.require(row["OwnerId"] == r.org.UserID(), "the owner is %v", row["OwnerId"])
	}
}

// shared reports whether another lead tells of the record too.
func (r *reader) shared() bool { return r.tellsOf(r.lead.ID, r.record) }

// tellsOf reports whether of another lead a record is told.
func (w *telling) tellsOf(lead leadsync.LeadID, record string) bool {
	for id, told := range w.told {
		if id != lead && record != "" && strings.Contains(told, record) {
			return true
		}
	}
	return false
}

// isAnothers reports whether a value in the lead's record, or what was cut of it, is of another
// lead that has the record too.
func (r *reader) isAnothers(field string, has any) bool {
	for id, told := range r.told {
		other := reader{telling: r.telling, lead: r.leads[id]}
		if id != r.lead.ID && strings.Contains(told, r.record) &&
			strings.HasPrefix(strings.ToLower(fmt.Sprint(other.given(field))), strings.ToLower(fmt.Sprint(has))) {
			return true
		}
	}
	return false
}

// unsaid finds values that are not in the lead's record, though nothing says why.
func (r *reader) unsaid() {
	if r.stage != "cleared" || r.loose {
		return
	}
	for _, field := range []string{"Title", "Phone", "Email", "Tier__c", "Interest__c"} {
		given, has := r.given(field), r.after[r.record][field]
		filled := r.before[r.record][field] != nil && field == "Tier__c" // if-blank says nothing
		if given == nil || filled || strings.EqualFold(fmt.Sprint(given), fmt.Sprint(has)) || r.isAnothers(field, has) {
			continue
		}
		r.require(r.said[r.object+"."+field], "%s is %v, and not what the lead has: nothing says why", field, has)
	}
}

// A lie changes what was told of a lead into something that is not true.
type lie struct {
	name string
	tell func(w *telling, id leadsync.LeadID, told string) string
}

func lies() []lie {
	swap := func(old, other string) lie {
		return lie{old + " is " + other, func(w *telling, id leadsync.LeadID, told string) string {
			if i := strings.Index(told, old); i >= 0 && strings.HasPrefix(old, ", was") {
				line := told[strings.LastIndex(told[:i], "\n")+1 : i]
				if w.tellsOf(id, regexp.MustCompile(anID).FindString(line)) {
					return told // both may be so: it was created by then
				}
			}
			return strings.Replace(told, old, other, 1)
		}}
	}
	pattern := func(name, old, other string) lie {
		re := regexp.MustCompile(`(?m)` + old)
		return lie{name, func(_ *telling, _ leadsync.LeadID, told string) string {
			done := false
			return re.ReplaceAllStringFunc(told, func(m string) string {
				if done {
					return m
				}
				done = true
				return re.ReplaceAllString(m, other)
			})
		}}
	}
	return []lie{
		swap(", was created", ", was unchanged"),
		swap(", was unchanged", ", was created"),
		swap(", was updated (", ", was updated (Fax, "),
		swap("is cleared (created)", "is cleared (updated)"),
		swap("is cleared (updated)", "is cleared (created)"),
		swap("is failed", "is cleared (updated)"),
		{"what was tried was not", func(_ *telling, _ leadsync.LeadID, told string) string {
			before, after, ok := strings.Cut(told, "found nothing")
			if !ok || foundRecord.MatchString(before[strings.Index(before, "\n"):]) {
				return told // it may be so
			}
			return before + "was not tried: an earlier one had found the record" + after
		}},
		swap("was not tried: an earlier one had found the record", "found nothing at all"),
		swap("was not looked up: blank", "was not looked up: not an id"),
		swap("Rule: no hit", "Rule: Lead by id"),
		swap("Rule: Lead by id", "Rule: Lead by e-mail"),
		swap("Strategy l", "Strategy a"),
		swap("(left out: unfit", "(left out: locked"),
		swap("(kept: has a value", "(left out: no value"),
		swap("(cut: too long", "(left out: unfit"),
		swap(`The task, Task `, `The member, Task `),
		swap("; the first was chosen", ", Lead 00Q000000000001AAA; the first was chosen"),
		swap("zoe chose", "eve chose"),
		swap("chose that a record is created", "chose that an Account is created"),
		pattern("another record was chosen", `^zoe chose (Account )?\w{18}`, `zoe chose ${1}00Q00000000000XAAA`),
		pattern("a choice is not told", `^zoe chose .*\n`, ``),
		{"nobody chose", func(_ *telling, _ leadsync.LeadID, told string) string {
			if strings.Contains(told, "zoe chose ") {
				return told
			}
			return strings.Replace(told, "\nRule: ", "\nzoe chose that a record is created.\nRule: ", 1)
		}},
		swap(" ("+leadtype.NotePassed+")", ""),
		pattern("another record is passed by", `found (\w+ \w{18})\.$`, `found $1 (`+leadtype.NotePassed+`).`),
		swap("The record, Visit__c", "The account, Visit__c"),
		{"a record of the custom object is not told", func(_ *telling, _ leadsync.LeadID, told string) string {
			if !strings.Contains(told, "is cleared") {
				return told
			}
			return regexp.MustCompile(`(?m)^The record, Visit__c .*$\n?`).ReplaceAllString(told, "")
		}},
		swap("(left out: unmapped", "(left out: unfit"),
		swap(".Interest__c: has no option", ".Tier__c: has no option"),
		swap("was deleted, is hidden", "was merged, is hidden"),
		pattern("the Task of a remark is another", `for "qualifier\.\w+", was`, `for "A0-9", was`),
		swap(", whose person is not in it", ", whose person is in it"),
		pattern("another idle account", `Account: Account \w{18} was`, `Account: Account 001000000000001AAA was`),
		swap("Why: DUPLICATE_RECORD", "Why: AMBIGUOUS_MATCH"),
		pattern("a task of another activity", `for "A(\d)-(\d)", was created`, `for "A$1-9", was created`),
		pattern("another record", `^(Lead ".*" is cleared .* as \w+) \w{18}`, `$1 00Q00000000000XAAA`),
		pattern("one of two candidates is not told", `found (\w+ \w{18}), \w+ \w{18}`, `found $1`),
		{"a warning is not told", withoutWarning},
		{"the other field", func(_ *telling, _ leadsync.LeadID, told string) string {
			if strings.Contains(told, ".Title:") || !strings.Contains(told, "is cleared") {
				return told
			}
			return regexp.MustCompile(`(?m)^(Warning|Note): (\w+)\.(Phone|Tier__c)`).ReplaceAllString(told, `$1: $2.Title`)
		}},
		{"more is told", func(_ *telling, _ leadsync.LeadID, told string) string { return told + "\nAll is well." }},
	}
}

var aboutValue = regexp.MustCompile(`(?m)^(?:Warning|Note): (\w+)\.(Title|Phone|Tier__c|Email): .*` +
	`\((?:left out|kept|owed).*$\n?`)

// withoutWarning leaves out why a value of the lead alone was not written to its record.
func withoutWarning(w *telling, id leadsync.LeadID, told string) string {
	m, at := recordForm.FindStringSubmatch(told), aboutValue.FindStringSubmatchIndex(told)
	if m == nil || at == nil || !strings.Contains(told, "is cleared") || w.tellsOf(id, m[1]) {
		return told // another lead's value may be there
	}
	object, field, r := told[at[2]:at[3]], told[at[4]:at[5]], &reader{telling: w, lead: w.leads[id]}
	less := told[:at[0]] + told[at[1]:]
	isThere := strings.EqualFold(fmt.Sprint(w.after[m[1]][field]), fmt.Sprint(r.given(field)))
	for _, more := range []string{"." + field + ":", "perhaps another person", "another person's record"} {
		isThere = isThere || strings.Contains(less, more)
	}
	if isThere || w.after[m[1]]["object"] != object {
		return told
	}
	return less
}

// TestAnUntrueSentenceIsNoticed is the control: each lie is noticed wherever it can be told.
func TestAnUntrueSentenceIsNoticed(t *testing.T) {
	t.Parallel()
	told := make(map[string]int)
	for seed := range uint64(sized(24, 400)) { //nolint:gosec // it is small
		w := newTelling(t, seed)
		for id, truth := range w.told {
			for _, l := range lies() {
				if untrue := l.tell(w, id, truth); untrue != truth {
					told[l.name]++
					require.NotEmpty(t, w.read(id, untrue).problems, "seed %d: %s\n%+v\n%s", seed, l.name, w.leads[id], untrue)
				}
			}
		}
	}
	require.Greater(t, len(told), len(lies())/2)
	if sized(0, 1) == 0 {
		return // few worlds give an occasion for all
	}
	for _, l := range lies() {
		require.Positive(t, told[l.name], "%s was never told", l.name)
	}
}
