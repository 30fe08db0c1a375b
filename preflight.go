package leadsync

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// A Severity says how much a Finding matters.
type Severity string

// The severities.
const (
	// SeverityError: leads will fail, all or some.
	SeverityError Severity = "error"
	// SeverityWarning: leads go through, not all of them as somebody may expect.
	SeverityWarning Severity = "warning"
	// SeverityInfo: good to know.
	SeverityInfo Severity = "info"
)

// A Finding is something about the org or the configuration that a person
// should know before leads are synced. It holds no value of a lead.
type Finding struct {
	Severity Severity `json:"severity"`
	// Code is the code that leads would fail with, or be warned with. It is empty
	// where none would.
	Code   Code              `json:"code,omitempty"`
	Object salesforce.Object `json:"object,omitempty"`
	Field  string            `json:"field,omitempty"`
	// Path is the place in the JSON of Settings, such as campaigns[0].status.
	Path   string `json:"path,omitempty"`
	Reason string `json:"reason"`
	// Fix says what to do about it. It is empty where nothing has to be done.
	Fix string `json:"fix,omitempty"`
}

// String says on one line where it is, what it is and what to do about it.
func (f Finding) String() string {
	where := strings.Trim(string(f.Object)+"."+f.Field, ".")
	if f.Path != "" {
		where = strings.TrimSpace(where + " (" + f.Path + ")")
	}
	text := string(f.Severity) + ": "
	if where != "" {
		text += where + ": "
	}
	return strings.TrimSpace(text + f.Reason + ". " + f.Fix)
}

// A PreflightReport is what Preflight found.
type PreflightReport struct {
	At time.Time `json:"at"`
	// Org and User are empty where the Client is no Identifier, or does not know.
	Org      salesforce.ID `json:"org,omitempty"`
	OrgName  string        `json:"orgName,omitempty"`
	Sandbox  bool          `json:"sandbox,omitempty"`
	User     salesforce.ID `json:"user,omitempty"`
	Username string        `json:"username,omitempty"`
	// Findings come errors first.
	Findings []Finding `json:"findings"`
	// Schema is the org's, for Config.LastSchema of a later process.
	Schema *SchemaSnapshot `json:"schema"`
}

// OK reports whether there is no finding of SeverityError.
func (r *PreflightReport) OK() bool {
	return !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Severity == SeverityError })
}

// Preflight checks the org and the Config against each other before leads are
// synced, with one API call as a rule; describes that did not change since the
// last one are not sent again. What it learns of the org serves the next syncs.
// Run it before going live, after a change of the org or the mapping, and on a
// schedule: it finds what changed in the org since the last one, which is this
// Syncer's, or else Config.LastSchema.
//
// The error is the context's own, or a *Error when the org or the Store could not
// be asked: AUTHENTICATION and the like. Anything else wrong is a Finding.
func (s *Syncer) Preflight(ctx context.Context) (*PreflightReport, error) {
	known, err := s.refresh(ctx)
	if err != nil {
		return nil, err
	}
	p := &preflight{schema: known, cfg: &s.cfg, set: s.set, strategies: s.strategies}
	p.checkConnection()
	p.checkObjects()
	p.checkProbes()
	p.checkMapping()
	p.checkQualifiers()
	p.checkCampaigns()
	p.checkOwner()
	p.checkKeyFields()
	p.checkRules()
	p.checkSchema()
	look := p.snapshot()
	p.checkChanges(cmp.Or(s.cache.lastLook(), s.cfg.LastSchema), look)
	if err := p.checkWaiting(ctx); err != nil {
		return nil, err
	}
	s.cache.setLook(look)
	slices.SortStableFunc(p.findings, func(a, b Finding) int { return cmp.Compare(a.Severity.rank(), b.Severity.rank()) })
	return &PreflightReport{
		At: known.at, Org: known.org, OrgName: known.orgName, Sandbox: known.sandbox,
		User: known.user, Username: known.username, Findings: p.findings, Schema: look,
	}, nil
}

func (s Severity) rank() int {
	return slices.Index([]Severity{SeverityError, SeverityWarning, SeverityInfo}, s)
}

// A preflight collects findings.
type preflight struct {
	schema     *schema
	cfg        *Config
	set        *mappingSet
	strategies map[string]Strategy // that leads may name
	findings   []Finding
}

// add notes a finding. One with a code and no fix gets the code's.
func (p *preflight) add(f Finding) {
	if f.Fix == "" && f.Code != "" {
		f.Fix = f.Code.Fix()
	}
	p.findings = append(p.findings, f)
}

func (p *preflight) checkConnection() {
	s := p.schema
	switch {
	case s.user == "":
		p.add(Finding{Severity: SeverityWarning, Reason: "the connected user is not known, so whether it is active and has API Enabled was not checked",
			Fix: "Use a token whose reply has the id URL, or a client that implements Identifier."})
	case s.inactive:
		p.add(Finding{Severity: SeverityError, Code: Authentication, Object: salesforce.ObjectUser, Field: "IsActive", Reason: "the connected user is inactive"})
	case s.unread[salesforce.ObjectPermissionSetAssignment] == nil && !s.apiEnabled:
		p.add(Finding{Severity: SeverityWarning, Code: ConnectionPermission, Object: salesforce.ObjectUser,
			Reason: "no profile or permission set is seen to grant the connected user API Enabled", Fix: "Grant API Enabled in the user's profile or a permission set."})
	}
}

// use is how a sync uses an object.
type use struct {
	object         salesforce.Object
	create, update bool
	mapped         bool // Config.Mapper fills it
}

// uses returns the objects that a sync of the Config writes. The strategies
// are asked what they do with a lead that has everything.
func (p *preflight) uses() []use {
	var uses []use
	add := func(u use) {
		if !slices.ContainsFunc(uses, func(other use) bool { return other.object.Equal(u.object) }) {
			uses = append(uses, u)
		}
	}
	for _, strategy := range p.set.strategies() {
		hit := strategy.NoHit(sampleLead())
		add(use{hit.Person, true, true, true})
		if hit.Account {
			add(use{salesforce.ObjectAccount, true, true, true})
		}
	}
	// An object that is only matched is updated, never created.
	for _, strategy := range p.set.strategies() {
		for _, probe := range strategy.Probes(sampleLead()) {
			add(use{probe.Object, false, true, true})
		}
	}
	for _, o := range p.cfg.Mapper.Objects() {
		switch matchedObject(o) {
		case salesforce.ObjectLead, salesforce.ObjectContact, salesforce.ObjectAccount:
			continue // only where a strategy uses it
		}
		add(use{o, true, true, true})
	}
	add(use{object: salesforce.ObjectTask, create: true})
	if len(p.set.openLinks()) > 0 {
		add(use{object: salesforce.ObjectCampaignMember, create: true, update: true})
	}
	return uses
}

// sampleLead makes every probe of a strategy come into play.
func sampleLead() *Lead {
	return &Lead{
		ID: "preflight", FirstName: "Pre", LastName: "Flight", Email: "pre@flight.example",
		Company: "Flight", Website: "flight.example",
		ContactID: "003000000000001AAA", LeadID: "00Q000000000001AAA", AccountID: "001000000000001AAA",
	}
}

func (p *preflight) checkObjects() {
	for _, u := range p.uses() {
		severity := SeverityError
		if u.object == salesforce.ObjectTask {
			severity = SeverityWarning // leads without activities go through
		}
		describe := p.schema.describe(u.object)
		var lacks []string
		if describe != nil && u.create && !describe.Createable {
			lacks = append(lacks, "create")
		}
		if describe != nil && u.update && !describe.Updateable {
			lacks = append(lacks, "edit")
		}
		switch {
		case describe == nil && isOwn(u.object):
			p.add(Finding{Severity: severity, Code: MissingRemoteField, Object: u.object, Reason: unseen(u.object).Reason,
				Fix: "Create the object, or give the connected user access to it; or take it out of the mapping."})
		case describe == nil:
			p.add(Finding{Severity: severity, Code: ConnectionPermission, Object: u.object, Reason: "the object is hidden from the connected user",
				Fix: fmt.Sprintf("Give the connected user read, create and edit on %s.", u.object)})
		case len(lacks) > 0:
			p.add(Finding{Severity: severity, Code: ConnectionPermission, Object: u.object, Reason: "the connected user lacks the right to " + strings.Join(lacks, " and "),
				Fix: fmt.Sprintf("Give the connected user %s on %s.", strings.Join(lacks, " and "), u.object)})
		}
	}
}

// checkProbes looks for the fields that strategies match by.
func (p *preflight) checkProbes() {
	seen := make(map[string]bool)
	for _, strategy := range p.set.strategies() {
		for _, probe := range strategy.Probes(sampleLead()) {
			key := strings.ToLower(string(probe.Object) + "." + probe.Field)
			describe := p.schema.describe(probe.Object)
			if seen[key] || describe == nil || strings.EqualFold(probe.Field, "Id") {
				continue
			}
			seen[key] = true
			if _, ok := describe.Field(probe.Field); !ok {
				p.add(Finding{Severity: SeverityError, Code: MissingRemoteField, Object: probe.Object, Field: probe.Field,
					Reason: fmt.Sprintf("the strategy %s matches by a field that is not in the org, or is hidden from the connected user", strategy.Name())})
			}
		}
	}
}

func (p *preflight) checkCampaigns() {
	for i, link := range p.cfg.Campaigns {
		if link.Archived {
			continue
		}
		path := fmt.Sprintf("campaigns[%d]", i)
		p.checkRows(link.mapping(p.cfg.Transforms), "objects[0].rules", path+".fields")
		campaign := p.schema.campaign(link.CampaignID)
		switch {
		case campaign == nil || !campaign.exists:
			p.add(Finding{Severity: SeverityError, Code: CampaignStatus, Object: salesforce.ObjectCampaign, Path: path + ".campaignId",
				Reason: "the campaign is not in the org, or is hidden from the connected user", Fix: "Correct the campaign's id, give the connected user access to it, or archive the link."})
			continue
		case !campaign.active:
			p.add(Finding{Severity: SeverityInfo, Object: salesforce.ObjectCampaign, Path: path, Reason: "the campaign is inactive; it takes members all the same"})
		}
		if p.schema.unread[salesforce.ObjectCampaignMemberStatus] != nil {
			continue // checkSchema says so
		}
		if off := campaign.offLadder(link.Ladder); len(off) > 0 {
			p.add(Finding{Severity: SeverityInfo, Object: salesforce.ObjectCampaignMember, Field: "Status", Path: path + ".ladder",
				Reason: "members keep a status that the ladder does not have: " + quoted(off)})
		}
		for where, status := range link.statuses() {
			if _, ok := campaign.status(status); !ok {
				p.add(Finding{Severity: SeverityError, Code: CampaignStatus, Object: salesforce.ObjectCampaignMember, Field: "Status", Path: path + "." + where,
					Reason: fmt.Sprintf("the campaign has no member status %q; Salesforce would silently put its default status in its place", status)})
			}
		}
	}
}

// statuses yields the statuses that a link names, with where it does.
func (l *CampaignLink) statuses() iter.Seq2[string, string] {
	return func(yield func(where, status string) bool) {
		if l.Status != "" && !yield("status", l.Status) {
			return
		}
		if l.StatusBy != nil {
			for _, answer := range slices.Sorted(maps.Keys(l.StatusBy.Statuses)) {
				if !yield(fmt.Sprintf("statusBy.statuses[%q]", answer), l.StatusBy.Statuses[answer]) {
					return
				}
			}
		}
		for i, status := range l.Ladder {
			if !yield(fmt.Sprintf("ladder[%d]", i), status) {
				return
			}
		}
	}
}

// checkKeyFields says of each object that is created whether its creates are
// safe to repeat.
func (p *preflight) checkKeyFields() {
	for _, u := range p.uses() {
		name, describe := p.set.keyFieldFor(u.object), p.schema.describe(u.object)
		if section := p.set.customObject(u.object); section != nil {
			p.checkSectionKey(section)
			p.checkSectionLookups(section)
			continue
		}
		if !u.create || name == "" || describe == nil || u.object == salesforce.ObjectCampaignMember {
			continue // a member is unique by itself
		}
		finding := Finding{Object: u.object, Field: name}
		field, ok := describe.Field(name)
		switch {
		case p.schema.keyField(p.set, u.object) != "":
			finding.Severity, finding.Reason = SeverityInfo, "creates carry a unique key and are never doubled"
			if field.Length < maxLeadID {
				finding.Severity, finding.Reason = SeverityWarning, fmt.Sprintf("the key field holds %d characters; a lead with a longer id cannot be created", field.Length)
				finding.Fix = fmt.Sprintf("Make the field Text(%d).", maxLeadID)
			}
		case ok:
			finding.Severity, finding.Reason = SeverityWarning, "the key field is not an External ID, not unique or not writable, so it is not used"
			finding.Fix = "Make the field External ID and Unique, and give the connected user edit on it."
		case p.cfg.ExternalIDs == nil:
			finding.Severity, finding.Reason = SeverityInfo, "there is no key field; after a lost answer the record is looked for before it is created again"
			finding.Fix = fmt.Sprintf("For creates that are safe to repeat, add the field as Text(%d), External ID, Unique.", maxLeadID)
		default:
			finding.Severity, finding.Code, finding.Reason = SeverityError, MissingRemoteField, "the key field of Config.ExternalIDs is not in the org, or is hidden from the connected user"
		}
		p.add(finding)
	}
}

// checkRules names the rules of the org that act on what a sync writes.
func (p *preflight) checkRules() {
	for _, rule := range p.schema.assignmentRules {
		if p.written(rule.object) {
			p.add(Finding{Severity: SeverityInfo, Object: rule.object,
				Reason: fmt.Sprintf("the assignment rule %q is active; it is not run for synced records unless the client's AutoAssign is set", rule.name)})
		}
	}
	for _, rule := range p.schema.duplicateRules {
		if p.written(rule.object) {
			p.add(Finding{Severity: SeverityWarning, Code: DuplicateRecord, Object: rule.object,
				Reason: fmt.Sprintf("the duplicate rule %q is active and may refuse records", rule.name),
				Fix:    "Nothing, if the rule blocks what it should; or exempt the connected user in the rule's conditions."})
		}
	}
}

// checkSchema says what could not be looked at, and what looking costs.
func (p *preflight) checkSchema() {
	for _, object := range slices.Sorted(maps.Keys(p.schema.unread)) {
		if object == salesforce.ObjectCampaign || object == ownerObject(p.cfg.FallbackOwner) && !p.schema.owner.exists {
			continue // checkCampaigns and checkOwner say so
		}
		p.add(Finding{Severity: SeverityWarning, Object: object, Reason: "could not be read, so what depends on it was not checked",
			Fix: fmt.Sprintf("Give the connected user read on %s.", object)})
	}
	if calls := (p.schema.reads + compositeReads - 1) / compositeReads; calls > 1 {
		p.add(Finding{Severity: SeverityInfo, Reason: fmt.Sprintf("the org takes %d reads to know, which cost %d API calls a session instead of one", p.schema.reads, calls)})
	}
}
