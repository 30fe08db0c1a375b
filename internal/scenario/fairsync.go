// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync"
)

// start begins a process.
func (f *Fair) start() {
	cfg := f.cfg
	if f.Open != nil {
		cfg.Store = f.Open()
	}
	s, err := leadsync.New(bubbleClient(f.t, f.org), &cfg)
	fatal(f.t, err)
	f.procs = append(f.procs, s)
}

// capture captures some leads, with other data than before, and syncs them.
func (f *Fair) capture() { f.sync(f.come(), true) }

// come draws leads with other data than before.
func (f *Fair) come() (batch []*attendee) {
	for range 1 + f.tape.draw(3) {
		who := (f.first + f.tape.draw(3)) % len(guests)
		id := leadsync.LeadID(fmt.Sprintf("L%d-%d", who, f.tape.draw(2)))
		if slices.ContainsFunc(batch, func(a *attendee) bool { return a.ID == id }) {
			continue
		}
		a := f.attend(who, id)
		f.leads[id] = a
		batch = append(batch, a)
	}
	return batch
}

// attend draws the data of a lead.
func (f *Fair) attend(who int, id leadsync.LeadID) *attendee {
	f.n++
	lead := &leadsync.Lead{ID: id, EventID: "expo", Custom: make(map[string]any), Answers: make(map[string][]string),
		Scans:      f.n,
		CapturedAt: time.Now().Add(-time.Duration(f.tape.draw(6)) * time.Hour).In(f.zone)}
	if len(f.cfg.Strategies) > 0 && strings.HasSuffix(string(id), "-1") {
		lead.Strategy = leadsync.LeadsOnly.Name()
	}
	lead.CapturedBy = []string{"", aRep, "nobody@host.example"}[f.tape.draw(3)]
	a := &attendee{Lead: lead, who: who, said: make(map[string]said)}
	if f.Open != nil {
		a.turn = f.n
	}
	if last := f.leads[id]; last != nil {
		lead.Activities, a.turn = last.Activities, min(a.turn, last.turn)
	}
	for _, s := range f.slots {
		needed := s.name == "lastName" || s.name == "company" || s.name == "email"
		if !needed && f.tape.draw(3) == 0 {
			continue
		}
		a.said[s.name] = s.says(who, f.tape.draw(120))
		s.put(lead, a.said[s.name].text)
	}
	if f.tape.bool() {
		a.address = f.drawPlace(who)
		a.address.put(lead)
	}
	consents := []said{{}, meant("yes", true), meant("no", false), meant("x", true)}
	a.out, a.in = consents[f.tape.draw(4)], consents[f.tape.draw(4)]
	lead.Custom["out"], lead.Custom["in"] = a.out.text, a.in.text
	if last := f.leads[id]; last != nil && f.Open != nil { // a store keeps what was said once
		if last.out.means == true {
			a.out = last.out
		}
		if last.in.means == false {
			a.in = last.in
		}
	}
	lead.Custom["booth"] = fmt.Sprintf("booth of %s, %d", id, f.n)
	if f.tape.bool() {
		lead.Answers["interest"] = []string{[]string{"cold", "warm", "hot"}[f.tape.draw(3)]}
	}
	if f.tape.bool() {
		lead.Notes = fmt.Sprintf("note of %d-%d", who, f.n)
	}
	if f.tape.draw(4) == 0 {
		lead.Activities = append(slices.Clone(lead.Activities), leadsync.Activity{ID: fmt.Sprint("A", f.n),
			Kind: leadsync.ActivityCall, At: f.aboutMidnight(), Notes: fmt.Sprintf("call of %s, %d", id, f.n)})
	}
	if last := f.leads[id]; last != nil {
		a.unchanged = maps.Equal(a.said, last.said) && a.address == last.address && a.out == last.out && a.in == last.in &&
			lead.Notes == last.Notes
	}
	return a
}

// aboutMidnight draws a time of the last days about midnight, there or at the event, as clocks show
// it at one of several places.
func (f *Fair) aboutMidnight() time.Time {
	at := time.Now().UTC().Truncate(24 * time.Hour).Add(time.Duration(f.tape.draw(9)-4) * 3 * time.Hour)
	at = at.Add([]time.Duration{-time.Minute, time.Minute}[f.tape.draw(2)])
	return at.In(time.FixedZone("", (f.tape.draw(6)-3)*3*60*60))
}

// sync syncs leads and checks what became of them.
func (f *Fair) sync(batch []*attendee, changed bool) {
	f.syncSince(&round{before: f.look(), changed: changed}, batch)
}

// syncSince syncs leads, and checks what has become of them since a round began. Part of it
// may be what a process wrote of the leads in its batch, as they were earlier.
func (f *Fair) syncSince(r *round, batch []*attendee) {
	r.outcomes = f.run(batch)
	r.after, r.old = f.look(), make(map[string]known)
	r.oldBooths = make(map[string]fieldState)
	r.batch = append(slices.Clone(r.batch), batch...)
	f.failed = 0
	for _, a := range r.batch {
		out := r.outcomes[a.ID]
		if out == nil {
			f.fail("lost: %s has no outcome", a.ID)
			return
		}
		if out.Stage == leadsync.Failed {
			f.failed++
		}
		f.tell("%s of %s is %s %s %s: %s %v %q, %v %v: %v", a.ID, a.CapturedAt.Format("02T15"), out.Stage, out.Code(), out.ID,
			statusOf(a.Lead), a.said, a.address, a.out.means, a.in.means, out.Warnings)
	}
	f.check(r)
	f.rounds = append(f.rounds, r)
}

// run syncs leads in one of the processes.
func (f *Fair) run(batch []*attendee) map[leadsync.LeadID]*leadsync.Outcome {
	s := f.procs[f.tape.draw(len(f.procs))]
	leads := leadsOf(batch)
	outcomes := make(map[leadsync.LeadID]*leadsync.Outcome)
	if f.Open == nil {
		all, err := s.Sync(f.t.Context(), leads...)
		if len(all) == 0 {
			f.fail("sync: %w", err)
		}
		for _, out := range all {
			outcomes[out.LeadID] = out
		}
		return outcomes
	}
	Rounds(f.t, s, leads...)
	for _, entry := range StoredIn(f.t, s) {
		if slices.ContainsFunc(batch, func(a *attendee) bool { return a.ID == entry.Lead.ID }) {
			outcomes[entry.Lead.ID] = entry.Last
		}
	}
	return outcomes
}

func leadsOf(batch []*attendee) []*leadsync.Lead {
	leads := make([]*leadsync.Lead, len(batch))
	for i, a := range batch {
		leads[i] = a.Lead
	}
	return leads
}

// fairObjects are those whose records a Fair looks at.
var fairObjects = []string{"Lead", "Contact", "Visit__c", "Task", "CampaignMember"}

// look returns the rows of the org by id.
func (f *Fair) look() map[string]map[string]any {
	rows := make(map[string]map[string]any)
	for _, object := range fairObjects {
		for _, row := range f.org.Rows(object) {
			row = maps.Clone(row)
			row["object"] = object
			rows[row["Id"].(string)] = row
		}
	}
	return rows
}

// differ names the fields that have changed.
func differ(before, after map[string]map[string]any) (changed []string) {
	for id, row := range after {
		for name, value := range row {
			if was := before[id][name]; !reflect.DeepEqual(was, value) {
				changed = append(changed, fmt.Sprintf("%v.%s of %s: %v %v", row["object"], name, id, was, value))
			}
		}
	}
	slices.Sort(changed)
	return changed
}

// isPlaceField reports whether a field is of the address of people.
func isPlaceField(name string) bool {
	name = strings.TrimPrefix(name, "Mailing")
	return slices.Contains([]string{"Street", "City", "State", "PostalCode", "Country", "StateCode", "CountryCode"}, name)
}
