// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// A reader reads what Explain tells of one lead, and knows of it no more than the sentences say:
// what they claim it compares with the leads, the settings and the rows of the org.
type reader struct {
	*telling
	lead *leadsync.Lead
	// record is the lead's, as the first sentence has it.
	stage, action, object, record string
	found, cleared                bool
	probed                        []string // the objects and fields that found something
	shares                        string
	problems                      []string
	// parts are the records by id, with what was done to them, updates the fields that were
	// written, said those of warnings.
	parts   map[string]string
	updates map[string][]string
	said    map[string]bool
	// loose says that the record may be another person's.
	loose bool
	// choice is what was told that a person chose; visited and remarked say that the record of the
	// custom object and the Task of a remark were told.
	choice            salesforce.ID
	visited, remarked bool
}

// A form is a sentence that a reader understands.
type form struct {
	is    *regexp.Regexp
	check func(*reader, []string)
}

const anID = `([0-9A-Za-z]{18})`

func forms() []form {
	var forms []form
	for pattern, check := range map[string]func(*reader, []string){
		`Lead "(.+)" is (cleared|failed|pre-sync)(?: \((created|updated|unchanged)\))?(?: as (\w+) ` + anID +
			`)?(?:, to be retried at [^ ]+)?\.`: (*reader).first,
		`Strategy (.+) was used\.`: func(r *reader, m []string) {
			r.require(m[1] == r.cfg.Strategy.Name(), "the strategy is %s", r.cfg.Strategy.Name())
		},
		`(\w+)\.(\w+)(?: in its earlier form)? was not looked up: (.+)\.`:                            (*reader).skipped,
		`(\w+)\.(\w+)(?: in its earlier form)? found nothing\.`:                                      (*reader).foundNothing,
		`(\w+)\.(\w+) found (\w+ ` + anID + `.*?)(; the first was chosen)?\.`:                        (*reader).foundSome,
		`(\w+)\.(\w+)(?: in its earlier form)? was not tried: an earlier one had found the record\.`: (*reader).untried,
		`(\w+)\.(\w+)(?: in its earlier form)? was not tried\.`: func(r *reader, m []string) {
			r.require(r.stage == "failed" || m[1] == "Account", "nothing had stopped the lead before %s.%s", m[1], m[2])
		},
		`It is the same person as lead "(.+)", and was planned as one record with it\.`:                (*reader).same,
		`It is another person with the e-mail address of lead "(.+)", and is attached to its record\.`: (*reader).same,
		`Rule: (.+)\.`: (*reader).rule,
		`(.+) chose that (a record|an Account) is created\.`: func(r *reader, m []string) {
			r.chose(m[1], leadtype.NewRecord, m[2])
		},
		`(.+) chose (?:Account )?` + anID + `\.`: func(r *reader, m []string) { r.chose(m[1], salesforce.ID(m[2]), "") },
		`The (person|account|member|task|record), (\w+)(?: ` + anID + `)?(?: for "(.+?)")?, ` +
			`(was not attempted|was unchanged|failed with [A-Z_]+(?: \(.+\))?|was created|` +
			`was updated(?: \(.+\))?)(?:; its owner .+)?\.`: (*reader).part,
		`It is not cleared: what follows is about what was planned, and not written in full\.`: func(r *reader, _ []string) {
			r.require(r.stage != "cleared", "it is cleared")
		},
		`(Warning|Note): (\w+)(?:\.(\w+))?(?: for "(.+?)")?: (.+) \(([^()]+)\)\.`: (*reader).warning,
		`Why: ([A-Z_]+): (.+?)(?: \((.+)\))?`:                                     (*reader).why,
	} {
		forms = append(forms, form{regexp.MustCompile(`^` + pattern + `$`), check})
	}
	return forms
}

func (r *reader) require(ok bool, problem string, args ...any) {
	if !ok {
		r.problems = append(r.problems, fmt.Sprintf(problem, args...))
	}
}

// read reads what was told of a lead.
func (w *telling) read(id leadsync.LeadID, told string) *reader {
	r := &reader{telling: w.of(id), lead: w.leads[id], parts: make(map[string]string),
		updates: make(map[string][]string), said: make(map[string]bool)}
	known := forms()
	for line := range strings.Lines(told) {
		line = strings.TrimSuffix(line, "\n")
		i := slices.IndexFunc(known, func(f form) bool { return f.is.MatchString(line) })
		if i < 0 {
			r.require(false, "a sentence of an unknown form: %s", line)
			continue
		}
		before := len(r.problems)
		known[i].check(r, known[i].is.FindStringSubmatch(line))
		for k := before; k < len(r.problems); k++ {
			r.problems[k] += " (" + line + ")"
		}
	}
	r.unsaid()
	r.unsaidMore()
	return r
}

// first checks which record the lead has, and that it was there before or not.
func (r *reader) first(m []string) {
	r.stage, r.action, r.object, r.record = m[2], m[3], m[4], m[5]
	r.require(m[1] == string(r.lead.ID), "the lead is %s", r.lead.ID)
	if r.record == "" {
		r.require(r.stage != "cleared", "a cleared lead has a record")
		return
	}
	row, was := r.after[r.record], r.wasThere(r.record)
	r.require(row != nil && row["object"] == r.object, "there is no %s %s", r.object, r.record)
	created := r.stage == "cleared" && r.action == "created"
	fits := created && r.wasNew(r.record) || !created && was
	r.require(fits || r.stage != "cleared", "the record was there before: %t", was)
}

// sought is what a probe looks for.
func (r *reader) sought(object, field string) string {
	switch object + "." + field {
	case "Lead.Id":
		return string(r.lead.LeadID)
	case "Lead.Email", "Contact.Email":
		return strings.ToLower(r.lead.Email)
	case "Account.Name":
		return r.lead.Company
	}
	return ""
}

func (r *reader) skipped(m []string) {
	sought := r.sought(m[1], m[2])
	placeholder := strings.HasPrefix(sought, "noreply@")
	id := salesforce.ID(sought)
	prefix := map[string]string{"Lead": "00Q", "Contact": "003"}[m[1]]
	fits := map[string]bool{
		"blank":                               sought == "" || sought == "N/A",
		"the e-mail address is a placeholder": placeholder && m[2] == "Email",
		"not an id":                           m[2] == "Id" && sought != "" && len(sought) != 18,
		"the id of another object":            m[2] == "Id" && len(sought) == 18 && string(id.Prefix()) != prefix,
	}
	r.require(fits[m[3]], "that is not why")
}

// holders are the rows that a probe finds in the org as it was.
func (r *reader) holders(object, field string, told ...string) []string {
	sought := r.sought(object, field)
	var ids []string
	all := maps.Clone(r.before)
	maps.Copy(all, r.gone)
	for id, row := range r.after {
		if r.before[id] == nil && r.gone[id] == nil && slices.Contains(told, id) {
			all[id] = row // of another lead of the batch, found by a second look
		}
	}
	for id, row := range all {
		value := fmt.Sprint(row[field])
		if row["object"] == object && sought != "" && strings.EqualFold(value, sought) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func (r *reader) untried(m []string) {
	r.require(r.found, "nothing was found before %s.%s", m[1], m[2])
}

func (r *reader) foundNothing(m []string) {
	r.require(!strings.HasSuffix(m[2], "__c") || strings.Contains(r.asked, m[2]), "it was not asked for")
	r.require(strings.Contains(r.asked, "FROM "+m[1]), "%s was not asked for", m[1])
	if !strings.HasSuffix(m[2], "__c") {
		r.require(len(r.holders(m[1], m[2])) == 0, "there are %v", r.holders(m[1], m[2]))
	}
}

var foundRecord = regexp.MustCompile(`(\w+) ` + anID + `(?: \(([^)]+)\))?`)

func (r *reader) foundSome(m []string) {
	var ids []string
	named, taken := false, false
	for _, one := range foundRecord.FindAllStringSubmatch(m[3], -1) {
		ids = append(ids, one[2])
		row := r.seen(one[2])
		r.require(row != nil && row["object"] == one[1] || r.gone[one[2]] != nil, "there was no %s %s", one[1], one[2])
		named = named || one[3] == leadtype.NoteDuplicate
		r.note(one[2], one[3])
		isTaken := one[3] == "has another name" && one[2] == r.record
		if isTaken || one[3] == "" || one[3] == "converted" || one[3] == "merged" || one[3] == leadtype.NoteDuplicate {
			r.found, taken = true, true
			r.probed = append(r.probed, m[1]+"."+m[2])
		}
	}
	slices.Sort(ids)
	if m[2] != "Id" && !named {
		r.require(slices.Equal(ids, r.holders(m[1], m[2], ids...)), "there are %v", r.holders(m[1], m[2]))
	}
	if m[2] == "Id" && !named {
		given := []string{string(r.lead.LeadID), string(r.chosen[r.lead.ID].record)}
		earlier := r.between != nil && (r.atFirst[ids[0]] == nil || m[1] == "Account") // from before the choice
		r.require(earlier || slices.Contains(given, ids[0]), "the host gave %s, and zoe chose %s", given[0], given[1])
	}
	r.require(m[5] != "" || len(ids) == 1 || !taken || r.stage == "failed", "one of several is chosen")
}

// note checks why a record that was found was not taken, or what it led to.
func (r *reader) note(id, note string) {
	row := r.seen(id)
	switch note {
	case "":
		r.require(row != nil && !r.saw(id), "%s is gone, or zoe passed it by", id)
	case "converted", leadtype.NoteNoHit:
		r.require(row != nil && row["IsConverted"] == true, "%s is not converted", id)
	case "deleted", "merged":
		r.require(row == nil && r.gone[id] != nil, "%s is there", id)
	case "has another name":
		r.require(row != nil && !strings.EqualFold(fmt.Sprint(row["LastName"]), r.lead.LastName), "%s has the name", id)
	case leadtype.NotePassed:
		r.passedBy(id, row)
	case leadtype.NoteDuplicate:
		named := slices.ContainsFunc(r.order, func(l *leadsync.Lead) bool { // one for which the record was to be created
			return (l == r.lead || l.Email == r.lead.Email) && row["LastName"] == l.LastName
		})
		r.require(r.ruled && row != nil && named, "no rule names %s", id)
	default:
		r.require(false, "a note of an unknown form: %s", note)
	}
}

var recordForm = regexp.MustCompile(`^Lead ".+" is .* as \w+ ` + anID)

func (r *reader) same(m []string) {
	other := r.leads[leadsync.LeadID(m[1])]
	r.require(other != nil && other != r.lead, "there is no such lead")
	r.shares = m[1]
	if told := r.told[leadsync.LeadID(m[1])]; r.record != "" && recordForm.MatchString(told) {
		r.require(strings.Contains(told, r.record), "that lead has another record")
	}
}

var ruleForm = regexp.MustCompile(`^(?:(no hit)(?:; Account by \w+)?|(Lead|Contact) by ([\w-]+)|(Lead|Contact) ` +
	leadtype.NoteDuplicate + `)$`)

func (r *reader) rule(m []string) {
	is := ruleForm.FindStringSubmatch(m[1])
	if is == nil {
		r.require(false, "a rule of an unknown form")
		return
	}
	field := map[string]string{"id": "Id", "e-mail": "Email"}[is[3]]
	person := slices.DeleteFunc(slices.Clone(r.probed), func(p string) bool { return strings.HasPrefix(p, "Account.") })
	switch {
	case is[1] != "":
		named := strings.Contains(r.told[r.lead.ID], leadtype.NoteDuplicate)
		r.require(len(person) == 0 && !named, "%v found a record", person)
	case is[4] != "":
		r.require(r.ruled && slices.Contains(person, is[4]+".Id"), "no rule named it")
	default:
		r.require(slices.Contains(person, is[2]+"."+field), "only %v found a record", person)
	}
}

// part checks what was done to a record.
func (r *reader) part(m []string) {
	kind, object, id, key, done := m[1], m[2], m[3], m[4], m[5]
	row, was := r.after[id], r.wasThere(id)
	isActivity := slices.ContainsFunc(r.lead.Activities, func(a leadsync.Activity) bool { return a.ID == key })
	r.require(map[string]bool{"person": object == "Lead" || object == "Contact", "account": object == "Account",
		"member": object == "CampaignMember" && key == r.campaign,
		"task":   object == "Task" && (isActivity || r.isRemark(key)),
		"record": object == "Visit__c"}[kind],
		"it is no %s", kind)
	fields := ""
	if i := strings.Index(done, " ("); i >= 0 && strings.HasPrefix(done, "was updated") {
		done, fields = done[:i], strings.Trim(done[i:], " ()")
	}
	switch {
	case strings.HasPrefix(done, "failed"), done == "was not attempted":
		r.require(r.stage != "cleared", "it is cleared")
		r.require(kind != "task" || r.taskOf(key) == "", "there is a Task")
		return
	case row == nil || row["object"] != object:
		r.require(false, "there is no such record")
		return
	}
	r.parts[id] = done
	changed := r.changed(id)
	switch done {
	case "was created":
		r.require(r.wasNew(id), "it was there before")
	case "was updated":
		names := strings.Split(fields, ", ")
		r.updates[id] = names
		if r.before[id] == nil {
			changed = slices.Sorted(maps.Keys(row)) // the batch has created it
		}
		foreign := slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(changed, name) })
		whole := len(names) == len(changed) || r.updatedElsewhere(id) || r.before[id] == nil
		r.require(was && !foreign && whole, "what has changed is %v", changed)
	case "was unchanged":
		none := len(changed) == 0 || r.updatedElsewhere(id) || r.before[id] == nil
		r.require(was && none, "what has changed is %v", changed)
	}
	switch kind {
	case "person":
		r.require(id == r.record && object == r.object, "the record is %s", r.record)
		r.require(r.stage != "cleared" || (done == "was created") == (r.action == "created"), "the lead was %s", r.action)
	case "member":
		isTheirs := row["LeadId"] == r.record || row["ContactId"] == r.record
		r.require(row["CampaignId"] == key && isTheirs, "it is of another campaign or person")
	case "record":
		r.visit(row)
	case "task":
		r.remarked = r.remarked || r.isRemark(key)
		r.require(id == r.taskOf(key) && row["WhoId"] == r.record, "the Task is %s", r.taskOf(key))
	}
}

// taskOf returns the Task that holds an activity.
func (r *reader) taskOf(key string) string {
	if r.isRemark(key) {
		return r.remarkTask()
	}
	for _, a := range r.lead.Activities {
		for id, row := range r.after {
			if a.ID == key && row["object"] == "Task" && strings.Contains(fmt.Sprint(row["Description"]), a.Notes) {
				return id
			}
		}
	}
	return ""
}

// wasThere reports whether a record was there when the lead's part was planned: before the sync,
// or because another lead tells that it was created for it.
func (r *reader) wasThere(id string) bool {
	created := regexp.MustCompile(regexp.QuoteMeta(id) + `(?: for ".+?")?, was created`)
	others := slices.Collect(maps.Keys(r.told))
	return r.atFirst[id] != nil || slices.ContainsFunc(others, func(other leadsync.LeadID) bool {
		return other != r.lead.ID && created.MatchString(r.told[other])
	})
}

// seen returns a row as a lookup of the sync had it, nil for none.
func (r *reader) seen(id string) map[string]any {
	if r.before[id] == nil && r.wasThere(id) {
		return r.after[id]
	}
	return r.before[id]
}

// updatedElsewhere reports whether another lead tells that it updated a record.
func (r *reader) updatedElsewhere(id string) bool {
	return slices.ContainsFunc(slices.Collect(maps.Keys(r.told)), func(other leadsync.LeadID) bool {
		return other != r.lead.ID && strings.Contains(r.told[other], id+", was updated")
	})
}

func (r *reader) why(m []string) {
	code := leadsync.Code(m[1])
	r.require(r.stage != "cleared", "it is cleared")
	r.require(slices.Contains(leadtype.Codes(), code) && m[2] == code.Description(), "the code means something else")
	if n := 0; strings.HasSuffix(m[3], "records match; choose one") {
		_, _ = fmt.Sscanf(m[3][strings.Index(m[3], ": ")+2:], "%d", &n)
		field := strings.SplitN(strings.SplitN(m[3], ":", 2)[0], ".", 2)
		r.require(n == len(r.holders(field[0], field[1])), "%d records match", len(r.holders(field[0], field[1])))
	}
}

// TestEverySentenceOfExplainIsTrue has random leads synced into random orgs, and reads what
// Explain tells of them against the rows before and after. All that was written is told, and why
// what was not.
func TestEverySentenceOfExplainIsTrue(t *testing.T) {
	t.Parallel()
	for seed := range uint64(sized(24, 300)) { //nolint:gosec // it is small
		w := newTelling(t, seed)
		readers := make(map[leadsync.LeadID]*reader)
		for id, told := range w.told {
			readers[id] = w.read(id, told)
			require.Empty(t, readers[id].problems, "seed %d\n%+v\n%s", seed, w.leads[id], told)
		}
		require.Empty(t, w.untold(readers), "seed %d\n%s", seed, strings.Join(slices.Collect(maps.Values(w.told)), "\n\n"))
	}
}

// untold returns the records that were created or changed though no lead tells so.
func (w *telling) untold(readers map[leadsync.LeadID]*reader) []string {
	created, updated := make(map[string]bool), make(map[string]map[string]bool)
	for _, r := range readers {
		for id, done := range r.parts {
			created[id] = created[id] || done == "was created"
		}
		for id, fields := range r.updates {
			if updated[id] == nil {
				updated[id] = make(map[string]bool)
			}
			for _, field := range fields {
				updated[id][field] = true
			}
		}
	}
	var untold []string
	for id := range w.after {
		if w.before[id] == nil {
			if !created[id] && w.atFirst[id] == nil {
				untold = append(untold, "created "+id)
			}
			continue
		}
		for _, field := range w.changed(id) {
			if !updated[id][field] {
				untold = append(untold, "updated "+id+" "+field)
			}
		}
	}
	return untold
}
