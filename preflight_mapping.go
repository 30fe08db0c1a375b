package leadsync

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce"
)

// checkMapping holds what the Mapper fills against the org, for the objects that
// a sync writes.
func (p *preflight) checkMapping() {
	mapping, rows := p.cfg.Mapper.(*Mapping)
	if rows {
		p.checkRows(mapping, "", "mapping.")
		p.checkLeadStatus(mapping)
	}
	for _, u := range p.uses() {
		describe := p.schema.describe(u.object)
		if describe == nil || !u.mapped || p.cfg.Mapper == nil {
			continue
		}
		if !rows {
			for _, name := range p.cfg.Mapper.Fields(u.object) {
				p.checkMappedField(u.object, describe, name, "")
			}
		}
		if u.create {
			p.checkRequired(u.object, describe, p.set.filled(u.object))
		}
	}
}

// written reports whether a sync writes an object that the user can see; what is
// wrong with the object itself is for checkObjects.
func (p *preflight) written(o salesforce.Object) bool {
	return p.schema.describe(o) != nil &&
		slices.ContainsFunc(p.uses(), func(u use) bool { return u.object.Equal(o) })
}

// checkRows takes over what a Mapping finds wrong with its rows, its paths
// starting with prefix in the place of own.
func (p *preflight) checkRows(m *Mapping, own, prefix string) {
	for _, issue := range m.Validate(p.forNew()) {
		if !p.written(issue.Object) {
			continue
		}
		severity := SeverityError
		rule := m.rule(issue.Object, issue.Field) // the zero Rule for a lookup
		switch {
		case strings.HasSuffix(issue.Path, "].key"): // without its key there is no record
		case issue.Code == ConnectionPermission && cmp.Or(rule.Locked, m.Locked, Skip) != Fail,
			issue.Code == MissingRemoteField && cmp.Or(rule.Missing, m.Missing, Fail) != Fail:
			severity = SeverityWarning // the row is skipped, each time with a warning
		}
		finding := Finding{Severity: severity, Code: issue.Code, Object: issue.Object, Field: issue.Field,
			Path: prefix + strings.TrimPrefix(issue.Path, own), Reason: issue.Reason}
		if issue.Code == ConnectionPermission {
			finding.Fix = fixLocked
		}
		p.add(finding)
	}
}

// rule returns the row for a field, the zero Rule when there is none.
func (m *Mapping) rule(o salesforce.Object, field string) Rule {
	for _, rule := range m.rules(o) {
		if strings.EqualFold(rule.Field, field) {
			return rule
		}
	}
	return Rule{}
}

// checkLeadStatus holds the status that new Leads are given against the org's.
// Lead.Status is not restricted: Salesforce stores any text (SALESFORCE.md 2). A
// converted status is for conversion alone (from memory).
func (p *preflight) checkLeadStatus(m *Mapping) {
	rule := m.rule(salesforce.ObjectLead, "Status")
	if len(p.schema.leadStatuses) == 0 || !p.written(salesforce.ObjectLead) {
		return
	}
	field, sees := p.schema.describe(salesforce.ObjectLead).Field("Status")
	for _, value := range []any{rule.Constant, rule.Default} {
		text, ok := value.(string)
		if !ok || text == "" {
			continue
		}
		if sees {
			if option, known := findOption(field, text); known {
				text = option
			}
		}
		finding := Finding{Severity: SeverityWarning, Code: DataValueValidation, Object: salesforce.ObjectLead, Field: "Status",
			Fix: "Map one of the org's lead statuses that are not for converted Leads."}
		i := slices.IndexFunc(p.schema.leadStatuses, func(s leadStatus) bool { return strings.EqualFold(s.name, text) })
		switch {
		case i < 0:
			finding.Reason = fmt.Sprintf("the org has no lead status %q; Salesforce would store it all the same", text)
		case p.schema.leadStatuses[i].converted:
			finding.Reason = fmt.Sprintf("the lead status %q is for converted Leads", text)
		default:
			continue
		}
		p.add(finding)
	}
}

const fixLocked = "Give the connected user edit on the field, or take it out of the mapping."

// checkMappedField is for what any Mapper tells of its fields.
func (p *preflight) checkMappedField(o salesforce.Object, describe *salesforce.Describe, name, path string) (*salesforce.Field, bool) {
	field, ok := describe.Field(name)
	switch {
	case !ok:
		p.add(Finding{Severity: SeverityError, Code: MissingRemoteField, Object: o, Field: name, Path: path,
			Reason: "a mapped field is not in the org, or is hidden from the connected user"})
	case !field.Createable && !field.Updateable:
		p.add(Finding{Severity: SeverityWarning, Code: ConnectionPermission, Object: o, Field: name, Path: path,
			Reason: "the connected user may not write a mapped field", Fix: fixLocked})
	}
	return field, ok
}

func (p *preflight) checkRequired(o salesforce.Object, describe *salesforce.Describe, mapped []string) {
	for i := range describe.Fields {
		field := &describe.Fields[i]
		if field.RequiredOnCreate() && !blames(mapped, field.Name) {
			p.add(Finding{Severity: SeverityError, Code: RequiredFieldMissing, Object: o, Field: field.Name,
				Reason: "the org requires a field that nothing is mapped to", Fix: "Map a source or a constant to the field, or give it a default in Salesforce."})
		}
	}
}

func (p *preflight) checkQualifiers() {
	for i := range p.cfg.Qualifiers {
		q := &p.cfg.Qualifiers[i]
		if q.Archived || q.Type == QualifierNote {
			continue
		}
		for _, object := range slices.Sorted(maps.Keys(q.Fields)) {
			if !p.written(object) {
				continue
			}
			path := fmt.Sprintf("qualifiers[%d]", i)
			where := fmt.Sprintf("%s.fields[%q]", path, string(object))
			if field, ok := p.checkMappedField(object, p.forNew()[folded(object)], q.Fields[object], where); ok {
				p.checkOptions(q, object, field, path)
			}
		}
	}
}

// checkOptions holds the options that a qualifier's answers are mapped to
// against those of its field.
func (p *preflight) checkOptions(q *Qualifier, o salesforce.Object, field *salesforce.Field, path string) {
	if q.Multiple && field.Type == salesforce.TypePicklist {
		p.add(Finding{Severity: SeverityWarning, Code: DataValueValidation, Object: o, Field: field.Name, Path: path + ".multiple",
			Reason: "the qualifier allows several answers, and the field takes one", Fix: "Map the qualifier to a multi-select picklist or to text."})
	}
	if !field.RestrictedPicklist {
		return
	}
	if len(q.Options) == 0 {
		p.add(Finding{Severity: SeverityInfo, Code: NoTagMapping, Object: o, Field: field.Name, Path: path + ".options",
			Reason: "the qualifier maps no answers, so only those pass that are options of the restricted picklist themselves"})
		return
	}
	var missing []string
	for _, option := range slices.Compact(slices.Sorted(maps.Values(q.Options))) {
		if _, ok := findOption(field, option); !ok {
			missing = append(missing, option)
		}
	}
	if len(missing) == 0 {
		return
	}
	severity := SeverityError
	if q.Unmapped == DropUnmapped {
		severity = SeverityWarning
	}
	p.add(Finding{Severity: severity, Code: NoTagMapping, Object: o, Field: field.Name, Path: path + ".options",
		Reason: "the restricted picklist has no active option " + quoted(missing),
		Fix:    picklistFix(string(o)+"."+field.Name, missing...)})
}

// How many waiting leads preflight looks at, oldest first, and how many at once.
const (
	maxWaiting  = 20_000
	waitingPage = 1000
)

// checkWaiting looks at the strategies that leads were captured with: one that
// is unknown holds its leads, and another one than now can put the people of
// one event into several kinds of object (PRODUCT.md 3).
func (p *preflight) checkWaiting(ctx context.Context) error {
	type captured struct{ event, strategy string }
	counts := make(map[captured]int)
	filter := Filter{Stages: []Stage{PreSync}, Limit: waitingPage}
	for seen := 0; p.cfg.Store != nil && seen < maxWaiting; seen += waitingPage {
		entries, err := p.cfg.Store.List(ctx, p.cfg.Connection, filter)
		if err != nil {
			return storeError(ctx, "preflight", err)
		}
		for _, e := range entries {
			counts[captured{e.Lead.EventID, e.Lead.Strategy}]++
			filter.After = e.Sequence
		}
		if len(entries) < waitingPage {
			break
		}
	}
	order := func(a, b captured) int {
		return cmp.Or(cmp.Compare(a.event, b.event), cmp.Compare(a.strategy, b.strategy))
	}
	for _, c := range slices.SortedFunc(maps.Keys(counts), order) {
		switch {
		case c.strategy == "" || c.strategy == p.cfg.Strategy.Name():
		case p.strategies[c.strategy] == nil:
			p.add(Finding{Severity: SeverityError, Code: DataValueValidation, Path: "strategies", Reason: fmt.Sprintf("%s of event %q: captured with the strategy %q, which is not known", counted(counts[c], "waiting lead"), c.event, c.strategy),
				Fix: "Add the strategy to Config.Strategies; until then the leads wait."})
		default:
			p.add(Finding{Severity: SeverityWarning, Path: "strategy", Reason: fmt.Sprintf("%s of event %q: captured with the strategy %q, not %q as now", counted(counts[c], "waiting lead"), c.event, c.strategy, p.cfg.Strategy.Name()),
				Fix: "Nothing, if the people of one event may become several kinds of record; each lead keeps its strategy."})
		}
	}
	return nil
}
