// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A booth is what the model knows of the booth of a visit or of a member of the campaign.
type booth struct {
	fieldState
	leads map[leadsync.LeadID]bool // that were synced with it, or may have been: false
	// unsure says that its create got no answer: it passes for that of others.
	unsure bool
}

// boothField is the field of visits and members.
const boothField = "Booth__c"

// ladder are the statuses of members, and answers by which they are chosen.
var (
	ladder  = []string{"Sent", "Responded", "Met"}
	answers = map[string]string{"cold": "Sent", "warm": "Responded", "hot": "Met"}
)

// defaultStatus is that of members whose lead has no such answer.
const defaultStatus = "Responded"

func statusOf(lead *leadsync.Lead) string {
	for _, answer := range lead.Answers["interest"] {
		return answers[answer]
	}
	return defaultStatus
}

// askTopics sends the answers to a question to a field.
func (f *Fair) askTopics() {
	options, fields := make(map[string]string), make(map[salesforce.Object]string)
	values := []string{"r0", "r1", "r2", "r3"}
	for who := range guests {
		values = append(values, fmt.Sprintf("o%d", who))
		options[fmt.Sprintf("Topic %d", who)] = fmt.Sprintf("o%d", who)
	}
	for _, object := range []string{"Lead", "Contact"} {
		f.org.DefineField(object, sftest.Field{Name: "Topic__c", Type: "picklist", Restricted: true, Options: values})
		fields[salesforce.Object(object)] = "Topic__c"
	}
	f.cfg.Qualifiers = []leadsync.Qualifier{{Name: "topic", Fields: fields, Options: options,
		Unmapped: mapping.DropUnmapped}}
}

// addCampaign makes people members of a campaign.
func (f *Fair) addCampaign() {
	f.org.DefineField("CampaignMember", sftest.Field{Name: boothField})
	f.cfg.Campaigns = []leadsync.CampaignLink{{CampaignID: Expo(f.org), Status: defaultStatus,
		StatusBy: &mapping.StatusBy{Qualifier: "interest", Statuses: answers},
		Fields:   []leadsync.Rule{{Source: "custom.booth", Field: boothField, Write: mapping.UnlessEdited}}}}
}

// editBooth lets a rep change a visit or a member.
func (f *Fair) editBooth() {
	ids := slices.Sorted(maps.Keys(f.booths))
	if len(ids) == 0 {
		return
	}
	id := ids[f.tape.draw(len(ids))]
	object := "Visit__c"
	if strings.HasPrefix(id, "00v") {
		object = "CampaignMember"
	}
	row := f.org.Row(object, id)
	if row == nil { // merged away, or deleted by a revert
		return
	}
	f.n++
	if object == "CampaignMember" && f.tape.bool() {
		status := ladder[f.tape.draw(len(ladder))]
		f.org.Update(object, id, map[string]any{"Status": status})
		f.tell("a person makes the status of %s %s", id, status)
		f.Met["person: status"]++
		return
	}
	var value any
	if f.tape.bool() {
		value = fmt.Sprintf("Edited booth %d", f.n)
	} else if row[boothField] == nil {
		return
	}
	f.org.Update(object, id, map[string]any{boothField: value})
	f.booths[id].change(words(value), value == nil)
	f.tell("a person puts %v into %s of %s %s", value, boothField, object, id)
	f.Met["person: "+object]++
}

// checkBooth checks what a round has made of a visit or a member.
func (f *Fair) checkBooth(r *round, id string, row map[string]any) {
	object, b := row["object"], f.booths[id]
	if b == nil {
		b = &booth{leads: make(map[leadsync.LeadID]bool), unsure: r.interrupted}
		f.booths[id] = b
	}
	old := b.fieldState
	r.oldBooths[id] = old
	var by, may []*attendee
	for _, a := range r.batch {
		person := string(r.outcomes[a.ID].ID)
		if row["VisitKey__c"] == string(a.ID) || person != "" && (row["LeadId"] == person || row["ContactId"] == person) {
			by = append(by, a)
		}
		if slices.Contains(by, a) || object == "CampaignMember" && f.mayBeMember(r, a, row) {
			may = append(may, a)
			b.leads[a.ID] = b.leads[a.ID] || slices.Contains(by, a)
		}
	}
	if object == "CampaignMember" {
		f.checkStatus(r, may, id, row)
	}
	before, after := r.before[id][boothField], row[boothField]
	switch {
	case before == after:
	case old.isPersons():
		f.fail("edited: the booth of %v %s: %v has become %v", object, id, before, after)
	case after == nil:
		f.fail("blank: the booth of %v %s: %v has become blank", object, id, before)
	case old.from == others && before != nil:
		f.fail("existing: the booth of %v %s: %v has become %v", object, id, before, after)
	default:
		f.checkBoothSource(b, may, fmt.Sprint(after))
	}
	if r.changed && len(by) == 1 && len(may) == 1 && len(f.wrong) == 0 && !f.Quiet {
		f.checkBoothWarnings(r, by[0], &booth{old, b.leads, b.unsure}, row)
	}
}

// mayBeMember reports whether a lead may be synced with a member although it ends with another
// record: a person is a member once, as a Lead or as a Contact. Which other person's record a
// lead joins, where there are two, may change where a process ends in between.
func (f *Fair) mayBeMember(r *round, a *attendee, member map[string]any) bool {
	for _, field := range []string{"LeadId", "ContactId"} {
		person, _ := member[field].(string)
		record := f.records[person]
		own := f.records[string(r.outcomes[a.ID].ID)] // it may be another's, and be a member as a third one
		if record != nil && (f.mayHaveBeen(r, a, record) || f.relation(a, record) != otherPerson ||
			own != nil && relate(own.who, record.who) != otherPerson) {
			return true
		}
	}
	return r.interrupted && f.cfg.OtherPerson == leadtype.AttachOther
}

// checkBoothSource checks that a booth is that of one of the leads.
func (f *Fair) checkBoothSource(b *booth, by []*attendee, after string) {
	for _, a := range by {
		if a.Custom["booth"] != after {
			continue
		}
		if b.from == ours && a.CapturedAt.Before(b.at) {
			f.fail("stale: a booth has become %s, which is older", after)
		}
		b.written(words(after), a.CapturedAt, a.CapturedAt)
		return
	}
	f.fail("other: a booth has become %s", after)
}

// checkStatus checks that the status of a member was moved up, to that of a lead.
func (f *Fair) checkStatus(r *round, by []*attendee, id string, row map[string]any) {
	before, after := r.before[id]["Status"], row["Status"]
	if before == after {
		return
	}
	said := slices.ContainsFunc(by, func(a *attendee) bool { return statusOf(a.Lead) == after })
	if !said || rank(after) <= rank(before) {
		f.fail("status: that of %s: %v has become %v, and %v came", id, before, after, idsOf(by))
	}
}

func rank(status any) int {
	text, _ := status.(string)
	return slices.Index(ladder, text)
}

// checkBoothWarnings checks the warnings about a visit or a member.
func (f *Fair) checkBoothWarnings(r *round, a *attendee, old *booth, row map[string]any) {
	c := &change{round: r, known: &known{object: row["object"].(string), id: row["Id"].(string)}}
	if r.outcomes[a.ID].Stage != leadsync.Cleared {
		return
	}
	kinds := c.warned(a, boothField)
	switch {
	case row[boothField] == a.Custom["booth"]:
		f.expectKinds(c, boothField, kinds, nil)
	case old.unsure:
		f.expectKinds(c, boothField, kinds, []leadtype.WarningKind{leadtype.KeptExisting, leadtype.KeptEdited,
			leadtype.KeptCleared, leadtype.Stale})
	case old.from == edited:
		f.expectKinds(c, boothField, kinds, []leadtype.WarningKind{leadtype.KeptEdited})
	case old.from == emptied:
		f.expectKinds(c, boothField, kinds, []leadtype.WarningKind{leadtype.KeptCleared})
	case old.from == others:
		f.expectKinds(c, boothField, kinds, []leadtype.WarningKind{leadtype.KeptExisting})
	case old.from == ours && a.CapturedAt.Before(old.till):
		f.expectKinds(c, boothField, kinds, []leadtype.WarningKind{leadtype.Stale})
	default:
		f.fail("lost: the booth of %v %s was not written: %v, %v", row["object"], row["Id"], row[boothField], kinds)
	}
	if row["object"] == "CampaignMember" && rank(statusOf(a.Lead)) < rank(row["Status"]) {
		f.expectKinds(c, "Status", c.warned(a, "Status"), []leadtype.WarningKind{leadtype.StatusKept})
	}
}

// checkBoothTakenBack checks what a revert has made of a visit or a member.
func (f *Fair) checkBoothTakenBack(r *round, id string, before, after map[string]any) {
	was, wrote := r.before[id], r.after[id]
	for _, name := range []string{boothField, "Status"} {
		if before[name] == after[name] {
			continue
		}
		several := r.interrupted && (was == nil || r.unrecorded) && r.saidOfBooth(after[name]) // by two processes
		if several || before[name] == wrote[name] && after[name] == was[name] {
			if name == boothField {
				old := r.oldBooths[id]
				if was == nil {
					old.from = ours
				}
				f.booths[id].takenBack(&old, words(after[name]))
			}
			continue
		}
		f.fail("revert: %s of %s: %v has become %v", name, id, before[name], after[name])
	}
}

// saidOfBooth reports whether a value of a visit or a member is blank or what the leads of a
// round said.
func (r *round) saidOfBooth(value any) bool {
	return value == nil || slices.ContainsFunc(r.batch, func(a *attendee) bool {
		return a.Custom["booth"] == value || statusOf(a.Lead) == value
	})
}
